"""From an image to what the official weights expect, and from the number of a class to its name."""

import functools
from importlib import resources
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from blocks.networks.facts import official

if TYPE_CHECKING:
    from PIL import Image


def preprocess(picture: "Image.Image", name: str = "mobilenet_v2") -> Tensor:
    """The image as `load_official(name)` expects it: (1, 3, H, W), float32.

    Made upright RGB by `rgb`, shorter side resized (antialiased: Pillow averages over the pixels that it
    merges), middle cut out, values from 0 to 1, mean subtracted, divided by the standard deviation. For an
    upright image of 8 bits these are the numbers that torchvision's preset gives.

    Raises:
        ImportError: Pillow is not installed: `blocks` needs torch alone, but for this.
        TypeError: picture is not a Pillow image.
        ValueError: there are no official weights of that name, or `rgb` refuses the image.
        OSError: the image's file is damaged.
    """
    try:
        from PIL import Image  # noqa: PLC0415 - whoever does not call this needs no Pillow
    except ImportError as error:
        raise ImportError(
            "preprocess: Pillow must be installed to prepare an image. Run: pip install Pillow"
        ) from error
    if not isinstance(picture, Image.Image):
        raise TypeError(f"preprocess: picture must be a Pillow image, got {type(picture).__name__}.")
    wanted = official(name)
    picture = rgb(picture)
    width, height = (int(wanted.resize * side / min(picture.size)) for side in picture.size)
    resized = picture.resize((width, height), Image.Resampling[wanted.resample.upper()])
    left, top = round((width - wanted.side) / 2), round((height - wanted.side) / 2)
    cut = resized.crop((left, top, left + wanted.side, top + wanted.side))
    pixels = torch.frombuffer(bytearray(cut.tobytes()), dtype=torch.uint8)
    channels = pixels.view(wanted.side, wanted.side, 3).permute(2, 0, 1).float() / 255
    mean, std = (torch.tensor(values).float().view(3, 1, 1) for values in (wanted.mean, wanted.std))
    return ((channels - mean) / std).unsqueeze(0)


def rgb(picture: "Image.Image") -> "Image.Image":
    """The image as RGB of 8 bits, turned upright as its EXIF data says.

    Gray becomes RGB, 16 bits of gray are scaled to 8, and colors of other kinds (palette, CMYK, ...) are
    converted by Pillow. Transparency is dropped: the colors beneath it are kept.

    Raises:
        ValueError: the image has no pixels, or is more than 100 times as long as wide, or holds floats or
            32-bit integers, so nothing tells which value is white.
    """
    from PIL import ImageOps  # noqa: PLC0415 - whoever has a Pillow image has Pillow

    if not 0 < max(picture.size) <= 100 * min(picture.size):
        raise ValueError(
            "preprocess: picture must have pixels, on its long side at most 100 times those of the short one,"
            f" got {picture.width} x {picture.height}."
        )
    # Pillow gives 16-bit gray from a PNG or PNM file in mode "I" too, in some versions, scaled to 65,535.
    sixteen = picture.mode.startswith("I;16") or (picture.mode == "I" and picture.format in ("PNG", "PPM"))
    upright = ImageOps.exif_transpose(picture)  # a telephone notes how it was held
    if sixteen:
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    elif upright.mode in ("I", "F"):
        kind = "floats" if upright.mode == "F" else "32-bit integers"
        raise ValueError(
            f"preprocess: picture must have 8 bits a channel, or 16 of gray, got mode {upright.mode!r},"
            f" {kind}, where nothing tells which value is white. Scale it to 0 to 255, then convert('L')."
        )
    if "transparency" in upright.info:  # Pillow warns, unless it goes this way
        upright = upright.convert("RGBA")
    return upright.convert("RGB")


@functools.cache
def class_names() -> tuple[str, ...]:
    """The names of ImageNet's 1,000 classes, by index; no two are the same."""
    text = (
        resources.files("blocks.networks").joinpath("data/imagenet_classes.txt").read_text(encoding="utf-8")
    )
    return tuple(text.splitlines())
