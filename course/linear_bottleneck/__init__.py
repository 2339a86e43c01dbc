"""Linear bottleneck: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

_BENT = ("LeakyReLU 0.3", "LeakyReLU 0.1", "LeakyReLU 0.01", "ReLU")
CHAPTER = Chapter(
    concept="linear_bottleneck",
    title="Linear bottleneck",
    notebook="05_linear_bottleneck",
    blocks=("LinearBottleneck",),
    place=Place(
        change=("− the activation at", "the narrow end"),
        year=2018,
        arxiv="1801.04381",
        networks="MobileNetV2",
        parents=("depthwise_separable",),
        column=2,
        row=1,
    ),
    drawn=Drawn(
        block="blocks:LinearBottleneck",
        arguments=(32, 16),
        pixels=112,
        label="The first block of MobileNetV2: no activation after the narrow end",
    ),
    explorers=("._spiral_dimensions:spiral_dimensions", "._slope_dial:slope_dial"),
    idea={
        "spiral_dimensions": "ReLU folds a spiral flat in few channels and hardly touches it in many; how"
        " many are enough depends on how many dimensions the content has.",
        "slope_dial": "Bend the narrow ends of a trained network a little, and it no longer knows the photo.",
    },
    predictions=(".predictions:predict_loss", ".predictions:predict_digits"),
    exercises=(
        ".exercises:check_share",
        ".exercises:check_back",
        ".exercises:check_block",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"narrow_end": ".experiment:narrow_end"},
    comparisons={
        "narrow_end": (
            *((f"width {width}, linear", f"width {width}, ReLU6") for width in (2, 3, 4, 6, 8)),
            *(("width 4, linear", f"width 4, {end}") for end in _BENT),
            ("width 4, LeakyReLU 0.01", "width 4, ReLU"),
            *(("width 4, linear, no shortcut", f"width 4, {end}, no shortcut") for end in ("ReLU6", *_BENT)),
            ("width 4, LeakyReLU 0.01, no shortcut", "width 4, ReLU, no shortcut"),
        )
    },
    scoreboard=".experiment:SCOREBOARD",
    also=(".experiment:narrow_end", ".experiment:ENDS", ".experiment:WIDTHS"),
)
__getattr__, __dir__ = lazily(CHAPTER)
