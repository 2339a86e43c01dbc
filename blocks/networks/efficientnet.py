"""EfficientNet B0 to B7 and EfficientNetV2 S, M and L.

Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", arXiv
1905.11946, table 1; Tan and Le 2021, "EfficientNetV2: Smaller Models and Faster Training", arXiv
2104.00298, table 4; both with the settings of their released code. Every network maps (N, 3, H, W) to
logits (N, num_classes).

The settings of the norms are torchvision's, whose weights need them: 1e-5 for B0 to B4 (ported from
timm), 1e-3 for the others (ported from Google's).
"""

import math
from collections.abc import Callable, Sequence
from functools import partial

from torch import nn

from blocks import ConvNormAct, FusedMBConv, MBConv, _arguments
from blocks.networks._make_divisible import make_divisible
from blocks.networks.initialization import initialize, uniform_by_outputs
from blocks.networks.parts import network_of

SILU = partial(nn.SiLU, inplace=True)  # in place, as in torchvision: no second map to allocate
DROP = 0.2  # the drop probability that the last block comes close to, in all of them
TF_NORM = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)
V2_NORM = partial(nn.BatchNorm2d, eps=1e-3)

Row = tuple[type[MBConv] | type[FusedMBConv], int, int, int, int, int]

# block, expansion, kernel size, stride of the first, channels, repeats
B0: tuple[Row, ...] = (
    (MBConv, 1, 3, 1, 16, 1),
    (MBConv, 6, 3, 2, 24, 2),
    (MBConv, 6, 5, 2, 40, 2),
    (MBConv, 6, 3, 2, 80, 3),
    (MBConv, 6, 5, 1, 112, 3),
    (MBConv, 6, 5, 2, 192, 4),
    (MBConv, 6, 3, 1, 320, 1),
)
V2_S: tuple[Row, ...] = (
    (FusedMBConv, 1, 3, 1, 24, 2),
    (FusedMBConv, 4, 3, 2, 48, 4),
    (FusedMBConv, 4, 3, 2, 64, 4),
    (MBConv, 4, 3, 2, 128, 6),
    (MBConv, 6, 3, 1, 160, 9),
    (MBConv, 6, 3, 2, 256, 15),
)
V2_M: tuple[Row, ...] = (
    (FusedMBConv, 1, 3, 1, 24, 3),
    (FusedMBConv, 4, 3, 2, 48, 5),
    (FusedMBConv, 4, 3, 2, 80, 5),
    (MBConv, 4, 3, 2, 160, 7),
    (MBConv, 6, 3, 1, 176, 14),
    (MBConv, 6, 3, 2, 304, 18),
    (MBConv, 6, 3, 1, 512, 5),
)
V2_L: tuple[Row, ...] = (
    (FusedMBConv, 1, 3, 1, 32, 4),
    (FusedMBConv, 4, 3, 2, 64, 7),
    (FusedMBConv, 4, 3, 2, 96, 7),
    (MBConv, 4, 3, 2, 192, 10),
    (MBConv, 6, 3, 1, 224, 19),
    (MBConv, 6, 3, 2, 384, 25),
    (MBConv, 6, 3, 1, 640, 7),
)


# width, depth and resolution of B0 to B7, as Google's code has them: a table, near the paper's formula.
RELEASED = (
    (1.0, 1.0, 224),
    (1.0, 1.1, 240),
    (1.1, 1.2, 260),
    (1.2, 1.4, 300),
    (1.4, 1.8, 380),
    (1.6, 2.2, 456),
    (1.8, 2.6, 528),
    (2.0, 3.1, 600),
)


