"""The predictions of notebook 03."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_output() -> Prediction:
    """What a bottleneck costs."""
    return Prediction(
        "A bottleneck of ResNet-50's first stage takes 256 channels and gives 256; with reduction 4 its"
        " middle has 64. How does its parameter count compare with that of two full 3x3 convolutions on 256"
        " channels?",
        Option(
            "About a quarter",
            "The 3x3 is four times narrower on both its sides, so it has a sixteenth of the weights, not"
            " a quarter.",
            "four times narrower is four times cheaper",
        ),
        Option(
            "About a seventeenth",
            "70,400 against 1,180,672. The 3x3 joins 64 channels to 64: a sixteenth of the weights, and"
            " once, not twice; the two 1x1 come on top.",
        ),
        Option(
            "It has more",
            "The number of convolutions says little: two of the three are 1x1, and all work on 64"
            " channels on at least one side.",
            "more layers, more weights",
        ),
    )


@with_name
def predict_dearest() -> Prediction:
    """Which layer costs most when the middle is narrower still."""
    return Prediction(
        "256 channels in and out. At reduction 4 the 3x3 has more multiply-adds than each of the two 1x1."
        " We raise the reduction to 16. Which layer has the most now?",
        Option(
            "Each of the two 1x1",
            "9 x 16 x 16 = 2,304 weights in the 3x3, 16 x 256 = 4,096 in each 1x1. The 3x3 shrinks with"
            " the square of the reduction, a 1x1 only with the reduction itself.",
        ),
        Option(
            "None: all three have the same",
            "They would be equal where nine times the narrow width is the wide one: at a reduction"
            " of 9, which does not divide 256.",
            "all layers shrink alike",
        ),
        Option(
            "Still the 3x3",
            "Nine weights for each pair of channels, but there are only 16 x 16 pairs; a 1x1 joins 16 and"
            " 256.",
            "the 3x3 always costs most",
        ),
    )


@with_name
def predict_accuracy() -> Prediction:
    """What the digits say about bottleneck and basic block."""
    return Prediction(
        "Two networks with about equally many parameters (7,429 and 7,914) classify digits: four basic blocks"
        " of 9 channels, or four bottlenecks of 32 channels. What will ten runs of each show?",
        Option(
            "The bottleneck is clearly better",
            "It is wider between the blocks, but width alone does not decide it: its 3x3 works on 8"
            " channels. At about equal parameters, on digits, there is no such gap.",
            "the wider network is the better one",
        ),
        Option(
            "The basic block is clearly better",
            "The shortcut carries all 32 channels past the narrow middle. The runs show no clear loss.",
            "what passes a narrow middle is lost",
        ),
        Option(
            "No clear difference",
            "At about equal parameters the ten runs don't agree on which is better: see the verdict below.",
        ),
    )
