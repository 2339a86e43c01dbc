"""The facts of the networks: what each counts, how often it is right, and where its weights lie.

Accuracies are top-1 in % on ImageNet's validation images, of two sets that must not be mixed. The papers':
other training, other preparation, ResNet's with ten crops of each image, whose answers are averaged. And
those of torchvision's weights named IMAGENET1K_V1: one crop, for the very networks of this package.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from blocks.networks import efficientnet, mobilenet, resnet

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
MOBILENET_V2 = "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889"
EFFICIENTNET = "EfficientNet paper, later version, table 2"  # the fifth on arXiv; the first prints others
AUTHORS = "authors' repository, google/automl"


@dataclass(frozen=True)
class Accuracy:
    """What a paper prints.

    Attributes:
        top1: in %, of single center crops unless `ten_crops`.
        side: of the images, in pixels.
        multiply_adds: for one such image, of `Network.in_paper`.
        source: where it is printed.
    """

    top1: float
    side: int
    multiply_adds: int
    source: str
    ten_crops: bool = False


@dataclass(frozen=True)
class Weights:
    """torchvision's weights named IMAGENET1K_V1, and the preparation that they were measured with.

    Attributes:
        top1, multiply_adds: as those of the paper, of `Network.build`.
        side: of the square that is cut from the middle of the image, in pixels.
        file: its name at PyTorch's address, with the first eight digits of its SHA-256 before the dot.
        resize: the shorter side of the image, in pixels, before the cut.
        resample: how it is resized.
        mean: subtracted from each color channel, on the scale of 0 to 1.
        std: what each is then divided by.
        sha256: the whole digest, where known.
    """

    top1: float
    side: int
    multiply_adds: int
    file: str
    resize: int = 256
    resample: str = "bilinear"
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    sha256: str = ""
    ten_crops = False

    @property
    def source(self) -> str:
        """Where the accuracy is printed."""
        return f"torchvision, IMAGENET1K_V1, at {self.side}"

    @property
    def digest(self) -> str:
        """As much of the file's SHA-256 as is known."""
        return self.sha256 or self.file.rpartition("-")[2].removesuffix(".pth")


@dataclass(frozen=True)
class Network:
    """A row of the table.

    Attributes:
        build: makes the network.
        name: in full.
        short: beside others of its family.
        v1: the paper's network has the stride on the first 1x1 of each Bottleneck.
    """

    build: Callable[..., nn.Sequential]
    name: str
    short: str
    family: str
    parameters: int
    paper: Accuracy
    torchvision: Weights | None = None
    v1: bool = False

    @property
    def in_paper(self) -> Callable[..., nn.Sequential]:
        """Makes the network of the paper, as near as this package has it."""
        return partial(self.build, v1=True) if self.v1 else self.build


def _ten_crops(error: float, multiply_adds: int, table: str) -> Accuracy:
    """ResNet's paper prints errors."""
    source = f"ResNet paper, {table}, ten crops"
    return Accuracy(round(100 - error, 2), 224, multiply_adds, source, ten_crops=True)


