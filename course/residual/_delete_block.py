"""A block deleted from a trained network: what the others can still do without it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from course.kit.drawing.columns import BOTTOM, HEIGHT, LEFT, LIT, RIGHT, WIDTH, axis, column
from course.kit.drawing.style import CARD, INK, QUIET, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import card
from course.kit.drawing.svg import text as words
from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.training import grids
from course.kit.training.runs import accuracies
from course.residual.experiment import DELETED, KINDS, LONG, deleted, setting

NETWORKS = {setting(*each): each for each in DELETED}
MOST = max(layers for _, layers, _ in DELETED) // 2 - 1
PLAIN_28, RESIDUAL_28 = (f"{kind}-28, {LONG} epochs" for kind in KINDS)
PRESETS = {
    "plain-10, block 3": {"network": "plain-10", "block": 3},
    "residual-10, block 3": {"network": "residual-10", "block": 3},
    "plain-28, block 8": {"network": PLAIN_28, "block": 8},
    "residual-28, block 8": {"network": RESIDUAL_28, "block": 8},
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
    rows = grids.grid("residual.deletion")
    names = [deleted(network, number) for number in range(1, NETWORKS[network][1] // 2)]
    whole, *without = (tuple(accuracies(rows, name).values()) for name in (network, *names))
    return whole, tuple(without)


def say(data: Deletion) -> str:
    """The sentence of the explorer."""
    values = data.without[data.block - 1]
    middle = statistics.median(statistics.mean(block) for block in data.without)
    return (
        f"{data.network}: the whole network gets {_percent(data.whole)} of the test images right, on average"
        f" over {len(data.whole)} runs. Without block {data.block} of {len(data.without)} it gets"
        f" {_percent(values)} ({100 * min(values):.1f} to {100 * max(values):.1f}); nothing is trained again."
        f" Taken out one at a time, half of the blocks leave {100 * middle:.1f} % or more."
    )


def _percent(values: Sequence[float]) -> str:
    return f"{100 * statistics.mean(values):.1f} %"


CHAIN = 62


def _block(middle: float, width: float, is_out: bool, shortcut: bool) -> str:
    left, right = middle - width / 2, middle + width / 2
    body = f'<rect x="{left:.1f}" y="{CHAIN - 14}" width="{width:.1f}" height="28" rx="4"'
    if is_out:
        body += f' fill="{CARD}" stroke="{LIT.fill}" stroke-width="2" stroke-dasharray="4 3"/>'
        body += words(middle, CHAIN + 5, "out", LIT.text, anchor="middle", bold=True)
    else:
        body += f' fill="{TENSOR}" stroke="{TENSOR_EDGE}"/>'
    a, b = left - 5, right + 5
    path = f"M{a:.1f} {CHAIN}C{a:.1f} {CHAIN - 34} {b:.1f} {CHAIN - 34} {b:.1f} {CHAIN}"
    return body + (f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="1.6"/>' if shortcut else "")


def draw(data: Deletion, sentence: str) -> Picture:
    """The chain with the hole and, below each block, the accuracy without it."""
    step = (WIDTH - LEFT - RIGHT) / len(data.without)
    dots = "Test accuracy without this block: a dot for each run, a bar for the mean, dashed: whole"
    body = words(14, 22, "The trained network, one block taken out", INK, bold=True)
    body += words(14, 112, dots, INK, bold=True) + axis(sum(data.whole) / len(data.whole))
    body += f'<path d="M{LEFT - 14} {CHAIN}H{WIDTH - RIGHT + 6}" stroke="{INK}" stroke-width="1.6"/>'
    for number, values in enumerate(data.without, 1):
        middle, is_out = LEFT + (number - 0.5) * step, number == data.block
        body += _block(middle, min(step * 0.56, 62), is_out, data.shortcut)
        body += column(middle, min(step * 0.5, 46), values, is_out)
        body += words(middle, BOTTOM + 20, str(number), INK, anchor="middle", bold=is_out)
    return (card(body + words(14, BOTTOM + 20, "block", QUIET), WIDTH, HEIGHT, sentence),)


@with_name
def delete_block() -> Explorer[Deletion]:
    """A trained network and a block of it to delete; the accuracy that is left, of this block and of all."""
    return Explorer(
        {
            "network": Choice("Network", RESIDUAL_28, tuple(NETWORKS)),
            "block": Number("Block to delete", 3, 1, MOST),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=tuple(PRESETS.values()),
    )
