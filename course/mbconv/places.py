"""Where EfficientNet-B0 and MobileNetV3 have a block: it is compared with the networks' own by its layers."""

from dataclasses import dataclass
from functools import cache

import torch

from blocks import ConvNormAct, InvertedResidual, MBConv, SqueezeExcitation
from blocks.networks.efficientnet import B0, efficientnet_b0
from blocks.networks.mobilenet import mobilenet_v3_large, mobilenet_v3_small
from blocks.networks.parts import blocks_of

# Of each block of EfficientNet-B0, the stage in the paper's table 1; stage 1 is the stem.
_STAGES = tuple(stage for stage, (*_, repeats) in enumerate(B0, 2) for _ in range(repeats))
_NETWORKS = (
    ("EfficientNet-B0", efficientnet_b0, _STAGES),
    ("MobileNetV3-Large", mobilenet_v3_large, None),
    ("MobileNetV3-Small", mobilenet_v3_small, None),
)


@dataclass(frozen=True)
class Setting:
    """What makes two blocks the same but for activation and norm.

    Attributes:
        hidden: the expanded width.
        squeezed: the reduced width of its squeeze-and-excitation, 0 where there is no squeeze-and-excitation.
        gate: the class of its gate, empty where there is none.
    """

    in_channels: int
    out_channels: int
    hidden: int
    kernel_size: int
    stride: int
    squeezed: int = 0
    gate: str = ""


@dataclass(frozen=True)
class Place:
    """Where a network has such blocks.

    Attributes:
        network: its name.
        total: how many blocks it has.
        numbers: which of them are so, counted from 1.
        act: the class of their activation.
        stage: of the network's table, None where the table does not count stages.
    """

    network: str
    total: int
    numbers: tuple[int, ...]
    act: str
    stage: int | None


def places(block: MBConv | InvertedResidual) -> tuple[Place, ...]:
    """Where the three networks have this block, whatever its activation and norm; empty if nowhere.

    >>> [place] = places(MBConv(24, 24))
    >>> place.network, place.numbers, place.stage
    ('EfficientNet-B0', (3,), 3)
    """
    return _known().get(setting(block), ())


def setting(block: MBConv | InvertedResidual) -> Setting:
    """The setting of a block, read from its layers."""
    wide = block.depthwise.conv
    narrow = block.expand.conv.in_channels if isinstance(block.expand, ConvNormAct) else wide.in_channels
    out = block.project.conv.out_channels
    size = (narrow, out, wide.out_channels, wide.kernel_size[0], wide.stride[0])
    squeeze = getattr(block, "squeeze_excitation", None)
    if not isinstance(squeeze, SqueezeExcitation):
        return Setting(*size)
    return Setting(*size, squeeze.reduce.out_channels, type(squeeze.gate).__name__)


def activation(block: MBConv | InvertedResidual) -> str:
    """The class of a block's activation."""
    return type(block.depthwise.act).__name__


@cache
def _known() -> dict[Setting, tuple[Place, ...]]:
    """Every setting in the three networks, and where it stands."""
    known: dict[Setting, tuple[Place, ...]] = {}
    for name, build, stages in _NETWORKS:
        with torch.device("meta"):
            blocks = [part for part in blocks_of(build()) if isinstance(part, MBConv | InvertedResidual)]
        alike: dict[tuple[Setting, str, int | None], list[int]] = {}
        for number, block in enumerate(blocks, 1):
            stage = stages[number - 1] if stages else None
            alike.setdefault((setting(block), activation(block), stage), []).append(number)
        for (found, act, stage), numbers in alike.items():
            place = Place(name, len(blocks), tuple(numbers), act, stage)
            known[found] = (*known.get(found, ()), place)
    return known
