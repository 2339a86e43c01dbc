"""A block taken out of a trained plain network and out of its residual twin: ten digits, and accuracies."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from course.kit.drawing.bitmap import inked
from course.kit.drawing.style import CARD, HERE, INK, QUIET, RULE, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, circle, group, image, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.training import grids
from course.kit.training.runs import accuracies
from course.residual import answers
from course.residual.experiment import DELETED, KINDS, deleted, setting

PAIRS = {
    depth: tuple(setting(*each) for each in DELETED if each[1] == depth)
    for depth in dict.fromkeys(layers for _, layers, _ in DELETED)
}
"""By depth the plain network and its residual twin."""
MOST = max(PAIRS) // 2 - 1
THIS, EVERY = "this block", "every block"
PRESETS = {
    "block 3 of 10 layers": {"layers": 10, "block": 3, "bars": THIS},
    "block 1 of 10 layers": {"layers": 10, "block": 1, "bars": THIS},
    "block 8 of 28 layers": {"layers": 28, "block": 8, "bars": THIS},
    "each block of 28 layers": {"layers": 28, "block": 8, "bars": EVERY},
}


@dataclass(frozen=True)
class Network:
    """One trained network.

    Attributes:
        whole, without: accuracies (0 to 1) by seed: whole, and without each block.
        answers: the classes that the network of one seed finds for the ten digits: whole, and without each
            block.
    """

    name: str
    has_shortcut: bool
    whole: tuple[float, ...]
    without: tuple[tuple[float, ...], ...]
    answers: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Deletion:
    """A plain network and its residual twin, both without one block; 0 for none.

    Attributes:
        shown: the blocks whose accuracies are drawn: what was not chosen is not told.
        labels: of the ten digits.
    """

    layers: int
    block: int
    pair: tuple[Network, ...]
    shown: tuple[int, ...]
    labels: tuple[int, ...]


def compute(layers: int, block: int, bars: str) -> Deletion:
    """Look both networks up in the stored grid "residual.deletion", and among the stored answers.

    Raises:
        ValueError: the networks have no such block.
    """
    pair = _measured(layers)
    count = len(pair[0].without)
    if not 0 <= block <= count:
        raise ValueError(
            f"delete_block: block must be from 0 (none) to {count} for {layers} layers, got {block}."
            " Two of the layers are stem and classifier; each block has two."
        )
    shown = tuple(range(1, count + 1)) if bars == EVERY else (block,) * (block > 0)
    return Deletion(layers, block, pair, shown, _labels())


@cache
def _measured(layers: int) -> tuple[Network, ...]:
    rows, networks = grids.grid("residual.deletion"), []
    for kind, name in zip(KINDS, PAIRS[layers], strict=True):
        names = [deleted(name, number) for number in range(1, layers // 2)]
        whole, *without = (tuple(accuracies(rows, each).values()) for each in (name, *names))
        found = answers.stored()[name].answers
        networks.append(Network(name, kind == "residual", whole, tuple(without), found))
    return tuple(networks)


@cache
def _labels() -> tuple[int, ...]:
    return tuple(answers.ten()[1].tolist())


def say(data: Deletion) -> Said:
    """The words of the explorer."""
    if data.block:
        left = [_percent(network.without[data.block - 1]) for network in data.pair]
        seen = f"Without block {data.block}: plain gets {{}} of the test images right, residual {{}}."
    else:
        left = [_percent(network.whole) for network in data.pair]
        seen = "Nothing taken out: plain gets {} right, residual {}. Click a block."
    told = " ".join(_heard(network, data) for network in data.pair)
    end = "Nothing is trained again." if data.block else "No block is taken out."
    return Said(
        seen.format(*left), f"{told} {end} The ten digits and their answers are of seed {answers.SEED}."
    )


def _heard(network: Network, data: Deletion) -> str:
    began = (
        f"{network.name}: the whole network gets {_percent(network.whole)} of the test images right, on"
        f" average over {len(network.whole)} runs"
    )
    if data.block:
        values = network.without[data.block - 1]
        began += (
            f"; without block {data.block} of {len(network.without)} it gets {_percent(values)}"
            f" ({100 * min(values):.1f} to {100 * max(values):.1f})"
        )
    if len(data.shown) > 1:
        means = [statistics.mean(values) for values in network.without]
        began += f", and without one of the others {100 * min(means):.1f} to {100 * max(means):.1f} %"
    found = network.answers[data.block]
    right = sum(answer == label for answer, label in zip(found, data.labels, strict=True))
    return (
        f"{began}. It answers {', '.join(map(str, found))} for {', '.join(map(str, data.labels))}:"
        f" {right} of 10 right."
    )


def _percent(values: Sequence[float]) -> str:
    return f"{100 * statistics.mean(values):.1f} %"


WIDTH, EDGE, ROW, SCALE = 400, 14, 218, 1.15
CHAIN, TALL = 68, 32  # the line's height in a row, and a block's
TOP, BOTTOM = 106, 146  # of the accuracies
TILE = 30
TILES = 164  # where the digits begin


def draw(data: Deletion, heard: str) -> Picture:
    """Two chains of blocks, plain above residual, and at the end of each what it takes ten digits for."""
    body = "".join(_network(network, data, n * ROW) for n, network in enumerate(data.pair))
    body += path(f"M{EDGE} {ROW + 4}H{WIDTH - EDGE}", "none", stroke=RULE, width=1)
    return (card(body, WIDTH, 2 * ROW + 4, heard, scale=SCALE),)


def _network(network: Network, data: Deletion, top: float) -> str:
    kind = "residual" if network.has_shortcut else "plain"
    values = network.without[data.block - 1] if data.block else network.whole
    share = f"{100 * statistics.mean(values):.0f} % right"
    body = text(EDGE, top + 26, f"{kind}-{data.layers}", INK, size=16, bold=True)
    body += text(WIDTH - EDGE, top + 26, share, INK, size=16, bold=True, anchor="end")
    body += _wire(top) + _axis(network, top)
    step = (WIDTH - 2 * EDGE) / len(network.without)
    for number in range(1, len(network.without) + 1):
        middle = EDGE + (number - 0.5) * step
        body += _block(network, number, middle, min(0.6 * step, 48), data, top)
        body += _accuracy(network, number, middle, min(0.6 * step, 48), data, top)
    return body + _digits(kind, network.answers[data.block], data.labels, top)


def _wire(top: float) -> str:
    """The line through the blocks, and on to the ten digits."""
    end, bus = WIDTH - 6, top + TILES - 8
    line = f"M6 {top + CHAIN}H{end - 6}Q{end} {top + CHAIN} {end} {top + CHAIN + 6}V{bus - 6}"
    line += f"Q{end} {bus} {end - 6} {bus}H{EDGE + 15}"
    return path(line, "none", stroke=INK, width=1.6)


def _block(network: Network, number: int, middle: float, width: float, data: Deletion, top: float) -> str:
    """A block; taken out, a hole, over which the line goes on, or round which the shortcut does."""
    kind, y = "residual" if network.has_shortcut else "plain", top + CHAIN
    left, is_out = middle - width / 2, number == data.block
    paint, edge = (CARD, HERE) if is_out else (TENSOR, TENSOR_EDGE)
    dashes = 'stroke-width="2" stroke-dasharray="4 3"' if is_out else ""
    body = rect(
        left, y - TALL / 2, width, TALL, paint, Mark(f"{kind}-{number}"), stroke=edge, rx=4, more=dashes
    )
    if is_out and not network.has_shortcut:  # what came in goes straight to the next block
        body += path(
            f"M{left} {y}H{left + width}", "none", stroke=QUIET, width=1.6, more='stroke-dasharray="2 4"'
        )
    if network.has_shortcut:
        a, b, high = left - 4, left + width + 4, y - TALL / 2 - 20
        arc = f"M{a:.1f} {y}C{a:.1f} {high} {b:.1f} {high} {b:.1f} {y}"
        body += path(arc, "none", stroke=INK, width=2.6 if is_out else 1.6)
    body += text(
        middle, y + TALL / 2 + 17, str(number), INK if is_out else QUIET, anchor="middle", bold=is_out
    )
    title = "Put it back" if is_out else f"Take out block {number}"
    return group(body, Mark(sets={"block": 0 if is_out else number}, title=title))


def _axis(network: Network, top: float) -> str:
    """A dashed line at the whole network's accuracy."""
    y = top + _height(statistics.mean(network.whole))
    line = path(
        f"M{EDGE} {y:.1f}H{WIDTH - EDGE}", "none", stroke=RULE, width=1, more='stroke-dasharray="4 3"'
    )
    return line + path(f"M{EDGE} {top + BOTTOM}H{WIDTH - EDGE}", "none", stroke=RULE, width=1)


