"""The predictions of notebook 09."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_time() -> Prediction:
    """Whether fewer multiply-adds are less time, on a large map with few channels."""
    return Prediction(
        "24 channels, a 112 x 112 map, expansion 4. Fused-MBConv has 4.2 times the multiply-adds of MBConv."
        " Which is faster, on one thread of a CPU, in a new Python process?",
        Option(
            "Fused-MBConv",
            "On our machine, with PyTorch's default settings; measure yours below. MBConv makes seven"
            " maps of 4.8 MB each, Fused-MBConv three. Their memory goes back to the system between"
            " steps and is asked for again: a good part of MBConv's time. With freed memory kept, or with"
            " many channels, MBConv is faster.",
        ),
        Option(
            "MBConv, about four times",
            "Time is not only arithmetic. Each step also needs memory for its result, and MBConv has"
            " more steps on the wide map.",
            "fewer multiply-adds = faster",
        ),
        Option(
            "MBConv, but by less than four times",
            "The advantage doesn't just shrink. On our machine it reverses, with PyTorch's default settings.",
            "fewer multiply-adds are always faster, if not in proportion",
        ),
        Option(
            "Neither: both take the same time",
            "The map in and out is the same; the wide maps between, and the arithmetic, are not.",
            "the output's size decides the time",
        ),
    )


@with_name
def predict_digits() -> Prediction:
    """Whether the fused block is the better one at about equal parameters, on digits."""
    return Prediction(
        "Two small networks of about 41,000 parameters: one of MBConvs with expansion 4, one of"
        " Fused-MBConvs, which for so few parameters can expand only 1.3 times. Each is trained with ten"
        " seeds. Which is clearly better on the test digits?",
        Option(
            "Fused-MBConv",
            "A full convolution can do whatever a depthwise one can, at equal width. With as many"
            " parameters it has to be narrower. Here it is better in 6 of 10 runs: that is not clear.",
            "what is more general is better at any size",
        ),
        Option(
            "Neither",
            "On these digits 10 runs can't distinguish the two. The fused block is meant to save time,"
            " and that has to be measured.",
        ),
        Option(
            "MBConv",
            "It has squeeze-and-excitation and the wider middle. Both may help elsewhere. Here it is"
            " better in only 4 of 10 runs.",
            "more parts in a block are more accuracy",
        ),
    )


@with_name
def predict_parameters() -> Prediction:
    """What a larger kernel does to the ratio of parameters."""
    return Prediction(
        "With 256 channels, expansion 4 and a 3x3 kernel Fused-MBConv has 3.9 times the parameters of"
        " MBConv. Now both get a 5x5 kernel. Fused-MBConv then has ...",
        Option(
            "3.9 times as many, as before",
            "Both kernels grow from 9 to 25 numbers. But MBConv has one for each of its 1,024 wide"
            " channels: 16,384 parameters more. Fused-MBConv has one for each pair of a channel in and a"
            " wide channel: 4,194,304 more.",
            "a depthwise kernel grows like a full one",
        ),
        Option(
            "25 times as many",
            "A 5x5 has 25 weights for every one of a 1x1, but only the expanding convolution grows so."
            " Both blocks also project, and MBConv has squeeze-and-excitation besides.",
            "the whole block costs what its largest layer costs",
        ),
        Option(
            "9.9 times as many",
            "The depthwise kernel is a small part of MBConv, so MBConv hardly grows. Almost all of"
            " Fused-MBConv is its full kernel.",
        ),
    )
