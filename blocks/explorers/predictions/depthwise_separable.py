"""The predictions of notebook 04."""

from blocks.explorers.prediction import Option, Prediction


def predict_weights() -> Prediction:
    """What is left of a full 3x3 convolution's weights when its two jobs are split."""
    return Prediction(
        "Now split the two jobs: first one 3x3 filter for each channel, which sees this channel only; then a"
        " 1x1 convolution across all channels. How many of the 2,359,296 weights are left?",
        (
            Option(
                "All of them",
                "The 3x3 no longer joins channels, and the 1x1 no longer joins pixels: for a pair of"
                " channels there is one weight, not nine.",
                "the same work needs the same weights",
            ),
            Option(
                "About half",
                "The number of convolutions says little. What counts is what each of them joins.",
                "each convolution costs about the same",
            ),
            Option(
                "About a ninth",
                "The 3x3: 512 x 9 = 4,608 weights. The 1x1: 512 x 512 = 262,144. Together 266,752, which is"
                " 8.8 times fewer. Nearly all that is left is the mixing of channels.",
            ),
            Option(
                "About one in 512",
                "That counts the 3x3 only, one filter for each channel. The 1x1 still has a weight for each"
                " of the 512 x 512 pairs.",
                "the depthwise filters are the whole block",
            ),
        ),
    )


def predict_accuracy() -> Prediction:
    """How a separable network does against full ones, at equal width and at equal parameters."""
    return Prediction(
        "Two networks are 16 channels wide, one full, one separable; the separable one has less than a"
        " quarter of the parameters. Two more are full but narrow, 7 and 8 wide: one has a little fewer"
        " parameters than the separable one, one a little more."
        " How does the separable one do on the test images?",
        (
            Option(
                "As well as the full one of its width",
                "It can compute less. A full convolution has its own filter for each pair of channels, a"
                " separable one only one filter for each channel.",
                "separable computes the same function, only cheaper",
            ),
            Option(
                "Below the full one of its width, about level with the narrow ones",
                "Fewer weights at the same width are a smaller set of functions, and here a lower accuracy."
                " But at about equal parameters they buy more channels, and it holds its own: see the dots"
                " below.",
            ),
            Option(
                "Below all three",
                "Below the full one of its width, yes. But at about equal parameters it has twice the"
                " channels, and holds its own.",
                "a separable convolution is just a worse one",
            ),
            Option(
                "Above all three",
                "Here the network with the most parameters is the best one, even with 300 images.",
                "with little data fewer parameters are always better",
            ),
        ),
    )


def predict_cut() -> Prediction:
    """What is left of a trained full network whose convolutions are cut down to separable ones."""
    return Prediction(
        "The trained full network has each of its four convolutions replaced by the nearest separable one"
        " (k = 1). Guessing would be right for one image in ten. What is its accuracy now?",
        (
            Option(
                "Unchanged",
                "Then every trained 3x3 convolution would have been separable already. Nothing in the"
                " training asked for that.",
                "separable computes the same function, only cheaper",
            ),
            Option(
                "A few points lower",
                "With several filters per channel, yes. With one, the error of each layer is so large that"
                " the next ones get something they were never trained on.",
                "the nearest separable convolution is near",
            ),
            Option(
                "Nearly that of guessing",
                "One filter per channel cannot stand for sixteen different ones. The weights of a separable"
                " network have to be found by training it as one.",
            ),
        ),
    )