def efficientnet_b0(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B0, the network that the others scale; made for 224x224."""
    return _released(0, num_classes, dropout=0.2)


def efficientnet_b1(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B1; made for 240x240."""
    return _released(1, num_classes, dropout=0.2)


def efficientnet_b2(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B2; made for 260x260 in the paper, torchvision's weights for 288x288."""
    return _released(2, num_classes, dropout=0.3)


def efficientnet_b3(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B3; made for 300x300."""
    return _released(3, num_classes, dropout=0.3)


def efficientnet_b4(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B4; made for 380x380."""
    return _released(4, num_classes, dropout=0.4)


def efficientnet_b5(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B5; made for 456x456."""
    return _released(5, num_classes, dropout=0.4, norm=TF_NORM)


def efficientnet_b6(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B6; made for 528x528."""
    return _released(6, num_classes, dropout=0.5, norm=TF_NORM)


def efficientnet_b7(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNet-B7; made for 600x600."""
    return _released(7, num_classes, dropout=0.5, norm=TF_NORM)


def efficientnet_v2_s(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNetV2-S; trained at 300x300, made for 384x384."""
    return _efficientnet(V2_S, 24, 1280, num_classes, dropout=0.2, norm=V2_NORM)


def efficientnet_v2_m(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNetV2-M; made for 480x480."""
    return _efficientnet(V2_M, 24, 1280, num_classes, dropout=0.3, norm=V2_NORM)


def efficientnet_v2_l(num_classes: int = 1000) -> nn.Sequential:
    """EfficientNetV2-L; made for 480x480."""
    return _efficientnet(V2_L, 32, 1280, num_classes, dropout=0.4, norm=V2_NORM)


def _released(
    number: int, num_classes: int, *, dropout: float, norm: Callable[[int], nn.Module] = nn.BatchNorm2d
) -> nn.Sequential:
    width, depth, _ = RELEASED[number]
    return scaled(width, depth, num_classes, dropout=dropout, norm=norm)


def scaled(
    width: float,
    depth: float,
    num_classes: int = 1000,
    *,
    dropout: float = 0.2,
    norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
) -> nn.Sequential:
    """B0 with `width` times its channels, to a multiple of 8, and `depth` times its blocks, rounded up."""
    width = _arguments.positive("efficientnet", "width", width)
    rows = scaled_rows(width, _arguments.positive("efficientnet", "depth", depth))
    stem, head = make_divisible(32 * width), make_divisible(1280 * width)
    return _efficientnet(rows, stem, head, num_classes, dropout=dropout, norm=norm)


def scaled_rows(width: float, depth: float) -> list[Row]:
    """B0's rows with more channels and repeats."""
    return [(*row[:4], make_divisible(row[4] * width), math.ceil(row[5] * depth)) for row in B0]


def _efficientnet(
    rows: Sequence[Row],
    channels: int,
    last: int,
    num_classes: int,
    *,
    dropout: float,
    norm: Callable[[int], nn.Module],
) -> nn.Sequential:
    """Stem of `channels`, a stage for each row, head of `last` channels, classifier.

    Block i of n is dropped with probability DROP * i / n in training: the deeper, the likelier.
    """
    num_classes = _arguments.whole("efficientnet", "num_classes", num_classes)
    stem = ConvNormAct(3, channels, stride=2, norm=norm, act=SILU)
    total = sum(repeats for *_, repeats in rows)
    number = 0
    stages: list[list[nn.Module]] = []
    for kind, expansion, kernel_size, first_stride, out, repeats in rows:
        stages.append([])
        for stride in (first_stride, *[1] * (repeats - 1)):
            block = partial(kind, kernel_size=kernel_size, stride=stride, expansion=expansion)
            drop = DROP * number / total
            stages[-1].append(block(channels, out, drop_probability=drop, norm=norm, act=SILU))
            channels, number = out, number + 1
    conv = ConvNormAct(channels, last, kernel_size=1, norm=norm, act=SILU)
    features = {"pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "dropout": nn.Dropout(dropout)}
    network = network_of(stem, stages, {"conv": conv, **features}, nn.Linear(last, num_classes))
    initialize(network, uniform_by_outputs)
    return network
