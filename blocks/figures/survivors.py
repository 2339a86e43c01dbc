"""Which blocks ran for which picture of a batch, and above them the probability to be left out: an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from blocks.figures.style import CARD, CARD_EDGE, COLOURS, FAMILY, INK, MEDIUM, QUIET, RULE

WIDTH, LEFT, RIGHT = 880, 124, 96
BARS, HEAD, ROW = 92, 34, 22


@dataclass(frozen=True)
class Column:
    """A block: the probability that its branch is dropped, None where it has no shortcut, and for each
    picture whether the branch ran."""

    rate: float | None
    ran: tuple[bool, ...]


def survivors(columns: Sequence[Column], *, label: str) -> str:
    """The SVG: a column per block, a bar for its rate, below it a cell per picture, filled where it ran."""
    step = (WIDTH - LEFT - RIGHT) / len(columns)
    pictures = len(columns[0].ran)
    top = HEAD + BARS + 26
    body = _text(14, 22, "Drop rate of each block (no bar: 0, or it has no shortcut)", INK, bold=True)
    body += f'<path d="M{LEFT} {HEAD + BARS}H{WIDTH - RIGHT}" stroke="{RULE}"/>'
    for number, column in enumerate(columns, 1):
        body += _column(column, LEFT + (number - 1) * step, step, top)
        if len(columns) <= 20 or number % 5 == 0:
            middle = LEFT + (number - 0.5) * step
            body += _text(middle, HEAD + BARS + 17, str(number), QUIET, anchor="middle")
    body += _text(14, HEAD + BARS + 17, "block", QUIET)
    for row in range(pictures):
        y = top + row * ROW + 15
        ran = sum(column.ran[row] for column in columns)
        body += _text(14, y, f"picture {row + 1}", QUIET)
        body += _text(WIDTH - RIGHT + 10, y, f"{ran} of {len(columns)}", INK)
    return _framed(body, top + pictures * ROW + 8, label)


def _column(column: Column, x: float, step: float, top: float) -> str:
    """One block: its bar, the rate above it where there is room, and its cells."""
    colour, left, width, body = COLOURS["depthwise"].fill, f"{x + 1.5:.1f}", f"{step - 3:.1f}", ""
    if column.rate:
        height = BARS * 0.8 * column.rate
        y = HEAD + BARS - height
        body += (
            f'<rect x="{left}" y="{y:.1f}" width="{width}" height="{height:.1f}"'
            f' fill="{COLOURS["convolution"].fill}"/>'
        )
        if step > 34:
            body += _text(x + step / 2, y - 4, f"{100 * column.rate:.1f}%", QUIET, anchor="middle")
    for row, ran in enumerate(column.ran):
        fill, edge = (colour, colour) if ran else (CARD, COLOURS["convolution"].fill)
        body += (
            f'<rect x="{left}" y="{top + row * ROW + 2}" width="{width}" height="{ROW - 4}"'
            f' fill="{fill}" stroke="{edge}"/>'
        )
    return body


def _framed(body: str, height: float, label: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" width="{WIDTH}"'
        f' height="{height}" viewBox="0 0 {WIDTH} {height}" style="max-width:100%;height:auto"'
        f' font-family="{FAMILY}" font-size="{MEDIUM}">'
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10" fill="{CARD}"'
        f' stroke="{CARD_EDGE}"/>{body}</svg>'
    )


def _text(x: float, y: float, text: str, fill: str, *, bold: bool = False, anchor: str = "start") -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
