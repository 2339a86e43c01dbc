"""The chart of the reduction ratio: what it costs stage by stage, and the published error beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.style import COLORS, INK, QUIET, RULE

Point = tuple[int, float, str]  # parameters of a network, its error in %, its name
_COLOR = COLORS["squeeze_excitation"]


@dataclass(frozen=True)
class Row:
    """One bar: its name, its formula in words, its length."""

    name: str
    formula: str
    value: int


class ReductionChart:
    """A kept chart: a line of text and four bars at the left, parameters against error at the right."""

    def __init__(self, points: Sequence[Point], width: int = 860, height: int = 280) -> None:
        self._chart = Chart(width, height)
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
        published = _published(right, points)
        self._line = right.axvline(30, color=_COLOR.fill, linewidth=5, alpha=0.4)
        self._label = right.text(30, 23.66, "", fontsize=9, fontweight="bold", color=_COLOR.text, va="center")
        texts = [*self._names, *self._formulas, self._title, self._label]
        moving: list[Artist] = [*self._bars, self._line, *published, *texts]  # the line behind the points
        self._chart.animate(moving)

    def png(self, rows: Sequence[Row], title: str, total: int, name: str) -> Png:
        """The chart with a line of text, four bars under a title, and a line at the network's `total`."""
        for row, label, formula in zip(rows, self._names, self._formulas, strict=True):
            label.set_text(row.name)
            formula.set_text(row.formula)
        largest = max(row.value for row in rows[1:])
        for row, bar in zip(rows[1:], self._bars, strict=True):
            bar.set_width(row.value / largest)
        self._title.set_text(title)
        millions = total / 1e6
        self._line.set_xdata([millions, millions])
        is_far = millions > 45
        self._label.set(text=f"{name}: {millions:.1f} M", x=millions * (0.985 if is_far else 1.015))
        self._label.set_horizontalalignment("right" if is_far else "left")
        return self._chart.png()


def _published(axes: Axes, points: Sequence[Point]) -> list[Artist]:
    """The points of the paper's table, and their names: above each, beside the one next to the axis."""
    millions, errors = [p / 1e6 for p, _, _ in points], [error for _, error, _ in points]
    drawn: list[Artist] = [*axes.plot(millions, errors, "o", color=INK, markersize=6)]
    for x, y, (_, _, name) in zip(millions, errors, points, strict=True):
        beside = x < 26
        place = (1.03 * x, y) if beside else (x, y + 0.12)
        align = "left" if beside else "center"
        drawn.append(axes.text(*place, name, fontsize=8.6, color=INK, ha=align, va="center"))
    axes.set(xscale="log", xlim=(25, 68), ylim=(22.05, 23.8))
    axes.set_xticks([25, 30, 40, 50, 60], ["25", "30", "40", "50", "60"])
    axes.minorticks_off()
    axes.set_xlabel("parameters of the network, in millions (log scale)", fontsize=8.6, color=QUIET)
    title = "Top-1 error in % (Hu et al., table 10)"
    axes.set_title(title, fontsize=10, fontweight="bold", color=INK, loc="left", pad=10)
    axes.tick_params(labelsize=8.6, colors=QUIET, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    return drawn
