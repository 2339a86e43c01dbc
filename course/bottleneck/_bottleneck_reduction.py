"""How narrow a bottleneck is inside, what each layer costs, and what two 3x3 convolutions would."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from blocks import BasicBlock, Bottleneck
from blocks.measure import Graph, graph
from course.kit.drawing.diagram import Touch, diagram, shared_unit
from course.kit.drawing.listing import Row
from course.kit.drawing.towers import towers
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.panel.layers import Compared, after, factor, rows, streets, totals

CHANNELS = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)  # stage 4 has 2048
SIZES = (7, 14, 28, 56)
REDUCTIONS = (1, 2, 4, 8, 16)
HEIGHT = 372  # of a card
NOTHING, TWO, QUARTER = "nothing", "two 3x3", "two 3x3, a quarter as wide"
_ON_PAGE = CHANNELS[2:]
_STAGE_1 = {"in_channels": 256, "out_channels": 256, "reduction": 4, "resolution": 56}
PRESETS: dict[str, dict[str, Any]] = {
    "stage 1's first block, 64 to 256": {**_STAGE_1, "in_channels": 64},
    "ResNet-50, stage 1": _STAGE_1,
    "stage 4": {"in_channels": 2048, "out_channels": 2048, "reduction": 4, "resolution": 7},
    "beside ResNet-34's block": {**_STAGE_1, "compare": QUARTER},
    "reduction 1": {**_STAGE_1, "reduction": 1},
    "reduction 16": {**_STAGE_1, "reduction": 16},
}


@dataclass(frozen=True)
class Reduction:
    """A bottleneck and its layers, and a basic block to compare it with.

    Attributes:
        reduction: as it was asked for.
        compare: with what.
        basic, basic_channels: the basic block and its channels out; without a comparison the one with the
            bottleneck's own channels.
    """

    in_channels: int
    narrow: int
    out_channels: int
    resolution: int
    reduction: int
    compare: str
    graph: Graph
    layers: tuple[Row, ...]
    basic_graph: Graph
    basic: tuple[Row, ...]
    basic_channels: int


@lru_cache(maxsize=512)  # recording costs more than drawing, and sliders come back
def compute(
    in_channels: int, out_channels: int, reduction: int, resolution: int, compare: str = TWO
) -> Reduction:
    """Build both blocks without memory, record them, and count their layers.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
    """
    part = 4 if compare == QUARTER else 1  # ResNet-34 has a quarter of ResNet-50's channels in each stage
    i, o = max(1, in_channels // part), max(1, out_channels // part)
    with torch.device("meta"):
        block = Bottleneck(in_channels, out_channels, reduction=reduction)
        basic = BasicBlock(i, o)
    recorded = graph(block, (1, in_channels, resolution, resolution))
    other = graph(basic, (1, i, resolution, resolution))
    return Reduction(
        in_channels,
        block.spatial.conv.in_channels,
        out_channels,
        resolution,
        reduction,
        compare,
        recorded,
        rows(recorded),
        other,
        rows(other),
        o,
    )


def dearest(counted: Sequence[Row]) -> str:
    """The name of the layer with the most multiply-adds; all names where several have as many."""
    most = max(layer.values[1] for layer in counted)
    return " and ".join(layer.name for layer in counted if layer.values[1] == most)


def say(data: Reduction) -> Said:
    """The words of the explorer."""
    (parameters, multiply_adds), basic = totals(data.layers), totals(data.basic)
    heard = (
        f"Channels: {data.in_channels:,} in, {data.narrow:,} in the middle, {data.out_channels:,} out."
        f" On a {data.resolution} x {data.resolution} map {parameters:,} parameters and {multiply_adds:,}"
        f" multiply-adds, the most of these in {dearest(data.layers)}."
    )
    if data.compare == NOTHING:
        middle = f"{data.in_channels:,} channels in, {data.narrow:,} in the middle, {data.out_channels:,} out"
        return Said(f"{middle}: {parameters:,} parameters.", heard)
    wide = "" if data.compare == TWO else f" on {data.basic_channels:,} channels"
    heard += (
        f" Two 3x3 convolutions{wide}:"
        f" {basic[0]:,} parameters ({times(basic[0], parameters)}) and {basic[1]:,} multiply-adds"
        f" ({times(basic[1], multiply_adds)})."
    )
    if data.compare == TWO:
        seen = f"{parameters:,} parameters. Two 3x3: {basic[0]:,}, {times(basic[0], parameters)}."
    else:
        seen = f"{multiply_adds:,} multiply-adds. Two 3x3{wide}: {basic[1]:,}."
    return Said(seen, heard)


def times(basic: int, block: int) -> str:
    """How the basic block's count stands to the bottleneck's."""
    return (
        f"{factor(basic / block)} times as many" if basic / block >= 0.95 else f"{basic / block:,.2f} of them"
    )


def compared(data: Reduction) -> tuple[Compared, Compared]:
    """The bottleneck, and the basic block; or a question mark in its place."""
    is_shown = data.compare != NOTHING
    sets = {"compare": NOTHING if is_shown else TWO}
    hint = "take it away" if is_shown else "compare with two 3x3"
    name = "two 3x3" if data.compare != QUARTER else f"basic, {data.basic_channels:,}"
    return (
        Compared("bottleneck", data.layers),
        Compared(name, data.basic if is_shown else None, True, sets, hint),
    )


def touch(data: Reduction) -> Touch:
    """What a click on a part of the picture sets."""
    i, o = data.in_channels, data.out_channels
    narrower = (
        {"reduction": after(data.reduction, REDUCTIONS)},
        f"reduction {after(data.reduction, REDUCTIONS)}",
    )
    found: dict[str, tuple[dict[str, int], str]] = dict.fromkeys(
        ("reduce", "t:reduce", "spatial", "t:spatial"), narrower
    )
    other = o // 4 if i == o else o
    if other in _ON_PAGE:
        found |= dict.fromkeys(("t:input", "shortcut"), ({"in_channels": other}, f"{other:,} channels in"))
    return found


def draw(data: Reduction, heard: str) -> Picture:
    """The block, what it is compared with in the same scale, and the towers of what they cost."""
    label = "Parameters and multiply-adds by layer"
    beside: Picture = ()
    unit = None
    if data.compare != NOTHING:
        unit = shared_unit((data.graph, data.basic_graph))
        label += ", of the bottleneck and of two 3x3 convolutions"
        what = f"Basic block: two 3x3 on {data.basic_channels:,} channels"
        beside = (
            diagram(
                data.basic_graph,
                label=f"{what}, drawn in the scale of the bottleneck",
                heading=what,
                unit=unit,
                key="basic ",
                least_height=HEIGHT,
            ),
        )
    heading = f"Bottleneck: reduction {data.reduction}"
    block = diagram(
        data.graph, label=heard, touch=touch(data), heading=heading, unit=unit, least_height=HEIGHT
    )
    return (block, *beside, towers(streets(compared(data)), label=label, height=HEIGHT))


@with_name
def bottleneck_reduction() -> Explorer[Reduction]:
    """Channels, reduction and map to choose; the block, its layers' costs, and those of two 3x3."""
    return Explorer(
        {
            "reduction": Choice("Reduction", 4, REDUCTIONS),
            "compare": Choice("Compare with", NOTHING, (NOTHING, TWO, QUARTER)),
            "in_channels": Number("Channels in", 256, 1, 2048, stops=CHANNELS, page=_ON_PAGE),
            "out_channels": Number("Channels out", 256, 1, 2048, stops=CHANNELS, page=_ON_PAGE),
            "resolution": Choice("Map size", 56, SIZES),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({}, {"compare": QUARTER}),
    )
