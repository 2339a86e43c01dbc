"""A block deleted from a trained network: what the others can still do without it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.training import grids
from course.kit.training.runs import accuracies
from course.residual._deleted_picture import deleted_block
from course.residual.experiment import DELETED, deleted, setting

NETWORKS = {setting(*pair): pair for pair in DELETED}
MOST = max(layers for _, layers in DELETED) // 2 - 1
PRESETS = {
    "plain-10, block 3": {"network": "plain-10", "block": 3},
    "residual-10, block 3": {"network": "residual-10", "block": 3},
    "residual-28, block 1": {"network": "residual-28", "block": 1},
    "residual-28, block 8": {"network": "residual-28", "block": 8},
}


@dataclass(frozen=True)
class Deletion:
    """A network, the block that is out, and accuracies (0 to 1) by seed: whole, and without each block."""

    network: str
    block: int
    shortcut: bool
    whole: tuple[float, ...]
    without: tuple[tuple[float, ...], ...]


def compute(network: str, block: int) -> Deletion:
    """Look the network up in the stored grid "residual.deletion".

    Raises:
        ValueError: the network has no such block.
    """
    whole, without = _measured(network)
    if not 1 <= block <= len(without):
        raise ValueError(
            f"delete_block: block must be from 1 to {len(without)} for {network}, got {block}."
            " Two of its layers are stem and classifier; each block has two."
        )
    return Deletion(network, block, NETWORKS[network][0] == "residual", whole, without)


@cache
def _measured(network: str) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    kind, layers = NETWORKS[network]
    rows = grids.grid("residual.deletion")
    names = [deleted(kind, layers, number) for number in range(1, layers // 2)]
    whole, *without = (tuple(accuracies(rows, name).values()) for name in (network, *names))
    return whole, tuple(without)


def say(data: Deletion) -> str:
    """The sentence of the explorer."""
    values = data.without[data.block - 1]
    middle = statistics.median(statistics.mean(block) for block in data.without)
    return (
        f"{data.network}, trained and tested whole: {_percent(data.whole)} right, the mean of"
        f" {len(data.whole)} seeds. Without block {data.block} of {len(data.without)}: {_percent(values)}"
        f" ({100 * min(values):.1f} to {100 * max(values):.1f}). Half of the blocks leave"
        f" {100 * middle:.1f} % or more when they are taken out, one at a time; nothing is trained again."
    )


def _percent(values: Sequence[float]) -> str:
    return f"{100 * statistics.mean(values):.1f} %"


def draw(data: Deletion, sentence: str) -> Picture:
    """The chain with the hole, and the accuracy without each block."""
    return (deleted_block(data.without, data.whole, data.block, data.shortcut, label=sentence),)


@with_name
def delete_block() -> Explorer[Deletion]:
    """A trained network and a block of it to delete; the accuracy that is left, of this block and of all."""
    return Explorer(
        {
            "network": Choice("Network", "residual-28", tuple(NETWORKS)),
            "block": Number("Block to delete", 3, 1, MOST),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"network": "plain-10"}, {"network": "residual-10"}, {"network": "residual-28", "block": 8}),
    )
