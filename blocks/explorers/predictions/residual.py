"""The predictions of notebook 02."""

from blocks.explorers.prediction import Option, Prediction


def predict_depth() -> Prediction:
    """What happens to a plain network that gets deeper."""
    return Prediction(
        "A plain network of 10 layers reads over nine in ten test digits rightly. We put more of the same"
        " layers in, 28, then 56, and train each as long. What happens?",
        (
            Option(
                "Deeper is at least as good: the added layers could simply pass on what they get",
                "They could, but training does not find that. The deeper plain networks end far below.",
                "deeper is always at least as good",
            ),
            Option(
                "Deeper is far worse; with a shortcut round every two layers it hardly matters",
                "The same layers, the same number of parameters, the same steps: only the addition differs.",
            ),
            Option(
                "Deeper is far worse; a shortcut helps because it adds capacity",
                "An identity shortcut has no parameters: both networks of one depth have equally many.",
                "the shortcut adds capacity",
            ),
        ),
    )


def predict_deletion() -> Prediction:
    """What is left when a block is taken out of a trained network."""
    return Prediction(
        "Two trained networks, both right on over nine in ten digits: plain-10, with 4 blocks, and"
        " residual-28, with 13. We take one block from the middle out and train nothing again. What is left?",
        (
            Option(
                "Both fall to chance: every block needs what the one before it makes",
                "So it is in the plain network. In the residual one the shortcut still hands on what came in,"
                " and most blocks had only added a little to it.",
                "every layer depends on exactly the one before",
            ),
            Option(
                "Both lose a little: one block of several is not much",
                "The plain network falls to chance: the next block gets numbers that it has never seen.",
                "a layer's share is one in so many",
            ),
            Option(
                "The plain network falls to chance, the residual one hardly notices",
                "With a shortcut a deleted block leaves a path: its input. Without, it leaves another tensor"
                " than the next block was trained on. The first blocks matter more: try them.",
            ),
        ),
    )


def predict_gradient() -> Prediction:
    """The first layer's gradient in a deep plain network with batch norm."""
    return Prediction(
        "Take plain-56 with batch norm, before its first step. Against the gradient of the last convolution,"
        " that of the first is ...",
        (
            Option(
                "vanishing: less than a tenth",
                "So it is without norm, from PyTorch's default start: try the switch. With batch norm it is"
                " the other way round.",
                "the shortcut cures vanishing gradients",
            ),
            Option(
                "about equal: batch norm keeps every layer's scale",
                "It keeps the scale of what goes forward. Backwards, each layer makes the gradient a little"
                " larger, and 56 times a little is much.",
                "batch norm keeps gradients equal",
            ),
            Option(
                "exploding: more than ten times as large",
                "Measured below. The plain network's trouble at the start is not that gradients vanish.",
            ),
        ),
    )
