"""The predictions of notebook 09."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_time() -> Prediction:
    """Whether fewer multiply-adds are less time, on a large map with few channels."""
    return Prediction(
        "24 channels, a 112 x 112 map, expansion 4. Fused-MBConv has 4.2 times the multiply-adds of MBConv."
        " How long does it take, against MBConv, on one thread of a CPU?",
        Option(
            "At most 1.5 times as long",
            "On our machine this held in every turn that we timed, though which of the two is faster we can't"
            " tell. MBConv makes seven maps of 4.8 MB each, Fused-MBConv three, and a map takes time, too."
            " With many channels MBConv is the faster one.",
        ),
        Option(
            "About four times as long",
            "Time is not only arithmetic. Each step also needs memory for its result, and MBConv has"
            " more steps on the wide map.",
            "fewer multiply-adds = faster",
        ),
        Option(
            "Two to three times as long",
            "The advantage shrinks by more than that: in none of our turns was it larger than 1.5.",
            "time follows the multiply-adds, if not in proportion",
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
