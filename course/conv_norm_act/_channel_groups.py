"""Which output channel of a convolution sees which input channel, asked of the module; what groups save."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from blocks import ConvNormAct
from blocks.measure import Step, graph
from course.conv_norm_act._channel_matrix_picture import Cost, channel_matrix
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
    groups = "1 group" if data.groups == 1 else f"{data.groups} groups"
    each = "the only" if data.in_channels == 1 else f"{seen} of the {data.in_channels}"
    saved = ""
    if data.groups > 1:
        times = data.full.parameters / data.step.parameters
        saved = f" With 1 group: {data.full.parameters:,} weights, {times:g} times as many."
    matrix = ""
    if k == 1 and data.groups == 1:
        matrix = f" It is one {data.out_channels} x {data.in_channels} matrix, the same at every pixel."
    return (
        f"{many(data.in_channels, 'channel')} in, {data.out_channels} out, {k}x{k}, {groups}:"
        f" each output channel sees {each} input channel{'' if data.in_channels == 1 else 's'}, through"
        f" {many(k * k, 'weight')} each. {many(data.step.parameters, 'weight')}, and on a {RESOLUTION} x"
        f" {RESOLUTION} map {data.step.multiply_adds:,} multiply-adds.{matrix}{saved}"
    )


def draw(data: Channels, sentence: str) -> Picture:
    """The matrix of who sees whom, and what it costs."""
    this, full = (
        Cost(step.kind, groups, step.parameters, step.multiply_adds)
        for step, groups in ((data.step, data.groups), (data.full, 1))
    )
    return (channel_matrix(data.sees, data.kernel_size, (this, full), RESOLUTION, label=sentence),)


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
