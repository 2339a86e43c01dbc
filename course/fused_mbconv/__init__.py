"""Fused-MBConv: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="fused_mbconv",
    title="Fused-MBConv",
    notebook="09_fused_mbconv",
    blocks=("FusedMBConv",),
    place=Place(
        change=("+ expand and depthwise", "fused into one 3x3"),
        year=2021,
        arxiv="2104.00298",
        networks="EfficientNetV2",
        parents=("mbconv",),
        column=4,
        row=0,
    ),
    drawn=Drawn(
        block="blocks:FusedMBConv",
        arguments=(48, 48),
        pixels=56,
        label="A Fused-MBConv of EfficientNetV2-S: one full convolution expands and filters",
    ),
    explorers=("._fused_crossover:fused_crossover",),
    idea={
        "fused_crossover": "Which block is ahead depends on channels, map size and what you count: an edge"
        " runs across the grid.",
    },
    predictions=(
        ".predictions:predict_time",
        ".predictions:predict_digits",
        ".predictions:predict_parameters",
    ),
    exercises=(
        ".exercises:check_forward",
        ".exercises:check_parameters",
        ".exercises:check_block",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"comparison": ".experiment:comparison"},
    comparisons={
        "comparison": (
            ("MBConv, t=4", "fused, t=1.3"),
            ("fused, t=4", "MBConv, t=12"),
            ("fused, t=4", "MBConv, t=4"),
        )
    },
    scoreboard=".experiment:SCOREBOARD",
    also=(
        ".experiment:comparison",
        "._fused_crossover:compared",
        "._fused_crossover:pairs",
        "._stored_times:MEMORY",
        ".times:in_new_process",
        "._stored_times:stored_times",
        ".times:time_table",
    ),
)
__getattr__, __dir__ = lazily(CHAPTER)
