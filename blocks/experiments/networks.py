"""The official MobileNetV2 on a photograph: what it answers, right and with a mistake, and what it sees."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor, nn

from blocks.experiments import data
from blocks.experiments.training import one_thread, seeded
from blocks.inverted_residual import InvertedResidual
from blocks.networks import class_names, load_official, preprocess

SHOWN = 24  # channels of a feature map that are kept
Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """A class that a network finds likely: its name, and its probability from 0 to 1."""

    name: str
    probability: float


@dataclass(frozen=True, eq=False)
class Sight:
    """What one part of the network gives for a picture.

    maps is (C, H, W) with at most SHOWN channels, the first ones; channels is how many there are.
    """

    part: str
    channels: int
    maps: Pixels


@functools.cache
def mobilenet_v2() -> nn.Sequential:
    """The official MobileNetV2, loaded once. Do not change it: work on a copy.

    Raises:
        ConnectionError, ValueError: as `blocks.networks.load_official`.
    """
    return load_official("mobilenet_v2")


def opened(path: str | Path) -> Image.Image:
    """The reader's own picture.

    Raises:
        ValueError: there is no such file, or it is not a picture.
    """
    try:
        with Image.open(path) as file:
            return file.convert("RGB")
    except FileNotFoundError as error:
        raise ValueError(
            f"what_the_network_sees: the path must lead to a picture, got {str(path)!r}, where there is none."
            f" A path is read from {Path.cwd()}: put the file there, or give its whole path."
        ) from error
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(
            f"what_the_network_sees: the file must be a picture such as JPEG or PNG, got {str(path)!r}:"
            " Pillow cannot read it."
        ) from error


def answers(picture: Tensor, network: nn.Module, count: int = 5) -> tuple[Answer, ...]:
    """The `count` likeliest classes for a prepared picture (1, 3, H, W); the network is left as it is.

    In training mode dropout and the norms work: then it draws from a fixed seed.
    """
    with torch.no_grad(), one_thread(), seeded(0):
        likely = network(picture).softmax(1)[0].topk(count)
    names = class_names()
    return tuple(
        Answer(names[int(index)], float(value))
        for value, index in zip(likely.values, likely.indices, strict=True)
    )


def photograph_answers(
    name: str, change: Callable[[nn.Module], nn.Module] | None = None
) -> tuple[Answer, ...]:
    """What the official MobileNetV2, or its copy with `change` made, answers for a photograph; kept.

    Raises:
        ValueError: there is no such photograph.
    """
    return _kept_answers(name, change)


@functools.cache
def _kept_answers(name: str, change: Callable[[nn.Module], nn.Module] | None) -> tuple[Answer, ...]:
    network: nn.Module = mobilenet_v2()
    return answers(preprocess(data.photograph(name)), change(network) if change else network)


def parts() -> dict[str, nn.Module]:
    """The stem, the seventeen blocks and the head of the official network, by what they are called here."""
    stem, body, head, _ = mobilenet_v2().children()
    named = {f"block {number}": block for number, block in enumerate(body.children(), 1)}
    if not all(isinstance(block, InvertedResidual) for block in named.values()):
        raise RuntimeError("parts: MobileNetV2 must be made of inverted residuals.")
    return {"stem": stem, **named, "head": head}


def sights(picture: Tensor) -> tuple[Sight, ...]:
    """The feature maps behind each of `parts`, for a prepared picture (1, 3, H, W)."""
    found: list[Sight] = []
    x = picture
    with torch.no_grad(), one_thread():
        for name, part in parts().items():
            x = part(x)
            found.append(Sight(name, x.shape[1], x[0, :SHOWN].numpy().copy()))
    return tuple(found)
