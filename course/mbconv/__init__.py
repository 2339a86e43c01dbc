"""MBConv: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="mbconv",
    title="MBConv",
    notebook="08_mbconv",
    blocks=("MBConv",),
    place=Place(
        change=("+ gates (07)", "in the wide middle"),
        year=2019,
        arxiv="1905.11946",
        networks="MobileNetV3, EfficientNet",
        parents=("inverted_residual", "squeeze_excitation"),
        column=4,
        row=1,
    ),
    drawn=Drawn(
        block="blocks:MBConv",
        arguments=(24, 24),
        pixels=56,
        label="An MBConv of EfficientNet-B0: an inverted residual with squeeze-and-excitation",
    ),
    explorers=("._whole_block:whole_block", "._stochastic_depth:stochastic_depth"),
    idea={
        "stochastic_depth": "In training each image skips some blocks, drawn at random and later ones more"
        " often, so every image passes a shorter network of its own.",
        "whole_block": "The whole block at one look: an inverted residual, and a gate on its wide middle.",
    },
    predictions=(
        ".predictions:predict_squeeze",
        ".predictions:predict_drop",
        ".predictions:predict_accuracy",
    ),
    exercises=(
        ".exercises:check_widths",
        ".exercises:check_parameters",
        ".exercises:check_block",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"squeeze_excitation": ".experiment:squeeze_excitation"},
    comparisons={
        "squeeze_excitation": (
            ("with SE", "without SE"),
            ("with SE", "without SE, t=4.7"),
            ("without SE, t=4.7", "without SE"),
        )
    },
    scoreboard=".experiment:SCOREBOARD",
    also=("blocks.stochastic_depth:StochasticDepth", ".experiment:squeeze_excitation"),
)
__getattr__, __dir__ = lazily(CHAPTER)
