"""The predictions of notebook 10."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_scaling() -> Prediction:
    """Whether the released networks are what the formula gives."""
    return Prediction(
        "EfficientNet's paper has a formula with one number, phi, that makes B0 larger. What are the released"
        " B1 to B7?",
        Option(
            "A table of their own, near the formula",
            "The formula scales depth by 1.2^phi, width by 1.1^phi and resolution by 1.15^phi. At phi = 1"
            " and 2 it gives exactly the blocks of B2 and B3. The others have their own numbers: B1 has"
            " B0's width, and B7 has width 2.0, depth 3.1 and resolution 600, as if phi were 7.3, 6.2 and"
            " 7.0.",
        ),
        Option(
            "The formula at phi = 1 to 7, rounded",
            "The paper does not say which phi belongs to which network, and it is not this one, not"
            " even after rounding: at phi = 7 the formula has depth 3.58, and B7 has 3.1.",
            "the released networks follow the scaling formula",
        ),
        Option(
            "B0 made deeper, with its width and resolution",
            "That is the older way. All three grow here: B7 works at 600x600 pixels, B0 at 224x224.",
            "a larger network is a deeper network",
        ),
    )


@with_name
def predict_mistake() -> Prediction:
    """Which mistake the trained network survives."""
    return Prediction(
        "Three mistakes in the official MobileNetV2, no weight is touched: the eps inside the norms is 1e-3"
        " instead of 1e-5; the photo's red and blue are swapped; every shortcut is removed. After which"
        " does it still find the cat?",
        Option(
            "The other eps",
            "The cat becomes wool. The eps is added to a channel's variance, and in 5,527 of the 17,056"
            " normalized channels that variance is below 1e-3.",
            "a small number makes a small difference",
        ),
        Option(
            "The removed shortcuts",
            "The branches were trained to be added to their inputs. Without the inputs the first"
            " answer is tile roof.",
            "the shortcut only helps the gradients",
        ),
        Option(
            "The swapped colors",
            "Egyptian cat, with a higher probability than before. Three of the nine mistakes keep the first"
            " answer on all three photos: ReLU instead of ReLU6, TensorFlow's padding, red and blue"
            " swapped.",
        ),
    )
