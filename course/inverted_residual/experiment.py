"""What expansion gives: accuracy by the width between blocks and the expansion inside them."""

from torch import nn

from blocks import InvertedResidual
from course.kit.training.experiments import compared
from course.kit.training.on_digits import of_one_width

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
    """Four InvertedResidual(width, width) and a head of 64 channels, so that only the blocks differ.

    Images (N, 1, 8, 8) to scores (N, 10). See `of_one_width`.
    """
    blocks = (InvertedResidual(width, width, expansion=expansion) for _ in range(4))
    return of_one_width(width, blocks, act=nn.ReLU6, head=64)


expansion = compared(network, SETTINGS, setting)
"""One run per (width, expansion): the same images in the same order for each."""
