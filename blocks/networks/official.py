"""torchvision's official ImageNet weights: each network's file, and how its images must be prepared."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL.Image import Resampling
from torch import nn

from blocks.networks import efficientnet, mobilenet, resnet

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
MOBILENET_V2_SHA256 = "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889"


@dataclass(frozen=True)
class Official:
    """Weights named IMAGENET1K_V1 in torchvision, and the preparation that they were measured with.

    Attributes:
        build: makes the network.
        file: its name at PyTorch's address, with the first eight digits of its SHA-256 before the dot.
        resize: the shorter side of the image, in pixels.
        crop: the side of the square that is cut from its middle.
        resample: how Pillow resizes.
        mean: subtracted from each color channel, on the scale of 0 to 1.
        std: what each is then divided by.
        sha256: the whole digest, where known.
    """

    build: Callable[[], nn.Sequential]
    file: str
    resize: int = 256
    crop: int = 224
    resample: Resampling = Resampling.BILINEAR
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    sha256: str = ""

    @property
    def digest(self) -> str:
        """As much of the file's SHA-256 as is known."""
        return self.sha256 or self.file.rpartition("-")[2].removesuffix(".pth")


def _bicubic(build: Callable[[], nn.Sequential], file: str, resize: int, crop: int) -> Official:
    return Official(build, file, resize, crop, Resampling.BICUBIC)


OFFICIAL = {
    "resnet18": Official(resnet.resnet18, "resnet18-f37072fd.pth"),
    "resnet34": Official(resnet.resnet34, "resnet34-b627a593.pth"),
    "resnet50": Official(resnet.resnet50, "resnet50-0676ba61.pth"),
    "resnet101": Official(resnet.resnet101, "resnet101-63fe2227.pth"),
    "resnet152": Official(resnet.resnet152, "resnet152-394f9c45.pth"),
    "mobilenet_v2": Official(mobilenet.mobilenet_v2, "mobilenet_v2-b0353104.pth", sha256=MOBILENET_V2_SHA256),
    "mobilenet_v3_small": Official(mobilenet.mobilenet_v3_small, "mobilenet_v3_small-047dcff4.pth"),
    "mobilenet_v3_large": Official(mobilenet.mobilenet_v3_large, "mobilenet_v3_large-8738ca79.pth"),
    "efficientnet_b0": _bicubic(
        efficientnet.efficientnet_b0, "efficientnet_b0_rwightman-7f5810bc.pth", 256, 224
    ),
    "efficientnet_b1": _bicubic(
        efficientnet.efficientnet_b1, "efficientnet_b1_rwightman-bac287d4.pth", 256, 240
    ),
    "efficientnet_b2": _bicubic(
        efficientnet.efficientnet_b2, "efficientnet_b2_rwightman-c35c1473.pth", 288, 288
    ),
    "efficientnet_b3": _bicubic(
        efficientnet.efficientnet_b3, "efficientnet_b3_rwightman-b3899882.pth", 320, 300
    ),
    "efficientnet_b4": _bicubic(
        efficientnet.efficientnet_b4, "efficientnet_b4_rwightman-23ab8bcd.pth", 384, 380
    ),
    "efficientnet_b5": _bicubic(
        efficientnet.efficientnet_b5, "efficientnet_b5_lukemelas-1a07897c.pth", 456, 456
    ),
    "efficientnet_b6": _bicubic(
        efficientnet.efficientnet_b6, "efficientnet_b6_lukemelas-24a108a5.pth", 528, 528
    ),
    "efficientnet_b7": _bicubic(
        efficientnet.efficientnet_b7, "efficientnet_b7_lukemelas-c5b4e57e.pth", 600, 600
    ),
    "efficientnet_v2_s": Official(efficientnet.efficientnet_v2_s, "efficientnet_v2_s-dd5fe13b.pth", 384, 384),
    "efficientnet_v2_m": Official(efficientnet.efficientnet_v2_m, "efficientnet_v2_m-dc08266a.pth", 480, 480),
    "efficientnet_v2_l": Official(
        efficientnet.efficientnet_v2_l,
        "efficientnet_v2_l-59c71312.pth",
        480,
        480,
        Resampling.BICUBIC,
        mean=HALF,
        std=HALF,
    ),
}


def official(name: str) -> Official:
    """The official weights of that name.

    Raises:
        ValueError: there are none.
    """
    if not isinstance(name, str) or name not in OFFICIAL:
        raise ValueError(f"official weights: name must be one of {', '.join(OFFICIAL)}, got {name!r}.")
    return OFFICIAL[name]
