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
                "Time is not only arithmetic: numbers must be fetched and stored, too, and MBConv moves more"
                " than twice as many of them here.",
                "fewer multiply-adds = faster",
            ),
            Option(
                "MBConv, but by less than four times",
                "Its advantage does not only shrink: here it turns round, on every machine that this was"
                " measured on, as PyTorch comes. MBConv moves more than twice as many numbers here.",
                "fewer multiply-adds are always faster, if not in proportion",
            ),
            Option(
                "Fused-MBConv",
                "At least on the machines that this was measured on; on yours you will see below. MBConv"
                " passes its wide map through memory from step to step, Fused-MBConv does so less often: it"
                " moves less than half as many numbers. With many channels it is the other way round.",
            ),
            Option(
                "Both the same: they have the same input and output",
                "The map in and out is the same; the wide maps between, and the arithmetic, are not.",
                "the output's size decides the time",
            ),
        ),
    )


def predict_digits() -> Prediction:
    """Whether the fused block is the better one at equal parameters, on digits."""
    return Prediction(
        "Two small networks of about 41,000 parameters: one of MBConvs with expansion 4, one of"
        " Fused-MBConvs, which for so few parameters can expand only 1.3 times. Over four seeds, which is"
        " ahead on the test digits?",
        (
            Option(
                "Fused-MBConv: a full convolution can do whatever a depthwise one can",
                "At equal width it can. At equal parameters it has to be narrower, and here the runs show no"
                " difference larger than their spread.",
                "what is more general is better at any size",
            ),
            Option(
                "MBConv: it has squeeze-and-excitation, and the wider middle",
                "Both may help elsewhere. Here the runs show no difference larger than their spread.",
                "more parts in a block are more accuracy",
            ),
            Option(
                "Neither, by more than the seeds differ",
                "On these digits the two are level. What the fused block is for is time, and that has to be"
                " measured.",
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
