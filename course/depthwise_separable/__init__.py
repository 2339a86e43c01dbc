"""Depthwise separable: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="depthwise_separable",
    title="Depthwise separable",
    notebook="04_depthwise_separable",
    blocks=("DepthwiseSeparable",),
    place=Place(
        change=("+ its two jobs done", "one after the other"),
        year=2017,
        arxiv="1704.04861",
        networks="MobileNetV1",
        parents=("conv_norm_act",),
        column=1,
        row=1,
    ),
    drawn=Drawn(
        block="blocks:DepthwiseSeparable",
        arguments=(512, 512),
        pixels=14,
        label="A depthwise separable block of MobileNetV1: each channel alone, then a 1x1 convolution",
    ),
    explorers=("._parameter_savings:parameter_savings", "._rank_dial:rank_dial"),
    idea={
        "parameter_savings": "Of the full kernel's k x k tiles of weights the separable convolution keeps"
        " one, its 1x1, and a strip 1/out high, its depthwise part.",
        "rank_dial": "A channel's full kernels are mixtures of up to nine filters; with one filter they are"
        " all alike, only stronger or weaker.",
    },
    predictions=(".predictions:predict_weights", ".predictions:predict_accuracy", ".predictions:predict_cut"),
    exercises=(
        ".exercises:check_forward",
        ".exercises:check_parameters",
        ".exercises:check_block",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"comparison": ".experiment:comparison", "rank_dial": ".experiment:rank_dial"},
    comparisons={
        "comparison": (
            ("separable, width 16", "full, width 16"),
            ("separable, width 16", "full, width 7"),
            ("separable, width 16", "full, width 8"),
        ),
        "rank_dial": (("k=1", "k=9"), ("k=6", "k=9")),
    },
    scoreboard=".experiment:SCOREBOARD",
    also=(".experiment:comparison",),
)
__getattr__, __dir__ = lazily(CHAPTER)
