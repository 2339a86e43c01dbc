"""Squeeze-and-excitation: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="squeeze_excitation",
    title="Squeeze-and-excitation",
    notebook="07_squeeze_excitation",
    blocks=("SqueezeExcitation",),
    place=Place(
        change=("gates, computed by a", "small net of its own"),
        year=2017,
        arxiv="1709.01507",
        networks="SE-ResNet",
        parents=(),
        column=3,
        row=2,
    ),
    drawn=Drawn(
        block="blocks:SqueezeExcitation",
        arguments=(256,),
        pixels=56,
        label="Squeeze-and-excitation in SE-ResNet-50: one weight per channel, from the means",
    ),
    explorers=("._channel_weights:channel_weights", "._reduction_ratio:reduction_ratio"),
    idea={
        "channel_weights": "Slide the faders to the other cue's gates, and the network answers the other"
        " digit, for the same image.",
        "reduction_ratio": "The reduction sets the waist of the block; the narrower it is, the thinner the"
        " layer of parameters on top of the network.",
    },
    predictions=(".predictions:predict_weight", ".predictions:predict_cost", ".predictions:predict_exchange"),
    exercises=(
        ".exercises:check_forward",
        ".exercises:check_parameters",
        ".exercises:check_block",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"cue_task": ".experiment:cue_task_rows", "plain_digits": ".experiment:plain_digits_rows"},
    comparisons={
        "cue_task": (
            ("own", "without"),
            ("own", "without, 34 wide"),
            ("own", "averaged"),
            ("own", "swapped"),
            ("without", "without, digits lower"),
            ("with, digits lower", "without, digits lower"),
        ),
        "plain_digits": (("own", "without"), ("own", "averaged"), ("own", "swapped")),
    },
    also=(".experiment:cue_task", ".experiment:stored_plain_digits"),
)
__getattr__, __dir__ = lazily(CHAPTER)
