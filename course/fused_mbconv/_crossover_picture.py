"""MBConv beside Fused-MBConv: a map of channels by map size with the edge, and both blocks of one cell."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.kit.drawing.letters import text_width
from course.kit.drawing.plot import shortened
from course.kit.drawing.style import COLORS, HERE, INK, LARGE, MEDIUM, QUIET, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, group, path, rect, text

WIDTH, HEIGHT = 400, 354
LEFT, TOP, WIDE, HIGH, GAP = 68, 92, 54, 44, 3  # of the cells
BAR, TALL = 14, 34  # of the bars in a cell: their width, and the height of the higher one
PAIR = (
    COLORS["depthwise"],
    COLORS["convolution"],
)  # what tells the two blocks apart is what they filter with


@dataclass(frozen=True)
class Square:
    """A cell of the map.

    Attributes:
        channels, size: its place.
        ratio: the second block's quantity over the first one's; None where there is no number.
        ahead: the block that has less, 0 or 1; None where neither has.
        note: what stands in it instead of bars.
        hint: what a pointer reads.
    """

    channels: int
    size: int
    ratio: float | None
    ahead: int | None
    note: str
    hint: str


@dataclass(frozen=True)
class Bar:
    """One block at the chosen cell: its name, its quantity by kind of step and in words; "" is not known."""

    name: str
    parts: Mapping[str, float]
    words: str


def field(
    title: str, names: Sequence[str], rows: Sequence[Sequence[Square]], chosen: tuple[int, int], label: str
) -> str:
    """The map as SVG: a cell has a bar for each block and the tint of the one ahead; a line is the edge."""
    body = text(16, 28, title, INK, size=LARGE, bold=True)
    x = WIDTH - 16.0
    for name, color in reversed(list(zip(names, PAIR, strict=True))):
        x -= text_width(name, MEDIUM)
        body += text(x, 28, name, color.text) + rect(x - 19, 16, 13, 13, color.fill)
        x -= 34
    body += _heads(rows)
    for r, row in enumerate(rows):
        for c, square in enumerate(row):
            body += _square(square, LEFT + WIDE * c, TOP + HIGH * r)
    edges = _edges(rows)
    body += edges
    for r, row in enumerate(rows):
        for c, square in enumerate(row):
            if (square.channels, square.size) == chosen:
                place = (LEFT + WIDE * c - 1, TOP + HIGH * r - 1, WIDE - GAP + 2, HIGH - GAP + 2)
                edge = 'stroke-width="4" pointer-events="none"'
                body += rect(*place, "none", Mark(key="here"), stroke=HERE, rx=4, more=edge)
    y = TOP + HIGH * len(rows) + 26
    body += text(16, y, f"The shorter bar is ahead.{' The line is the edge.' if edges else ''}", QUIET)
    return card(body, WIDTH, HEIGHT, label)


def _heads(rows: Sequence[Sequence[Square]]) -> str:
    """Channels above as bars as wide as they are many, map sizes at the left as squares."""
    most, largest = max(square.channels for square in rows[0]), max(row[0].size for row in rows)
    body = text(16, 62, "channels", QUIET) + text(16, 80, "map", QUIET)
    for c, square in enumerate(rows[0]):
        middle, wide = LEFT + WIDE * c + (WIDE - GAP) / 2, (WIDE - 10) * square.channels / most
        mark = Mark(value=square.channels, scale="width", unit="channels")
        body += text(middle, 64, str(square.channels), INK, anchor="middle")
        body += rect(middle - wide / 2, 72, wide, 8, TENSOR_EDGE, mark)
    for r, row in enumerate(rows):
        size, middle = row[0].size, TOP + HIGH * r + (HIGH - GAP) / 2
        side = 22 * size / largest
        mark = Mark(value=size, scale="width", unit="pixels")
        body += rect(51 - side / 2, middle - side / 2, side, side, TENSOR_EDGE, mark)
        body += text(36, middle + 5, str(size), INK, anchor="end")
    return body


def _square(square: Square, x: float, y: float) -> str:
    wide, high = WIDE - GAP, HIGH - GAP
    name = f"{square.channels} {square.size}"
    body = rect(x, y, wide, high, TENSOR, rx=3)
    if square.ahead is not None:
        color = PAIR[square.ahead].fill
        body += rect(x, y, wide, high, color, Mark(key=f"ahead {name}"), rx=3, more='fill-opacity="0.3"')
    if square.ratio is None:
        body += text(x + wide / 2, y + high / 2 + 5, square.note, QUIET, anchor="middle")
    else:
        for n, share in enumerate((1 / max(1, square.ratio), square.ratio / max(1, square.ratio))):
            mark = Mark(key=f"{n} {name}", value=share, scale="height", unit="of the larger")
            left = x + wide / 2 + (3 if n else -3 - BAR)
            body += rect(left, y + high - 3 - TALL * share, BAR, TALL * share, PAIR[n].fill, mark)
    sets = {"channels": square.channels, "resolution": square.size}
    return group(body, Mark(sets=sets, title=square.hint))


def _edges(rows: Sequence[Sequence[Square]]) -> str:
    """A line between neighbors of which one block and then the other is ahead."""
    d, half = "", GAP / 2
    for r, row in enumerate(rows):
        for c, square in enumerate(row):
            x, y = LEFT + WIDE * c, TOP + HIGH * r
            if c and _differ(square, row[c - 1]):
                d += f"M{x - half} {y - half}v{HIGH}"
            if r and _differ(square, rows[r - 1][c]):
                d += f"M{x - half} {y - half}h{WIDE}"
    return path(d, "none", stroke=INK, width=4, more='stroke-linecap="square"') if d else ""


def _differ(one: Square, other: Square) -> bool:
    return one.ahead is not None and other.ahead is not None and one.ahead != other.ahead


ROOM = WIDTH - 32  # of the longest bar


def blocks(title: str, bars: Sequence[Bar], unit: str, note: Sequence[str], label: str) -> str:
    """Both blocks of the chosen cell as bars of their steps, to one scale that stays or changes by twos."""
    body = text(16, 28, title, INK, size=LARGE, bold=True)
    most = max(sum(bar.parts.values()) for bar in bars)
    y, whole = 44.0, 2.0 ** math.ceil(math.log2(most)) if most else 1.0
    for n, bar in enumerate(bars):
        body += text(16, y + 20, bar.name, PAIR[n].text, size=LARGE, bold=True)
        body += text(WIDTH - 16, y + 20, bar.words, INK, size=LARGE, anchor="end")
        x = 16.0
        for kind, value in bar.parts.items():
            wide = ROOM * value / whole
            color, what = (COLORS[kind].fill, COLORS[kind].name) if kind in COLORS else (QUIET, kind)
            mark = Mark(f"{bar.name} {kind}", None, value, "width", unit, f"{what}: {value:,.10g} {unit}")
            body += rect(x, y + 30, wide, 40, color, mark)
            x += wide
        body += path(f"M16 {y + 30}v40", "none", stroke=INK, width=1.5)
        y += 88
    if most:
        body += _scale_bar(whole, unit, y + 12)
    y += 50
    kinds = [kind for kind in dict.fromkeys(kind for bar in bars for kind in bar.parts) if kind in COLORS]
    for n, kind in enumerate(kinds):
        left, top = 16 + (n % 2) * 196, y + 22 * (n // 2)
        body += rect(left, top - 12, 13, 13, COLORS[kind].fill) + text(
            left + 20, top, COLORS[kind].name, QUIET
        )
    for n, line in enumerate(note):
        body += text(16, y + 20 * n, line, QUIET)
    return card(body, WIDTH, HEIGHT, label)


def _scale_bar(whole: float, unit: str, y: float) -> str:
    """How long a round number is: where the scale changes, this is seen to change."""
    power = 10.0 ** math.floor(math.log10(whole / 3))
    value = power * max(times for times in (1, 2, 5) if power * times <= whole / 3)
    wide = ROOM * value / whole
    mark = Mark(key="scale", value=value, scale="width", unit=unit)
    body = rect(16, y, wide, 3, QUIET, mark) + path(
        f"M16 {y - 4}v11M{16 + wide:.1f} {y - 4}v11", "none", stroke=QUIET
    )
    return body + text(26 + wide, y + 6, f"{shortened(value)} {unit}", QUIET)
