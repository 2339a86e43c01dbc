"""What is left of a digit after each layer of a network that was never trained, with shortcuts and without.

After a layer there are 16 maps of 4 x 4, in which no eye finds a digit. So two linear decoders look, fitted
to the 1,400 training images after each layer anew: one gives the digit's pixels, one its class.
"""

import base64
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from course.kit.training import data, loop
from course.residual.answers import SEED, ten
from course.residual.experiment import DEPTHS, WIDTH, network
from course.residual.untrained import RIDGE, TRAIN, solved

LAYERS = DEPTHS[-1]
AFTER = tuple(range(1, LAYERS, 2))
"""The layers after which we look: the first one, and the second of each block."""
RIDGE_PIXELS = 100.0  # of 1, 10, 100, 300 and 1,000 it gives the pixels best, with shortcuts and without
SIDE, MAP = 8, 4


@dataclass(frozen=True, eq=False)
class Fading:
    """Ten digits, one of each class, on their way through a network; a row for each of AFTER.

    Attributes:
        right: how many of the test images the linear decoder classifies correctly, 0 to 1, (28,).
        maps: all numbers, (28, 10, 16, 4, 4), each layer from 0 to 255 of its own largest one.
        pixels: the decoded digits, (28, 10, 8, 8), 0 (paper) to 255 (ink).
    """

    right: tuple[float, ...]
    maps: NDArray[np.uint8]
    pixels: NDArray[np.uint8]


def fading(kind: str, layers: int = LAYERS, seed: int = SEED) -> Fading:
    """Look after each layer of a network with random weights, "plain" or "residual".

    The weights are those of `probe` with this seed, and so is the decoder of the class. In float64, so that
    every machine finds the same.
    """
    split, (digits, _) = data.split(seed, TRAIN), ten(seed)
    with loop.own_generator(seed), loop.one_thread(), torch.no_grad():
        untrained = network(kind, layers).double()
        for part in untrained.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.momentum = 1.0  # one pass over the training images sets the running statistics
        untrained[:3].train()(split.train_images.double())
        untrained.eval()
        sets = split.train_images, split.test_images, digits
        rows = [
            _looked(learn, test, ten_maps, split)
            for learn, test, ten_maps in zip(*(_passed(untrained, images) for images in sets), strict=True)
        ]
    right, maps, pixels = zip(*rows, strict=True)
    return Fading(tuple(right), np.stack(maps), np.stack(pixels))


def _passed(untrained: nn.Sequential, images: Tensor) -> Iterator[Tensor]:
    """The maps (N, 16, 4, 4) after the first layer, halved as the first block gets them, and each block."""
    maps = untrained[:2](images.double())
    yield maps
    for block in untrained.get_submodule("blocks").children():
        maps = block(maps)
        yield maps


def _looked(
    learn: Tensor, test: Tensor, digits: Tensor, split: data.Split
) -> tuple[float, NDArray[np.uint8], NDArray[np.uint8]]:
    maps = (255 * digits / digits.max()).round().to(torch.uint8).numpy()
    learn, test, digits = (part.flatten(1) for part in (learn, test, digits))
    classes = F.one_hot(split.train_labels, 10).double()
    scores = solved(learn, classes, RIDGE)(test)
    right = (scores.argmax(1) == split.test_labels).double().mean().item()
    ink = (split.train_images.flatten(1).double() * data.STD + data.MEAN) * 255 / 16
    pixels = solved(learn, ink, RIDGE_PIXELS)(digits)
    return right, maps, pixels.round().clamp(0, 255).to(torch.uint8).reshape(-1, SIDE, SIDE).numpy()


@functools.cache
def stored_fading(kind: str) -> Fading:
    """`fading` of one of KINDS; `python -m tools.fading` makes the file, in half a minute.

    Raises:
        KeyError: there is no such kind.
    """
    file = resources.files("course.residual").joinpath("data", "fading.json")
    kept = json.loads(file.read_text(encoding="utf-8"))["networks"][kind]
    shape = len(AFTER), 10
    return Fading(
        tuple(kept["right"]),
        _bytes(kept["maps"]).reshape(*shape, WIDTH, MAP, MAP),
        _bytes(kept["pixels"]).reshape(*shape, SIDE, SIDE),
    )


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(text), np.uint8)
