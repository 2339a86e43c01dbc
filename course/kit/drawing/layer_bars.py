"""Bars of what each layer costs, for two or more modules on one scale, as a small SVG string."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from course.kit.drawing.style import COLORS, INK, QUIET
from course.kit.drawing.svg import card

WIDTH = 880
NAMES, COLUMN, BAR = 118, 374, 210  # the names' width, that of a column, and that of its longest bar
ROW, HEAD, MARGIN = 21, 27, 14


@dataclass(frozen=True)
class Row:
    """A layer: its name, its kind of step (which gives the color), and a value per column."""

    name: str
    kind: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Section:
    """A module: its title, in words the total of each column, and its layers."""

    title: str
    totals: tuple[str, ...]
    rows: tuple[Row, ...]


def layer_bars(sections: Sequence[Section], *, label: str) -> str:
    """The SVG: a row per layer, a column per kind of value; bars of a column share one scale."""
    largest = [max(values) for values in zip(*(row.values for s in sections for row in s.rows), strict=True)]
    body, y = "", 0
    for section in sections:
        y += HEAD
        body += _text(MARGIN, y - 8, section.title, INK, bold=True)
        for n, total in enumerate(section.totals):
            body += _text(_left(n), y - 8, total, INK, bold=True)
        for row in section.rows:
            body += _bars(row, y, largest)
            y += ROW
    height = y + 10
    return card(body, WIDTH, height, label)


def _bars(row: Row, y: float, largest: Sequence[int]) -> str:
    """A layer's name, and in each column its bar and its value."""
    color = COLORS[row.kind]
    body = _text(MARGIN + 12, y + 14, row.name, color.text)
    for n, value in enumerate(row.values):
        width = max(round(BAR * value / max(largest[n], 1), 1), 0.5)
        body += f'<rect x="{_left(n)}" y="{y + 2}" width="{width:g}" height="{ROW - 6}" fill="{color.fill}"/>'
        body += _text(round(_left(n) + width + 7, 1), y + 14, f"{value:,}", QUIET)
    return body


def _left(column: int) -> int:
    return MARGIN + NAMES + column * COLUMN


def _text(x: float, y: float, text: str, fill: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}"{weight}>{escape(text)}</text>'
