"""Three quantities against phi: a line for the formula, a point for each released network; a small SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.kit.drawing.card import card, words
from course.kit.drawing.style import COLORS, INK, QUIET, RULE

WIDTH, HEIGHT = 880, 214
LEFT, STEP, ACROSS, TOP, DOWN = 56, 284, 214, 40, 126
FORMULA, RELEASED = COLORS["depthwise"].text, COLORS["convolution"].text


@dataclass(frozen=True)
class Quantity:
    """One panel: its title, a format such as "{:.2f}", and the values at phi 0, 1, 2, ..."""

    title: str
    words: str
    formula: tuple[float, ...]
    released: tuple[float, ...]


def scaling(quantities: Sequence[Quantity], phi: int, number: int, *, label: str) -> str:
    """The SVG: a panel for each quantity; a line at `phi`, and the released network of `number` marked."""
    body = "".join(_panel(LEFT + n * STEP, quantity, phi, number) for n, quantity in enumerate(quantities))
    y = HEIGHT - 9
    body += f'<path d="M{LEFT} {y - 5}h26" stroke="{FORMULA}" stroke-width="2.5"/>'
    body += words(LEFT + 34, y, "the formula", FORMULA) + _square(LEFT + 138, y - 5)
    body += words(LEFT + 150, y, "released networks, B0 to B7", RELEASED)
    return card(body, WIDTH, HEIGHT, label)


def _panel(left: float, quantity: Quantity, phi: int, number: int) -> str:
    last = len(quantity.formula) - 1
    least = min(quantity.formula[0], quantity.released[0])
    most = max(*quantity.formula, *quantity.released)

    def place(n: int, value: float) -> tuple[float, float]:
        return left + ACROSS * n / last, TOP + DOWN * (1 - (value - least) / (most - least))

    body = words(left - 40, 24, quantity.title, INK, bold=True)
    x, _ = place(phi, least)
    body += f'<path d="M{x:.1f} {TOP - 4}V{TOP + DOWN}" stroke="{INK}" stroke-dasharray="4 3"/>'
    body += f'<path d="M{left} {TOP + DOWN}h{ACROSS}" stroke="{RULE}"/>'
    for n in range(last + 1):
        body += words(
            place(n, least)[0], TOP + DOWN + 17, str(n), INK if n == phi else QUIET, anchor="middle"
        )
    for value in (least, most):
        body += words(left - 10, place(0, value)[1] + 4.5, quantity.words.format(value), QUIET, anchor="end")
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(n, v) for n, v in enumerate(quantity.formula)))
    body += f'<polyline points="{line}" fill="none" stroke="{FORMULA}" stroke-width="2.5"/>'
    return body + "".join(_square(*place(n, v), large=n == number) for n, v in enumerate(quantity.released))


def _square(x: float, y: float, *, large: bool = False) -> str:
    side = 11 if large else 8
    return (
        f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side}" height="{side}"'
        f' fill="{RELEASED}"/>'
    )
