"""Lines of code and, below them, what each part costs; the lines and the row of one part are lit."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from course.kit.drawing.letters import text_width
from course.kit.drawing.style import COLORS, HERE, INK, MEDIUM, MONOSPACE, QUIET, RULE
from course.kit.drawing.svg import Mark, card, path, rect, text

WIDTH, MARGIN, GUTTER = 400, 14, 18  # of the card; free round all; for the mark before a lit line
LINE, ROW, BAR = 21, 27, 4.0  # heights of a line of code, of a row, and of the bar in it
CODE = 13.0  # letters of code
LETTER = 0.605 * CODE  # the width of one, in the widest of the fonts in MONOSPACE
LETTERS = int((WIDTH - 2 * MARGIN - GUTTER) / LETTER)  # in a line; a longer one goes on in the next
COLUMN, GAP = 98.0, 14.0  # of numbers
FAINT = 'fill-opacity="0.32"'  # of the ground of what is lit, so that it is light or dark as the card is
HEADING = ("part", "parameters", "multiply-adds")


@dataclass(frozen=True)
class Row:
    """A part or layer: its name, its kind of step (it gives the color), its parameters and multiply-adds."""

    name: str
    kind: str
    values: tuple[int, int]


@dataclass(frozen=True)
class Lit:
    """What is lit, and what a click sets.

    Attributes:
        lines, row: numbers of the lines, and of the row; counted from 0.
        of_line, of_row: settings by number of the line and of the row.
    """

    lines: Collection[int]
    row: int
    of_line: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    of_row: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def listing(
    lines: Sequence[str], costs: Sequence[Row], total: tuple[int, int], lit: Lit, *, label: str
) -> str:
    """The SVG, a card of 400 pixels.

    Args:
        lines: of code.
        costs: by part; the bars of a column are on one scale.
        total: of the whole module, of which the rows may show a part.
        label: what the picture shows, in words; its alternative text.
    """
    body, y = "", float(MARGIN)
    for n, line in enumerate(lines):
        pieces = wrapped(line)
        body += _line(n, pieces, y, lit)
        y += LINE * len(pieces)
    if lines:
        y += 10
    largest = [max([cost.values[k] for cost in costs], default=0) for k in (0, 1)]
    body += _cells(HEADING, y, QUIET, bold=True)
    y += LINE + 3
    body += _rule(y - 3)
    for n, cost in enumerate(costs):
        body += _row(n, cost, y, lit, largest)
        y += ROW
    body += _rule(y + 1)
    body += _cells(("total", f"{total[0]:,}", f"{total[1]:,}"), y + 5, INK, bold=True)
    return card(body, WIDTH, y + 5 + LINE + MARGIN - 6, label)


def wrapped(line: str) -> list[str]:
    """A line of code as lines of at most LETTERS, broken after a space or a bracket that opens.

    What goes on stands further in. A word that is longer stays whole.
    """
    indent = " " * (len(line) - len(line.lstrip()))
    pieces = [indent]
    for word in re.findall(r"[^ (]*[ (]|[^ (]+", line.lstrip()):
        if len((pieces[-1] + word).rstrip()) > LETTERS and pieces[-1].strip():
            pieces.append(f"{indent}    ")
        pieces[-1] += word
    return [piece.rstrip() for piece in pieces]


def _line(n: int, pieces: Sequence[str], y: float, lit: Lit) -> str:
    """A line of code; lit, with a mark before it, for color alone would not do."""
    height = LINE * len(pieces)
    body = _ground(y, height, f"code {sorted(lit.lines).index(n)}") if n in lit.lines else ""
    for k, piece in enumerate(pieces):
        code = piece.lstrip()
        if code:
            x = MARGIN + GUTTER + (len(piece) - len(code)) * LETTER
            shown = text(x, y + LINE * k + 15, code, INK, size=CODE)
            body += shown.replace("<text ", f'<text font-family="{MONOSPACE}" ', 1)
    return body + _target(y, height, lit.of_line.get(n))


def _row(n: int, cost: Row, y: float, lit: Lit, largest: Sequence[int]) -> str:
    """A row of the table: the name, and under each number its bar."""
    body = _ground(y, ROW - 2, "row") if n == lit.row else ""
    name = _shortened(cost.name, WIDTH - 2 * MARGIN - GUTTER - 2 * COLUMN - GAP)
    body += _cells((name, *(f"{count:,}" for count in cost.values)), y, INK, bold=False)
    for k, (unit, count) in enumerate(zip(HEADING[1:], cost.values, strict=True)):
        if count:
            width = (COLUMN - 6) * count / largest[k]
            mark = Mark(f"{cost.name} {unit}", value=count, unit=unit, title=f"{cost.name}: {count:,} {unit}")
            body += rect(_right(k) - width, y + 18, width, BAR, COLORS[cost.kind].fill, mark)
    return body + _target(y, ROW - 2, lit.of_row.get(n))


def _right(column: int) -> float:
    """Where a column of numbers ends."""
    return WIDTH - MARGIN - 4 - (1 - column) * (COLUMN + GAP)


def _cells(cells: Sequence[str], y: float, fill: str, *, bold: bool) -> str:
    """Words from the left, numbers to the right."""
    name, *counts = cells
    body = text(MARGIN + GUTTER, y + 14, name, fill, bold=bold)
    for k, count in enumerate(counts):
        body += text(_right(k), y + 14, count, fill, bold=bold, anchor="end")
    return body


def _shortened(name: str, width: float) -> str:
    """The end of a name that is too long: the last parts of a path tell most."""
    if text_width(name, MEDIUM) <= width:
        return name
    while name and text_width("..." + name, MEDIUM) > width:
        name = name[1:]
    return "..." + name


def _ground(y: float, height: float, name: str) -> str:
    """The ground of what is lit, with an arrow head at its left."""
    body = rect(MARGIN - 6, y, WIDTH - 2 * MARGIN + 12, height, HERE, Mark(f"lit {name}"), rx=4, more=FAINT)
    x, middle = MARGIN + 1, y + min(height, LINE) / 2
    return body + path(f"M{x:g} {middle - 5:g}l7 5l-7 5z", INK, Mark(f"arrow {name}"))


def _target(y: float, height: float, sets: Mapping[str, Any] | None) -> str:
    """What a finger hits."""
    if not sets:
        return ""
    more = 'fill-opacity="0"'
    return rect(MARGIN - 6, y, WIDTH - 2 * MARGIN + 12, height, INK, Mark(sets=sets), more=more)


def _rule(y: float) -> str:
    return path(f"M{MARGIN + GUTTER:g} {y:g}H{WIDTH - MARGIN - 4:g}", "none", stroke=RULE, width=1)
