"""What a depthwise separable convolution saves against a full one, counted on the two real modules."""

import math
from dataclasses import dataclass

import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from blocks import ConvNormAct, DepthwiseSeparable
from blocks.measure import Graph, graph
from course.kit.drawing.chart import Chart, Png, open_frame
from course.kit.drawing.diagram import diagram
from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.panel import Explorer, Number, with_name
from course.kit.panel.controls import CHANNELS

SIZES = (1, 2, 4, 7, 8, 14, 16, 28, 32, 56, 64, 112, 128, 224, 256, 384, 512)
# A picture is 19 kB: at most 1,024 of them. The page names 11 as a kernel, 2048 out, and 48 to 80 to count.
_IN_ON_PAGE = (1, 3, 16, 32, 48, 64, 128, 256, 512)
_OUT_ON_PAGE = (1, 3, 16, 32, 64, 80, 128, 256, 512, 1024, 2048)
PRESETS = {
    "MobileNetV1, 512 to 512": {"in_channels": 512, "out_channels": 512, "kernel_size": 3, "resolution": 14},
    "3 to 32": {"in_channels": 3, "out_channels": 32, "kernel_size": 3, "resolution": 112},
    "1 to 1": {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "resolution": 112},
    "kernel 1": {"in_channels": 512, "out_channels": 512, "kernel_size": 1, "resolution": 14},
}
_ROLES = {"conv": "convolution", "depthwise.conv": "depthwise", "project.conv": "pointwise"}
_WORDS = {"depthwise": "depthwise", "pointwise": "1x1", "norm": "norms"}
Products = tuple[tuple[int, ...], ...]  # a sum of products
Segments = tuple[tuple[str, int], ...]  # the kind of step, and its count
KERNELS = (1, 3, 5, 7, 9, 11)
_OUT = [2 ** (n / 8) for n in range(89)]  # 1 to 2048
_SLOTS = 3  # segments of a bar, at most


@dataclass(frozen=True)
class Count:
    """One count of a module: its formula as a sum of products, and what each kind of step counts itself."""

    formula: Products
    segments: Segments

    @property
    def total(self) -> int:
        """What the module counts."""
        return sum(count for _, count in self.segments)


@dataclass(frozen=True)
class Savings:
    """A full and a separable convolution of the same channels, kernel and map: (full, separable) counts."""

    title: str
    out_channels: int
    kernel_size: int
    parameters: tuple[Count, Count]
    multiply_adds: tuple[Count, Count]
    separable: Graph

    @property
    def ratio(self) -> float:
        """The separable convolution's multiply-adds over those of the full one."""
        full, separable = self.multiply_adds
        return separable.total / full.total


def savings(in_channels: int, out_channels: int, kernel_size: int, resolution: int) -> Savings:
    """Build both convolutions without memory, record them, and hold their counts to the formulas.

    Raises:
        TypeError, ValueError: a block refuses its arguments.
        RuntimeError: a module's count is not what the formula says.
    """
    i, o, k, r = in_channels, out_channels, kernel_size, resolution
    with torch.device("meta"):
        modules = ConvNormAct(i, o, kernel_size=k), DepthwiseSeparable(i, o, kernel_size=k)
    full, separable = (graph(module, (1, i, r, r)) for module in modules)
    return Savings(
        f"{k}x{k}, {i} to {o} channels, {r}x{r} map",
        o,
        k,
        (
            _count(((k, k, i, o), (2, o)), full, "parameters"),
            _count(((k, k, i), (2, i), (i, o), (2, o)), separable, "parameters"),
        ),
        (
            _count(((r, r, k, k, i, o),), full, "multiply_adds"),
            _count(((r, r, k, k, i), (r, r, i, o)), separable, "multiply_adds"),
        ),
        separable,
    )


