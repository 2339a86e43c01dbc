"""The predictions of notebook 04."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_weights() -> Prediction:
    """What is left of a full 3x3 convolution's weights when its two jobs are split."""
    return Prediction(
        "Now split the two jobs: first one 3x3 filter for each channel, which sees this channel only; then a"
        " 1x1 convolution across all channels. How many weights does this take, against the 2,359,296?",
        Option(
            "About one in 512",
            "That counts the 3x3 only, one filter for each channel. The 1x1 still has a weight for each"
            " of the 512 x 512 pairs.",
            "the depthwise filters are the whole block",
        ),
        Option(
            "About a ninth",
            "The 3x3: 512 x 9 = 4,608 weights. The 1x1: 512 x 512 = 262,144. Together 266,752, which is"
            " 8.8 times fewer. Nearly all that is left is the mixing of channels.",
        ),
        Option(
            "About half",
            "The number of convolutions says little. What counts is what each of them joins.",
            "each convolution costs about the same",
        ),
        Option(
            "As many",
            "The 3x3 no longer joins channels, and the 1x1 no longer joins pixels: for a pair of"
            " channels there is one weight, not nine.",
            "the same work needs the same weights",
        ),
        answered_by=("04_depthwise_separable-06", "04_depthwise_separable-07"),
        tells=("8.8 times", "a ninth"),
    )


@with_name
def predict_accuracy() -> Prediction:
    """How a separable network does against full ones, at equal width and at equal parameters."""
    return Prediction(
        "Two networks are 16 channels wide, one full, one separable; the separable one has less than a"
        " quarter of the parameters. Two more are full but narrow, 7 and 8 wide: one has a little fewer"
        " parameters than the separable one, one a little more."
        " How does the separable one do on the test images?",
        Option(
            "Above all three",
            "Here the network with the most parameters is the best one, even with 300 images.",
            "with little data fewer parameters are always better",
        ),
        Option(
            "As well as the full one of its width",
            "It computes something else. It has one filter for each channel, where a full convolution"
            " has one for each pair of channels.",
            "separable computes the same function, only cheaper",
        ),
        Option(
            "Below all three",
            "Below the full one of its width, yes. But at about equal parameters it has twice the"
            " channels, and ten runs show no clear difference.",
            "a separable convolution is just a worse one",
        ),
        Option(
            "Below the full one of its width, about level with the narrow ones",
            "At the same width it has far fewer parameters, and here a lower accuracy. At about equal"
            " parameters it has more channels, and on these digits ten runs show no clear difference:"
            " see the dots below.",
        ),
        answered_by=("04_depthwise_separable-17", "04_depthwise_separable-18"),
        tells=("is worse than full, width 16", "3.2 points"),
    )


@with_name
def predict_cut() -> Prediction:
    """What is left of a trained full network whose convolutions are cut down to separable ones."""
    return Prediction(
        "The trained full network has each of its four convolutions after the first replaced by the nearest"
        " separable one (k = 1). What is its accuracy now?",
        Option(
            "Close to guessing, one image in ten",
            "One filter per channel cannot stand for sixteen different ones. The weights of a separable"
            " network have to be found by training it as one.",
        ),
        Option(
            "A few points lower than before",
            "With six or more filters per channel, yes. With one, hardly anything is left. We think that"
            " the error of each layer is too large for the layers after it.",
            "the nearest separable convolution is near",
        ),
        Option(
            "Unchanged",
            "Then every trained 3x3 convolution would have been separable already. Nothing in the"
            " training asked for that.",
            "separable computes the same function, only cheaper",
        ),
        answered_by=("04_depthwise_separable-21", "04_depthwise_separable-22"),
        tells=("k=1 is worse", "13.0 %", "hardly classifies"),
    )
