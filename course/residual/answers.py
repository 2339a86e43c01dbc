"""What ten test digits are taken for by trained networks, whole and without each block: one seed, stored."""

import functools
import json
from dataclasses import dataclass
from importlib import resources

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course.kit.training import data, loop
from course.kit.training.experiments import fingerprint
from course.residual.experiment import DELETED, EPOCHS, TRAIN, setting, trained, without_block

SEED = 0
NETWORKS = tuple(setting(*each) for each in DELETED)


@dataclass(frozen=True)
class Answers:
    """One trained network and ten digits.

    Attributes:
        weights: a hash of its trained weights.
        right: accuracy on all test images (0 to 1): whole, and without each block, first to last.
        answers: the classes that it finds for the ten digits: whole, and without each block.
    """

    weights: str
    right: tuple[float, ...]
    answers: tuple[tuple[int, ...], ...]


def ten(seed: int = SEED) -> tuple[Tensor, Tensor]:
    """The first test digit of each class: images (10, 1, 8, 8), and their labels, 0 to 9."""
    split = data.split(seed, TRAIN)
    first = torch.stack([(split.test_labels == label).nonzero()[0, 0] for label in range(10)])
    return split.test_images[first], split.test_labels[first]


@functools.cache
def ten_pixels() -> NDArray[np.uint8]:
    """The same digits of the stored seed as gray levels, (10, 8, 8), 0 (paper) to 255 (ink)."""
    ink = (ten()[0][:, 0] * data.STD + data.MEAN) * 255 / 16
    return ink.round().numpy().astype(np.uint8)


def answered(network: nn.Module, seed: int = SEED) -> Answers:
    """What a network finds, whole and without each of its blocks; nothing is trained again."""
    split, (digits, _) = data.split(seed, TRAIN), ten(seed)
    count = len(list(network.get_submodule("blocks").children()))
    everything = [network, *(without_block(network, number) for number in range(1, count + 1))]
    right = tuple(loop.accuracy(each, split.test_images, split.test_labels) for each in everything)
    found = tuple(tuple(loop.answers(each, digits).tolist()) for each in everything)
    return Answers(fingerprint(network), right, found)


def measured(name: str, seed: int = SEED) -> Answers:
    """Train one of NETWORKS as `deletion` does with this seed, and ask it."""
    return answered(trained(name, seed, train=TRAIN, epochs=EPOCHS)[1], seed)


@functools.cache
def stored() -> dict[str, Answers]:
    """`measured` of each of NETWORKS; `python -m tools.answers` makes the file, in two minutes."""
    file = resources.files("course.residual").joinpath("data", "answers.json")
    kept = json.loads(file.read_text(encoding="utf-8"))["networks"]
    return {
        name: Answers(
            row["weights"], tuple(row["right"]), tuple(tuple(map(int, digits)) for digits in row["answers"])
        )
        for name, row in kept.items()
    }