def _count(formula: Products, recorded: Graph, what: str) -> Count:
    by_kind: dict[str, int] = {}
    for step in recorded.steps:
        kind = _ROLES.get(step.name, step.kind)  # between single channels no convolution is depthwise
        by_kind[kind] = by_kind.get(kind, 0) + getattr(step, what)
    by_kind["norm"] = by_kind.pop("norm", 0)  # to the bar's end
    count = Count(formula, tuple((kind, number) for kind, number in by_kind.items() if number))
    if count.total != sum(map(math.prod, formula)):
        raise RuntimeError(
            f"savings: {what} are {written(formula)} by the formula, {count.total:,} by the module."
        )
    return count


def written(formula: Products) -> str:
    """The formula with its numbers: 3·3·512 + 2·512."""
    return " + ".join("·".join(map(str, factors)) for factors in formula)


def compared(counts: tuple[Count, Count]) -> str:
    """How the separable convolution's count stands to the full one's."""
    full, separable = (count.total for count in counts)
    if full == separable:
        return "as many"
    more = separable > full
    factor = separable / full if more else full / separable
    times = f"{factor:.2f}" if factor < 1.1 else f"{factor:.1f}"
    if times == "1.00":
        return "slightly more" if more else "slightly fewer"
    return f"{times} times as many" if more else f"{times} times fewer"


def say(data: Savings) -> str:
    """The sentence of the explorer."""
    parameters, multiply_adds = data.parameters, data.multiply_adds
    depthwise = dict(multiply_adds[1].segments)["depthwise"] / multiply_adds[1].total
    return (
        f"{data.title}. Full: {parameters[0].total:,} parameters, {multiply_adds[0].total:,} multiply-adds."
        f" Depthwise separable: {parameters[1].total:,} parameters ({compared(parameters)}),"
        f" {multiply_adds[1].total:,} multiply-adds ({compared(multiply_adds)}),"
        f" {100 * depthwise:.1f} % of these depthwise."
    )


class SavingsChart:
    """A kept chart: two panels of bars at the left, the curve 1/out + 1/k² at the right."""

    def __init__(self, width: int = 860, height: int = 240) -> None:
        self._chart = Chart(width, height)
        left, right = self._chart.axes(16, 4, 470, 232), self._chart.axes(556, 32, 250, 160)
        self._panels = [_PanelArtists(left, top) for top in (0.0, 1.0)]
        left.set(xlim=(0, 1), ylim=(2, 0))
        left.set_axis_off()
        self._curve, self._point, self._note = _curves(right)
        moving: list[Artist] = [self._curve, self._point, self._note]
        for panel in self._panels:
            moving += panel.moving
        self._chart.animate(moving)

    def png(self, data: Savings) -> Png:
        """The chart with these bars, and the ratio on the curve of its kernel size."""
        titles = [
            artists.show(name, counts)
            for artists, name, counts in zip(
                self._panels,
                ("Parameters", "Multiply-adds"),
                (data.parameters, data.multiply_adds),
                strict=True,
            )
        ]
        out, k, ratio = data.out_channels, data.kernel_size, data.ratio
        self._curve.set_data(_OUT, [1 / each + 1 / k**2 for each in _OUT])
        self._point.set_data([out], [ratio])
        is_left = out < 64  # of the middle: the text begins at the point, else it ends at the edge
        start = 1 / 24 + 1 / k**2  # the curve where such a text begins: it must not cross it
        height = 1.7 * ratio if is_left else max(1.7 * ratio, 1.35 * start)
        self._note.set(
            text=f"{ratio:.4f} = 1/{out} + 1/{k}²",
            x=out if is_left else 2048,
            y=1.4 if 0.7 < height < 1.4 else height,  # clear of the dashed line at 100 %
        )
        self._note.set_horizontalalignment("left" if is_left else "right")
        return self._chart.png(f"{'. '.join(titles)}. Their ratio on its curve: {ratio:.4f}.")


