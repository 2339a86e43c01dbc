"""What expansion gives: accuracy by the width between blocks and the expansion inside them."""

import functools

from torch import nn

from blocks import ConvNormAct, InvertedResidual
from course.kit.training.loop import Progress
from course.kit.training.on_digits import run_each
from course.kit.training.runs import Run

SCOREBOARD = {  # expansion 4 in all three expanding blocks
    "inverted residual": lambda i, o, stride: InvertedResidual(i, o, stride=stride, expansion=4)
}

EXPANSIONS = (1, 2, 3, 4, 6)
EQUAL_PARAMETERS: tuple[tuple[int, float], ...] = ((16, 1), (8, 3), (4, 8))  # 3,834, 4,226 and 3,798
# (width, expansion): two curves at a fixed width, and what the curves lack of the equal-parameter control.
SETTINGS: tuple[tuple[int, float], ...] = (
    *((4, expansion) for expansion in EXPANSIONS),
    *((8, expansion) for expansion in EXPANSIONS),
    (16, 1),
    (4, 8),
)


def setting(width: int, expansion: float) -> str:
    """The setting's name in a Run: "width 4, t=6", t being what the paper calls the expansion."""
    return f"width {width}, t={expansion:g}"


def network(width: int, expansion: float) -> nn.Module:
    """Stem, four InvertedResidual(width, width), a 1x1 convolution to 64 channels, pool, classifier.

    Images (N, 1, 8, 8) to scores (N, 10). After the second block a 2x2 pool halves the map. The 64
    channels give the classifier as much room at every width, so that only the blocks differ.
    """
    return nn.Sequential(
        ConvNormAct(1, width, act=nn.ReLU6),
        InvertedResidual(width, width, expansion=expansion),
        InvertedResidual(width, width, expansion=expansion),
        nn.MaxPool2d(2),
        InvertedResidual(width, width, expansion=expansion),
        InvertedResidual(width, width, expansion=expansion),
        ConvNormAct(width, 64, kernel_size=1, act=nn.ReLU6),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def expansion(
    seed: int,
    *,
    settings: tuple[tuple[int, float], ...] = SETTINGS,
    train: int = 300,
    epochs: int = 15,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """One run per (width, expansion): the same images in the same order for each."""
    builds = {setting(*pair): functools.partial(network, *pair) for pair in settings}
    return run_each(builds, seed, train=train, epochs=epochs, progress=progress)
