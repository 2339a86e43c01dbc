"""Networks trained on plain digits, as rows: what the scoreboard and the comparisons are made of."""

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from torch import nn

from blocks import ConvNormAct
from course.kit.training import data, loop
from course.kit.training.loop import Progress
from course.kit.training.runs import Run

RATE = 0.1


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
    right = loop.accuracy(network, split.test_images, split.test_labels)
    return Run(setting, seed, right, parameters(network)), network


def run_each(
    builds: Mapping[str, Callable[[], nn.Module]],
    seed: int,
    *,
    train: int,
    epochs: int,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """A row for each setting, all paired: the same split and the same order of images."""
    rows = []
    for index, (setting, build) in enumerate(builds.items()):
        share = loop.part(progress, index, len(builds))
        rows.append(run(setting, build, seed, train=train, epochs=epochs, progress=share)[0])
    return tuple(rows)


def compared(
    network: Callable[..., nn.Module],
    settings: Iterable[Any],
    name: Callable[..., str] = str,
    *,
    train: int = 300,
    epochs: int = 15,
) -> Callable[..., tuple[Run, ...]]:
    """An experiment that trains the network of each setting: see `run_each`.

    It is called with a seed and, by name, with settings (a few of them), train, epochs and progress. A
    setting is what `network` and `name`, which gives its name in a Run, are called with: a tuple where they
    take several arguments.
    """
    everything = tuple(settings)

    def experiment(
        seed: int,
        *,
        settings: tuple[Any, ...] = everything,
        train: int = train,
        epochs: int = epochs,
        progress: Progress | None = None,
    ) -> tuple[Run, ...]:
        given = [setting if isinstance(setting, tuple) else (setting,) for setting in settings]
        builds = {name(*each): functools.partial(network, *each) for each in given}
        return run_each(builds, seed, train=train, epochs=epochs, progress=progress)

    return experiment


T = TypeVar("T")


def chosen(concept: str, settings: Mapping[str, T], setting: str) -> T:
    """What belongs to a setting.

    Raises:
        ValueError: there is no such setting.
    """
    if setting not in settings:
        known = ", ".join(map(repr, settings))
        raise ValueError(f"{concept}: the setting must be one of {known}, got {setting!r}.")
    return settings[setting]


def parameters(network: nn.Module) -> int:
    """How many trained numbers the network has."""
    return sum(parameter.numel() for parameter in network.parameters())


def around(block: Callable[[int, int, int], nn.Module]) -> nn.Module:
    """The scoreboard's network with these blocks.

    Stem to 16 channels, four blocks (to 16, 32, 32, 64, the second and fourth with stride 2), classifier.
    Images (N, 1, 8, 8) to scores (N, 10). Before the classifier come a 1x1 convolution and a global
    average pool, as in the networks of this package.

    Args:
        block: called with channels in, channels out and stride.
    """
    return nn.Sequential(
        ConvNormAct(1, 16, act=nn.ReLU),
        block(16, 16, 1),
        block(16, 32, 2),
        block(32, 32, 1),
        block(32, 64, 2),
        ConvNormAct(64, 64, kernel_size=1, act=nn.ReLU),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def of_one_width(
    width: int, blocks: Iterable[nn.Module], *, act: Callable[[], nn.Module] = nn.ReLU, head: int = 0
) -> nn.Sequential:
    """A network of four blocks that all have `width` channels: images (N, 1, 8, 8) to scores (N, 10).

    Stem, two blocks, a 2x2 pool, two blocks, global average pool, classifier.

    Args:
        blocks: those of a generator are made, and so draw their weights, after the stem.
        head: of so many channels is the 1x1 convolution before the last pool, which gives the classifier as
            much room at every width; 0 for none.
    """
    stem = ConvNormAct(1, width, act=act)
    first, second, third, fourth = blocks
    wider = [ConvNormAct(width, head, kernel_size=1, act=act)] if head else []
    last = (*wider, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(head or width, 10))
    return nn.Sequential(stem, first, second, nn.MaxPool2d(2), third, fourth, *last)
