"""Residual: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, Drawn, Place, lazily

CHAPTER = Chapter(
    concept="residual",
    title="Residual",
    notebook="02_residual",
    blocks=("Residual", "BasicBlock"),
    place=Place(
        change=("+ a shortcut around", "two of them"),
        year=2015,
        arxiv="1512.03385",
        networks="ResNet-18, 34",
        parents=("conv_norm_act",),
        column=1,
        row=0,
    ),
    drawn=Drawn(
        block="blocks:BasicBlock",
        arguments=(64, 64),
        pixels=56,
        label="The basic block of ResNet-18: a shortcut round two full convolutions",
    ),
    explorers=(
        "._delete_block:delete_block",
        "._fading_digit:fading_digit",
        "._gradients_at_start:gradients_at_start",
    ),
    idea={
        "delete_block": "Without one block a plain network gets nearly every digit wrong; with shortcuts the"
        " signal goes around the hole, and most answers stay.",
        "fading_digit": "Layer by layer an untrained plain network loses the digit; with shortcuts it can"
        " still be read after 55 layers.",
        "gradients_at_start": "Going back through a plain network with batch norm the gradient grows by the"
        " same factor in each layer; with shortcuts it hardly does.",
    },
    predictions=(
        ".predictions:predict_depth",
        ".predictions:predict_deletion",
        ".predictions:predict_gradient",
    ),
    exercises=(
        ".exercises:check_forward",
        ".exercises:check_block",
        ".exercises:check_suspects",
        ".exercises:suspects",
    ),
    mutants=".mutants:MUTANTS",
    runs={"deletion": ".experiment:deletion", "depth": ".experiment:depth", "probe": ".untrained:probe"},
    comparisons={
        "depth": (
            ("residual-10", "plain-10"),
            ("residual-28", "plain-28"),
            ("residual-56", "plain-56"),
            ("plain-56", "plain-10"),
            ("residual-56", "residual-10"),
            ("residual-56", "plain-56, 30 epochs"),
        ),
        "deletion": (
            ("residual-28, 30 epochs", "plain-28, 30 epochs"),
            ("residual-10, without block 3", "plain-10, without block 3"),
            ("residual-28, 30 epochs, without block 8", "plain-28, 30 epochs, without block 8"),
        ),
        "probe": (("residual-28", "plain-28"), ("residual-56", "plain-56")),
    },
    scoreboard=".experiment:SCOREBOARD",
    also=(".experiment:depth",),
)
__getattr__, __dir__ = lazily(CHAPTER)
