"""The course's scoreboard: one small network, one block swapped, every block of the chain in turn."""

import functools
from collections.abc import Callable

from torch import nn

from course import chapters
from course.kit.training.experiments import compared
from course.kit.training.on_digits import around


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


scoreboard = compared(network, names())
"""One run per block: the same images in the same order for each."""
