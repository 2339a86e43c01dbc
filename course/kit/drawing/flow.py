"""A recorded graph, read as a person draws it: one path through it, and branches that leave and rejoin.

Nothing here knows a block: a shortcut is a branch that ends in an addition, a gate one that ends in a
product and holds a single number per channel.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocks.measure import Graph, Step


LEADING = ("convolution", "grouped", "depthwise", "pointwise", "linear")
SIGNS = ("add", "multiply")


@dataclass(frozen=True)
class Branch:
    """Steps beside the path: from the output of group `source` to the sign of group `join`.

    Both count the groups of the path. No groups: the source itself is added, a plain shortcut.
    """

    source: int
    groups: tuple[tuple[Step, ...], ...]
    join: int
    is_gate: bool
    is_shortcut: bool  # it ends in an addition


@dataclass(frozen=True)
class Flow:
    """The groups of the path from the input on, its branches, and how many connections neither shows."""

    path: tuple[tuple[Step, ...], ...]
    branches: tuple[Branch, ...]
    hidden: int


def flow(graph: Graph) -> Flow:
    """Read `graph` as a path with branches; a group is a convolution with its norm and activation."""
    depths = _depths(graph.steps)
    path = _trace(graph.steps, len(graph.steps) - 1, depths, ())
    on_path = set(path)
    sides = [
        (join, way)
        for join in path
        for side in _sides(graph.steps[join], graph.steps, depths)
        if (way := _trace(graph.steps, side, depths, on_path))[0] in on_path  # else made from no input
    ]
    sources = {side[0] for _, side in sides}
    groups = _grouped(path, graph.steps, sources)
    place = {index: number for number, group in enumerate(groups) for index in group}
    branches = tuple(
        Branch(
            place[side[0]],
            tuple(tuple(graph.steps[i] for i in group) for group in _grouped(side[1:], graph.steps, ())),
            place[join],
            _is_gate(graph.steps[join], [graph.steps[i] for i in side[1:]]),
            graph.steps[join].kind == "add",
        )
        for join, side in sides
    )
    drawn = {
        pair for way in [path, *([*side, join] for join, side in sides)] for pair in itertools.pairwise(way)
    }
    real = {(k, i) for i, step in enumerate(graph.steps) for k in step.inputs}
    return Flow(tuple(tuple(graph.steps[i] for i in group) for group in groups), branches, len(real - drawn))


def pixels(shape: Sequence[int]) -> int:
    """Height times width of an (N, C, H, W) shape; 1 without them."""
    return math.prod(shape[2:])


def _depths(steps: Sequence[Step]) -> list[int]:
    """The longest way from the input to each step."""
    depths: list[int] = []
    for step in steps:
        depths.append(1 + max((depths[k] for k in step.inputs), default=-1))
    return depths


def _main(step: Step, steps: Sequence[Step], depths: Sequence[int]) -> int:
    """The input that carries the path: of a product the map, not its gate; else the one with most steps."""
    if step.kind == "multiply":
        return max(step.inputs, key=lambda k: (pixels(steps[k].shape), -depths[k]))
    return max(step.inputs, key=lambda k: (depths[k], -k))


def _sides(step: Step, steps: Sequence[Step], depths: Sequence[int]) -> list[int]:
    """The other inputs of `step`."""
    sides = list(step.inputs)
    if sides:
        sides.remove(_main(step, steps, depths))
    return sides


def _trace(steps: Sequence[Step], end: int, depths: Sequence[int], until: Collection[int]) -> list[int]:
    """The steps that lead to `end`, from the first one in `until`, or from the input."""
    way = [end]
    while way[-1] not in until and steps[way[-1]].inputs:
        way.append(_main(steps[way[-1]], steps, depths))
    return way[::-1]


def _grouped(indices: Sequence[int], steps: Sequence[Step], sources: Collection[int]) -> list[list[int]]:
    """Consecutive steps as groups; a group ends where a branch leaves."""
    groups: list[list[int]] = []
    for i in indices:
        kinds = [steps[k].kind for k in groups[-1]] if groups else ["input"]
        attaches = steps[i].kind in ("norm", "activation") and steps[i].kind not in kinds
        if attaches and kinds[0] in (*LEADING, "norm") and groups[-1][-1] not in sources:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _is_gate(join: Step, side: Sequence[Step]) -> bool:
    return join.kind == "multiply" and bool(side) and all(pixels(step.shape) == 1 for step in side)
