"""The course's scoreboard: one small network, one block swapped, every block of the chain in turn."""

import functools
from collections.abc import Callable

from torch import nn

from course import chapters
from course.kit.training.loop import Progress
from course.kit.training.on_digits import around, run_each
from course.kit.training.runs import Run


@functools.cache
def names() -> tuple[str, ...]:
    """Those of the rows, in the order of the notebooks."""
    return tuple(_blocks())


def network(name: str) -> nn.Module:
    """The network of one row, as `around` makes it: images (N, 1, 8, 8) to scores (N, 10).

    Raises:
        ValueError: `name` is none of `names`.
    """
    if name not in names():
        raise ValueError(f"scoreboard: the block must be one of {', '.join(names())}, got {name!r}.")
    return around(_blocks()[name])


@functools.cache
def _blocks() -> dict[str, Callable[[int, int, int], nn.Module]]:
    """What each chapter puts into the network, by name: called with channels in, channels out and stride."""
    found: dict[str, Callable[[int, int, int], nn.Module]] = {}
    for chapter in chapters():
        found.update(chapter.resolve(chapter.scoreboard) if chapter.scoreboard else {})
    return found


def scoreboard(
    seed: int,
    *,
    names: tuple[str, ...] | None = None,
    train: int = 300,
    epochs: int = 15,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """One run per block, all of them unless `names` says which: the same images in the same order for each.

    Raises:
        ValueError: there is no row of a name.
    """
    builds = {name: functools.partial(network, name) for name in names or _blocks()}
    return run_each(builds, seed, train=train, epochs=epochs, progress=progress)
