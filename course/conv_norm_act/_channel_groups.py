"""Which output channel of a convolution sees which input channel, asked of the module; what groups save."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from blocks import ConvNormAct
from blocks.measure import Step, graph
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE, Color
from course.kit.drawing.svg import card
from course.kit.drawing.svg import text as words
from course.kit.panel import Choice, Explorer, Picture, with_name
from course.kit.panel.layers import many

RESOLUTION = 14
COUNTS = (1, 2, 3, 4, 6, 8, 12)  # most of which divide each other, as groups must
_FULL = {"in_channels": 8, "out_channels": 8, "kernel_size": 3, "groups": 1}
PRESETS = {
    "2 groups": {**_FULL, "groups": 2},
    "depthwise: a group per channel": {**_FULL, "groups": 8},
    "1x1": {**_FULL, "kernel_size": 1},
    "1x1, 8 to 3": {**_FULL, "kernel_size": 1, "out_channels": 3},
    "full 3x3": _FULL,
}


@dataclass(frozen=True)
class Channels:
    """A convolution, its recorded step, that of the same without groups, and who sees whom.

    Attributes:
        sees: for each output channel, whether it sees each input channel.
    """

    in_channels: int
    out_channels: int
    kernel_size: int
    groups: int
    sees: tuple[tuple[bool, ...], ...]
    step: Step
    full: Step


@lru_cache(maxsize=512)
def compute(in_channels: int, out_channels: int, kernel_size: int, groups: int) -> Channels:
    """Light one input channel at a time, all weights 1, and see which output channels light up.

    Raises:
        TypeError, ValueError: the module refuses its arguments.
    """
    with torch.device("meta"):
        unit, full = (
            ConvNormAct(in_channels, out_channels, kernel_size=kernel_size, groups=g, act=None)
            for g in (groups, 1)
        )
    shape = (1, in_channels, RESOLUTION, RESOLUTION)
    steps = [graph(module, shape).steps[1] for module in (unit, full)]
    unit.conv.weight = nn.Parameter(torch.ones(unit.conv.weight.shape))
    with torch.no_grad():
        one_lit = torch.eye(in_channels).view(in_channels, in_channels, 1, 1)
        lit = unit.conv(one_lit)[:, :, 0, 0].T > 0
    return Channels(
        in_channels,
        out_channels,
        kernel_size,
        groups,
        tuple(tuple(row) for row in lit.tolist()),
        steps[0],
        steps[1],
    )


def say(data: Channels) -> str:
    """The sentence of the explorer."""
    k, seen = data.kernel_size, sum(data.sees[0])
    each = "the only" if data.in_channels == 1 else f"{seen} of the {data.in_channels}"
    saved = ""
    if data.groups > 1:
        times = data.full.parameters / data.step.parameters
        saved = f" With 1 group: {data.full.parameters:,} weights, {times:g} times as many."
    matrix = ""
    if k == 1 and data.groups == 1:
        matrix = f" It is one {data.out_channels} x {data.in_channels} matrix, the same at every pixel."
    return (
        f"{many(data.in_channels, 'channel')} in, {data.out_channels} out, {k}x{k},"
        f" {many(data.groups, 'group')}: each output channel sees {each} input"
        f" channel{'' if data.in_channels == 1 else 's'}, through {many(k * k, 'weight')} each."
        f" {many(data.step.parameters, 'weight')}, and on a {RESOLUTION} x"
        f" {RESOLUTION} map {data.step.multiply_adds:,} multiply-adds.{matrix}{saved}"
    )


WIDTH, HEIGHT, TOP, LEFT, CELL, ROW = 880, 380, 76, 96, 30, 24
_RIGHT, _NAMES, _BAR = 500, 80, 190


def _cell(x: int, y: int, seen: bool, kernel_size: int, color: Color) -> str:
    left, top = LEFT + x * CELL, TOP + y * ROW
    body = (
        f'<rect x="{left + 1}" y="{top + 1}" width="{CELL - 2}" height="{ROW - 2}"'
        f' fill="{color.fill if seen else CARD}" stroke="{color.fill if seen else RULE}"/>'
    )
    if seen:
        body += words(left + CELL / 2, top + ROW / 2 + 5, str(kernel_size**2), color.ink, anchor="middle")
    return body


def _costs(data: Channels) -> str:
    """Bars of weights and multiply-adds: this convolution and, if it has several, the same with one group."""
    color = COLORS[data.step.kind]
    shown = [(data.groups, data.step), (1, data.full)][: 2 if data.groups > 1 else 1]
    body = words(_RIGHT, 26, f"This is a {color.name}", color.text, bold=True)
    columns = {
        "weights": [step.parameters for _, step in shown],
        f"multiply-adds on a {RESOLUTION} x {RESOLUTION} map": [step.multiply_adds for _, step in shown],
    }
    for n, (noun, values) in enumerate(columns.items()):
        top, left = TOP + n * 110, _RIGHT + _NAMES
        body += words(_RIGHT, top + 8, noun, INK, bold=True)
        for m, ((groups, step), value) in enumerate(zip(shown, values, strict=True)):
            y, width, fill = top + 20 + m * 28, max(_BAR * value / max(values), 1), COLORS[step.kind].fill
            body += words(_RIGHT, y + 15, many(groups, "group"), QUIET)
            body += f'<rect x="{left}" y="{y}" width="{width:.1f}" height="20" fill="{fill}"/>'
            body += words(left + width + 8, y + 15, f"{value:,}", INK)
    return body


def draw(data: Channels, sentence: str) -> Picture:
    """The matrix of who sees whom, and what it costs."""
    color, k = COLORS[data.step.kind], data.kernel_size
    body = words(16, 26, "A column for each input channel, a row for each output channel", INK, bold=True)
    through = f"filled: the row sees the column, through {many(k**2, 'weight')} ({k}x{k})"
    body += words(16, 46, through, QUIET)
    for x in range(data.in_channels):
        body += words(LEFT + (x + 0.5) * CELL, TOP - 7, str(x + 1), QUIET, anchor="middle")
    for y, row in enumerate(data.sees):
        body += words(LEFT - 10, TOP + y * ROW + 16, f"output {y + 1}", QUIET, anchor="end")
        body += "".join(_cell(x, y, seen, k, color) for x, seen in enumerate(row))
    return (card(body + _costs(data), WIDTH, HEIGHT, sentence),)


@with_name
def channel_groups() -> Explorer[Channels]:
    """Channels, kernel and groups to choose; which output channel sees which input channel."""
    return Explorer(
        {
            "in_channels": Choice("Channels in", 8, COUNTS),
            "out_channels": Choice("Channels out", 8, COUNTS),
            "kernel_size": Choice("Kernel", 3, (1, 3, 5)),
            "groups": Choice("Groups", 1, COUNTS),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"groups": 2}, {"kernel_size": 1, "out_channels": 3}),
    )
