"""Which pixels of a map are read: the others are crossed out. A small SVG string."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.kit.drawing.style import COLORS, INK, QUIET, TENSOR
from course.kit.drawing.svg import Mark, card, path, rect, text

WIDTH, MARGIN, GAP = 400, 14, 20  # of the card; round all; between corners
HEAD, BELOW = 40, 54  # what stands above the pixels, and below them


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


def crossed_out(corners: Sequence[Pixels], *, label: str) -> str:
    """The SVG, a card of 400 pixels: the corners side by side."""
    room = (WIDTH - 2 * MARGIN - GAP * (len(corners) - 1)) / len(corners)
    rows = max(len(corner.read) for corner in corners)
    body = "".join(_corner(one, MARGIN + n * (room + GAP), room) for n, one in enumerate(corners))
    return card(body, WIDTH, HEAD + room / len(corners[0].read[0]) * rows + BELOW, label)


def _corner(corner: Pixels, left: float, room: float) -> str:
    """A title, the pixels, and how many of them are read."""
    count = sum(map(len, corner.read))
    unread = sum(not value for row in corner.read for value in row)
    color, size = COLORS[corner.kind], room / len(corner.read[0])
    body = text(left, HEAD - 10, corner.title, color.text, bold=True)
    cells = crosses = ""
    arm = size - 10
    for r, row in enumerate(corner.read):
        for c, value in enumerate(row):
            x, y = left + c * size, HEAD + r * size
            key = Mark(f"{corner.title} {r} {c}")
            cells += rect(x + 1, y + 1, size - 2, size - 2, color.fill if value else TENSOR, key)
            if not value:
                crosses += f"M{x + 5:g} {y + 5:g}l{arm:g} {arm:g}m0 {-arm:g}l{-arm:g} {arm:g}"
    body += cells
    if crosses:
        body += path(crosses, "none", stroke=QUIET, width=2)
    high = size * len(corner.read)
    body += text(left, HEAD + high + 22, f"{count - unread} of {count} pixels", INK, bold=True)
    if unread:
        body += text(left, HEAD + high + 40, f"{unread} are never read", QUIET)
    title = f"Click: {corner.hint}" if corner.hint else ""
    mark = Mark(sets=corner.sets, title=title)
    return body + rect(left, HEAD, room, high, INK, mark, more='fill-opacity="0"')
