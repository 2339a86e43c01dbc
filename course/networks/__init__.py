"""Networks: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, lazily

CHAPTER = Chapter(
    concept="networks",
    title="Networks",
    notebook="10_networks",
    explorers=(
        "._break_it:break_it",
        "._what_the_network_sees:what_the_network_sees",
        "._accuracy_against_cost:accuracy_against_cost",
        "._compound_scaling:compound_scaling",
    ),
    idea={
        "accuracy_against_cost": "Over the years the same accuracy takes less and less: the edge moves up"
        " and left.",
        "compound_scaling": "One number makes a network wider, longer and finer at once; the released"
        " networks turn the three dials apart.",
        "break_it": "The weights and all shapes stay, one small thing is wrong, and the network gets or"
        " answers something else.",
        "what_the_network_sees": "Through the network a photo becomes smaller maps, and more of them.",
    },
    predictions=(".predictions:predict_scaling", ".predictions:predict_mistake"),
    exercises=(
        ".exercises:check_count",
        ".exercises:check_resnet18",
        ".exercises:check_rows",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    runs={"scoreboard": ".scoreboard:scoreboard"},
    comparisons={
        "scoreboard": (
            ("residual", "plain"),
            ("bottleneck", "residual"),
            ("depthwise separable", "bottleneck"),
            ("linear bottleneck", "depthwise separable"),
            ("inverted residual", "depthwise separable"),
            ("MBConv", "inverted residual"),
            ("Fused-MBConv", "MBConv"),
            ("Fused-MBConv", "residual"),
        )
    },
    also=(
        "._inspect_module:inspect_module",
        ".budget:PARAMETERS",
        ".budget:SECONDS",
        ".budget:card",
        ".budget:final",
        ".budget:keep",
        ".budget:play",
        ".budget:scores",
        ".exercises:rows",
        ".logits:logit_differences",
        ".mistakes:MISTAKES",
        "course.kit.training.data:PHOTOGRAPHS",
        "course.kit.training.on_photos:photograph_answers",
    ),
)
__getattr__, __dir__ = lazily(CHAPTER)
