"""Experiments: settings in words, and networks trained with each of them and the same seeds."""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from course.kit.training import data, loop
from course.kit.training.loop import Progress
from course.kit.training.runs import Run

RATE = 0.1
Measure = Callable[..., tuple[Run, ...]]
"""Called as measure(name, seed, train=..., epochs=..., progress=...): trains one setting, gives its rows."""


@dataclass(frozen=True)
class Experiment:
    """What is trained with every seed.

    Attributes:
        settings: by their names; what a name stands for is the experiment's own business.
        measure: trains one setting, see `Measure`.
        train: how many images to train on.
        epochs: how often each of them is seen.
    """

    settings: Mapping[str, Any]
    measure: Measure
    train: int = 300
    epochs: int = 15

    def __call__(
        self,
        seed: int,
        *,
        settings: Iterable[str] | None = None,
        train: int | None = None,
        epochs: int | None = None,
        progress: Progress | None = None,
    ) -> tuple[Run, ...]:
        """The rows of one seed, all paired: the same split and the same order of images for each setting.

        Args:
            settings: the names of those to train; all of them without it.

        Raises:
            ValueError: there is no such setting.
        """
        names = tuple(self.settings if settings is None else settings)
        if unknown := [name for name in names if name not in self.settings]:
            known = ", ".join(map(repr, self.settings))
            raise ValueError(f"experiment: settings must be among {known}, got {unknown[0]!r}.")
        images, turns = train or self.train, epochs or self.epochs
        rows: list[Run] = []
        for index, name in enumerate(names):
            share = loop.part(progress, index, len(names))
            rows += self.measure(name, seed, train=images, epochs=turns, progress=share)
        return tuple(rows)


def compared(
    network: Callable[..., nn.Module],
    settings: Iterable[Any],
    name: Callable[..., str] = str,
    *,
    train: int = 300,
    epochs: int = 15,
) -> Experiment:
    """An experiment that trains the network of each setting on digits, and gives a row for each.

    Args:
        network, name: called with a setting, a tuple as several arguments; give the network and its name.
    """
    given = [setting if isinstance(setting, tuple) else (setting,) for setting in settings]
    named = MappingProxyType({name(*each): each for each in given})

    def measure(
        name: str, seed: int, *, train: int, epochs: int, progress: Progress | None
    ) -> tuple[Run, ...]:
        build = functools.partial(network, *named[name])
        return (run(name, build, seed, train=train, epochs=epochs, progress=progress)[0],)

    return Experiment(named, measure, train, epochs)


def run(
    setting: str,
    build: Callable[[], nn.Module],
    seed: int,
    *,
    train: int,
    epochs: int,
    rate: float = RATE,
    progress: Progress | None = None,
) -> tuple[Run, nn.Module]:
    """Build one network, train it on `train` digits, test it on all the others: its row, and the network.

    The seed decides the split, the network's start and the order of the images.
    """
    split = data.split(seed, train)
    with loop.seeded(seed):
        network = build()
    loop.train(
        network,
        split.train_images,
        split.train_labels,
        epochs=epochs,
        rate=rate,
        seed=seed,
        progress=progress,
    )
    learned = loop.accuracy(network, split.train_images, split.train_labels)
    right = loop.accuracy(network, split.test_images, split.test_labels)
    return Run(setting, seed, right, parameters(network), learned, fingerprint(network)), network


def parameters(network: nn.Module) -> int:
    """How many trained numbers the network has."""
    return sum(parameter.numel() for parameter in network.parameters())


def fingerprint(network: nn.Module) -> str:
    """A hash of all its weights and running statistics: equal only where all of them are, bit for bit."""
    return fingerprint_of(network.state_dict())


def fingerprint_of(state: Mapping[str, Tensor]) -> str:
    """The same of a state dict."""
    digest = hashlib.sha256()
    for value in state.values():
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:12]
