"""How narrow a bottleneck is inside, what each layer costs, and what two 3x3 convolutions would."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from blocks import BasicBlock, Bottleneck
from blocks.measure import Graph, Step, graph
from course.kit.drawing.diagram import diagram
from course.kit.drawing.layer_bars import WIDTH, Row, Section, layer_bars
from course.kit.panel import Choice, Explorer, Number, Picture, with_name

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
class Layer:
    """One convolution with its norm: its name, the kind of its convolution, what it costs."""

    name: str
    kind: str
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Reduction:
    """A bottleneck, its layers, and those of a basic block with the same channels in and out."""

    in_channels: int
    narrow: int
    out_channels: int
    resolution: int
    graph: Graph
    layers: tuple[Layer, ...]
    basic: tuple[Layer, ...]


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
        layers(recorded),
        layers(graph(basic, shape)),
    )


def layers(recorded: Graph) -> tuple[Layer, ...]:
    """The steps that cost something, convolution and norm together, in the order of the forward."""
    parts: dict[str, list[Step]] = {}
    for step in recorded.steps:
        if step.parameters:
            parts.setdefault(step.name.split(".")[-2], []).append(step)
    return tuple(
        Layer(name, steps[0].kind, sum(s.parameters for s in steps), sum(s.multiply_adds for s in steps))
        for name, steps in parts.items()
    )


def totals(counted: Sequence[Layer]) -> tuple[int, int]:
    """Parameters and multiply-adds of all layers."""
    return sum(layer.parameters for layer in counted), sum(layer.multiply_adds for layer in counted)


def dearest(counted: Sequence[Layer]) -> str:
    """The name of the layer with the most multiply-adds; all names where several have as many."""
    most = max(layer.multiply_adds for layer in counted)
    return " and ".join(layer.name for layer in counted if layer.multiply_adds == most)


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


def section(title: str, counted: Sequence[Layer]) -> Section:
    """The bars of one block."""
    words = (f"{count:,} {noun}" for count, noun in zip(totals(counted), NOUNS, strict=True))
    rows = (Row(layer.name, layer.kind, (layer.parameters, layer.multiply_adds)) for layer in counted)
    return Section(title, tuple(words), tuple(rows))


NOUNS = ("parameters", "multiply-adds")


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
