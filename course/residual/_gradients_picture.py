"""The size of each convolution's gradient against the last one's, on a scale of powers of ten: an SVG."""

import math
from collections.abc import Sequence

from course.kit.drawing.card import card, words
from course.kit.drawing.style import COLORS, INK, QUIET, RULE

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 880, 300, 96, 30, 44, 244


def gradient_sizes(sizes: Sequence[float], *, label: str) -> str:
    """The SVG: a dot for each of `sizes`, first convolution to last; all above 0, the last is 1."""
    powers = [math.log10(size) for size in sizes]
    low, high = math.floor(min(-2.0, *powers)), math.ceil(max(2.0, *powers))
    step = max(1, math.ceil((high - low) / 7))

    def across(number: int) -> float:
        return LEFT + 14 + (WIDTH - LEFT - RIGHT - 28) * number / max(1, len(sizes) - 1)

    def down(power: float) -> float:
        return TOP + (BOTTOM - TOP) * (high - power) / (high - low)

    body = words(14, 24, "Gradient of each convolution's weights; the last one's is 1", INK, bold=True)
    for power in range(-step * (-low // step), high + 1, step):
        edge = INK if power == 0 else RULE
        body += f'<path d="M{LEFT} {down(power):.1f}H{WIDTH - RIGHT}" stroke="{edge}"/>'
        body += words(LEFT - 8, down(power) + 4, power_of_ten(power), QUIET, anchor="end")
    points = [(across(n), down(power)) for n, power in enumerate(powers)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    body += (
        f'<polyline points="{line}" fill="none" stroke="{COLORS["convolution"].fill}" stroke-width="1.5"/>'
    )
    for x, y in points:
        body += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLORS["convolution"].fill}"/>'
    for number in (0, len(sizes) // 2, len(sizes) - 1):
        body += words(across(number), BOTTOM + 22, str(number + 1), INK, anchor="middle")
    body += words(
        (LEFT + WIDTH - RIGHT) / 2, BOTTOM + 44, "convolution, first to last", QUIET, anchor="middle"
    )
    return card(body, WIDTH, HEIGHT, label)


def power_of_ten(power: int) -> str:
    """A power of ten, written out where that is short."""
    if 0 <= power < 6:
        return f"{10**power:,}"
    return f"{10.0**power:g}" if -4 <= power < 0 else f"1e{power}"
