"""What the reduction of squeeze-and-excitation costs, block by block and in SE-ResNet-50."""

from dataclasses import dataclass
from functools import cache

import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from blocks import SqueezeExcitation
from blocks.networks.resnet import REPEATS_50, WIDE, resnet50
from course.kit.drawing.chart import Chart, Png, open_frame
from course.kit.drawing.style import COLORS, INK, QUIET
from course.kit.panel import Explorer, Number, with_name
from course.kit.panel.controls import CHANNELS

_ON_PAGE = (4, 8, 16, 32, 64, 96, 128, 256, 512, 1024, 2048)  # exercises 2 and 3 have 96 and 4
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
        f"Reduction {data.reduction}: {block.channels} {'channel' if block.channels == 1 else 'channels'}"
        f" reduced to {block.squeezed} and back are {block.parameters:,} parameters. In SE-ResNet-50 the 16"
        f" blocks together have {data.added:,}, {100 * data.added / data.network:.1f} % on top of"
        f" ResNet-50's {data.network:,};"
        f" {100 * last.total / data.added:.0f} % of them are in the last {last.blocks} blocks.{measured}"
    )


_COLOR = COLORS["squeeze_excitation"]


class ReductionChart:
    """A kept chart: a line of text and four bars at the left, parameters against error at the right."""

    def __init__(self) -> None:
        self._chart = Chart(860, 280)
        left, right = self._chart.axes(16, 10, 450, 260), self._chart.axes(530, 42, 310, 188)
        left.set(xlim=(0, 1), ylim=(5, 0))
        left.set_axis_off()
        places = [0.2, *(n + 0.48 for n in range(1, 5))]
        self._names = [left.text(0, y, "", fontsize=9, color=INK, va="center") for y in places]
        self._formulas = [
            left.text(1, y, "", fontsize=8.6, color=QUIET, va="center", ha="right") for y in places
        ]
        self._title = left.text(0, 0.92, "", fontsize=10, fontweight="bold", color=INK, va="center")
        slots = [Rectangle((0, y + 0.18), 0, 0.26, linewidth=0, facecolor=_COLOR.fill) for y in places[1:]]
        for slot in slots:
            left.add_patch(slot)
        self._bars = slots
        published = _published(right)
        self._line = right.axvline(30, color=_COLOR.fill, linewidth=5, alpha=0.4)
        self._label = right.text(30, 23.66, "", fontsize=9, fontweight="bold", color=_COLOR.text, va="center")
        texts = [*self._names, *self._formulas, self._title, self._label]
        moving: list[Artist] = [*self._bars, self._line, *published, *texts]  # the line behind the points
        self._chart.animate(moving)

    def png(self, data: Reduction) -> Png:
        """The chosen block as a line of text, the stages as bars, and a line at the network's parameters."""
        self._names[0].set_text(f"one block, {data.block.channels} to {data.block.squeezed}")
        self._formulas[0].set_text(_written(data.block))
        largest = max(stage.total for stage in data.stages)
        for n, stage in enumerate(data.stages, 1):
            self._names[n].set_text(f"stage {n}, {100 * stage.total / data.added:.0f} %")
            self._formulas[n].set_text(_written(stage))
            self._bars[n - 1].set_width(stage.total / largest)
        self._title.set_text(f"SE-ResNet-50: {data.added:,} in 16 blocks")
        millions = (data.network + data.added) / 1e6
        self._line.set_xdata([millions, millions])
        is_far = millions > 45
        self._label.set(
            text=f"r = {data.reduction}: {millions:.1f} M", x=millions * (0.985 if is_far else 1.015)
        )
        self._label.set_horizontalalignment("right" if is_far else "left")
        return self._chart.png()


def _published(axes: Axes) -> list[Artist]:
    """The networks of the paper's table, and their names: above each, beside the one next to the axis."""
    counts = [(reduction(ratio, 1).added if ratio else 0) + _resnet50() for ratio in ERRORS]
    millions = [count / 1e6 for count in counts]
    drawn: list[Artist] = [*axes.plot(millions, list(ERRORS.values()), "o", color=INK, markersize=6)]
    for x, (ratio, y) in zip(millions, ERRORS.items(), strict=True):
        beside = x < 26
        place = (1.03 * x, y) if beside else (x, y + 0.12)
        align = "left" if beside else "center"
        name = str(ratio) if ratio else "without"
        drawn.append(axes.text(*place, name, fontsize=8.6, color=INK, ha=align, va="center"))
    axes.set(xscale="log", xlim=(25, 68), ylim=(22.05, 23.8))
    axes.set_xticks([25, 30, 40, 50, 60], ["25", "30", "40", "50", "60"])
    axes.minorticks_off()
    axes.set_xlabel("parameters of the network, in millions (log scale)", fontsize=8.6, color=QUIET)
    title = "Top-1 error in % (Hu et al., table 10)"
    axes.set_title(title, fontsize=10, fontweight="bold", color=INK, loc="left", pad=10)
    open_frame(axes, 8.6)
    return drawn


def _written(gate: Gate) -> str:
    c, q = gate.channels, gate.squeezed
    one = f"2·{c}·{q} + {c} + {q}"
    return f"{one} = {gate.total:,}" if gate.blocks == 1 else f"{gate.blocks}·({one}) = {gate.total:,}"


@with_name
def reduction_ratio() -> Explorer[Reduction]:
    """The reduction, and the width of one block, to choose; parameters, beside the paper's errors."""
    chart = ReductionChart()
    return Explorer(
        {
            "reduction": Number("Reduction", 16, 1, 256, stops=RATIOS),
            "channels": Number("Channels of one block", 512, 1, 2048, stops=CHANNELS, page=_ON_PAGE),
        },
        compute=reduction,
        draw=lambda data, _: (chart.png(data),),
        say=say,
        presets=PRESETS,
        stills=({"reduction": 4}, {"reduction": 16}),
    )
