"""What the layers of a recorded block cost, a convolution and its norm together, as towers and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.measure import Graph, Step
from course.kit.drawing.listing import Row
from course.kit.drawing.towers import Storey, Street, Tower

COUNTED = ("parameter", "multiply-add")  # the values of a row


@dataclass(frozen=True)
class Compared:
    """A block beside others in the towers.

    Attributes:
        name: what stands below its tower.
        rows: its layers; None for one that is not shown yet.
        is_ghost: it is only compared with.
        sets, hint: what a click on its tower sets, and that in words.
    """

    name: str
    rows: Sequence[Row] | None
    is_ghost: bool = False
    sets: Mapping[str, Any] | None = None
    hint: str = ""


def many(count: int, noun: str) -> str:
    """A count with its noun, "1 channel" or "1,024 channels"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def row(name: str, steps: Sequence[Step]) -> Row:
    """Steps as one layer; the first tells its kind."""
    counts = sum(step.parameters for step in steps), sum(step.multiply_adds for step in steps)
    return Row(name, steps[0].kind, counts)


def rows(recorded: Graph) -> tuple[Row, ...]:
    """The layers that cost something, in the order of the forward."""
    parts: dict[str, list[Step]] = {}
    for step in recorded.steps:
        if step.parameters:
            parts.setdefault(".".join(step.name.split(".")[-2:-1]) or step.name, []).append(step)
    return tuple(row(name, steps) for name, steps in parts.items())


def by_part(recorded: Graph) -> tuple[Row, ...]:
    """The parts that cost something; one that ends in a gate's product is one thing, of its own color."""
    parts: dict[str, list[Step]] = {}
    for step in recorded.steps[1:]:
        parts.setdefault(step.name.split(".")[0], []).append(step)
    found = []
    for name, steps in parts.items():
        counted = row(name, [step for step in steps if step.parameters] or steps)
        is_gate = len(steps) > 1 and any(step.kind == "multiply" for step in steps)
        kind = "squeeze_excitation" if is_gate else counted.kind
        found.append(Row(name, kind, counted.values))
    return tuple(one for one in found if any(one.values))


def totals(layers: Sequence[Row]) -> tuple[int, int]:
    """Parameters and multiply-adds of all layers."""
    parameters, multiply_adds = (
        sum(values) for values in zip(*(layer.values for layer in layers), strict=True)
    )
    return parameters, multiply_adds


def streets(blocks: Sequence[Compared]) -> tuple[Street, Street]:
    """The towers of these blocks, by parameters and multiply-adds; the others are held against the first."""
    first, second = (
        Street(f"{noun}s", tuple(_tower(block, n, blocks[0]) for block in blocks))
        for n, noun in enumerate(COUNTED)
    )
    return first, second


def _tower(block: Compared, n: int, first: Compared) -> Tower:
    storeys = tuple(Storey(row.name, row.kind, row.values[n]) for row in block.rows or ())
    note = ""
    if block is not first and block.rows and first.rows:
        ratio = totals(block.rows)[n] / totals(first.rows)[n]
        note = "as many" if ratio == 1 else f"{factor(ratio)} times"
    return Tower(block.name, storeys, block.is_ghost, note, block.sets, block.hint)


def factor(ratio: float) -> str:
    """How many times: "22.0", "1.06", "0.94"."""
    return f"{ratio:,.1f}" if ratio >= 1.995 else f"{ratio:.2f}"


def after(value: Any, stops: Sequence[Any]) -> Any:
    """The stop that a click goes to: the next one, and from the last one the first."""
    return stops[(stops.index(value) + 1) % len(stops)] if value in stops else stops[0]
