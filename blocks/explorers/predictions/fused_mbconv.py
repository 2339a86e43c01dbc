"""The predictions of notebook 09."""

from blocks.explorers.prediction import Option, Prediction


def predict_time() -> Prediction:
    """Whether fewer multiply-adds are less time, on a large map with few channels."""
    return Prediction(
        "24 channels, a 112 x 112 map, expansion 4. Fused-MBConv has 4.2 times the multiply-adds of MBConv."
        " Which is faster, on one thread of a CPU?",
        (
            Option(
                "MBConv, about four times",
                "Time is not only arithmetic. MBConv's depthwise convolution does little with each number"
                " that it fetches.",
                "fewer multiply-adds = faster",
            ),
            Option(
                "MBConv, but by less than four times",
                "Its advantage does not only shrink: here it turns round. Both blocks move large maps, and"
                " MBConv moves more of them.",
                "fewer multiply-adds are always faster, if not in proportion",
            ),
            Option(
                "Fused-MBConv",
                "One full convolution does much with each number that it fetches, where MBConv passes the"
                " wide map through memory several times. With many channels on a small map it is the other"
                " way round.",
            ),
            Option(
                "Both the same: they have the same input and output",
                "The map in and out is the same; the wide maps between, and the arithmetic, are not.",
                "the output's size decides the time",
            ),
        ),
    )


def predict_parameters() -> Prediction:
    """How the ratio of parameters goes as the channels grow."""
    return Prediction(
        "With 24 channels and expansion 4 Fused-MBConv has 3.3 times the parameters of MBConv. With 256"
        " channels it has ...",
        (
            Option(
                "3.9 times as many",
                "Both grow with the square of the channels: 40 against 10 weights per pair of channels, so"
                " the ratio stays below 4. But the parameters themselves go from thousands to millions.",
            ),
            Option(
                "About 35 times as many: the 3x3 joins all channels",
                "The 1x1 convolutions of MBConv join all channels too, so both grow with the square.",
                "only the full convolution grows with the square of the channels",
            ),
            Option(
                "About 9 times as many: a 3x3 has nine weights for every one of a 1x1",
                "That holds for the expanding convolution alone. Both blocks also project, and MBConv has"
                " squeeze-and-excitation besides.",
                "the whole block costs what its largest layer costs",
            ),
            Option(
                "The same: what counts is the expansion, not the channels",
                "The expansion decides the width of the middle; the ratio of the two blocks moves with the"
                " channels all the same, a little.",
                "the ratio does not depend on the channels",
            ),
        ),
    )
