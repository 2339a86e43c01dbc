"""How narrow a bottleneck is inside, what each layer costs, and what two 3x3 convolutions would."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from blocks import BasicBlock, Bottleneck
from blocks.measure import Graph, graph
from course.kit.drawing.diagram import diagram
from course.kit.drawing.layer_bars import WIDTH, Row, layer_bars
from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.panel.layers import rows, section, totals

CHANNELS = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
SIZES = (7, 14, 28, 56)
_STAGE_1 = {"in_channels": 256, "out_channels": 256, "reduction": 4, "resolution": 56}
PRESETS = {
    "ResNet-50, stage 1": _STAGE_1,
    "stage 4": {"in_channels": 2048, "out_channels": 2048, "reduction": 4, "resolution": 7},
    "stage 1's first block, 64 to 256": {**_STAGE_1, "in_channels": 64},
    "reduction 1": {**_STAGE_1, "reduction": 1},
    "reduction 16": {**_STAGE_1, "reduction": 16},
}


@dataclass(frozen=True)
class Reduction:
    """A bottleneck, its layers, and those of a basic block with the same channels in and out."""

    in_channels: int
    narrow: int
    out_channels: int
    resolution: int
    graph: Graph
    layers: tuple[Row, ...]
    basic: tuple[Row, ...]


@lru_cache(maxsize=512)  # recording costs more than drawing, and sliders come back
def compute(in_channels: int, out_channels: int, reduction: int, resolution: int) -> Reduction:
    """Build both blocks without memory, record them, and count their layers.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
    """
    with torch.device("meta"):
        block = Bottleneck(in_channels, out_channels, reduction=reduction)
        basic = BasicBlock(in_channels, out_channels)
    shape = (1, in_channels, resolution, resolution)
    recorded = graph(block, shape)
    narrow = block.spatial.conv.in_channels
    return Reduction(
        in_channels,
        narrow,
        out_channels,
        resolution,
        recorded,
        rows(recorded),
        rows(graph(basic, shape)),
    )


def dearest(counted: Sequence[Row]) -> str:
    """The name of the layer with the most multiply-adds; all names where several have as many."""
    most = max(layer.values[1] for layer in counted)
    return " and ".join(layer.name for layer in counted if layer.values[1] == most)


def say(data: Reduction) -> str:
    """The sentence of the explorer."""
    (parameters, multiply_adds), basic = totals(data.layers), totals(data.basic)
    return (
        f"Channels: {data.in_channels:,} in, {data.narrow:,} in the middle, {data.out_channels:,} out."
        f" On a {data.resolution} x {data.resolution} map {parameters:,} parameters and {multiply_adds:,}"
        f" multiply-adds, the most of these in {dearest(data.layers)}. Two 3x3 convolutions:"
        f" {basic[0]:,} parameters ({times(basic[0], parameters)}) and {basic[1]:,} multiply-adds"
        f" ({times(basic[1], multiply_adds)})."
    )


def times(basic: int, block: int) -> str:
    """How the basic block's count stands to the bottleneck's."""
    return f"{basic / block:,.1f} times as many" if basic / block >= 0.95 else f"{basic / block:,.2f} of them"


def draw(data: Reduction, sentence: str) -> Picture:
    """The block, and below it the bars of both."""
    label = "Parameters and multiply-adds by layer, of the bottleneck and of two 3x3 convolutions"
    bars = section("Bottleneck", data.layers), section("Two 3x3", data.basic)
    return diagram(data.graph, label=sentence, least_width=WIDTH), layer_bars(bars, label=label)


@with_name
def bottleneck_reduction() -> Explorer[Reduction]:
    """Channels, reduction and map to choose; the block, its layers' costs, and those of two 3x3."""
    return Explorer(
        {
            "in_channels": Number("Channels in", 256, 1, 2048, stops=CHANNELS),
            "out_channels": Number("Channels out", 256, 1, 2048, stops=CHANNELS),
            "reduction": Choice("Reduction", 4, (1, 2, 4, 8, 16)),
            "resolution": Choice("Map size", 56, SIZES),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
