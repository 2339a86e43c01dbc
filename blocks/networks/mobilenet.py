"""MobileNet V1, V2 and V3.

V1: Howard et al. 2017, arXiv 1704.04861, table 1. V2: Sandler et al. 2018, arXiv 1801.04381, table 2.
V3: Howard et al. 2019, "Searching for MobileNetV3", arXiv 1905.02244, tables 1 and 2. Every network maps
(N, 3, H, W) to logits (N, num_classes).
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from torch import nn

from blocks import ConvNormAct, DepthwiseSeparable, InvertedResidual, MBConv, SqueezeExcitation, _arguments
from blocks.networks._make_divisible import make_divisible
from blocks.networks.initialization import initialize, narrow_normal
from blocks.networks.parts import network_of

RELU = partial(nn.ReLU, inplace=True)  # in place, as in torchvision: no second map to allocate
RELU6 = partial(nn.ReLU6, inplace=True)
HARDSWISH = partial(nn.Hardswish, inplace=True)

V3_NORM = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)
V3Row = tuple[int, int, int, bool, Callable[[], nn.Module], int]

# channels, repeats, stride of the first. The paper's table 1 prints stride 2 for the last block; the sizes
# beside it, and Google's code, have 1.
V1 = ((64, 1, 1), (128, 2, 2), (256, 2, 2), (512, 6, 2), (1024, 2, 2))

# expansion, channels, repeats, stride of the first
V2 = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)

# kernel size, expanded channels, channels, squeeze-and-excitation, activation, stride
V3_SMALL: tuple[V3Row, ...] = (
    (3, 16, 16, True, RELU, 2),
    (3, 72, 24, False, RELU, 2),
    (3, 88, 24, False, RELU, 1),
    (5, 96, 40, True, HARDSWISH, 2),
    (5, 240, 40, True, HARDSWISH, 1),
    (5, 240, 40, True, HARDSWISH, 1),
    (5, 120, 48, True, HARDSWISH, 1),
    (5, 144, 48, True, HARDSWISH, 1),
    (5, 288, 96, True, HARDSWISH, 2),
    (5, 576, 96, True, HARDSWISH, 1),
    (5, 576, 96, True, HARDSWISH, 1),
)
V3_LARGE: tuple[V3Row, ...] = (
    (3, 16, 16, False, RELU, 1),
    (3, 64, 24, False, RELU, 2),
    (3, 72, 24, False, RELU, 1),
    (5, 72, 40, True, RELU, 2),
    (5, 120, 40, True, RELU, 1),
    (5, 120, 40, True, RELU, 1),
    (3, 240, 80, False, HARDSWISH, 2),
    (3, 200, 80, False, HARDSWISH, 1),
    (3, 184, 80, False, HARDSWISH, 1),
    (3, 184, 80, False, HARDSWISH, 1),
    (3, 480, 112, True, HARDSWISH, 1),
    (3, 672, 112, True, HARDSWISH, 1),
    (5, 672, 160, True, HARDSWISH, 2),
    (5, 960, 160, True, HARDSWISH, 1),
    (5, 960, 160, True, HARDSWISH, 1),
)


def mobilenet_v1(num_classes: int = 1000) -> nn.Sequential:
    """MobileNetV1 with ReLU6, as in Google's code and timm; the paper says ReLU."""
    num_classes = _arguments.whole("mobilenet_v1", "num_classes", num_classes)
    stem, channels = ConvNormAct(3, 32, stride=2, act=RELU6), 32
    stages: list[list[nn.Module]] = []
    for out, repeats, first_stride in V1:
        stages.append([])
        for stride in (first_stride, *[1] * (repeats - 1)):
            stages[-1].append(DepthwiseSeparable(channels, out, stride=stride, act=RELU6))
            channels = out
    return _mobilenet(stem, stages, {}, {}, nn.Linear(channels, num_classes))


def mobilenet_v2(num_classes: int = 1000, *, width: float = 1.0) -> nn.Sequential:
    """MobileNetV2; `width` multiplies every layer's channels, the last convolution's only above 1."""
    num_classes = _arguments.whole("mobilenet_v2", "num_classes", num_classes)
    width = _arguments.positive("mobilenet_v2", "width", width)
    channels = make_divisible(32 * width)
    stem = ConvNormAct(3, channels, stride=2, act=RELU6)
    stages: list[list[nn.Module]] = []
    for expansion, base, repeats, first_stride in V2:
        out = make_divisible(base * width)
        stages.append([])
        for stride in (first_stride, *[1] * (repeats - 1)):
            block = InvertedResidual(channels, out, stride=stride, expansion=expansion, act=RELU6)
            stages[-1].append(block)
            channels = out
    last = make_divisible(1280 * max(1.0, width))
    conv = ConvNormAct(channels, last, kernel_size=1, act=RELU6)
    return _mobilenet(
        stem, stages, {"conv": conv}, {"dropout": nn.Dropout(0.2)}, nn.Linear(last, num_classes)
    )


def mobilenet_v3_small(num_classes: int = 1000) -> nn.Sequential:
    """MobileNetV3-Small: eleven blocks; the paper's later version, with 1024 features."""
    return _mobilenet_v3(V3_SMALL, 1024, num_classes)


def mobilenet_v3_large(num_classes: int = 1000) -> nn.Sequential:
    """MobileNetV3-Large: fifteen blocks and 1280 features."""
    return _mobilenet_v3(V3_LARGE, 1280, num_classes)


def _mobilenet_v3(rows: Sequence[V3Row], features: int, num_classes: int) -> nn.Sequential:
    """MBConv where the row has squeeze-and-excitation, the inverted residual where it has none."""
    num_classes = _arguments.whole("mobilenet_v3", "num_classes", num_classes)
    channels = 16
    stem = ConvNormAct(3, channels, stride=2, norm=V3_NORM, act=HARDSWISH)
    stages: list[list[nn.Module]] = []
    for out, alike in groupby(rows, lambda row: row[2]):
        stages.append([])
        for kernel_size, expanded, _, squeezes, act, stride in alike:
            kind = partial(MBConv, squeeze_excitation=v3_squeeze_excitation) if squeezes else InvertedResidual
            block = partial(kind, kernel_size=kernel_size, stride=stride, expansion=expanded / channels)
            stages[-1].append(block(channels, out, norm=V3_NORM, act=act))
            channels = out
    last = 6 * channels
    conv = ConvNormAct(channels, last, kernel_size=1, norm=V3_NORM, act=HARDSWISH)
    dense = {"linear": nn.Linear(last, features), "act": HARDSWISH(), "dropout": nn.Dropout(0.2)}
    return _mobilenet(stem, stages, {"conv": conv}, dense, nn.Linear(features, num_classes))


def v3_squeeze_excitation(expanded: int) -> SqueezeExcitation:
    """MobileNetV3's: a quarter of the expanded width, rounded to a multiple of 8; ReLU and hard-sigmoid."""
    return SqueezeExcitation(
        expanded, squeezed_channels=make_divisible(expanded / 4), act=RELU, gate=nn.Hardsigmoid
    )


def _mobilenet(
    stem: nn.Module,
    stages: Sequence[Sequence[nn.Module]],
    before: dict[str, nn.Module],
    after: dict[str, nn.Module],
    classifier: nn.Linear,
) -> nn.Sequential:
    """The parts; in the head, what comes before and after the mean over the map."""
    pooled = {"pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten()}
    network = network_of(stem, stages, {**before, **pooled, **after}, classifier)
    initialize(network, narrow_normal)
    return network
