"""What a depthwise separable convolution saves against a full one, counted on the two real modules."""

import math
from dataclasses import dataclass

import torch

from blocks import ConvNormAct, DepthwiseSeparable
from blocks.measure import Graph, graph
from course.depthwise_separable._savings_picture import Bar, Panel, SavingsChart, Segments
from course.kit.drawing.diagram import diagram
from course.kit.panel import Explorer, Number, Picture, with_name
from course.kit.panel.controls import CHANNELS

SIZES = (1, 2, 4, 7, 8, 14, 16, 28, 32, 56, 64, 112, 128, 224, 256, 384, 512)
PRESETS = {
    "MobileNetV1, 512 to 512": {"in_channels": 512, "out_channels": 512, "kernel_size": 3, "resolution": 14},
    "3 to 32": {"in_channels": 3, "out_channels": 32, "kernel_size": 3, "resolution": 112},
    "1 to 1": {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "resolution": 112},
    "kernel 1": {"in_channels": 512, "out_channels": 512, "kernel_size": 1, "resolution": 14},
}
_ROLES = {"conv": "convolution", "depthwise.conv": "depthwise", "project.conv": "pointwise"}
_WORDS = {"depthwise": "depthwise", "pointwise": "1x1", "norm": "norms"}
Products = tuple[tuple[int, ...], ...]  # a sum of products


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


def panels(data: Savings) -> tuple[Panel, Panel]:
    """The bars of both counts."""
    return _panel("Parameters", data.parameters), _panel("Multiply-adds", data.multiply_adds)


def _panel(name: str, counts: tuple[Count, Count]) -> Panel:
    full, separable = (
        Bar(f"{title}: {written(count.formula)} = {count.total:,}", count.segments)
        for title, count in zip(("full", "separable"), counts, strict=True)
    )
    shares = (f"{_WORDS[kind]} {100 * number / counts[1].total:.1f} %" for kind, number in counts[1].segments)
    return Panel(f"{name}: separable {compared(counts)}", (full, separable), ", ".join(shares))


def draw_with(chart: SavingsChart, data: Savings, sentence: str) -> Picture:
    """The separable convolution's diagram, and the chart of both."""
    bars = chart.png(panels(data), data.kernel_size, data.out_channels, data.ratio)
    return diagram(data.separable, label=sentence), bars


@with_name
def parameter_savings() -> Explorer[Savings]:
    """Channels, kernel and map size to choose; parameters and multiply-adds of both convolutions."""
    chart = SavingsChart()
    return Explorer(
        {
            "in_channels": Number("Channels in", 512, 1, 2048, stops=CHANNELS),
            "out_channels": Number("Channels out", 512, 1, 2048, stops=CHANNELS),
            "kernel_size": Number("Kernel", 3, 1, 11, 2),
            "resolution": Number("Map size", 14, 1, 512, stops=SIZES),
        },
        compute=savings,
        draw=lambda data, sentence: draw_with(chart, data, sentence),
        say=say,
        presets=PRESETS,
    )
