"""The picture of `window_geometry`: a window on a photograph's pixels, and below it the sum that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from course.kit.drawing.bitmap import photo
from course.kit.drawing.feature_maps import colored
from course.kit.drawing.style import CARD, HERE, INK, LARGE, QUIET, RULE, TENSOR_EDGE, WHITE
from course.kit.drawing.svg import Mark, card, circle, path, rect, text

if TYPE_CHECKING:
    from course.conv_norm_act._window_geometry import Windows
    from course.kit.panel import Picture

WIDTH, MARGIN = 400, 14
BLACK = "#000000"  # letters on gray pixels, which stay gray on a dark page: white or this has 4.5 to 1
GRAY = 255  # the lightest pixel
_TOP, _CELL, _GAP = 66, 22, 18  # where the grids begin, a pixel of the input or the output, what is between
_ROOM = WIDTH - 2 * MARGIN - _GAP
THUMB = 66, 44  # the photograph, small
_SIDE = 102  # of a kernel
_STEPS, _SUM, _HEIGHT = (
    292,
    36,
    84,
)  # the room of the products as bars, of which their sum; its height at most
_STILL = 'pointer-events="none"'  # a click goes to what lies below
_THIN, _THICK, _DASHED = 'stroke-width="0.6"', 'stroke-width="3"', 'stroke-dasharray="3 2"'


@dataclass(frozen=True)
class Whole:
    """The photograph that the input is a piece of.

    Attributes:
        source: its data address; it is shown THUMB wide and high.
        left, top, side: where the input lies in it, in parts of its width.
        reach: up to which row and column of the output a click can ask for.
    """

    source: str
    left: float
    top: float
    side: float
    reach: int


def cards(data: Windows, heard: str, whole: Whole) -> Picture:
    """Where the window lies, and what it makes of its pixels: a card each."""
    return _places_card(data, heard, whole), _sum_card(data)


def shown(value: float) -> str:
    """A number with one place behind the point, if it has any."""
    return f"{round(value, 1) + 0:g}"


# Where the window lies


def _places_card(data: Windows, heard: str, whole: Whole) -> str:
    side = data.size + 2 * data.padding
    cell = min(_CELL, _ROOM / (side + data.out))
    usual = max(side, 9) * cell
    left, top = MARGIN + (usual - side * cell) / 2, _TOP + (usual - side * cell) / 2
    right, high = MARGIN + usual + _GAP, _TOP + (usual - data.out * cell) / 2
    body = _headings(data, whole, right)
    middles = dict(zip(data.centers, _grid(data.out), strict=True))
    for y, x in _grid(side):
        sets = _sets(*middles[y, x], whole.reach) if (y, x) in middles else None
        body += _input_cell(data, y, x, (left + x * cell, top + y * cell, cell), sets)
        if (y, x) in middles and data.stride > 1 and not data.weights[y][x]:
            dot = f'stroke="{INK}" stroke-width="1.2" pointer-events="none"'
            body += circle(left + (x + 0.5) * cell, top + (y + 0.5) * cell, 2.8, CARD, more=dot)
    for (y, x), fill in zip(_grid(data.out), _fills(data), strict=True):
        title = f"row {y + 1}, column {x + 1}: {shown(data.output[y][x])}"
        mark = Mark(f"y{y},{x}", _sets(y, x, whole.reach), title=title)
        body += rect(
            right + x * cell, high + y * cell, cell, cell, fill, mark, stroke=TENSOR_EDGE, more=_THIN
        )
    lit = right + (data.column - 1) * cell, high + (data.row - 1) * cell
    read = [(y, x, n) for y, x in _grid(side) if (n := data.weights[y][x])]
    edge = left + (read[-1][1] + 1) * cell
    for n, start in enumerate((read[0][0], read[-1][0] + 1)):
        line = f"M{edge:.1f} {top + start * cell:.1f}L{lit[0]:.1f} {lit[1] + n * cell:.1f}"
        mark = Mark(
            f"ray{n} {data.row} {data.column}"
        )  # a new one for each place: it appears, for none glides
        body += path(line, "none", mark, stroke=HERE, width=1.4, more=f'opacity="0.8" {_STILL}')
    for y, x, n in read:
        body += _frame(left + x * cell, top + y * cell, cell, f"at{n}")
    body += _frame(*lit, cell, "lit")
    return card(body, WIDTH, _TOP + usual + MARGIN, heard)


def _headings(data: Windows, whole: Whole, right: float) -> str:
    """The photograph with the place of the piece, and what the two grids are."""
    width, height = THUMB
    x, y, side = MARGIN + whole.left * width, 12 + whole.top * width, whole.side * width
    body = photo(MARGIN, 12, width, height, whole.source)
    body += rect(x, y, side, side, "none", stroke=HERE, more='stroke-width="2"')
    near = MARGIN + width + 10
    body += text(near, 30, "Input", INK, bold=True) + text(near, 50, f"{data.size} x {data.size}", QUIET)
    at = max(right, near + 70)
    return body + text(at, 30, "Output", INK, bold=True) + text(at, 50, f"{data.out} x {data.out}", QUIET)


def _input_cell(
    data: Windows, y: int, x: int, place: tuple[float, float, float], sets: Mapping[str, int] | None
) -> str:
    left, top, cell = place
    y, x, key = y - data.padding, x - data.padding, f"x{y - data.padding},{x - data.padding}"
    if 0 <= y < data.size and 0 <= x < data.size:
        value, read = data.pixels[y][x], data.reads[y + data.padding][x + data.padding]
        mark = Mark(key, sets, title=f"pixel: {value}")
        body = rect(left, top, cell, cell, _gray(value), mark, stroke=TENSOR_EDGE, more=_THIN)
        return body if read else body + _cross(left, top, cell)
    mark = Mark(key, sets, title="padding: 0")
    body = rect(left + 0.5, top + 0.5, cell - 1, cell - 1, CARD, mark, stroke=RULE, more=_DASHED)
    zero = text(left + cell / 2, top + cell / 2 + 4.5, "0", QUIET, anchor="middle", size=13)
    return body + zero


def _cross(left: float, top: float, cell: float) -> str:
    """A pixel that no window reads: readable on dark and on light."""
    a, b, c, d = (f"{v:.1f}" for v in (left + 4, top + 4, left + cell - 4, top + cell - 4))
    line = f"M{a} {b}L{c} {d}M{c} {b}L{a} {d}"
    edge = path(line, "none", stroke=CARD, width=5, more=_STILL)
    return edge + path(line, "none", stroke=INK, width=2.4, more=_STILL)


def _frame(left: float, top: float, cell: float, key: str) -> str:
    more = f'stroke-width="2.4" {_STILL}'
    return rect(left + 0.8, top + 0.8, cell - 1.6, cell - 1.6, "none", Mark(key), stroke=HERE, more=more)


def _sets(row: int, column: int, reach: int) -> dict[str, int] | None:
    """What a click on the output pixel, counted from 0, sets; nothing beyond what the controls reach."""
    return {"row": row + 1, "column": column + 1} if max(row, column) < reach else None


# What the window makes of it


def _sum_card(data: Windows) -> str:
    k, total, top = data.kernel_size, shown(data.sum), 36
    cell = _SIDE / max(k, 3)
    low, side = top + _SIDE + 24, 52
    between, inset = (WIDTH - 2 * MARGIN - 3 * _SIDE) / 2, (_SIDE - k * cell) / 2
    signed, strongest = min(data.kernel) < 0, max(map(abs, data.kernel))
    met = _met(data)
    weights = [f"1/{k * k}" if data.name == "blur" and k > 1 else shown(value) for value in data.kernel]
    shares = [value / GRAY / strongest for value in data.products]
    grids = (
        ("window", [CARD if v is None else _gray(v) for v in met], [shown(v or 0) for v in met]),
        ("weights", _colors([v / strongest for v in data.kernel], signed), weights),
        ("products", _colors(shares, signed), list(map(shown, data.products))),
    )
    body = ""
    for n, (name, fills, words) in enumerate(grids):
        begin = MARGIN + n * (_SIDE + between)
        body += text(begin + _SIDE / 2, 24, name, QUIET, anchor="middle")
        for number, (y, x) in enumerate(_grid(k)):
            place = begin + inset + x * cell, top + inset + y * cell
            body += _number_cell(place, cell, fills[number], words[number], f"{name}{number}")
        if n:
            body += text(begin - between / 2, top + _SIDE / 2 + 8, "×="[n - 1], INK, size=22, anchor="middle")
    fill = _fills(data)[(data.row - 1) * data.out + data.column - 1]
    body += _stairs(data, low, fill)
    left, high = WIDTH - MARGIN - side, low + (_HEIGHT - side) / 2
    middle = high + side / 2
    body += text(left - 14, middle + 8, "=", INK, size=22, anchor="middle")
    body += rect(left + 1.5, high + 1.5, side - 3, side - 3, fill, Mark("result"), stroke=HERE, more=_THICK)
    body += text(left + side / 2, middle + 5, total, _ink(fill), bold=True, size=LARGE, anchor="middle")
    label = f"The {k * k} products of the window, and their sum, {total}"
    return card(body, WIDTH, low + _HEIGHT + 20, label)


def _number_cell(place: tuple[float, float], cell: float, fill: str, word: str, key: str) -> str:
    """A pixel, a weight or a product with its number, where there is room for it; padding has no fill."""
    (x, y), edge, ink = place, _THIN, _ink(fill)
    if fill == CARD:
        edge, ink = _DASHED, INK
    body = rect(
        x + 0.5, y + 0.5, cell - 1, cell - 1, fill, Mark(key, title=word), stroke=TENSOR_EDGE, more=edge
    )
    if cell < _SIDE / 3:
        return body
    return body + text(x + cell / 2, y + cell / 2 + 4.7, word, ink, size=13, anchor="middle")


def _stairs(data: Windows, top: float, fill: str) -> str:
    """The products as bars, each beginning where the one before ended, and behind them their sum, from 0."""
    ends = [0.0, *accumulate(data.products)]
    scale = _HEIGHT / GRAY
    while (max(ends) - min(ends)) * scale > _HEIGHT + 0.01:
        scale /= 2
    zero = top + _HEIGHT / 2 + (max(ends) + min(ends)) / 2 * scale
    wide = (_STEPS - _SUM - 8) / len(data.products)
    body = ""
    for n, (value, start) in enumerate(zip(data.products, ends, strict=False)):
        left, y = MARGIN + n * wide, zero - max(start, start + value) * scale
        mark = Mark(f"step{n}", value=abs(value), scale="height", unit="gray", title=shown(value))
        body += rect(left + 1, y, wide - 2, abs(value) * scale, QUIET, mark)
        body += path(f"M{left + 1:.1f} {zero - (start + value) * scale:.1f}h{wide:.1f}", "none", stroke=QUIET)
    y, mark = zero - max(data.sum, 0) * scale, Mark("sum", value=abs(data.sum), scale="height", unit="gray")
    body += rect(MARGIN + _STEPS - _SUM, y, _SUM, abs(data.sum) * scale, fill, mark, stroke=HERE, more=_THICK)
    body += path(f"M{MARGIN} {zero:.1f}h{_STEPS}", "none", stroke=QUIET, width=1)
    return body


# Values and colors


def _met(data: Windows) -> list[int | None]:
    """What the window's weights meet, in their order: pixels, and None for padding."""
    p, side = data.padding, data.size + 2 * data.padding
    found: list[int | None] = []
    for y, x in _grid(side):
        if data.weights[y][x]:
            inside = 0 <= y - p < data.size and 0 <= x - p < data.size
            found.append(data.pixels[y - p][x - p] if inside else None)
    return found


def _fills(data: Windows) -> list[str]:
    """The output's colors: gray, or where a weight is negative blue below zero and orange above it."""
    flat, signed = [value for row in data.output for value in row], min(data.kernel) < 0
    most = max(map(abs, flat)) if signed else GRAY
    return _colors([value / (most or 1) for value in flat], signed)


def _colors(shares: Sequence[float], signed: bool) -> list[str]:
    drawn = colored(np.array([shares], dtype=np.float32), 1, signed)[0]
    return [f"#{r:02X}{g:02X}{b:02X}" for r, g, b in drawn.tolist()]


def _gray(value: float) -> str:
    return "#" + 3 * f"{round(value):02X}"


def _ink(fill: str) -> str:
    """White or black, whichever stands out from the fill by 4.5 to 1."""
    parts = (int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]  # WCAG 2.2
    return WHITE if luminance < 0.18 else BLACK


def _grid(side: int) -> Iterator[tuple[int, int]]:
    return ((y, x) for y in range(side) for x in range(side))
