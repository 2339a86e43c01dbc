"""The predictions of notebook 07."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_weight() -> Prediction:
    """What the gate of one channel in one picture depends on."""
    return Prediction(
        "A batch of two pictures goes in, 64 channels each. On what does the gate of one number depend, in"
        " channel 5 of the first picture?",
        Option(
            "On the numbers at the same place of the first picture",
            "One gate serves all places of a channel. It is computed after the places are averaged away.",
            "squeeze-and-excitation attends to places",
        ),
        Option(
            "On all numbers of both pictures",
            "Each picture is averaged by itself. Batch norm is the one that looks at the batch, in training.",
            "it looks at the whole batch",
        ),
        Option(
            "On the gates of the other 63 channels",
            "They do not share a sum of 1: each gate has a sigmoid of its own. All of them can be near"
            " 1, or all near 0.",
            "the gates sum to 1",
        ),
        Option(
            "On all numbers of the first picture",
            "64 means of the first picture go in, and 64 gates come out. Below, the answers are tried"
            " on the module.",
        ),
        answered_by=("07_squeeze_excitation-08",),
        tells=("one gate for all places", "alone as in the batch"),
    )


@with_name
def predict_cost() -> Prediction:
    """What squeeze-and-excitation adds to a whole network."""
    return Prediction(
        "SE-ResNet-50 is ResNet-50 (25.6 M parameters, 4.1 G multiply-adds) with squeeze-and-excitation in"
        " each of its 16 blocks, at reduction 16. What does that add?",
        Option(
            "About 10 % to both",
            "A weight of a convolution is used at every place of the map, a weight here once per picture.",
            "parameters and multiply-adds grow together",
        ),
        Option(
            "About 10 % to the parameters, less than 0.1 % to the multiply-adds",
            "2,530,992 parameters more, 9.9 %, and 2,514,944 multiply-adds more, 0.06 %. Here, as"
            " everywhere in this course, the means and the products with the gates are not counted."
            " Below, move the reduction and see in which stages the parameters sit.",
        ),
        Option(
            "Less than 1 % to both",
            "So it is for the multiply-adds. But the last three blocks have 2,048 channels, and each of"
            " them 2 x 2,048 x 128 weights more.",
            "one number per channel costs nothing",
        ),
        Option(
            "Less than 1 % to the parameters, about 10 % to the multiply-adds",
            "To look at the whole map takes one sum per channel. Only the sums go through the two layers.",
            "looking at the whole map is expensive",
        ),
        answered_by=("07_squeeze_excitation-15", "07_squeeze_excitation-16"),
        tells=("2,530,992", "9.9 %"),
    )


@with_name
def predict_exchange() -> Prediction:
    """What a network that classifies plain digits loses when the gates come from a wrong class."""
    return Prediction(
        "The same trained network, the same digits. But every picture gets the gates of a picture of another"
        " class: a 3 those of an 8, say. What happens to the accuracy?",
        Option(
            "It stays where it was, within half a point",
            "The gates vary with the class, and the answers hardly notice. What varies is not always used.",
        ),
        Option(
            "It falls, but stays far above guessing",
            "So one would think, for the gates differ. See below what the exchange really does.",
            "what varies is used a little",
        ),
        Option(
            "It falls to guessing, about 10 %",
            "The gates do differ by class. That does not say that the answer depends on them.",
            "what varies is used",
        ),
        answered_by=("07_squeeze_excitation-20", "07_squeeze_excitation-21"),
        tells=("Variation is not use", "the accuracy stays"),
    )
