"""The predictions of notebook 06."""

from blocks.explorers.prediction import Option, Prediction
from blocks.explorers.with_name import with_name


@with_name
def predict_cost() -> Prediction:
    """What the wide middle costs, against a full convolution on as many channels."""
    return Prediction(
        "MobileNetV2's third block takes 24 channels, works on 144 inside, and gives 24 back. How many"
        " parameters does it have, against the 186,912 of the full 3x3 convolution on 144 channels?",
        (
            Option(
                "About a twentieth",
                "8,832 against 186,912, 21 times fewer. The two 1x1 convolutions have 24 x 144 weights each,"
                " the depthwise one 9 x 144.",
            ),
            Option(
                "About a fifth",
                "More is saved: the 3x3, usually the expensive part, has only 9 weights per channel here.",
                "the 3x3 always costs most",
            ),
            Option(
                "About as many",
                "That counts the wide 3x3 as a full one. It is depthwise: one filter per channel, not one"
                " per pair of channels.",
                "the wide 3x3 joins all channels",
            ),
            Option(
                "More: three convolutions cost more than one",
                "The number of convolutions says little. Two of the three are 1x1 and join 24 and 144"
                " channels; the third is depthwise.",
                "more layers, more weights",
            ),
        ),
    )


@with_name
def predict_expansion() -> Prediction:
    """What expansion gives on the digits, at a fixed width and at equal parameters."""
    return Prediction(
        "Four blocks, 8 channels between them: we raise the expansion from 1 to 6, and the parameters grow"
        " with it. Then three networks of about 4,000 parameters: 16 channels and no expansion, 8 and"
        " expansion 3, 4 and expansion 8. Which is true on these digits?",
        (
            Option(
                "It changes nothing: what comes out is 8 channels all the same",
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
                "At 8 channels more filters inside help, up to three times as many. At equal parameters the"
                " wider network is ahead: see the dots below.",
            ),
            Option(
                "Expansion 1 wins: fewer parameters, less overfitting",
                "At 8 channels the blocks that expand 6 times get more digits right than those that do not,"
                " even with 300 images.",
                "small data always wants the smaller network",
            ),
        ),
    )
