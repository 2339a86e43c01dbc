"""Bottleneck against basic block: at the same width, and at about the same number of parameters."""

from collections.abc import Callable

from torch import nn

from blocks import BasicBlock, Bottleneck, ConvNormAct
from course.kit.training.on_digits import chosen, compared

SCOREBOARD = {"bottleneck": lambda i, o, stride: Bottleneck(i, o, stride=stride)}


def _basic(width: int) -> nn.Module:
    return BasicBlock(width, width)


def _bottleneck(width: int) -> nn.Module:
    return Bottleneck(width, width)


# setting -> (block, width). A basic block of width w has about 17 times a bottleneck's parameters at the same
# width, so at equal parameters the bottleneck is nearly four times as wide.
SETTINGS: dict[str, tuple[Callable[[int], nn.Module], int]] = {
    "basic, width 32": (_basic, 32),
    "bottleneck, width 32": (_bottleneck, 32),
    "basic, width 9": (_basic, 9),
    "bottleneck, width 64": (_bottleneck, 64),
    "basic, width 17": (_basic, 17),
}


def network(setting: str) -> nn.Module:
    """Stem, four blocks of one width, 1x1 convolution to 64, pool, classifier: (N, 1, 8, 8) to (N, 10).

    After the second block a 2x2 pool halves the map. The 64 channels give the classifier as much room at
    every width.

    Raises:
        ValueError: `setting` is none of SETTINGS.
    """
    block, width = chosen("bottleneck", SETTINGS, setting)
    return nn.Sequential(
        ConvNormAct(1, width, act=nn.ReLU),
        block(width),
        block(width),
        nn.MaxPool2d(2),
        block(width),
        block(width),
        ConvNormAct(width, 64, kernel_size=1, act=nn.ReLU),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


comparison = compared(network, SETTINGS)
"""One run per setting: the same images in the same order for each."""
