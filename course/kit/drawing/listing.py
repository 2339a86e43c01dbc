"""Lines of code and, beside them, a table; one row of each lit. A small SVG string."""

from collections.abc import Collection, Sequence
from html import escape

from course.kit.drawing.letters import text_width
from course.kit.drawing.style import INK, MEDIUM, MONOSPACE, QUIET, RULE
from course.kit.drawing.svg import card

LINE, MARGIN, GUTTER, GAP = 22, 14, 20, 34
LETTER = 0.605 * MEDIUM  # the widest of the fonts in MONOSPACE
LIT = "#FFE9A8"


def listing(
    lines: Sequence[str],
    table: Sequence[Sequence[str]],
    *,
    lit_lines: Collection[int],
    lit_row: int,
    label: str,
) -> str:
    """The SVG; see `listing_width` for its width.

    Args:
        lines: of code; `lit_lines` counts them from 0.
        table: rows of equal length, the first one the heading, the last one the total; `lit_row`
            counts them from 0. The first column is words, the others are numbers.
        label: what the picture shows, in words; its alternative text.
    """
    width, edge = listing_width(lines, table), _code_width(lines)
    height = max(len(lines), len(table)) * LINE + 2 * MARGIN - 4
    body = "".join(_line(n, line, n in lit_lines, edge) for n, line in enumerate(lines))
    left = edge + GAP
    columns = [left, *_rights(left, table)[1:]]
    for n, row in enumerate(table):
        body += _row(n, row, columns, lit=n == lit_row, bold=n in (0, len(table) - 1))
    for n in (1, len(table) - 1):
        y = MARGIN + n * LINE - 2.5
        body += f'<path d="M{left:g} {y:g}H{columns[-1]:g}" stroke="{RULE}"/>'
    return card(body, width, height, label)


def listing_width(lines: Sequence[str], table: Sequence[Sequence[str]]) -> int:
    """The width of the listing in pixels."""
    return round(_rights(_code_width(lines) + GAP, table)[-1]) + MARGIN + 8


def _code_width(lines: Sequence[str]) -> float:
    return MARGIN + GUTTER + round(max(map(len, lines), default=0) * LETTER) + 8


def _rights(left: float, table: Sequence[Sequence[str]]) -> list[float]:
    """The right edge of each column."""
    rights = []
    for n, column in enumerate(zip(*table, strict=True)):
        left += round(max(text_width(text, MEDIUM, bold=True) for text in column)) + (GUTTER if n else 0)
        rights.append(left)
    return rights


def _line(n: int, line: str, lit: bool, edge: float) -> str:
    """A line of code; lit, with a mark before it, for color alone would not do."""
    y, code = MARGIN + n * LINE, line.lstrip()
    x = MARGIN + GUTTER + (len(line) - len(code)) * LETTER
    body = _mark(MARGIN - 6, y, edge - MARGIN + 6) if lit else ""
    if code:
        body += f'<text x="{x:.1f}" y="{y + 14}" fill="{INK}" font-family="{MONOSPACE}">{escape(code)}</text>'
    return body


def _row(n: int, row: Sequence[str], columns: Sequence[float], *, lit: bool, bold: bool) -> str:
    """A row of the table: words from the left, numbers to the right."""
    y, left = MARGIN + n * LINE, columns[0]
    body = _mark(left - GUTTER, y, columns[-1] - left + GUTTER + 8) if lit else ""
    weight = ' font-weight="700"' if bold else ""
    fill = QUIET if n == 0 else INK
    for i, (text, x) in enumerate(zip(row, columns, strict=True)):
        anchor = ' text-anchor="end"' if i else ""
        body += f'<text x="{x:g}" y="{y + 14}" fill="{fill}"{anchor}{weight}>{escape(text)}</text>'
    return body


def _mark(x: float, y: float, width: float) -> str:
    """A light ground with an arrow head at its left."""
    return (
        f'<rect x="{x:g}" y="{y - 2}" width="{width:g}" height="{LINE - 1}" rx="4" fill="{LIT}"/>'
        f'<path d="M{x + 7:g} {y + 3.5}l7 5l-7 5z" fill="{INK}"/>'
    )
