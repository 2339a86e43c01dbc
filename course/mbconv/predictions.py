"""The predictions of notebook 08."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_squeeze() -> Prediction:
    """What squeeze-and-excitation would add if it reduced the expanded channels to a quarter of them."""
    return Prediction(
        "EfficientNet's block 3 takes 24 channels, works on 144 inside, and gives 24 back: 8,832 parameters"
        " without squeeze-and-excitation. Suppose that squeeze-and-excitation reduced the 144 channels to a"
        " quarter of them, 36 numbers. How many parameters would it add?",
        Option(
            "360",
            "Two for each of the 144 + 36 numbers would do if each were only scaled and shifted. But"
            " both layers are fully connected: there is a weight for each pair of the 144 and the 36.",
            "its layers treat each channel alone",
        ),
        Option(
            "10,548",
            "More than the rest of the block. Two layers between 144 and 36 numbers: 2 x 144 x 36"
            " weights and 180 biases. EfficientNet reduces to a quarter of the 24 channels that come in"
            " instead: 6 numbers, 1,878 parameters.",
        ),
        Option(
            "1,878",
            "EfficientNet's own rule gives that: a quarter of the 24 channels that come in, so 6 numbers."
            " Here it is a quarter of the 144.",
            "a quarter of which channels makes no difference",
        ),
        Option(
            "Fewer than 100",
            "It sees one number per channel, not a map, so it has few multiply-adds. Its weights do not"
            " depend on the map's size.",
            "few multiply-adds mean few parameters",
        ),
    )


@with_name
def predict_drop() -> Prediction:
    """What stochastic depth sets to zero."""
    return Prediction(
        "MBConv(24, 24) in training, drop probability 0.2: eight pictures go through. What does"
        " EfficientNet's stochastic depth set to zero in the output of project?",
        Option(
            "Single numbers, scattered over all eight pictures",
            "That is dropout. Stochastic depth is also called drop path. Here a picture's branch is"
            " kept whole or left out whole, and its shortcut is never touched.",
            "drop path is dropout",
        ),
        Option(
            "Whole channels, others in each of the eight pictures",
            "That is another relative of dropout. Here no channel is singled out: all or none.",
            "drop path drops channels",
        ),
        Option(
            "Everything, for all eight pictures or for none",
            "The paper of 2016 does that: one draw for each mini-batch. EfficientNet's code, and this"
            " block, draw anew for each picture.",
            "one draw serves the whole batch",
        ),
        Option(
            "Everything, for some of the eight pictures",
            "Each picture has a draw of its own. One that is left out passes by the shortcut alone."
            " With eight pictures 1.6 are expected to, but it may be none, or four.",
        ),
    )


@with_name
def predict_accuracy() -> Prediction:
    """Whether squeeze-and-excitation gains more on the digits than its parameters would elsewhere."""
    return Prediction(
        "A small network of four MBConvs classifies digits. We take squeeze-and-excitation out, which saves"
        " 13 % of the parameters. Then we spend those on a wider middle instead. Each network is trained"
        " with ten seeds. Which of the two is clearly better on the test digits?",
        Option(
            "The one with squeeze-and-excitation",
            "It looks at the whole map. But it is better in only 7 of 10 runs, by 0.4 points on average:"
            " that is not clear.",
            "a look at the whole map always pays",
        ),
        Option(
            "The one with the wider middle",
            "Gates below 1 make channels weaker, but the next convolution and its norm make up for any"
            " scale. The wider network is ahead in only 3 of 10 runs.",
            "gates only weaken",
        ),
        Option(
            "Neither",
            "With as many parameters, within 1 %, 10 runs can't distinguish them. The digits are easy, and"
            " nothing far away decides what they are.",
        ),
    )
