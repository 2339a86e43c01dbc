"""What a whole network costs, counted on the real modules; a block that comes twice is recorded once."""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import nn

from blocks.measure import graph

Shape = tuple[int, ...]


@dataclass(frozen=True)
class NetworkCost:
    """Parameters, and multiply-adds for one picture of `side` x `side` pixels."""

    parameters: int
    multiply_adds: int
    side: int


@functools.cache
def network_cost(build: Callable[[], nn.Sequential], side: int) -> NetworkCost:
    """Build the network without memory and count it, once for each `build` and `side`.

    The same numbers as `measure.cost` on the whole network, which records every block anew and so takes
    several times as long.
    """
    with torch.device("meta"):
        return counted(build(), side)


def counted(network: nn.Sequential, side: int) -> NetworkCost:
    """The same for a network that is built."""
    kept: dict[tuple[str, Shape], tuple[int, Shape]] = {}
    shape: Shape = (1, 3, side, side)
    multiply_adds = 0
    for part in _parts(network):
        # What the module prints tells its settings; of stochastic depth, which does nothing here, the rate.
        key = re.sub(r"StochasticDepth\(.*\)", "", repr(part)), shape
        if key not in kept:
            recorded = graph(part, shape).steps
            kept[key] = sum(step.multiply_adds for step in recorded), recorded[-1].shape
        count, shape = kept[key]
        multiply_adds += count
    return NetworkCost(sum(p.numel() for p in network.parameters()), multiply_adds, side)


def _parts(network: nn.Module) -> Iterator[nn.Module]:
    """The modules that run one after the other: what is in a Sequential, and in one inside it."""
    for part in network.children():
        if isinstance(part, nn.Sequential):
            yield from _parts(part)
        else:
            yield part