def _accuracy(network: Network, number: int, middle: float, width: float, data: Deletion, top: float) -> str:
    """Below a block, once it is chosen, a bar for the accuracy without it, and a dot for each run."""
    if number not in data.shown:
        return ""
    kind, values = "residual" if network.has_shortcut else "plain", network.without[number - 1]
    mean = statistics.mean(values)
    high = BOTTOM - _height(mean)
    mark = Mark(f"{kind}-bar-{number}", value=100 * mean, scale="height", unit="accuracy")
    fill = QUIET if number == data.block else TENSOR_EDGE
    body = rect(middle - width / 2, top + BOTTOM - high, width, high, fill, mark)
    for n, value in enumerate(values):
        x = middle + width * ((n + 0.5) / len(values) - 0.5)
        body += circle(x, top + _height(value), 1.8, INK, more=f'stroke="{CARD}" stroke-width="0.6"')
    return body


def _height(accuracy: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * accuracy


def _digits(kind: str, found: Sequence[int], labels: Sequence[int], top: float) -> str:
    """The ten digits and what each is taken for; a wrong answer is a dark chip."""
    body, step, y = "", (WIDTH - 2 * EDGE) / len(labels), top + TILES
    for n, (pixels, answer, label) in enumerate(zip(answers.ten_pixels(), found, labels, strict=True)):
        x = EDGE + (n + 0.5) * step
        body += path(f"M{x:.1f} {y - 8}V{y}", "none", stroke=INK, width=1.6)
        body += image(x - TILE / 2, y, TILE, TILE, inked(pixels))
        body += rect(x - TILE / 2, y, TILE, TILE, "none", stroke=RULE)
        is_right = answer == label
        key = Mark(f"{kind}-digit-{n}-{answer}")
        if not is_right:
            body += rect(x - 11, y + TILE + 3, 22, 20, INK, rx=4)
        body += text(
            x, y + TILE + 18, str(answer), INK if is_right else CARD, key, size=16, bold=True, anchor="middle"
        )
    return body


@with_name
def delete_block() -> Explorer[Deletion]:
    """A depth, and a block to take out of two trained networks: the digits that they still get right."""
    return Explorer(
        {
            "layers": Choice("Layers", 10, tuple(PAIRS)),
            "block": Number("Block to take out", 0, 0, MOST),
            "bars": Choice("Accuracy without", THIS, (THIS, EVERY)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"block": 3}, {"layers": 28, "block": 8}),
    )
