"""What the official MobileNetV2 sees: the feature maps behind each of its parts, and inside each block."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from blocks.inverted_residual import InvertedResidual
from blocks.networks import blocks_of, preprocess
from blocks.networks.facts import IMAGENET_MEAN, IMAGENET_STD
from blocks.networks.imagenet import rgb
from course.kit.training import on_photos
from course.kit.training.loop import one_thread

SHOWN = 24  # channels of a feature map that are kept, the first ones
LONGEST = 20  # longer over shorter side of a picture: resized, a thread of pixels would fill the memory
BLOCKS = 17  # of MobileNetV2
STEPS = ("before", "expanded", "filtered", "projected")


@dataclass(frozen=True, eq=False)
class Sight:
    """A feature map of C channels, H by W: the first of them to look at, and numbers on all of them.

    Attributes:
        shape: (C, H, W).
        maps: (at most SHOWN, H, W).
        negative, zero: the share of all values that are below 0, and that are exactly 0.
        dead: how many channels are 0 at every place.
    """

    shape: tuple[int, int, int]
    maps: NDArray[np.float32]
    negative: float
    zero: float
    dead: int


@dataclass(frozen=True, eq=False)
class Look:
    """One picture, seen by the network. Some 3 MB, of which the maps are nearly all.

    Attributes:
        pixels: what the network gets, (224, 224, 3), before it is standardized.
        answers: the five likeliest classes.
        sights: behind each of `parts`, by its name.
    """

    pixels: NDArray[np.uint8]
    answers: tuple[on_photos.Answer, ...]
    sights: Mapping[str, Sight]


def described(found: Sight) -> str:
    """The sign of the values, which tells whether an activation came last, and the dead channels."""
    channels = found.shape[0]
    if found.negative:
        return f"{100 * found.negative:.0f} % of all values are negative: no activation comes last."
    dead = f"{found.dead} of the {channels:,} channels are 0 everywhere on this picture"
    return f"ReLU6 comes last: no value is negative, {100 * found.zero:.0f} % are 0, and {dead}."


def opened(path: str | Path) -> Image.Image:
    """The reader's own picture, upright, as RGB.

    Raises:
        ValueError: there is no such file, it is not a picture, it is over LONGEST times as long as wide, or
            `blocks.networks.preprocess` refuses its kind.
    """
    try:
        with Image.open(Path(path).expanduser()) as file:
            if max(file.size) > LONGEST * min(file.size):
                raise ValueError(
                    f"what_the_network_sees: the longer side must be at most {LONGEST} times the shorter,"
                    f" got {file.width} x {file.height} pixels. The network sees a square: cut one out."
                )
            return rgb(file)
    except FileNotFoundError as error:
        raise ValueError(
            f"what_the_network_sees: the path must lead to a picture, got {str(path)!r}, where there is none."
            f" A path is read from {Path.cwd()}: put the file there, or give its whole path."
        ) from error
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"what_the_network_sees: the file must be a picture such as JPEG or PNG, got {str(path)!r}:"
            f" Pillow cannot read it ({error})."
        ) from error


def parts() -> dict[str, nn.Module]:
    """Of the official network the stem, the seventeen blocks and the head's convolution, by name."""
    network = on_photos.mobilenet_v2()
    named = {f"block {number}": block for number, block in enumerate(blocks_of(network), 1)}
    return {"stem": network.get_submodule("stem"), **named, "head": network.get_submodule("head.conv")}


def look(picture: Image.Image) -> Look:
    """What the network sees of a picture: one forward for the maps, one for the answers."""
    prepared = preprocess(picture)
    sights = {name: sight(out) for name, _, _, out in _passed(prepared)}
    return Look(cropped(picture), on_photos.answers(prepared, on_photos.mobilenet_v2()), sights)


def cropped(picture: Image.Image) -> NDArray[np.uint8]:
    """What the network gets of a picture, (224, 224, 3): `preprocess` without the standardization."""
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    pixels: NDArray[np.uint8] = (
        ((preprocess(picture)[0] * std + mean) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    )
    return pixels


def inside(picture: Image.Image) -> tuple[dict[str, Sight], ...]:
    """The tensors inside each of the seventeen blocks, by the names of STEPS. Some 9 MB for a picture.

    "before" is what comes in; a block with expansion 1 has no "expanded". The shortcut's addition comes
    after "projected" and is not among them.
    """
    found: list[dict[str, Sight]] = []
    for _, part, x, _ in _passed(preprocess(picture)):
        if isinstance(part, InvertedResidual):
            with torch.no_grad(), one_thread():
                expanded = part.expand(x)
                filtered = part.depthwise(expanded)
                tensors = x, expanded, filtered, part.project(filtered)
            steps = zip(STEPS, tensors, strict=True)
            found.append({name: sight(y) for name, y in steps if name != "expanded" or y is not x})
    return tuple(found)


def sight(tensor: Tensor) -> Sight:
    """A feature map (1, C, H, W), looked at."""
    _, channels, height, width = tensor.shape
    flat = tensor[0].flatten(1)
    return Sight(
        (channels, height, width),
        tensor[0, :SHOWN].numpy().copy(),
        (flat < 0).float().mean().item(),
        (flat == 0).float().mean().item(),
        int((flat == 0).all(1).sum()),
    )


def _passed(x: Tensor) -> list[tuple[str, nn.Module, Tensor, Tensor]]:
    """A prepared picture (1, 3, H, W) through `parts`: each one's name, itself, what it gets and gives."""
    passed: list[tuple[str, nn.Module, Tensor, Tensor]] = []
    with torch.no_grad(), one_thread():
        for name, part in parts().items():
            out = part(x)
            passed.append((name, part, x, out))
            x = out
    return passed
