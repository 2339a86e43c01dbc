"""How wide an inverted residual is inside, what each layer costs, and what a full convolution would."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from blocks import ConvNormAct, InvertedResidual
from blocks.measure import Graph, graph
from course.kit.drawing.diagram import Touch, diagram
from course.kit.drawing.listing import Row
from course.kit.drawing.towers import towers
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.panel.controls import CHANNELS
from course.kit.panel.layers import Compared, after, factor, many, row, rows, streets, totals

RESOLUTION = 56  # where MobileNetV2 has blocks 3 and 4
HEIGHT = 340  # of the card: that of the whole block
NOTHING, FULL = "nothing", "a full convolution"
# MobileNetV2's widths; 40 in is exercise 2. The full block passes ten times between 2.5 and 3.
_IN_ON_PAGE = (8, 16, 24, 32, 40, 64, 96, 160)
_OUT_ON_PAGE = (16, 24, 25, 32, 64, 96, 160)
_SLIDER = tuple(stop for stop in CHANNELS if stop <= 256)
_EXPANSIONS = (1.0, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 10.0)
_BLOCK_3 = {"in_channels": 24, "out_channels": 24, "expansion": 6.0, "kernel_size": 3, "stride": 1}
PRESETS = {
    "expansion 1": {**_BLOCK_3, "expansion": 1.0},
    "MobileNetV2, block 3": _BLOCK_3,
    "expansion 10": {**_BLOCK_3, "expansion": 10.0},
    "MobileNetV2, block 4": {**_BLOCK_3, "out_channels": 32, "stride": 2},
    "break it: 24 to 25": {**_BLOCK_3, "out_channels": 25},
}


@dataclass(frozen=True)
class Expansion:
    """An inverted residual, its layers, and those of the same block with a full convolution in the middle.

    Attributes:
        compare: whether that one is shown.
    """

    in_channels: int
    out_channels: int
    hidden: int
    expansion: float
    kernel_size: int
    stride: int
    compare: bool
    graph: Graph
    layers: tuple[Row, ...]
    full: tuple[Row, ...]

    @property
    def has_shortcut(self) -> bool:
        """Whether the recorded forward adds anything."""
        return any(step.kind == "add" for step in self.graph.steps)


@lru_cache(maxsize=512)  # recording costs more than drawing, and sliders come back
def compute(
    in_channels: int, out_channels: int, expansion: float, kernel_size: int, stride: int, compare: str = FULL
) -> Expansion:
    """Build the block and the full layer without memory, record them, hold the counts to the formula.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
        RuntimeError: the module's count is not what its docstring's formula says.
    """
    i, o, k = in_channels, out_channels, kernel_size
    with torch.device("meta"):
        block = InvertedResidual(i, o, kernel_size=k, stride=stride, expansion=expansion)
        hidden = block.project.conv.in_channels
        # Without the activation, which costs nothing here but a tenth of the recording's time.
        full = ConvNormAct(hidden, hidden, kernel_size=k, stride=stride, act=None)
    recorded = graph(block, (1, i, RESOLUTION, RESOLUTION))
    layers = rows(recorded)
    middle = graph(full, (1, hidden, RESOLUTION, RESOLUTION)).steps[1:]
    swapped = [row("full", middle) if layer.name == "depthwise" else layer for layer in layers]
    data = Expansion(i, o, hidden, expansion, k, stride, compare == FULL, recorded, layers, tuple(swapped))
    if totals(layers) != formula(data, expands=expansion != 1):
        raise RuntimeError("channel_expansion: the module's own count is not what its formula says.")
    return data


def formula(data: Expansion, *, expands: bool) -> tuple[int, int]:
    """The parameters and multiply-adds of the block by the formulas in InvertedResidual's docstring."""
    i, o, h, k, e = data.in_channels, data.out_channels, data.hidden, data.kernel_size, int(expands)
    before, after = RESOLUTION**2, (-(-RESOLUTION // data.stride)) ** 2
    parameters = e * (i * h + 2 * h) + k * k * h + 2 * h + h * o + 2 * o
    return parameters, e * before * i * h + after * h * (k * k + o)


def say(data: Expansion) -> Said:
    """The words of the explorer."""
    i, o, h, k = data.in_channels, data.out_channels, data.hidden, data.kernel_size
    widened = (
        f"expanded from {i:,} to {h:,}" if data.layers[0].name == "expand" else f"not expanded, {h:,} stay"
    )
    (parameters, multiply_adds), full = totals(data.layers), totals(data.full)
    heard = (
        f"Channels: {widened}, filtered one by one by a {k}x{k} convolution, projected to {o:,}."
        f" On a {RESOLUTION} x {RESOLUTION} map {many(parameters, 'parameter')} and"
        f" {many(multiply_adds, 'multiply-add')}."
    )
    seen = f"{i:,} channels in, {h:,} inside, {o:,} out: {many(parameters, 'parameter')}."
    if data.compare:
        heard += (
            f" With a full {k}x{k}: {many(full[0], 'parameter')} ({times(full[0], parameters)}) and"
            f" {many(full[1], 'multiply-add')} ({times(full[1], multiply_adds)})."
        )
        seen = (
            f"{many(parameters, 'parameter')}. With a full {k}x{k} {full[0]:,}: {times(full[0], parameters)}."
        )
    return Said(seen, f"{heard} {shortcut(data)}")


def shortcut(data: Expansion) -> str:
    """Whether the block has a shortcut, and why."""
    i, o = data.in_channels, data.out_channels
    if data.has_shortcut:
        return f"It has a shortcut: stride 1, and {many(i, 'channel')} in and out."
    reasons = ["stride 2 changes the size of the map"] if data.stride == 2 else []
    if i != o:
        reasons.append(f"{many(i, 'channel')} in {'is' if i == 1 else 'are'} not {o:,} out")
    return f"It has no shortcut: {' and '.join(reasons)}."


def times(full: int, block: int) -> str:
    """How the full block's count stands to the block's."""
    return "as many" if full == block else f"{factor(full / block)} times as many"


def compared(data: Expansion) -> tuple[Compared, Compared]:
    """The block, and the one with a full convolution; or a question mark in its place."""
    sets = {"compare": NOTHING if data.compare else FULL}
    hint = "take it away" if data.compare else "compare with a full convolution"
    name = f"full {data.kernel_size}x{data.kernel_size}"
    return (
        Compared("depthwise", data.layers),
        Compared(name, data.full if data.compare else None, True, sets, hint),
    )


def touch(data: Expansion) -> Touch:
    """What a click on a part of the picture sets."""
    expansion, kernel = after(data.expansion, (1.0, 3.0, 6.0, 10.0)), after(data.kernel_size, (3, 5, 7))
    out = after(data.out_channels, (24, 25, 32))
    if data.out_channels != data.in_channels and data.in_channels in _OUT_ON_PAGE:
        out = data.in_channels
    strided: tuple[dict[str, int], str] = {"stride": 3 - data.stride}, f"stride {3 - data.stride}"
    wider = {"expansion": expansion}, f"expansion {expansion:g}"
    return {
        "expand": wider,
        "t:expand": wider,
        "t:input": wider,
        "depthwise": ({"kernel_size": kernel}, f"kernel {kernel}x{kernel}"),
        "t:depthwise": strided,
        "shortcut": strided,
        "project": ({"out_channels": out}, f"{out} channels out"),
        "t:project": ({"out_channels": out}, f"{out} channels out"),
        "t:add": ({"out_channels": out}, f"{out} channels out"),
    }


def draw(data: Expansion, heard: str) -> Picture:
    """The block, and beside it the towers of what it costs."""
    label = "Parameters and multiply-adds by layer"
    if data.compare:
        label += ", and beside them those with a full convolution"
    return (
        diagram(data.graph, label=heard, touch=touch(data), least_height=HEIGHT),
        towers(streets(compared(data)), label=label),
    )


@with_name
def channel_expansion() -> Explorer[Expansion]:
    """Widths, kernel and stride to choose; the block, its layers' costs, and a full convolution's."""
    return Explorer(
        {
            "expansion": Number("Expansion", 6.0, 1, 10, 0.5, page=_EXPANSIONS),
            "compare": Choice("Compare with", NOTHING, (NOTHING, FULL)),
            "stride": Choice("Stride", 1, (1, 2)),
            "kernel_size": Choice("Kernel", 3, (3, 5, 7)),
            "in_channels": Number("Channels in", 24, 1, 2048, stops=_SLIDER, page=_IN_ON_PAGE),
            "out_channels": Number("Channels out", 24, 1, 2048, stops=_SLIDER, page=_OUT_ON_PAGE),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
