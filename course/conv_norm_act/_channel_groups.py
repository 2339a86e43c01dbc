"""Which output channel of a convolution sees which input channel, asked of the module; what groups save."""

from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch import nn

from blocks import ConvNormAct
from blocks.measure import Step, graph
from course.kit.drawing.style import CARD, COLORS, HERE, INK, QUIET, RULE, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.panel.layers import many

RESOLUTION = 14
COUNTS = (1, 2, 3, 4, 6, 8)  # most of which divide each other, as groups must
MOST = COUNTS[-1]
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
        output, input: the channels that are looked at, counted from 1.
    """

    in_channels: int
    out_channels: int
    kernel_size: int
    groups: int
    sees: tuple[tuple[bool, ...], ...]
    step: Step
    full: Step
    output: int = 1
    input: int = 1


def compute(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    groups: int,
    output_channel: int = 1,
    input_channel: int = 1,
) -> Channels:
    """Light one input channel at a time, all weights 1, and see which output channels light up.

    An output or an input channel beyond the last means the last.

    Raises:
        TypeError, ValueError: the module refuses its arguments.
    """
    found = _channels(in_channels, out_channels, kernel_size, groups)
    return replace(found, output=min(output_channel, out_channels), input=min(input_channel, in_channels))


@lru_cache(maxsize=512)
def _channels(in_channels: int, out_channels: int, kernel_size: int, groups: int) -> Channels:
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


def say(data: Channels) -> Said:
    """The words of the explorer."""
    k, seen = data.kernel_size, sum(data.sees[0])
    each = "the only" if data.in_channels == 1 else f"{seen} of the {data.in_channels}"
    began, saved = f"Each output channel sees {each} input {_plural(data.in_channels)}:", ""
    line = f"{began} {many(data.step.parameters, 'weight')}."
    if data.groups > 1:
        times = data.full.parameters / data.step.parameters
        saved = f" With 1 group: {data.full.parameters:,} weights, {times:g} times as many."
        line = f"{began} {data.step.parameters:,} of {data.full.parameters:,} weights."
    matrix = ""
    if k == 1 and data.groups == 1:
        matrix = f" It is one {data.out_channels} x {data.in_channels} matrix, the same at every pixel."
    ins = [n for n, one in enumerate(data.sees[data.output - 1], 1) if one]
    outs = [n for n, row in enumerate(data.sees, 1) if row[data.input - 1]]
    return Said(
        line,
        f"{many(data.in_channels, 'channel')} in, {data.out_channels} out, {k}x{k},"
        f" {many(data.groups, 'group')}: each output channel sees {each} input"
        f" {_plural(data.in_channels)}, through {many(k * k, 'weight')} each."
        f" {many(data.step.parameters, 'weight')}, and on a {RESOLUTION} x"
        f" {RESOLUTION} map {data.step.multiply_adds:,} multiply-adds.{matrix}{saved}"
        f" Output {data.output} sees input {_listed(ins)}; input {data.input} is seen by output"
        f" {_listed(outs)}.",
    )


def _plural(count: int) -> str:
    return "channel" if count == 1 else "channels"


def _listed(numbers: list[int]) -> str:
    """1 to 4, or 3."""
    return f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"


WIDTH, TOP, LEFT, CELL, PIXEL = 400, 72, 92, 34, 6  # PIXEL: the side of one weight
_NODE, _INS, _OUTS = 26, 96, 278  # a channel on the second card, and where the two columns begin


def draw(data: Channels, heard: str) -> Picture:
    """Who sees whom: as wires, and as a matrix in which each filled part is a weight."""
    height = TOP + data.out_channels * CELL + 18
    rows = max(data.in_channels, data.out_channels)
    return (
        card(_wires(data), WIDTH, TOP + rows * CELL + 18, heard),
        card(
            _matrix(data), WIDTH, height, f"The {data.step.parameters:,} weights, by output and input channel"
        ),
    )


_LIT, _EDGE = 'opacity="0.22"', 'stroke-width="2.5" pointer-events="none"'


def _wires(data: Channels) -> str:
    color = COLORS[data.step.kind]
    rows = max(data.in_channels, data.out_channels)
    first_in, first_out = (
        TOP + (rows - count) * CELL / 2 + CELL / 2 for count in (data.in_channels, data.out_channels)
    )
    body = text(16, 28, color.name, color.text, bold=True, size=16)
    body += text(_INS + _NODE / 2, TOP - 9, "input", QUIET, anchor="middle")
    body += text(_OUTS + _NODE / 2, TOP - 9, "output", QUIET, anchor="middle")
    pale, strong = "", ""
    for y, sees in enumerate(data.sees):
        for x, one in enumerate(sees):
            if not one:
                continue
            line = f"M{_INS + _NODE} {first_in + x * CELL}L{_OUTS} {first_out + y * CELL}"
            if y + 1 == data.output:
                strong += path(line, "none", stroke=color.fill, width=3)
            else:
                pale += path(line, "none", stroke=color.fill, width=1, more='opacity="0.45"')
    body += pale + strong
    for x in range(data.in_channels):
        seen = data.sees[data.output - 1][x]
        place = _INS, first_in + x * CELL
        body += _node(place, x + 1, seen, x + 1 == data.input, {"input_channel": x + 1})
    for y in range(data.out_channels):
        lit = y + 1 == data.output
        body += _node((_OUTS, first_out + y * CELL), y + 1, lit, lit, {"output_channel": y + 1})
    return body


def _node(place: tuple[float, float], number: int, seen: bool, lit: bool, sets: dict[str, int]) -> str:
    """A channel; bold where the output that is looked at sees it."""
    x, y = place
    mark = Mark(f"{'in' if 'input_channel' in sets else 'out'}{number}", sets)
    edge = 'stroke-width="3"' if lit else 'stroke-width="1"'
    body = rect(x, y - _NODE / 2, _NODE, _NODE, TENSOR, mark, stroke=HERE if lit else TENSOR_EDGE, more=edge)
    ink = INK if seen else QUIET
    return body + text(x + _NODE / 2, y + 5, f"{number}", ink, Mark(sets=sets), bold=seen, anchor="middle")


def _matrix(data: Channels) -> str:
    color, wide, high = COLORS[data.step.kind], data.in_channels * CELL, data.out_channels * CELL
    row, column = TOP + (data.output - 1) * CELL, LEFT + (data.input - 1) * CELL
    body = text(16, 28, f"{data.step.parameters:,} weights", color.text, bold=True, size=16)
    body += text(LEFT + wide, 28, "input", QUIET, anchor="end") if wide > 100 else ""
    body += rect(LEFT, row, wide, CELL, HERE, Mark("row"), more=_LIT)
    body += rect(column, TOP, CELL, high, HERE, Mark("column"), more=_LIT)
    for x in range(data.in_channels):
        lit = x + 1 == data.input
        ink = INK if lit else QUIET
        body += text(LEFT + (x + 0.5) * CELL, TOP - 9, f"{x + 1}", ink, anchor="middle", bold=lit)
    for y, sees in enumerate(data.sees):
        lit = y + 1 == data.output
        word = f"output {y + 1}" if y == 0 or lit else f"{y + 1}"
        body += text(LEFT - 10, TOP + y * CELL + 22, word, INK if lit else QUIET, anchor="end", bold=lit)
        body += "".join(_cell(data, y, x, one) for x, one in enumerate(sees))
    body += rect(LEFT, row, wide, CELL, "none", Mark("row edge"), stroke=HERE, more=_EDGE)
    return body + rect(column, TOP, CELL, high, "none", Mark("column edge"), stroke=HERE, more=_EDGE)


def _cell(data: Channels, y: int, x: int, sees: bool) -> str:
    """A square of k x k weights, or an empty place."""
    k, left, top = data.kernel_size, LEFT + x * CELL, TOP + y * CELL
    sets = {"output_channel": y + 1, "input_channel": x + 1}
    words = f"{many(k * k, 'weight')}" if sees else "not seen"
    place = Mark(sets=sets, title=f"output {y + 1}, input {x + 1}: {words}")
    body = rect(left + 1, top + 1, CELL - 2, CELL - 2, CARD, place, stroke=RULE, more='fill-opacity="0"')
    if not sees:
        return body
    side, color = k * PIXEL, COLORS[data.step.kind].fill
    inset = (CELL - side) / 2
    mark = Mark(f"{y},{x}", sets, value=k * k, scale="area", unit="weights", title=place.title)
    body += rect(left + inset, top + inset, side, side, color, mark)
    lines = "".join(
        f"M{left + inset + n * PIXEL} {top + inset}v{side}M{left + inset} {top + inset + n * PIXEL}h{side}"
        for n in range(1, k)
    )
    return body + (path(lines, "none", stroke=CARD, width=0.8, more='pointer-events="none"') if lines else "")


@with_name
def channel_groups() -> Explorer[Channels]:
    """Kernel, groups and channels to choose; which output channel sees which input channel."""
    on_page = tuple(range(1, MOST + 1))
    return Explorer(
        {
            "kernel_size": Choice("Kernel", 3, (1, 3, 5)),
            "groups": Choice("Groups", 1, COUNTS, page=(1, 2, 3, 4, 8)),
            "in_channels": Number("Channels in", 8, 1, MOST, stops=COUNTS, page=(4, 8), more=True),
            "out_channels": Number("Channels out", 8, 1, MOST, stops=COUNTS, page=(3, 4, 8), more=True),
            "output_channel": Number("Output", 3, 1, MOST, page=on_page, more=True),
            "input_channel": Number("Input", 2, 1, MOST, page=on_page, more=True),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"groups": 2}, {"kernel_size": 1, "out_channels": 3}),
    )
