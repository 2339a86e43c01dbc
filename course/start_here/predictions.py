"""The first predictions, in notebook 00."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_widths() -> Prediction:
    """What the expansion makes wider."""
    return Prediction(
        "In the explorer below you will raise the expansion from 6 to 8. What becomes wider?",
        Option(
            "The middle only",
            "The expansion says how many times wider than the input the middle is. The ends keep"
            " their widths.",
        ),
        Option(
            "The output only",
            "The output's width is its own setting, out channels. The expansion acts inside the block.",
            "expansion changes the output width",
        ),
        Option(
            "The input, the middle and the output",
            "Not the two ends: try it below, and watch the three widths.",
            "expansion widens the whole block",
        ),
    )


@with_name
def predict_larger_map() -> Prediction:
    """What the size of the map is to parameters and to multiply-adds."""
    return Prediction(
        "A 3x3 convolution reads a map of 28 x 28 pixels, then one of 56 x 56. What grows by a factor of 4?",
        Option(
            "Neither",
            "The layer stays the same, but it is computed at every place: there are four times as many.",
            "the cost does not depend on the map",
        ),
        Option(
            "Parameters and multiply-adds",
            "The window has the same weights at every place: a larger map only uses them more often.",
            "a larger map needs more weights",
        ),
        Option(
            "Parameters only",
            "A weight for each pixel is what a linear layer on the whole map would have. A convolution's"
            " places share theirs.",
            "a convolution has a weight for every pixel",
        ),
        Option("Multiply-adds only", "The same weights are used at four times as many places."),
    )
