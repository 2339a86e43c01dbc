"""Bottleneck against basic block: at the same width, and at about the same number of parameters."""

from collections.abc import Callable

from torch import nn

from blocks import BasicBlock, Bottleneck
from course.kit.training.experiments import compared
from course.kit.training.on_digits import chosen, of_one_width

SCOREBOARD = {"bottleneck": lambda i, o, stride: Bottleneck(i, o, stride=stride)}

# setting -> (block, width). A basic block of width w has about 17 times a bottleneck's parameters at the same
# width, so at equal parameters the bottleneck is nearly four times as wide.
SETTINGS: dict[str, tuple[Callable[[int, int], nn.Module], int]] = {
    "basic, width 32": (BasicBlock, 32),
    "bottleneck, width 32": (Bottleneck, 32),
    "basic, width 9": (BasicBlock, 9),
    "bottleneck, width 64": (Bottleneck, 64),
    "basic, width 17": (BasicBlock, 17),
}


def network(setting: str) -> nn.Module:
    """Four blocks of one width, and a head of 64 channels: (N, 1, 8, 8) to (N, 10). See `of_one_width`.

    Raises:
        ValueError: `setting` is none of SETTINGS.
    """
    block, width = chosen("bottleneck", SETTINGS, setting)
    return of_one_width(width, (block(width, width) for _ in range(4)), head=64)


comparison = compared(network, SETTINGS)
"""One run per setting: the same images in the same order for each."""
