"""Published top-1 accuracies on ImageNet's validation images, each with its source.

Two sets that must not be mixed. The papers': other training, other preparation, ResNet's with ten crops of
each image, whose answers are averaged. And those of torchvision's weights named IMAGENET1K_V1: one crop,
for the very networks of this package.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from blocks.networks import efficientnet, mobilenet, resnet

FAMILIES = ("ResNet", "MobileNet", "EfficientNet", "EfficientNetV2")


@dataclass(frozen=True)
class Accuracy:
    """One published number.

    Attributes:
        top1: in %, of single center crops unless `ten_crops`.
        build: makes the network that it was measured on, as near as this package has it.
        side: of the images, in pixels.
        source: where it is printed.
    """

    top1: float
    build: Callable[[], nn.Sequential]
    side: int
    source: str
    ten_crops: bool = False


@dataclass(frozen=True)
class Published:
    """A network: its name in full and beside others of its family, and what is published on it."""

    name: str
    short: str
    family: str
    paper: Accuracy
    torchvision: Accuracy | None = None


def _weights(top1: float, build: Callable[[], nn.Sequential], side: int = 224) -> Accuracy:
    return Accuracy(top1, build, side, f"torchvision, IMAGENET1K_V1, at {side}")


def _resnet(
    depth: int, build: Callable[..., nn.Sequential], error: float, table: str, top1: float
) -> Published:
    """From ResNet's paper; from 50 layers on, the paper's networks have the stride on the first 1x1."""
    name, source = f"ResNet-{depth}", f"ResNet paper, {table}, ten crops"
    in_paper: Callable[[], nn.Sequential] = partial(build, v1=True) if depth >= 50 else build
    paper = Accuracy(round(100 - error, 2), in_paper, 224, source, ten_crops=True)
    return Published(name, name, "ResNet", paper, _weights(top1, build))


def _mobilenet(
    version: str, build: Callable[[], nn.Sequential], top1: float, table: str, weights: float | None
) -> Published:
    paper = Accuracy(top1, build, 224, f"MobileNet{version[:2]} paper, {table}")
    kept = _weights(weights, build) if weights else None
    return Published(f"MobileNet{version}", version, "MobileNet", paper, kept)


def _efficientnet(
    version: str, build: Callable[[], nn.Sequential], sides: tuple[int, int], top1: float, weights: float
) -> Published:
    """From the fifth version of EfficientNet's paper on arXiv; the first one prints other accuracies."""
    paper = Accuracy(top1, build, sides[0], "EfficientNet paper, later version, table 2")
    return Published(
        f"EfficientNet-{version}", version, "EfficientNet", paper, _weights(weights, build, sides[1])
    )


def _efficientnet_v2(
    size: str, build: Callable[[], nn.Sequential], side: int, top1: float, weights: float
) -> Published:
    """From the authors' repository."""
    paper = Accuracy(top1, build, side, "authors' repository, google/automl")
    return Published(
        f"EfficientNetV2-{size}", f"V2-{size}", "EfficientNetV2", paper, _weights(weights, build, side)
    )


_SE = Accuracy(
    round(100 - 23.29, 2), partial(resnet.se_resnet50, v1=True), 224, "SENet paper, table 2, one crop"
)

PUBLISHED = (
    # Option A has no projections; this package's ResNet-18 has (B), with 1.5 % more parameters.
    _resnet(18, resnet.resnet18, 27.88, "table 2 (option A; counts: B)", 69.758),
    _resnet(34, resnet.resnet34, 24.52, "table 3, option B", 73.314),
    _resnet(50, resnet.resnet50, 22.85, "table 3", 76.130),
    _resnet(101, resnet.resnet101, 21.75, "table 3", 77.374),
    _resnet(152, resnet.resnet152, 21.43, "table 3", 78.312),
    Published("SE-ResNet-50", "SE-ResNet-50", "ResNet", _SE),
    _mobilenet("V1", mobilenet.mobilenet_v1, 70.6, "table 4", None),
    _mobilenet("V2", mobilenet.mobilenet_v2, 72.0, "table 4", 71.878),
    _mobilenet("V3-Small", mobilenet.mobilenet_v3_small, 67.4, "table 3", 67.668),
    _mobilenet("V3-Large", mobilenet.mobilenet_v3_large, 75.2, "table 3", 74.042),
    _efficientnet("B0", efficientnet.efficientnet_b0, (224, 224), 77.1, 77.692),
    _efficientnet("B1", efficientnet.efficientnet_b1, (240, 240), 79.1, 78.642),
    _efficientnet("B2", efficientnet.efficientnet_b2, (260, 288), 80.1, 80.608),
    _efficientnet("B3", efficientnet.efficientnet_b3, (300, 300), 81.6, 82.008),
    _efficientnet("B4", efficientnet.efficientnet_b4, (380, 380), 82.9, 83.384),
    _efficientnet("B5", efficientnet.efficientnet_b5, (456, 456), 83.6, 83.444),
    _efficientnet("B6", efficientnet.efficientnet_b6, (528, 528), 84.0, 84.008),
    _efficientnet("B7", efficientnet.efficientnet_b7, (600, 600), 84.3, 84.122),
    _efficientnet_v2("S", efficientnet.efficientnet_v2_s, 384, 83.9, 84.228),
    _efficientnet_v2("M", efficientnet.efficientnet_v2_m, 480, 85.2, 85.112),
    _efficientnet_v2("L", efficientnet.efficientnet_v2_l, 480, 85.7, 85.808),
)
