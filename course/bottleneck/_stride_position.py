"""Where a bottleneck's stride sits: on the first 1x1 (the paper, "v1") or on the 3x3 ("v1.5")."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from blocks import Bottleneck
from blocks.measure import Graph, graph
from course.kit.drawing.crosses import Pixels, crossed_out
from course.kit.drawing.diagram import Touch, diagram
from course.kit.drawing.listing import Row
from course.kit.drawing.towers import towers
from course.kit.panel import Choice, Explorer, Picture, Said, with_name
from course.kit.panel.layers import Compared, rows, streets, totals

PLACES = ("the 3x3 (v1.5)", "the first 1x1 (v1)")
NAMES = ("v1.5", "v1")
# The first block of the stages: channels in, channels out, height and width in. Only from the second
# stage on has it a stride of 2 (He et al. 2015, table 1).
STAGES = {2: (256, 512, 56), 3: (512, 1024, 28), 4: (1024, 2048, 14)}
SIDE = 8  # pixels of the corner of the map that is drawn
HEIGHT = 400  # of the towers' card
PRESETS = {
    "the paper: on the first 1x1": {"place": PLACES[1], "stage": 2, "stride": 2},
    "torchvision: on the 3x3": {"place": PLACES[0], "stage": 2, "stride": 2},
    "stride 1: no difference": {"place": PLACES[1], "stage": 2, "stride": 1},
}
Reads = tuple[tuple[bool, ...], ...]  # by row and column of the corner: whether anything comes of the pixel


@dataclass(frozen=True)
class Position:
    """The block with its stride in the chosen place, and the layers of both versions.

    Attributes:
        branch, shortcut: what each of the two reads of its input.
    """

    place: str
    stage: int
    stride: int
    graph: Graph
    versions: tuple[tuple[Row, ...], tuple[Row, ...]]
    branch: Reads
    shortcut: Reads


@lru_cache(maxsize=32)
def compute(place: str, stage: int, stride: int) -> Position:
    """Build both versions without memory and record them; see in a small one which pixels are read.

    Raises:
        KeyError: there is no such stage.
    """
    i, o, size = STAGES[stage]
    with torch.device("meta"):
        blocks = [Bottleneck(i, o, stride=stride, stride_first=first) for first in (False, True)]
        small = Bottleneck(4, 8, stride=stride, stride_first=place == PLACES[1], norm=None)
    v15, v1 = (graph(block, (1, i, size, size)) for block in blocks)
    branch, shortcut = read(small.to_empty(device="cpu"))
    counted = rows(v15), rows(v1)
    return Position(place, stage, stride, v1 if place == PLACES[1] else v15, counted, branch, shortcut)


def read(block: Bottleneck) -> tuple[Reads, Reads]:
    """Which pixels change anything in the output of the block's branch, and of its shortcut.

    The gradient tells: with weights of 1 and an input of 1 it is above 0 at each pixel that is read.
    """
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.fill_(1)
    branch = nn.Sequential(block.reduce, block.spatial, block.expand)
    return _read(branch), _read(block.shortcut)


def _read(part: nn.Module) -> Reads:
    x = torch.ones(1, 4, SIDE, SIDE, requires_grad=True)
    y: Tensor = part(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    return tuple(tuple(bool(value) for value in row) for row in gradient[0].sum(0) > 0)


def unread(found: Reads) -> int:
    """How many pixels nothing comes of."""
    return sum(not value for row in found for value in row)


def say(data: Position) -> Said:
    """The words of the explorer."""
    (parameters, v15), (same, v1) = map(totals, data.versions)
    share = f", {100 * (v15 - v1) / v1:.0f} % more" if v15 > v1 else ""
    of = SIDE * SIDE
    heard = (
        f"Stage {data.stage}, stride {data.stride} on {data.place}: of {of} pixels the branch never reads"
        f" {unread(data.branch)}, the shortcut {unread(data.shortcut)}."
        f" With the stride on the first 1x1 (v1) {same:,} parameters and {v1:,} multiply-adds; on the 3x3"
        f" (v1.5) {parameters:,} parameters and {v15:,} multiply-adds{share}."
    )
    branch, shortcut = (of - unread(one) for one in (data.branch, data.shortcut))
    return Said(f"Of {of} pixels the branch reads {branch}, the shortcut {shortcut}.", heard)


def compared(data: Position) -> tuple[Compared, ...]:
    """Both versions; the one that is not chosen is an outline."""
    return tuple(
        Compared(name, layers, place != data.place, {"place": place}, f"the stride on {place}")
        for name, layers, place in zip(NAMES, data.versions, PLACES, strict=True)
    )


def draw(data: Position, heard: str) -> Picture:
    """The chosen version, the pixels that it reads, and the towers of what both cost."""
    touch: Touch = {
        "reduce": ({"place": PLACES[1]}, "the stride on this 1x1"),
        "spatial": ({"place": PLACES[0]}, "the stride on the 3x3"),
        "shortcut": ({"stride": 3 - data.stride}, f"stride {3 - data.stride}"),
    }
    other = {"place": PLACES[1 - PLACES.index(data.place)]}
    corners = (
        Pixels("The branch reads", "pointwise", data.branch, other, f"the stride on {other['place']}"),
        Pixels("The shortcut reads", "pointwise", data.shortcut),
    )
    said = " and ".join(f"{unread(one.read)} of {SIDE * SIDE}" for one in corners)
    return (
        diagram(data.graph, label=heard, touch=touch),
        crossed_out(corners, label=f"Pixels never read, crossed out: {said}"),
        towers(streets(compared(data)), label="Parameters and multiply-adds of both versions", height=HEIGHT),
    )


@with_name
def stride_position() -> Explorer[Position]:
    """Place, stage and stride to choose; the block, what it reads, and the costs of both versions."""
    return Explorer(
        {
            "place": Choice("Stride on", PLACES[0], PLACES),
            "stride": Choice("Stride", 2, (1, 2)),
            "stage": Choice("Stage", 2, tuple(STAGES)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"place": PLACES[1]}, {}),
    )
