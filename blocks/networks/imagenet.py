"""From a picture to what the official weights expect, and from the number of a class to its name."""

import functools
from importlib import resources

import torch
from PIL import Image
from torch import Tensor

from blocks.networks.official import official


def preprocess(picture: Image.Image, name: str = "mobilenet_v2") -> Tensor:
    """The picture as `load_official(name)` expects it: (1, 3, H, W), float32.

    Shorter side resized (Pillow averages over the pixels that it merges: antialiased), middle cut out,
    values from 0 to 1, mean subtracted, divided by the deviation. The same numbers as torchvision's
    preset gives for the picture. Grey pictures become RGB; transparency is dropped.

    Raises:
        TypeError: picture is not a Pillow image.
        ValueError: there are no official weights of that name.
    """
    if not isinstance(picture, Image.Image):
        raise TypeError(f"preprocess: picture must be a Pillow image, got {type(picture).__name__}.")
    wanted = official(name)
    picture = picture.convert("RGB")
    width, height = (int(wanted.resize * side / min(picture.size)) for side in picture.size)
    resized = picture.resize((width, height), wanted.resample)
    left, top = round((width - wanted.crop) / 2), round((height - wanted.crop) / 2)
    cut = resized.crop((left, top, left + wanted.crop, top + wanted.crop))
    pixels = torch.frombuffer(bytearray(cut.tobytes()), dtype=torch.uint8)
    channels = pixels.view(wanted.crop, wanted.crop, 3).permute(2, 0, 1).float() / 255
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (wanted.mean, wanted.std))
    return ((channels - mean) / std).unsqueeze(0)


@functools.cache
def class_names() -> tuple[str, ...]:
    """The names of ImageNet's 1,000 classes, by index; no two are the same."""
    text = (
        resources.files("blocks.networks").joinpath("data/imagenet_classes.txt").read_text(encoding="utf-8")
    )
    return tuple(text.splitlines())
