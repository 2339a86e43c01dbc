"""What a whole network costs, counted on the real modules; a block that comes twice is recorded once.

To count all published networks and the scaled ones takes seconds, for which no reader should wait: their
counts are kept in blocks/networks/data/costs.json, which tools/network_costs.py writes and the tests hold
against the modules.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources

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
    """The count that is kept; else build the network without memory and count it, once.

    The same numbers as `measure.cost` on the whole network, which records every block anew and so takes
    several times as long.
    """
    if kept := _kept().get(name(build, side)):
        parameters, multiply_adds = kept
        return NetworkCost(parameters, multiply_adds, side)
    with torch.device("meta"):
        return counted(build(), side)


def name(build: Callable[[], nn.Sequential], side: int) -> str:
    """What a count is kept under: "resnet50 v1 224", v1 being what is switched on; "scaled 1.46 2.07 392"."""
    if not isinstance(build, functools.partial):
        return f"{build.__name__} {side}"
    numbers = (f"{number:.2f}" for number in build.args)
    return " ".join((build.func.__name__, *numbers, *build.keywords, str(side)))


@functools.cache
def _kept() -> dict[str, list[int]]:
    text = resources.files("blocks.networks").joinpath("data/costs.json").read_text(encoding="utf-8")
    found: dict[str, list[int]] = json.loads(text)
    return found


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
