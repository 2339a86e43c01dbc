"""Bottleneck: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="bottleneck",
    title="Bottleneck",
    notebook="03_bottleneck",
    blocks=("Bottleneck",),
    place=Place(
        change=("+ a narrow middle", "between wide ends"),
        year=2015,
        arxiv="1512.03385",
        networks="ResNet-50 and deeper",
        parents=("residual",),
        column=2,
        row=0,
    ),
    drawn=Drawn(
        block="blocks:Bottleneck",
        arguments=(256, 256),
        pixels=56,
        label="The bottleneck of ResNet-50: wide, narrow, wide, and a shortcut",
    ),
    explorers=("._bottleneck_reduction:bottleneck_reduction", "._stride_position:stride_position"),
    idea={
        "bottleneck_reduction": "Wide, narrow, wide: the 3x3 is cheap because it works on few channels.",
        "stride_position": "A 1x1 with stride 2 never reads three of four pixels; a 3x3 reads them all.",
    },
    predictions=(
        ".predictions:predict_output",
        ".predictions:predict_dearest",
        ".predictions:predict_accuracy",
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
            ("bottleneck, width 32", "basic, width 32"),
            ("bottleneck, width 32", "basic, width 9"),
            ("bottleneck, width 64", "basic, width 17"),
        )
    },
    scoreboard=".experiment:SCOREBOARD",
    also=(".experiment:comparison",),
)
__getattr__, __dir__ = lazily(CHAPTER)
