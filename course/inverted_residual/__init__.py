"""Inverted residual: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="inverted_residual",
    title="Inverted residual",
    notebook="06_inverted_residual",
    blocks=("InvertedResidual",),
    place=Place(
        change=("+ expand first; shortcut", "between narrow ends"),
        year=2018,
        arxiv="1801.04381",
        networks="MobileNetV2",
        parents=("linear_bottleneck", "residual"),
        column=3,
        row=1,
    ),
    drawn=Drawn(
        block="blocks:InvertedResidual",
        arguments=(24, 24),
        pixels=56,
        label="An inverted residual of MobileNetV2: narrow, wide, narrow, and a shortcut",
    ),
    explorers=(
        "._channel_expansion:channel_expansion",
        "._inside_a_block:inside_a_block",
        "._one_pixel:one_pixel",
        "course.kit.panel:walk_through",
    ),
    idea={
        "one_pixel": "Every number in the network is a sum of products: of nine neighbors in one channel, or"
        " of one pixel in all channels.",
        "channel_expansion": "Narrow outside, wide inside: width is drawn as width, cost as height.",
        "inside_a_block": "What the wide middle of a real block holds, and the memory that it takes.",
    },
    predictions=(".predictions:predict_cost", ".predictions:predict_expansion"),
    exercises=(
        ".exercises:check_forward",
        ".exercises:check_parameters",
        ".exercises:check_block",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"expansion": ".experiment:expansion"},
    comparisons={
        "expansion": (
            ("width 8, t=6", "width 8, t=1"),
            ("width 8, t=6", "width 8, t=3"),
            ("width 16, t=1", "width 8, t=3"),
            ("width 8, t=3", "width 4, t=8"),
        )
    },
    scoreboard=".experiment:SCOREBOARD",
    also=(".experiment:expansion",),
)
__getattr__, __dir__ = lazily(CHAPTER)
