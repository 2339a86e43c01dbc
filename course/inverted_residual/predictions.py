"""The predictions of notebook 06."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_cost() -> Prediction:
    """What the wide middle costs, against a full convolution on as many channels."""
    return Prediction(
        "An inverted residual with a 5x5 kernel takes 32 channels, works on 192 inside, and gives 32 back."
        " How many parameters does it have, against the 921,984 of the full 5x5 convolution on 192 channels?",
        Option(
            "About a fiftieth",
            "17,920 against 921,984, 51 times fewer. The two 1x1 convolutions have 32 x 192 weights each,"
            " the depthwise one 25 x 192.",
        ),
        Option(
            "About a fifth",
            "More is saved: the 5x5, which would be the expensive part, has only 25 weights per channel"
            " here.",
            "the large kernel always costs most",
        ),
        Option(
            "About as many",
            "That counts the wide 5x5 as a full one. It is depthwise: one filter per channel, not one"
            " per pair of channels.",
            "the wide 5x5 joins all channels",
        ),
        Option(
            "About twice as many",
            "The number of convolutions says little. Two of the three are 1x1 and join 32 and 192"
            " channels; the third is depthwise.",
            "more layers, more weights",
        ),
    )


@with_name
def predict_expansion() -> Prediction:
    """What expansion gives on the digits, at a fixed width and at equal parameters."""
    return Prediction(
        "Four blocks, 8 channels between them: we raise the expansion from 1 to 6, and the parameters grow"
        " with it. Then three networks of about 4,000 parameters: 16 channels and no expansion, 8 and"
        " expansion 3, 4 and expansion 8. Which is true on these digits?",
        Option(
            "Expansion changes nothing at 8 channels, and of the three none wins clearly",
            "The output has the same width, but what the block can compute inside does not stay the"
            " same: more filters work on it.",
            "expansion changes the output width, or nothing",
        ),
        Option(
            "Expansion helps at 8 channels, and of the three the one that expands most wins",
            "It does help at 8 channels. But at equal parameters, on digits, width between the blocks is"
            " worth more.",
            "expansion is always the best use of parameters",
        ),
        Option(
            "Expansion helps at 8 channels, but of the three the one that expands least wins",
            "At 8 channels more filters inside help. At about equal parameters the wider network is"
            " ahead: see the dots below.",
        ),
        Option(
            "Expansion hurts at 8 channels, and of the three the one that expands least wins",
            "At 8 channels the blocks that expand 6 times get more digits right than those that do not,"
            " even with 300 images.",
            "small data always wants the smaller network",
        ),
    )
