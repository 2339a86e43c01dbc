"""The predictions of notebook 08."""

from blocks.explorers.prediction import Option, Prediction


def predict_squeeze() -> Prediction:
    """To how many numbers EfficientNet's block squeezes its expanded channels."""
    return Prediction(
        "EfficientNet's block 3 takes 24 channels, works on 144 inside, and gives 24 back. Its"
        ' squeeze-and-excitation has "ratio 1/4". Through how many numbers do the 144 means pass?',
        (
            Option(
                "36: a quarter of the 144 channels that are weighed",
                "So one would read it, and public code does. The quarter is of the block's input. With 36 the"
                " block would have 19,380 parameters, where it has 10,710.",
                "the squeeze ratio is of the expanded width",
            ),
            Option(
                "9: a sixteenth of the 144 channels, as in SENet",
                "A sixteenth is SENet's ratio, and there it is of the block's output.",
                "all networks squeeze by SENet's ratio",
            ),
            Option(
                "6: a quarter of the 24 channels that come in",
                "A quarter of the block's input, so the 144 channels are squeezed to a 24th. That keeps the"
                " two small layers at 1,878 parameters.",
            ),
            Option(
                "40: a quarter of the 144, rounded to a multiple of 8",
                "That is MobileNetV3's rule, for a block of the same shape: another network, another rule.",
                "MobileNetV3 and EfficientNet squeeze alike",
            ),
        ),
    )


def predict_drop() -> Prediction:
    """What stochastic depth sets to zero."""
    return Prediction(
        "A block with a shortcut, drop probability 0.2, in training: eight pictures go through. What does"
        " stochastic depth (also called drop path) set to zero in the branch?",
        (
            Option(
                "Single numbers of every picture, one in five, scattered",
                "That is dropout. Here a picture's branch is kept whole or left out whole, and its shortcut"
                " is never touched.",
                "drop path is dropout",
            ),
            Option(
                "Some channels, the same ones for all places of a picture",
                "That is another relative of dropout. Here no channel is singled out: all or none.",
                "drop path drops channels",
            ),
            Option(
                "The whole branch of some pictures, drawn anew for each picture",
                "Such a picture passes by the shortcut alone. With eight pictures 1.6 are expected to, but it"
                " may be none, or four.",
            ),
            Option(
                "The branch of all eight pictures, in one training step of five",
                "So the paper of 2016 says it: for each mini-batch. EfficientNet's code, and this block, draw"
                " anew for each picture.",
                "one draw serves the whole batch",
            ),
        ),
    )


def predict_accuracy() -> Prediction:
    """What squeeze-and-excitation gives on the digits, and what its parameters would give elsewhere."""
    return Prediction(
        "A small network of four MBConvs reads digits. We take squeeze-and-excitation out, which saves 13 %"
        " of the parameters. Then we spend those on a wider middle instead. What will the runs over several"
        " seeds show?",
        (
            Option(
                "Squeeze-and-excitation beats both: it looks at the whole map, which no other part does",
                "It beats the network without. But the wider middle, with as many parameters, is not behind"
                " it by more than the spread.",
                "a gain with more parameters is the block's gain",
            ),
            Option(
                "It beats the network without, but not clearly the one that spends the parameters elsewhere",
                "A gain that is small but steady, and no gain that stands out of the spread once the"
                " parameters are equal. See the dots below.",
            ),
            Option(
                "It changes nothing at all: digits of 8x8 pixels are too easy",
                "Against the network without it there is a gain with every seed, if a small one.",
                "easy data hide every difference",
            ),
            Option(
                "It loses: gates below 1 make every channel weaker",
                "The next convolution and its norm make up for any scale. What counts is that the gates may"
                " differ from picture to picture.",
                "gates only weaken",
            ),
        ),
    )
