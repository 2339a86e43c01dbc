"""Named points over a logarithmic axis, each name in a place of its own, and a table: two small SVGs."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from course.kit.drawing.letters import text_width
from course.kit.drawing.style import CARD, COLORS, INK, MEDIUM, QUIET, RULE
from course.kit.drawing.svg import card
from course.kit.drawing.svg import text as words

WIDTH, HEIGHT = 880, 400
LEFT, RIGHT, TOP, BOTTOM = 52, 18, 40, 46
RADIUS, LINE, ROW = 5.5, 16, 20
# A shape and a color for each group in turn: never by color alone.
GROUPS = (
    (COLORS["convolution"].text, "M-5 -5h10v10h-10z"),
    (COLORS["pointwise"].text, "M0 -6.5l6.5 11.5h-13z"),
    (COLORS["depthwise"].text, "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z"),
    (COLORS["grouped"].text, "M0 -7l7 7l-7 7l-7 -7z"),
)


@dataclass(frozen=True)
class Point:
    """A point: its name, the number of its group, where it stands, and whether it is drawn hollow.

    hint is shown while the mouse rests on it.
    """

    name: str
    group: int
    x: float
    y: float
    hollow: bool
    hint: str


@dataclass(frozen=True)
class Box:
    """A rectangle that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two have a place in common."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


def scatter(
    points: Sequence[Point],
    groups: Sequence[str],
    axes: tuple[str, str],
    heights: tuple[int, int],
    label: str,
) -> str:
    """The SVG.

    Args:
        groups: the names of the groups, for the legend.
        axes: the title of the picture, and what the horizontal axis counts.
        heights: the least and the greatest value of the vertical axis, in %.
    """
    title, counted = axes
    low, high = _limits([point.x for point in points])
    places = [_place(point, (low, high), heights) for point in points]
    body = words(16, 24, title, INK, bold=True) + _grid((low, high), heights)
    body += words(WIDTH - RIGHT, HEIGHT - 8, counted, QUIET, anchor="end")
    body += "".join(_label(name, box, place) for name, box, place in _labels(points, places))
    for point, (x, y) in zip(points, places, strict=True):
        body += _mark(point, x, y)
    return card(body + _legend(groups), WIDTH, HEIGHT, label)


def table(heading: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int], label: str) -> str:
    """The SVG of a table: first and last column words, from their left; between them numbers, to their right.

    columns are the horizontal places.
    """
    body = ""
    for n, row in enumerate((heading, *rows)):
        y = 22 + n * ROW
        for i, (text, x) in enumerate(zip(row, columns, strict=True)):
            anchor = "start" if i in (0, len(row) - 1) else "end"
            body += words(x, y, text, INK if n else QUIET, anchor=anchor, bold=not n)
    return card(body, WIDTH, 16 + (len(rows) + 1) * ROW, label)


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis, as logarithms, with room at the right for names."""
    low, high = math.log10(min(values)), math.log10(max(values))
    spare = max(0.06 * (high - low), 0.1)
    return low - spare, high + 1.6 * spare


def _place(point: Point, ends: tuple[float, float], heights: tuple[int, int]) -> tuple[float, float]:
    return _across(math.log10(point.x), ends), _up(point.y, heights)


def _across(logarithm: float, ends: tuple[float, float]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (logarithm - ends[0]) / (ends[1] - ends[0])


def _up(value: float, heights: tuple[int, int]) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - heights[0]) / (heights[1] - heights[0])


def _grid(ends: tuple[float, float], heights: tuple[int, int]) -> str:
    """Lines at 1, 2 and 5 times each power of ten, and at each fifth per cent."""
    body = ""
    for power in range(math.floor(ends[0]), math.ceil(ends[1]) + 1):
        for times in (1, 2, 5):
            if ends[0] <= (logarithm := math.log10(times) + power) <= ends[1]:
                x = _across(logarithm, ends)
                body += f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{RULE}"/>'
                if x < WIDTH - 30:
                    body += words(x, HEIGHT - BOTTOM + 17, _short(times, power), QUIET, anchor="middle")
    for value in range(heights[0], heights[1] + 1, 5):
        y = _up(value, heights)
        body += f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{RULE}"/>'
        body += words(LEFT - 8, y + 4.5, f"{value} %", QUIET, anchor="end")
    return body


def _short(times: int, power: int) -> str:
    """20 M for 2 times ten to the seventh; below a million as it is."""
    for least, unit in ((9, " G"), (6, " M")):
        if power >= least:
            return f"{times * 10 ** (power - least)}{unit}"
    return f"{times * 10.0**power:g}"


def _labels(
    points: Sequence[Point], places: Sequence[tuple[float, float]]
) -> Iterator[tuple[str, Box, tuple[float, float]]]:
    """A place for each name, that no other name and no point has, as near to its own point as can be."""
    taken = [Box(x - RADIUS - 2, y - RADIUS - 2, x + RADIUS + 2, y + RADIUS + 2) for x, y in places]
    for point, place in sorted(zip(points, places, strict=True), key=lambda pair: pair[1]):
        tried = list(_around(place, text_width(point.name, MEDIUM)))
        free = [box for box in tried if not any(box.meets(other) for other in taken)]
        box = (free or tried)[0]
        taken.append(box)
        yield point.name, box, place


def _around(place: tuple[float, float], width: float) -> Iterator[Box]:
    """Places beside, above and below a point, then farther and farther away, all inside the picture."""
    x, y = place
    for far in (10, 18, 26, 36, 48, 62, 78, 96, 116):
        for dx, dy in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1)):
            left = x + dx * far - width * (1 - dx) / 2
            top = y + dy * far - LINE / 2 + dy * 2
            box = Box(left, top, left + width, top + LINE)
            inside = left >= LEFT and box.right <= WIDTH - 4
            if inside and top >= TOP and box.bottom <= HEIGHT - BOTTOM:
                yield box


def _label(name: str, box: Box, place: tuple[float, float]) -> str:
    """The name, and where it stands far from its point a line between them."""
    x, y = place
    near_x, near_y = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    far = math.hypot(near_x - x, near_y - y)
    line = f'<path d="M{x:.1f} {y:.1f}L{near_x:.1f} {near_y:.1f}" stroke="{QUIET}"/>' if far > 14 else ""
    return line + words(box.left, box.bottom - 3.5, name, INK)


def _mark(point: Point, x: float, y: float) -> str:
    color, shape = GROUPS[point.group]
    fill = CARD if point.hollow else color
    return (
        f'<path transform="translate({x:.1f} {y:.1f})" d="{shape}" fill="{fill}" stroke="{color}"'
        f' stroke-width="2"><title>{escape(point.hint)}</title></path>'
    )


def _legend(groups: Sequence[str]) -> str:
    body, x = "", float(LEFT)
    for name, (color, shape) in zip(groups, GROUPS, strict=True):
        body += f'<path transform="translate({x + 6:.1f} {HEIGHT - 13})" d="{shape}" fill="{color}"/>'
        body += words(x + 18, HEIGHT - 8, name, QUIET)
        x += 34 + text_width(name, MEDIUM)
    return body
