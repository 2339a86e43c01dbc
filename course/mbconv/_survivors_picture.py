"""Which blocks ran for which picture of a batch, and above them the probability to be left out: an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.kit.drawing.card import card, words
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE, TENSOR_BACK, TENSOR_EDGE

WIDTH, LEFT, RIGHT = 880, 96, 84
HEAD, BARS, ROW = 52, 74, 22
TOP = HEAD + BARS + 26
_OUT = COLORS["convolution"]


@dataclass(frozen=True)
class Column:
    """A block: the probability that its branch is left out, None where it has no shortcut, and for each
    picture whether the branch ran."""

    rate: float | None
    ran: tuple[bool, ...]


def survivors(columns: Sequence[Column], *, label: str, most: float) -> str:
    """The SVG: a column per block, a bar for its rate, below it a cell per picture.

    Args:
        most: the rate of the highest bar that fits, so that all pictures have one scale.
    """
    step = (WIDTH - LEFT - RIGHT) / len(columns)
    base = HEAD + BARS
    body = words(14, 22, "Drop rate of each block, and the blocks that each picture passes", INK, bold=True)
    body += _legend(WIDTH - 14) + f'<path d="M{LEFT} {base}H{WIDTH - RIGHT}" stroke="{RULE}"/>'
    for number, column in enumerate(columns, 1):
        x = LEFT + (number - 1) * step
        body += _bar(column.rate, x, step, most) if column.rate else ""
        body += "".join(_cell(column, ran, x, step, TOP + row * ROW) for row, ran in enumerate(column.ran))
        if len(columns) <= 20 or number % 5 == 0:
            body += words(x + step / 2, base + 17, str(number), QUIET, anchor="middle")
    body += words(14, base + 17, "block", QUIET)
    pictures = len(columns[0].ran)
    for row in range(pictures):
        passed = sum(column.ran[row] for column in columns)
        body += words(14, TOP + row * ROW + 15, f"picture {row + 1}", QUIET)
        body += words(WIDTH - RIGHT + 10, TOP + row * ROW + 15, f"{passed} of {len(columns)}", INK)
    return card(body, WIDTH, TOP + pictures * ROW + 8, label)


def _bar(rate: float, x: float, step: float, most: float) -> str:
    """A block's rate, in figures too where there is room."""
    height = BARS * rate / most
    y = HEAD + BARS - height
    body = _rect(x + 1.5, y, step - 3, height, f'fill="{_OUT.fill}"')
    return body + words(x + step / 2, y - 4, f"{100 * rate:.1f}%", QUIET, anchor="middle") * (step > 34)


def _cell(column: Column, ran: bool, x: float, step: float, y: float) -> str:
    """Filled where the branch ran, hollow where it was left out; without gaps where it always runs."""
    if column.rate is None:
        return _rect(x + 1.5, y, step - 3, ROW, f'fill="{TENSOR_BACK}"')
    paint = f'fill="{TENSOR_EDGE}" stroke="{TENSOR_EDGE}"' if ran else f'fill="{CARD}" stroke="{_OUT.fill}"'
    return _rect(x + 1.5, y + 2, step - 3, ROW - 4, paint)


def _legend(right: float) -> str:
    """What the three kinds of cell mean, ending at `right`."""
    kinds = (
        (Column(0, ()), True, "ran", 372),
        (Column(0, ()), False, "left out", 304),
        (Column(None, ()), True, "no shortcut: always runs", 204),
    )
    return "".join(
        _cell(column, ran, right - left, 26, 7) + words(right - left + 32, 22, name, QUIET)
        for column, ran, name, left in kinds
    )


def _rect(x: float, y: float, width: float, height: float, paint: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {paint}/>'
