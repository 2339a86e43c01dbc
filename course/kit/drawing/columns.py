"""Columns of accuracies side by side, one of them lit: the axis, and a bar and dots for each, as SVG."""

from collections.abc import Sequence

from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE
from course.kit.drawing.svg import text as words

WIDTH, HEIGHT, LEFT, RIGHT = 880, 330, 92, 24
TOP, BOTTOM = 124, 288
LIT = COLORS["convolution"]
_BACK = "#A9B6C4"


def axis(whole: float) -> str:
    """Lines at 0, 50 and 100 %, and a dashed one at `whole`, an accuracy from 0 to 1."""
    body = ""
    for percent in (0, 50, 100):
        y = _height(percent / 100)
        body += f'<path d="M{LEFT - 8} {y:.1f}H{WIDTH - RIGHT}" stroke="{RULE}"/>'
        body += words(LEFT - 14, y + 4, f"{percent} %", QUIET, anchor="end")
    y = _height(whole)
    dashes = f'stroke="{INK}" stroke-dasharray="5 4"'
    return body + f'<path d="M{LEFT - 8} {y:.1f}H{WIDTH - RIGHT}" {dashes}/>'


def column(middle: float, width: float, values: Sequence[float], is_out: bool) -> str:
    """A bar as high as the mean of the accuracies, and a dot for each of them."""
    top = _height(sum(values) / len(values))
    fill = LIT.fill if is_out else _BACK
    body = (
        f'<rect x="{middle - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}"'
        f' height="{BOTTOM - top:.1f}" fill="{fill}"/>'
    )
    for n, value in enumerate(values):
        x = middle + width * ((n + 1) / (len(values) + 1) - 0.5)
        body += f'<circle cx="{x:.1f}" cy="{_height(value):.1f}" r="3" fill="{INK}" stroke="{CARD}"/>'
    return body


def _height(accuracy: float) -> float:
    """Where an accuracy stands, in pixels from the top."""
    return BOTTOM - (BOTTOM - TOP) * accuracy
