"""The first prediction, in notebook 00."""

from blocks.explorers.prediction import Option, Prediction


def predict_widths() -> Prediction:
    """What the expansion makes wider."""
    return Prediction(
        "In the explorer above, raise the expansion from 6 to 8. What becomes wider?",
        (
            Option(
                "The input, the middle and the output",
                "Not the two ends: try it above, and watch the three widths.",
                "expansion widens the whole block",
            ),
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
        ),
    )
