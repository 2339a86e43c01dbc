"""Fused-MBConv against MBConv: at the same expansion, and twice at about the same number of parameters."""

from collections.abc import Callable

from torch import nn

from blocks import FusedMBConv, MBConv
from course.kit.training.experiments import compared
from course.kit.training.on_digits import around, chosen

SCOREBOARD = {"Fused-MBConv": lambda i, o, stride: FusedMBConv(i, o, stride=stride, expansion=4)}

# setting -> (block, expansion). The first and the third are rows of the scoreboard; each has a control with
# the other block and about as many parameters, which only a wider or narrower middle can give.
SETTINGS: dict[str, tuple[Callable[..., nn.Module], float]] = {
    "MBConv, t=4": (MBConv, 4),
    "fused, t=1.3": (FusedMBConv, 1.3),
    "fused, t=4": (FusedMBConv, 4),
    "MBConv, t=12": (MBConv, 12),
}


def network(setting: str) -> nn.Module:
    """The scoreboard's network with the setting's blocks: images (N, 1, 8, 8) to scores (N, 10).

    Raises:
        ValueError: `setting` is none of SETTINGS.
    """
    kind, expansion = chosen("fused_mbconv", SETTINGS, setting)
    return around(lambda i, o, stride: kind(i, o, stride=stride, expansion=expansion))


comparison = compared(network, SETTINGS)
"""One run per setting: the same images in the same order for each."""
