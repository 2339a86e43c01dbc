"""Measured times against multiply-adds, and what the machine gets done against the arithmetic intensity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE

_LOOKS = (("o", COLORS["convolution"]), ("s", COLORS["depthwise"]), ("^", COLORS["pointwise"]))


@dataclass(frozen=True)
class Point:
    """One module, timed: its label, what it computes, how long it took, multiply-adds per byte moved."""

    label: str
    multiply_adds: int
    seconds: float
    per_byte: float


def times(series: Mapping[str, Sequence[Point]], *, title: str, note: str) -> Figure:
    """A figure of two charts, both axes logarithmic, a line for each of up to three series.

    Raises:
        ValueError: there are more than three series, or none.
    """
    if not 1 <= len(series) <= len(_LOOKS):
        raise ValueError(f"times: series must be one to {len(_LOOKS)}, got {len(series)}.")
    figure = Figure(figsize=(8.8, 3.7), dpi=100, facecolor=CARD)
    left = _axes(figure, 0.08, "multiply-adds", "milliseconds")
    right = _axes(figure, 0.58, "multiply-adds for each byte moved", "billion multiply-adds a second")
    for n, ((name, points), (marker, color)) in enumerate(zip(series.items(), _LOOKS, strict=False)):
        style: dict[str, Any] = {"color": color.fill, "linewidth": 1.2, "markersize": 7, "label": name}
        counts, seconds = [p.multiply_adds for p in points], [p.seconds for p in points]
        left.plot(counts, [1e3 * each for each in seconds], marker, linestyle="-", **style)
        rates = [count / each / 1e9 for count, each in zip(counts, seconds, strict=True)]
        intensities = [p.per_byte for p in points]
        right.plot(intensities, rates, marker, linestyle="", **style)
        for point, rate in zip(points, rates, strict=True):
            words: dict[str, Any] = {"fontsize": 9, "color": color.text, "textcoords": "offset points"}
            beside = {"xytext": (-6, 5), "ha": "right"} if n else {"xytext": (6, -11)}  # off both lines
            left.annotate(point.label, (point.multiply_adds, 1e3 * point.seconds), **words, **beside)
            away = (0, 7 if n else -16)
            right.annotate(point.label, (point.per_byte, rate), **words, xytext=away, ha="center")
    for axes in (left, right):
        axes.margins(0.12)
        for axis in (axes.xaxis, axes.yaxis):  # in plain letters: "10 M", not 10 with a 7 above it
            low, high = axis.get_view_interval()
            axis.set_major_locator(LogLocator(subs=(1,) if high > 200 * low else (1, 2, 5)))
            axis.set_major_formatter(FuncFormatter(_number))
            axis.set_minor_formatter(NullFormatter())
    left.legend(frameon=False, fontsize=9.5, labelcolor=INK)
    figure.text(0.015, 0.945, title, fontsize=11, color=INK)
    figure.text(0.015, 0.02, note, fontsize=9, color=QUIET)
    return figure


def _number(value: float, _: int | None = None) -> str:
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= 0.99 * size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _axes(figure: Figure, left: float, across: str, up: str) -> Axes:
    axes = figure.add_axes((left, 0.22, 0.4, 0.6), facecolor=CARD)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel(across, fontsize=9.5, color=QUIET)
    axes.set_title(up, fontsize=9.5, color=QUIET, loc="left")
    axes.grid(color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", labelsize=9, colors=QUIET, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    return axes
