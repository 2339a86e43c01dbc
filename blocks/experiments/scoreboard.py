"""The course's scoreboard: one small network, one block swapped, every block of the chain in turn."""

import functools
from collections.abc import Callable

from torch import nn

from blocks import (
    BasicBlock,
    Bottleneck,
    ConvNormAct,
    DepthwiseSeparable,
    FusedMBConv,
    InvertedResidual,
    LinearBottleneck,
    MBConv,
)
from blocks.experiments.on_digits import run_each
from blocks.experiments.runs import Run
from blocks.experiments.training import Progress

Block = Callable[[int, int, int], nn.Module]


def _plain(i: int, o: int, stride: int) -> nn.Module:
    return nn.Sequential(ConvNormAct(i, o, stride=stride, act=nn.ReLU), ConvNormAct(o, o, act=nn.ReLU))


def _separable(i: int, o: int, stride: int) -> nn.Module:
    return nn.Sequential(DepthwiseSeparable(i, o, stride=stride), DepthwiseSeparable(o, o))


def _linear(i: int, o: int, stride: int) -> nn.Module:
    # ReLU as in _separable, so that the last activation is all that differs.
    return nn.Sequential(
        LinearBottleneck(i, o, stride=stride, act=nn.ReLU), LinearBottleneck(o, o, act=nn.ReLU)
    )


# name -> block(in_channels, out_channels, stride). Expansion 4, so that all three expanding blocks are alike;
# two convolutions or two separable ones where a block would have only one.
BLOCKS: dict[str, Block] = {
    "plain": _plain,
    "residual": lambda i, o, stride: BasicBlock(i, o, stride=stride),
    "bottleneck": lambda i, o, stride: Bottleneck(i, o, stride=stride),
    "depthwise separable": _separable,
    "linear bottleneck": _linear,
    "inverted residual": lambda i, o, stride: InvertedResidual(i, o, stride=stride, expansion=4),
    "MBConv": lambda i, o, stride: MBConv(i, o, stride=stride, expansion=4),
    "Fused-MBConv": lambda i, o, stride: FusedMBConv(i, o, stride=stride, expansion=4),
}


def network(name: str) -> nn.Module:
    """The network of one row, as `around` makes it: images (N, 1, 8, 8) to scores (N, 10).

    Raises:
        ValueError: `name` is none of BLOCKS.
    """
    if name not in BLOCKS:
        raise ValueError(f"scoreboard: the block must be one of {', '.join(BLOCKS)}, got {name!r}.")
    return around(BLOCKS[name])


def around(block: Block) -> nn.Module:
    """Stem to 16 channels, four blocks (to 16, 32, 32, 64, the second and fourth with stride 2), classifier.

    Images (N, 1, 8, 8) to scores (N, 10). Before the classifier come a 1x1 convolution and a global
    average pool, as in the networks of this package.
    """
    return nn.Sequential(
        ConvNormAct(1, 16, act=nn.ReLU),
        block(16, 16, 1),
        block(16, 32, 2),
        block(32, 32, 1),
        block(32, 64, 2),
        ConvNormAct(64, 64, kernel_size=1, act=nn.ReLU),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def scoreboard(
    seed: int,
    *,
    names: tuple[str, ...] = tuple(BLOCKS),
    train: int = 300,
    epochs: int = 15,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """One run per block, named as in BLOCKS: the same images in the same order for each.

    Raises:
        ValueError: a name is none of BLOCKS.
    """
    builds = {name: functools.partial(network, name) for name in names}
    return run_each(builds, seed, train=train, epochs=epochs, progress=progress)
