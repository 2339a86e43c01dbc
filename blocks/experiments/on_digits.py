"""Networks trained on plain digits, as rows: what the scoreboard and the comparisons are made of."""

from collections.abc import Callable, Mapping

from torch import nn

from blocks.experiments import data, training
from blocks.experiments.runs import Run
from blocks.experiments.training import Progress

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
    with training.seeded(seed):
        network = build()
    training.train(
        network,
        split.train_images,
        split.train_labels,
        epochs=epochs,
        rate=rate,
        seed=seed,
        progress=progress,
    )
    right = training.accuracy(network, split.test_images, split.test_labels)
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
        share = training.part(progress, index, len(builds))
        rows.append(run(setting, build, seed, train=train, epochs=epochs, progress=share)[0])
    return tuple(rows)


def parameters(network: nn.Module) -> int:
    """How many trained numbers the network has."""
    return sum(parameter.numel() for parameter in network.parameters())
