"""What squeeze-and-excitation gives inside MBConv: with it, without it, and at equal parameters."""

from torch import nn

from blocks import MBConv
from course.kit.training.experiments import compared
from course.kit.training.on_digits import around, chosen

SCOREBOARD = {"MBConv": lambda i, o, stride: MBConv(i, o, stride=stride, expansion=4)}

# setting -> whether there is squeeze-and-excitation, and the expansion. The last is the equal-parameter
# control: what squeeze-and-excitation costs is spent on a wider middle.
SETTINGS: dict[str, tuple[bool, float]] = {
    "with SE": (True, 4),
    "without SE": (False, 4),
    "without SE, t=4.7": (False, 4.7),
}


def network(setting: str) -> nn.Module:
    """The scoreboard's network for MBConv, with the setting's blocks: images (N, 1, 8, 8) to scores (N, 10).

    Raises:
        ValueError: `setting` is none of SETTINGS.
    """
    squeezes, expansion = chosen("mbconv", SETTINGS, setting)
    squeeze = None if squeezes else lambda _: nn.Identity()
    return around(
        lambda i, o, stride: MBConv(i, o, stride=stride, expansion=expansion, squeeze_excitation=squeeze)
    )


squeeze_excitation = compared(network, SETTINGS)
"""One run per setting: the same images in the same order for each."""
