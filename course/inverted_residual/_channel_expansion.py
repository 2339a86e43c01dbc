"""How wide an inverted residual is inside, what each layer costs, and what a dense convolution would."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from blocks import ConvNormAct, InvertedResidual
from blocks.measure import Graph, graph
from course.kit.drawing.diagram import diagram
from course.kit.drawing.layer_bars import WIDTH, Row, Section, layer_bars
from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.panel.controls import CHANNELS
from course.kit.panel.layers import many, row, rows, section, totals

RESOLUTION = 56  # where MobileNetV2 has blocks 3 and 4
# MobileNetV2's widths; 40 in is exercise 2. The dense block passes ten times between 2.5 and 3.
_IN_ON_PAGE = (8, 16, 24, 32, 40, 64, 96, 160, 320)
_OUT_ON_PAGE = (8, 16, 24, 25, 32, 64, 96, 160, 320)
_BLOCK_3 = {"in_channels": 24, "out_channels": 24, "expansion": 6.0, "kernel_size": 3, "stride": 1}
PRESETS = {
    "MobileNetV2, block 3": _BLOCK_3,
    "MobileNetV2, block 4": {**_BLOCK_3, "out_channels": 32, "stride": 2},
    "expansion 1": {**_BLOCK_3, "expansion": 1.0},
    "expansion 10": {**_BLOCK_3, "expansion": 10.0},
    "break it: 24 to 25": {**_BLOCK_3, "out_channels": 25},
}


@dataclass(frozen=True)
class Expansion:
    """An inverted residual, its layers, and those of the same block with a dense middle convolution."""

    in_channels: int
    out_channels: int
    hidden: int
    kernel_size: int
    stride: int
    graph: Graph
    layers: tuple[Row, ...]
    dense: tuple[Row, ...]

    @property
    def has_shortcut(self) -> bool:
        """Whether the recorded forward adds anything."""
        return any(step.kind == "add" for step in self.graph.steps)


@lru_cache(maxsize=512)  # recording costs more than drawing, and sliders come back
def compute(
    in_channels: int, out_channels: int, expansion: float, kernel_size: int, stride: int
) -> Expansion:
    """Build the block and the dense layer without memory, record them, hold the counts to the formula.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
        RuntimeError: the module's count is not what its docstring's formula says.
    """
    i, o, k = in_channels, out_channels, kernel_size
    with torch.device("meta"):
        block = InvertedResidual(i, o, kernel_size=k, stride=stride, expansion=expansion)
        hidden = block.project.conv.in_channels
        # Without the activation, which costs nothing here but a tenth of the recording's time.
        dense = ConvNormAct(hidden, hidden, kernel_size=k, stride=stride, act=None)
    recorded = graph(block, (1, i, RESOLUTION, RESOLUTION))
    layers = rows(recorded)
    middle = graph(dense, (1, hidden, RESOLUTION, RESOLUTION)).steps[1:]
    swapped = [row("dense", middle) if layer.name == "depthwise" else layer for layer in layers]
    data = Expansion(i, o, hidden, k, stride, recorded, layers, tuple(swapped))
    if totals(layers) != formula(data, expands=expansion != 1):
        raise RuntimeError("channel_expansion: the module's own count is not what its formula says.")
    return data


def formula(data: Expansion, *, expands: bool) -> tuple[int, int]:
    """The parameters and multiply-adds of the block by the formulas in InvertedResidual's docstring."""
    i, o, h, k, e = data.in_channels, data.out_channels, data.hidden, data.kernel_size, int(expands)
    before, after = RESOLUTION**2, (-(-RESOLUTION // data.stride)) ** 2
    parameters = e * (i * h + 2 * h) + k * k * h + 2 * h + h * o + 2 * o
    return parameters, e * before * i * h + after * h * (k * k + o)


def say(data: Expansion) -> str:
    """The sentence of the explorer."""
    i, o, h, k = data.in_channels, data.out_channels, data.hidden, data.kernel_size
    widened = (
        f"expanded from {i:,} to {h:,}" if data.layers[0].name == "expand" else f"not expanded, {h:,} stay"
    )
    (parameters, multiply_adds), dense = totals(data.layers), totals(data.dense)
    return (
        f"Channels: {widened}, filtered one by one by a {k}x{k} convolution, projected to {o:,}."
        f" On a {RESOLUTION} x {RESOLUTION} map {many(parameters, 'parameter')} and"
        f" {many(multiply_adds, 'multiply-add')}. With a dense {k}x{k}:"
        f" {many(dense[0], 'parameter')} ({times(dense[0], parameters)}) and"
        f" {many(dense[1], 'multiply-add')} ({times(dense[1], multiply_adds)}). {shortcut(data)}"
    )


def shortcut(data: Expansion) -> str:
    """Whether the block has a shortcut, and why."""
    i, o = data.in_channels, data.out_channels
    if data.has_shortcut:
        return f"It has a shortcut: stride 1, and {many(i, 'channel')} in and out."
    reasons = ["stride 2 changes the size of the map"] if data.stride == 2 else []
    if i != o:
        reasons.append(f"{many(i, 'channel')} in {'is' if i == 1 else 'are'} not {o:,} out")
    return f"It has no shortcut: {' and '.join(reasons)}."


def times(dense: int, block: int) -> str:
    """How the dense block's count stands to the block's."""
    return "as many" if dense == block else f"{dense / block:,.1f} times as many"


def sections(data: Expansion) -> tuple[Section, Section]:
    """The bars of both blocks."""
    counts, dense = totals(data.layers), totals(data.dense)
    more = ["" if a == b else f" ({b / a:,.1f}x)" for a, b in zip(counts, dense, strict=True)]
    title = f"Dense {data.kernel_size}x{data.kernel_size}"
    return section("Depthwise", data.layers), section(title, data.dense, more)


def draw(data: Expansion, sentence: str) -> Picture:
    """The block, and below it the bars of both."""
    label = "Parameters and multiply-adds by layer, with the depthwise and with a dense convolution"
    return diagram(data.graph, label=sentence, least_width=WIDTH), layer_bars(sections(data), label=label)


@with_name
def channel_expansion() -> Explorer[Expansion]:
    """Widths, kernel and stride to choose; the block, its layers' costs, and a dense convolution's."""
    return Explorer(
        {
            "in_channels": Number("Channels in", 24, 1, 2048, stops=CHANNELS, page=_IN_ON_PAGE),
            "out_channels": Number("Channels out", 24, 1, 2048, stops=CHANNELS, page=_OUT_ON_PAGE),
            "expansion": Number("Expansion", 6.0, 1, 10, 0.5, page=(1, 2, 2.5, 3, 4, 6, 8, 10)),
            "kernel_size": Choice("Kernel", 3, (3, 5, 7)),
            "stride": Choice("Stride", 1, (1, 2)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
