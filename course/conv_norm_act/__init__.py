"""Conv, norm, act: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="conv_norm_act",
    title="Conv, norm, act",
    notebook="01_conv_norm_act",
    words="convolution, norm, activation",
    blocks=("ConvNormAct",),
    place=Place(
        change=("the unit that most blocks", "are made of"),
        year=2015,
        arxiv="1502.03167",
        networks="every network here",
        parents=(),
        column=0,
        row=0,
    ),
    drawn=Drawn(
        block="blocks:ConvNormAct",
        arguments=(3, 32),
        pixels=224,
        label="The first layer of MobileNetV2: a convolution, its norm and its activation",
        options={"stride": 2, "act": "torch.nn:ReLU6"},
    ),
    explorers=(
        "._window_geometry:window_geometry",
        "._channel_groups:channel_groups",
        "._norm_and_activation:norm_and_activation",
    ),
    idea={
        "window_geometry": "An output pixel is a sum: the pixels of its window, each times a weight.",
        "channel_groups": "Groups decide which output channel sees which input channel, and so the weights.",
        "norm_and_activation": "In train mode a norm takes mean and deviation from the batch, in eval mode"
        " those that it has kept.",
    },
    predictions=(".predictions:predict_batch", ".predictions:predict_pointwise", ".predictions:predict_rate"),
    exercises=(
        ".exercises:check_out_size",
        ".exercises:check_fold",
        ".exercises:check_unit",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"rates": ".experiment:rates"},
    comparisons={
        "rates": (
            *((f"norm, rate {rate}", f"no norm, rate {rate}") for rate in ("0.03", "0.1", "1", "3")),
            ("norm, rate 0.1", "norm, rate 0.01"),
        )
    },
    scoreboard=".experiment:SCOREBOARD",
    also=(".experiment:rates",),
)
__getattr__, __dir__ = lazily(CHAPTER)
