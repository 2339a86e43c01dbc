"""The chart of two blocks: what each costs at one setting, and which of them wins at every setting."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE

WIDTH, HEIGHT = 880, 314
_FIRST, _SECOND, _EQUAL = COLORS["depthwise"], COLORS["convolution"], COLORS["norm"]
_BAR_LEFT, _BAR = 78, 196
_MAP_LEFT, _MAP_TOP, _CELL, _ROW = 500, 56, 60, 34


@dataclass(frozen=True)
class Quantity:
    """One quantity of both blocks: a title with their ratio, the values, and the values in words.

    A value of 0 is one that is not known.
    """

    title: str
    values: tuple[float, float]
    words: tuple[str, str]


@dataclass(frozen=True)
class Cell:
    """One setting of the map: the second block's quantity over the first one's, and which of them has less.

    less is 0 for the first, 1 for the second, and None where they cannot be told apart.
    """

    ratio: float
    less: int | None


class CrossoverChart:
    """A kept chart: up to four quantities as pairs of bars at the left, a map of ratios at the right.

    Args:
        names: of the two blocks.
        columns, rows: what the map's columns and rows are, in words.
        note: one line at the foot.
    """

    def __init__(
        self, names: tuple[str, str], columns: Sequence[str], rows: Sequence[str], *, note: str
    ) -> None:
        self._chart = Chart(WIDTH, HEIGHT)
        axes = self._chart.page(0, 0, WIDTH, HEIGHT)
        self._titles, self._words, self._bars = [], [], []
        for top in (4, 76, 148, 220):
            self._titles.append(_text(axes, 16, top + 12, bold=True))
            for line, (name, color) in enumerate(zip(names, (_FIRST, _SECOND), strict=True)):
                y = top + 36 + 22 * line
                axes.text(16, y, name, fontsize=9.2, color=color.text, va="center")
                self._bars.append(_box(axes, _BAR_LEFT, y - 7, 0, 14, color.fill))
                self._words.append(_text(axes, 0, y, color=QUIET))
        self._map_title = _text(axes, _MAP_LEFT - 74, 16, bold=True)
        corners = [
            (_MAP_LEFT + _CELL * c, _MAP_TOP + _ROW * r)
            for r, _ in enumerate(rows)
            for c, _ in enumerate(columns)
        ]
        # One collection, not a patch for each cell: each patch takes a quarter of a millisecond to draw.
        self._map = PolyCollection([_square(x, y) for x, y in corners], linewidths=0)
        axes.add_collection(self._map)
        self._ratios = [
            [
                _text(axes, _MAP_LEFT + _CELL * (c + 0.5) - 2, _MAP_TOP + _ROW * (r + 0.5) - 1, center=True)
                for c, _ in enumerate(columns)
            ]
            for r, _ in enumerate(rows)
        ]
        self._outline = _box(axes, 0, 0, _CELL, _ROW, "none")
        self._outline.set(edgecolor=INK, linewidth=2.2)
        _labels(axes, columns, rows, names, note)
        texts = [text for row in self._ratios for text in row]
        moving: list[Artist] = [*self._bars, self._map, self._outline, *texts, self._map_title]
        self._chart.animate([*moving, *self._titles, *self._words])

    def png(
        self,
        quantities: Sequence[Quantity],
        title: str,
        cells: Sequence[Sequence[Cell | None]],
        chosen: tuple[int, int],
        *,
        label: str,
    ) -> Png:
        """The chart with these bars, and the map; None is a setting that was not measured.

        `chosen` is the row and the column of the setting that the bars show.
        """
        for n, quantity in enumerate(quantities):
            self._titles[n].set_text(quantity.title)
            for side, (value, words) in enumerate(zip(quantity.values, quantity.words, strict=True)):
                width = _BAR * value / (max(quantity.values) or 1)
                self._bars[2 * n + side].set_width(width)
                self._words[2 * n + side].set_text(words)
                self._words[2 * n + side].set_x(_BAR_LEFT + width + 7)
        self._map_title.set_text(title)
        self._map.set_facecolor([_colors(cell)[0] for row in cells for cell in row])
        for texts, row in zip(self._ratios, cells, strict=True):
            for text, cell in zip(texts, row, strict=True):
                text.set(text="-" if cell is None else written(cell.ratio), color=_colors(cell)[1])
        row_, column = chosen
        self._outline.set_xy((_MAP_LEFT + _CELL * column - 1.5, _MAP_TOP + _ROW * row_ - 1.5))
        return self._chart.png(label)


def written(ratio: float) -> str:
    """A ratio with two figures."""
    return f"{ratio:.2f}" if ratio < 0.995 else f"{ratio:.1f}"


def _colors(cell: Cell | None) -> tuple[str, str]:
    if cell is None:
        return CARD, QUIET
    color = _EQUAL if cell.less is None else (_FIRST, _SECOND)[cell.less]
    return color.fill, color.ink


def _labels(
    axes: Axes, columns: Sequence[str], rows: Sequence[str], names: tuple[str, str], note: str
) -> None:
    """What stands round the map and never moves."""
    axes.text(_MAP_LEFT - 10, _MAP_TOP - 13, "channels", fontsize=9.2, color=QUIET, va="center", ha="right")
    for c, name in enumerate(columns):
        x = _MAP_LEFT + _CELL * (c + 0.5) - 2
        axes.text(x, _MAP_TOP - 13, name, fontsize=9.2, color=INK, va="center", ha="center")
    for r, name in enumerate(rows):
        y = _MAP_TOP + _ROW * (r + 0.5) - 1
        axes.text(_MAP_LEFT - 10, y, name, fontsize=9.2, color=INK, va="center", ha="right")
    bottom = _MAP_TOP + _ROW * len(rows) + 18
    legend = (
        (_FIRST, f"{names[0]} has less"),
        (_SECOND, f"{names[1]} has less"),
        (_EQUAL, "within the spread"),
    )
    for n, (color, words) in enumerate(legend):
        x = _MAP_LEFT - 74 + 148 * n
        axes.add_patch(Rectangle((x, bottom - 7), 16, 14, facecolor=color.fill, linewidth=0))
        axes.text(x + 22, bottom, words, fontsize=9.2, color=INK, va="center")
    words = f"below 1: {names[1]} has less; -: not measured"
    axes.text(_MAP_LEFT - 74, bottom + 26, words, fontsize=9.2, color=QUIET, va="center")
    axes.text(16, HEIGHT - 14, note, fontsize=9.2, color=QUIET, va="center")


def _square(x: float, y: float) -> list[tuple[float, float]]:
    right, bottom = x + _CELL - 3, y + _ROW - 3
    return [(x, y), (right, y), (right, bottom), (x, bottom)]


def _text(
    axes: Axes, x: float, y: float, *, bold: bool = False, color: str = INK, center: bool = False
) -> Text:
    return axes.text(
        x,
        y,
        "",
        fontsize=10 if bold else 9.2,
        fontweight="bold" if bold else "normal",
        color=color,
        va="center",
        ha="center" if center else "left",
    )


def _box(axes: Axes, x: float, y: float, width: float, height: float, fill: str) -> Rectangle:
    box = Rectangle((x, y), width, height, facecolor=fill, edgecolor=RULE, linewidth=0)
    axes.add_patch(box)
    return box
