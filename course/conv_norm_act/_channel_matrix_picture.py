"""Which output channel sees which input channel, as a matrix of filters, and the cost beside it: an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.kit.drawing.card import card, words
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE

WIDTH, HEIGHT, TOP, LEFT, CELL, ROW = 880, 380, 76, 96, 30, 24
_RIGHT, _NAMES, _BAR = 500, 80, 190


@dataclass(frozen=True)
class Cost:
    """A convolution's kind of step, its groups, its weights, its multiply-adds."""

    kind: str
    groups: int
    weights: int
    multiply_adds: int


def channel_matrix(
    sees: Sequence[Sequence[bool]], kernel_size: int, costs: tuple[Cost, Cost], resolution: int, *, label: str
) -> str:
    """The SVG.

    Args:
        sees: for each output channel, whether it sees each input channel.
        costs: of this convolution, and of the same with one group.
        resolution: height and width of the map that the multiply-adds are for.
    """
    color = COLORS[costs[0].kind]
    weights = "1 weight" if kernel_size == 1 else f"{kernel_size**2} weights"
    body = words(16, 26, "A column for each input channel, a row for each output channel", INK, bold=True)
    body += words(
        16, 46, f"filled: the row sees the column, through {weights} ({kernel_size}x{kernel_size})", QUIET
    )
    for x in range(len(sees[0])):
        body += words(LEFT + (x + 0.5) * CELL, TOP - 7, str(x + 1), QUIET, anchor="middle")
    for y, row in enumerate(sees):
        body += words(LEFT - 10, TOP + y * ROW + 16, f"output {y + 1}", QUIET, anchor="end")
        for x, seen in enumerate(row):
            body += _cell(x, y, seen, kernel_size, color.fill, color.ink)
    return card(body + _costs(costs, resolution), WIDTH, HEIGHT, label)


def _cell(x: int, y: int, seen: bool, kernel_size: int, fill: str, ink: str) -> str:
    left, top = LEFT + x * CELL, TOP + y * ROW
    body = (
        f'<rect x="{left + 1}" y="{top + 1}" width="{CELL - 2}" height="{ROW - 2}"'
        f' fill="{fill if seen else CARD}" stroke="{fill if seen else RULE}"/>'
    )
    if seen:
        body += words(left + CELL / 2, top + ROW / 2 + 5, str(kernel_size**2), ink, anchor="middle")
    return body


def _costs(costs: tuple[Cost, Cost], resolution: int) -> str:
    """Bars of weights and multiply-adds: this convolution and, if it has several, the same with one group."""
    color = COLORS[costs[0].kind]
    shown = costs if costs[0].groups > 1 else costs[:1]
    body = words(_RIGHT, 26, f"This is a {color.name}", color.text, bold=True)
    columns = {
        "weights": [cost.weights for cost in shown],
        f"multiply-adds on a {resolution} x {resolution} map": [cost.multiply_adds for cost in shown],
    }
    for n, (noun, values) in enumerate(columns.items()):
        top = TOP + n * 110
        body += words(_RIGHT, top + 8, noun, INK, bold=True)
        for m, (cost, value) in enumerate(zip(shown, values, strict=True)):
            y, width = top + 20 + m * 28, max(_BAR * value / max(values), 1)
            groups = "1 group" if cost.groups == 1 else f"{cost.groups} groups"
            left = _RIGHT + _NAMES
            body += words(_RIGHT, y + 15, groups, QUIET)
            fill = COLORS[cost.kind].fill
            body += f'<rect x="{left}" y="{y}" width="{width:.1f}" height="20" fill="{fill}"/>'
            body += words(left + width + 8, y + 15, f"{value:,}", INK)
    return body