class _PanelArtists:
    """The artists of one panel, from `top` down: a title, twice a text and its bar, and the shares."""

    def __init__(self, axes: Axes, top: float) -> None:
        self._title = axes.text(0, top + 0.1, "", fontsize=10, fontweight="bold", color=INK, va="center")
        self._texts, self._bars = [], []
        for row in (0.27, 0.54, 0.82):
            self._texts.append(axes.text(0, top + row, "", fontsize=8.6, color=QUIET, va="center"))
        for row in (0.35, 0.62):
            slots = [Rectangle((0, top + row), 0, 0.1, linewidth=0) for _ in range(_SLOTS)]
            self._bars.append([axes.add_patch(slot) for slot in slots])
        self.moving: list[Artist] = [self._title, *self._texts, *self._bars[0], *self._bars[1]]

    def show(self, name: str, counts: tuple[Count, Count]) -> str:
        """Show both counts on one scale; the title is returned."""
        full, separable = (
            f"{title}: {written(count.formula)} = {count.total:,}"
            for title, count in zip(("full", "separable"), counts, strict=True)
        )
        last = counts[1]
        shares = ", ".join(f"{_WORDS[kind]} {100 * each / last.total:.1f} %" for kind, each in last.segments)
        title = f"{name}: separable {compared(counts)}"
        for text, words in zip((self._title, *self._texts), (title, full, separable, shares), strict=True):
            text.set_text(words)
        largest = max(count.total for count in counts)
        for count, slots in zip(counts, self._bars, strict=True):
            start = 0.0
            for slot, (kind, value) in zip(slots, count.segments + (("norm", 0),) * _SLOTS, strict=False):
                slot.set(x=start, width=value / largest, facecolor=COLORS[kind].fill)
                start += value / largest
        return title


def _curves(axes: Axes) -> tuple[Line2D, Line2D, Text]:
    """The curves of all kernels, faint, and what marks the chosen one."""
    for kernel in KERNELS:
        values = [1 / out + 1 / kernel**2 for out in _OUT]
        axes.plot(_OUT, values, color=RULE, linewidth=1)
        place = "top" if kernel == 11 else "center"  # its curve ends close above that of 9
        axes.text(2700, values[-1], f"k = {kernel}", fontsize=8.6, color=QUIET, va=place)
    axes.set(xscale="log", yscale="log", xlim=(1, 2048), ylim=(0.006, 5))
    axes.set_xticks([1, 8, 64, 512, 2048], ["1", "8", "64", "512", "2048"])
    axes.set_yticks([0.01, 0.1, 1], ["1 %", "10 %", "100 %"])
    axes.minorticks_off()
    axes.axhline(1, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlabel("channels out", fontsize=8.6, color=QUIET)
    axes.set_title("multiply-adds, separable / full", fontsize=10, fontweight="bold", color=INK, loc="left")
    open_frame(axes, 8.6)
    (curve,) = axes.plot([], [], color=INK, linewidth=2)
    (point,) = axes.plot([], [], "o", color=INK, markersize=8, clip_on=False)
    note = axes.text(1, 1, "", va="center", fontsize=9, color=INK)
    return curve, point, note


@with_name
def parameter_savings() -> Explorer[Savings]:
    """Channels, kernel and map size to choose; parameters and multiply-adds of both convolutions."""
    chart = SavingsChart()
    return Explorer(
        {
            "in_channels": Number("Channels in", 512, 1, 2048, stops=CHANNELS, page=_IN_ON_PAGE),
            "out_channels": Number("Channels out", 512, 1, 2048, stops=CHANNELS, page=_OUT_ON_PAGE),
            "kernel_size": Number("Kernel", 3, 1, 11, 2, page=(1, 3, 5, 7, 11)),
            "resolution": Number("Map size", 14, 1, 512, stops=SIZES, page=(14, 112)),
        },
        compute=savings,
        draw=lambda data, sentence: (diagram(data.separable, label=sentence), chart.png(data)),
        say=say,
        presets=PRESETS,
    )
