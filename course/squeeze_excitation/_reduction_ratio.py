"""What the reduction of squeeze-and-excitation costs, block by block and in SE-ResNet-50."""

from dataclasses import dataclass
from functools import cache

import torch

from blocks import SqueezeExcitation
from blocks.networks.resnet import REPEATS_50, WIDE, resnet50
from course.kit.panel import Explorer, Number, Picture, with_name
from course.kit.panel.controls import CHANNELS
from course.squeeze_excitation._reduction_picture import Point, ReductionChart, Row

RATIOS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
# Top-1 error in % on ImageNet: Hu et al. 2017, arXiv 1709.01507, table 10; None is ResNet-50 itself.
ERRORS = {2: 22.29, 4: 22.25, 8: 22.26, 16: 22.28, 32: 22.72, None: 23.30}
PRESETS = {
    "SENet's 16": {"reduction": 16},
    "4: hardly reduced": {"reduction": 4},
    "32: the error rises": {"reduction": 32},
    "256: one to eight numbers": {"reduction": 256},
}


@dataclass(frozen=True)
class Gate:
    """The squeeze-and-excitation of `blocks` blocks with `channels` channels each."""

    blocks: int
    channels: int
    squeezed: int
    parameters: int  # of one block

    @property
    def total(self) -> int:
        """The parameters of all these blocks."""
        return self.blocks * self.parameters


@dataclass(frozen=True)
class Reduction:
    """What one reduction costs: in a block of the chosen width, and in SE-ResNet-50's four stages."""

    reduction: int
    block: Gate
    stages: tuple[Gate, ...]
    network: int  # the parameters of ResNet-50, without any squeeze-and-excitation

    @property
    def added(self) -> int:
        """The parameters of all squeeze-and-excitation blocks."""
        return sum(stage.total for stage in self.stages)


def reduction(reduction: int, channels: int) -> Reduction:
    """Build the blocks without memory, count them, and hold the counts to the formula.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
        RuntimeError: a module's count is not what the formula says.
    """
    stages = tuple(_gate(count, width, reduction) for count, width in zip(REPEATS_50, WIDE, strict=True))
    return Reduction(reduction, _gate(1, channels, reduction), stages, _resnet50())


def _gate(blocks: int, channels: int, reduction: int) -> Gate:
    with torch.device("meta"):
        module = SqueezeExcitation(channels, reduction=reduction)
    squeezed = module.reduce.out_channels
    counted = sum(p.numel() for p in module.parameters())
    if counted != formula(channels, squeezed):
        raise RuntimeError(
            f"reduction: parameters of {channels} channels reduced to {squeezed} are"
            f" {formula(channels, squeezed):,} by the formula, {counted:,} by the module."
        )
    return Gate(blocks, channels, squeezed, counted)


def formula(channels: int, squeezed: int) -> int:
    """The parameters: two 1x1 convolutions with their biases."""
    return 2 * channels * squeezed + channels + squeezed


@cache
def _resnet50() -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in resnet50().parameters())


def say(data: Reduction) -> str:
    """The sentence of the explorer."""
    last, block = data.stages[-1], data.block
    error = ERRORS.get(data.reduction)
    measured = (
        f" SENet's table 10 gives {error:.2f} % top-1 error with it, {ERRORS[None]:.2f} % without any."
        if error
        else " No published error is quoted for this reduction."
    )
    return (
        f"Reduction {data.reduction}: {_channels(block.channels)} reduced to {block.squeezed} and back are"
        f" {block.parameters:,} parameters. In SE-ResNet-50 the 16 blocks together have {data.added:,},"
        f" {100 * data.added / data.network:.1f} % on top of ResNet-50's {data.network:,};"
        f" {100 * last.total / data.added:.0f} % of them are in the last {last.blocks} blocks.{measured}"
    )


def _channels(count: int) -> str:
    return f"{count} channel" if count == 1 else f"{count} channels"


def rows(data: Reduction) -> tuple[Row, ...]:
    """A line for the chosen block, a bar for each stage: the parameters of all its blocks."""
    block = data.block
    chosen = Row(f"one block, {block.channels} to {block.squeezed}", _written(block), block.total)
    return (
        chosen,
        *(
            Row(f"stage {n}, {100 * stage.total / data.added:.0f} %", _written(stage), stage.total)
            for n, stage in enumerate(data.stages, 1)
        ),
    )


def _written(gate: Gate) -> str:
    c, q = gate.channels, gate.squeezed
    one = f"2·{c}·{q} + {c} + {q}"
    return f"{one} = {gate.total:,}" if gate.blocks == 1 else f"{gate.blocks}·({one}) = {gate.total:,}"


def points() -> tuple[Point, ...]:
    """The paper's networks: counted parameters, published error, name."""
    return tuple(
        ((reduction(r, 1).added if r else 0) + _resnet50(), error, str(r) if r else "without")
        for r, error in ERRORS.items()
    )


def draw_with(chart: ReductionChart, data: Reduction) -> Picture:
    """The chart of `data`."""
    title = f"SE-ResNet-50: {data.added:,} in 16 blocks"
    return (chart.png(rows(data), title, data.network + data.added, f"r = {data.reduction}"),)


@with_name
def reduction_ratio() -> Explorer[Reduction]:
    """The reduction, and the width of one block, to choose; parameters, beside the paper's errors."""
    chart = ReductionChart(points())
    return Explorer(
        {
            "reduction": Number("Reduction", 16, 1, 256, stops=RATIOS),
            "channels": Number("Channels of one block", 512, 1, 2048, stops=CHANNELS),
        },
        compute=reduction,
        draw=lambda data, _: draw_with(chart, data),
        say=say,
        presets=PRESETS,
        stills=({"reduction": 4}, {"reduction": 16}),
    )