# fmt: off
PUBLISHED = (
    # Option A has no projections; this package's ResNet-18 has (B), with 1.5 % more parameters.
    Network(resnet.resnet18, "ResNet-18", "ResNet-18", "ResNet", 11_689_512,
        _ten_crops(27.88, 1_814_073_344, "table 2 (option A; counts: B)"),
        Weights(69.758, 224, 1_814_073_344, "resnet18-f37072fd.pth")),
    Network(resnet.resnet34, "ResNet-34", "ResNet-34", "ResNet", 21_797_672,
        _ten_crops(24.52, 3_663_761_408, "table 3, option B"),
        Weights(73.314, 224, 3_663_761_408, "resnet34-b627a593.pth")),
    Network(resnet.resnet50, "ResNet-50", "ResNet-50", "ResNet", 25_557_032,
        _ten_crops(22.85, 3_857_973_248, "table 3"),
        Weights(76.130, 224, 4_089_184_256, "resnet50-0676ba61.pth"), v1=True),
    Network(resnet.resnet101, "ResNet-101", "ResNet-101", "ResNet", 44_549_160,
        _ten_crops(21.75, 7_570_194_432, "table 3"),
        Weights(77.374, 224, 7_801_405_440, "resnet101-63fe2227.pth"), v1=True),
    Network(resnet.resnet152, "ResNet-152", "ResNet-152", "ResNet", 60_192_808,
        _ten_crops(21.43, 11_282_415_616, "table 3"),
        Weights(78.312, 224, 11_513_626_624, "resnet152-394f9c45.pth"), v1=True),
    Network(resnet.se_resnet50, "SE-ResNet-50", "SE-ResNet-50", "ResNet", 28_088_024,
        Accuracy(76.71, 224, 3_860_488_192, "SENet paper, table 2, one crop"), v1=True),
    Network(mobilenet.mobilenet_v1, "MobileNetV1", "V1", "MobileNet", 4_231_976,
        Accuracy(70.6, 224, 568_740_352, "MobileNetV1 paper, table 4")),
    Network(mobilenet.mobilenet_v2, "MobileNetV2", "V2", "MobileNet", 3_504_872,
        Accuracy(72.0, 224, 300_774_272, "MobileNetV2 paper, table 4"),
        Weights(71.878, 224, 300_774_272, "mobilenet_v2-b0353104.pth", sha256=MOBILENET_V2)),
    Network(mobilenet.mobilenet_v3_small, "MobileNetV3-Small", "V3-Small", "MobileNet", 2_542_856,
        Accuracy(67.4, 224, 56_510_400, "MobileNetV3 paper, table 3"),
        Weights(67.668, 224, 56_510_400, "mobilenet_v3_small-047dcff4.pth")),
    Network(mobilenet.mobilenet_v3_large, "MobileNetV3-Large", "V3-Large", "MobileNet", 5_483_032,
        Accuracy(75.2, 224, 216_589_760, "MobileNetV3 paper, table 3"),
        Weights(74.042, 224, 216_589_760, "mobilenet_v3_large-8738ca79.pth")),
    Network(efficientnet.efficientnet_b0, "EfficientNet-B0", "B0", "EfficientNet", 5_288_548,
        Accuracy(77.1, 224, 385_814_752, EFFICIENTNET),
        Weights(77.692, 224, 385_814_752, "efficientnet_b0_rwightman-7f5810bc.pth", 256, "bicubic")),
    Network(efficientnet.efficientnet_b1, "EfficientNet-B1", "B1", "EfficientNet", 7_794_184,
        Accuracy(79.1, 240, 686_802_832, EFFICIENTNET),
        Weights(78.642, 240, 686_802_832, "efficientnet_b1_rwightman-bac287d4.pth", 256, "bicubic")),
    Network(efficientnet.efficientnet_b2, "EfficientNet-B2", "B2", "EfficientNet", 9_109_994,
        Accuracy(80.1, 260, 993_561_872, EFFICIENTNET),
        Weights(80.608, 288, 1_087_529_456, "efficientnet_b2_rwightman-c35c1473.pth", 288, "bicubic")),
    Network(efficientnet.efficientnet_b3, "EfficientNet-B3", "B3", "EfficientNet", 12_233_232,
        Accuracy(81.6, 300, 1_827_141_392, EFFICIENTNET),
        Weights(82.008, 300, 1_827_141_392, "efficientnet_b3_rwightman-b3899882.pth", 320, "bicubic")),
    Network(efficientnet.efficientnet_b4, "EfficientNet-B4", "B4", "EfficientNet", 19_341_616,
        Accuracy(82.9, 380, 4_393_771_024, EFFICIENTNET),
        Weights(83.384, 380, 4_393_771_024, "efficientnet_b4_rwightman-23ab8bcd.pth", 384, "bicubic")),
    Network(efficientnet.efficientnet_b5, "EfficientNet-B5", "B5", "EfficientNet", 30_389_784,
        Accuracy(83.6, 456, 10_266_384_752, EFFICIENTNET),
        Weights(83.444, 456, 10_266_384_752, "efficientnet_b5_lukemelas-1a07897c.pth", 456, "bicubic")),
    Network(efficientnet.efficientnet_b6, "EfficientNet-B6", "B6", "EfficientNet", 43_040_704,
        Accuracy(84.0, 528, 19_067_593_536, EFFICIENTNET),
        Weights(84.008, 528, 19_067_593_536, "efficientnet_b6_lukemelas-24a108a5.pth", 528, "bicubic")),
    Network(efficientnet.efficientnet_b7, "EfficientNet-B7", "B7", "EfficientNet", 66_347_960,
        Accuracy(84.3, 600, 37_745_884_192, EFFICIENTNET),
        Weights(84.122, 600, 37_745_884_192, "efficientnet_b7_lukemelas-c5b4e57e.pth", 600, "bicubic")),
    Network(efficientnet.efficientnet_v2_s, "EfficientNetV2-S", "V2-S", "EfficientNetV2", 21_458_488,
        Accuracy(83.9, 384, 8_365_617_152, AUTHORS),
        Weights(84.228, 384, 8_365_617_152, "efficientnet_v2_s-dd5fe13b.pth", 384)),
    Network(efficientnet.efficientnet_v2_m, "EfficientNetV2-M", "V2-M", "EfficientNetV2", 54_139_356,
        Accuracy(85.2, 480, 24_582_460_384, AUTHORS),
        Weights(85.112, 480, 24_582_460_384, "efficientnet_v2_m-dc08266a.pth", 480)),
    Network(efficientnet.efficientnet_v2_l, "EfficientNetV2-L", "V2-L", "EfficientNetV2", 118_515_272,
        Accuracy(85.7, 480, 56_079_699_008, AUTHORS),
        Weights(85.808, 480, 56_079_699_008, "efficientnet_v2_l-59c71312.pth", 480, "bicubic", HALF, HALF)),
)
# fmt: on
FAMILIES = tuple(dict.fromkeys(network.family for network in PUBLISHED))
NETWORKS = {network.build.__name__: network for network in PUBLISHED}
OFFICIAL = {name: network.torchvision for name, network in NETWORKS.items() if network.torchvision}


def official(name: str) -> Weights:
    """The official weights of that name.

    Raises:
        ValueError: there are none.
    """
    if not isinstance(name, str) or name not in OFFICIAL:
        raise ValueError(f"official weights: name must be one of {', '.join(OFFICIAL)}, got {name!r}.")
    return OFFICIAL[name]
