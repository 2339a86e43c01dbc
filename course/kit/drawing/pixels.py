"""Which pixels of a map are read: the others are crossed out. A small SVG string."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.kit.drawing.style import COLORS, INK, QUIET, RULE, TENSOR
from course.kit.drawing.svg import Mark, card, path, rect, text

WIDTH, MARGIN, CELL, HEAD = 400, 14, 36.0, 44


@dataclass(frozen=True)
class Pixels:
    """A corner of a map.

    Attributes:
        title: above it.
        kind: of the step that reads it, which gives the color.
        read: by row and column.
        sets, hint: what a click sets, and that in words.
    """

    title: str
    kind: str
    read: tuple[tuple[bool, ...], ...]
    sets: Mapping[str, Any] | None = None
    hint: str = ""


def pixels(corners: Sequence[Pixels], *, label: str, height: float) -> str:
    """The SVG, a card of 400 pixels: the corners one below the other, or side by side where they fit."""
    size = min(CELL, (height - 2 * MARGIN - HEAD * len(corners)) / len(corners) / len(corners[0].read))
    body, y = "", float(MARGIN)
    for corner in corners:
        body += _corner(corner, y, size)
        y += HEAD + size * len(corner.read)
    return card(body, WIDTH, height, label)


def _corner(corner: Pixels, top: float, size: float) -> str:
    count = sum(map(len, corner.read))
    unread = sum(not value for row in corner.read for value in row)
    color = COLORS[corner.kind]
    side = size * len(corner.read)
    left = MARGIN + 4.0
    body = text(left, top + 17, corner.title, color.text, bold=True)
    words = f"{count - unread} of {count} pixels"
    body += text(left + side + 18, top + 34, words, INK, bold=True)
    if unread:
        body += text(left + side + 18, top + 52, f"{unread} are never read", QUIET)
    y0, crosses, cells = top + 26, "", ""
    for r, row in enumerate(corner.read):
        for c, value in enumerate(row):
            x, y = left + c * size, y0 + r * size
            fill = color.fill if value else TENSOR
            key = Mark(f"{corner.title} {r} {c}")
            cells += rect(x + 1, y + 1, size - 2, size - 2, fill, key)
            if not value:
                arm = size - 10
                crosses += f"M{x + 5:g} {y + 5:g}l{arm:g} {arm:g}m0 {-arm:g}l{-arm:g} {arm:g}"
    body += cells
    if crosses:
        body += path(crosses, "none", stroke=QUIET, width=2)
    title = f"Click: {corner.hint}" if corner.hint else ""
    mark = Mark(sets=corner.sets, title=title)
    more = 'fill-opacity="0"'
    return body + rect(left, y0, side, side, RULE, mark, more=more)
