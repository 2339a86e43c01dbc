"""Networks as points over a logarithmic axis, the frontiers of the years as terraces: two SVG cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from course.kit.drawing.letters import text_width
from course.kit.drawing.plot import Axis, Box, Name, grid, log_axis, names, wrapped
from course.kit.drawing.style import CARD, HERE, INK, LARGE, MEDIUM, QUIET, RULE
from course.kit.drawing.svg import Mark, card, circle, group, path, rect, text

WIDTH, HEIGHT, LETTERS = 560, 400, 17.0
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 56, 348  # of the axes
LEAST, MOST = 65, 88  # %
RADIUS = 6.0
TERRACE = 0.13  # how much darker each earlier year is
SHAPES = {
    "ResNet": "M{x} {y}m-5.5 -5.5h11v11h-11z",
    "MobileNet": "M{x} {y}m0 -7.5l7 12h-14z",
    "EfficientNet": "M{x} {y}m-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z",
    "EfficientNetV2": "M{x} {y}m0 -8l8 8l-8 8l-8 -8z",
}
At = tuple[float, float]  # cost, accuracy in %


@dataclass(frozen=True)
class Point:
    """A network: its name, a short one, family and whether it is hollow, and where it stands."""

    name: str
    short: str
    looks: tuple[str, bool]
    at: At
    in_frontier: bool
    hint: str


@dataclass(frozen=True)
class Line:
    """The sizes of one network, joined."""

    name: str
    points: tuple[At, ...]


@dataclass(frozen=True)
class Gain:
    """From the picked point to the frontier: to a cost `times` smaller, and `points` up."""

    at: At
    to: At
    times: float
    points: float


@dataclass(frozen=True)
class Plot:
    """What is drawn: terraces by year, the years to choose, the one chosen, the picked point.

    range: of the axis, which stays from year to year.
    """

    points: Sequence[Point]
    lines: Sequence[Line]
    frontiers: Mapping[int, tuple[At, ...]]
    years: Sequence[int]
    year: int
    picked: str
    gain: Gain | None
    range: tuple[float, float]
    counted: str
    title: str


def scatter(plot: Plot, label: str) -> str:
    """The plot, as SVG."""
    across = log_axis(plot.range, LEFT, WIDTH - RIGHT, (0.12, 0.07))
    up = Axis(LEAST, MOST, BOTTOM, TOP)
    body = grid(across, up, LETTERS, range(LEAST, MOST, 5), " %")
    light = 1.0
    for year in sorted(plot.frontiers, reverse=True):
        lighter = (1 - TERRACE) ** sum(other >= year for other in plot.years)
        terrace = _terrace(year, plot.frontiers, 1 - lighter / light, across, up)
        body, light = body + terrace, lighter if terrace else light
    for line in plot.lines:
        if len(line.points) > 1:
            body += path(_joined(line.points, across, up), "none", stroke=QUIET, width=1.2)
    gain, taken, told = _gain(plot.gain, across, up) if plot.gain else ("", [], [])
    places = {point.name: (across.at(point.at[0]), up.at(point.at[1])) for point in plot.points}
    taken += [Box(x - RADIUS - 2, y - RADIUS - 2, x + RADIUS + 2, y + RADIUS + 2) for x, y in places.values()]
    picked_first = sorted(plot.points, key=lambda point: (point.name != plot.picked, places[point.name]))
    named = [
        Name(
            point.name if point.name == plot.picked else point.short,
            *places[point.name],
            point.name == plot.picked,
            Mark(key=f"name {point.name}"),
        )
        for point in picked_first
    ]
    edges = [edge for points in plot.frontiers.values() for edge in _edges(points, across, up)]
    body += gain + names([*told, *named], Box(LEFT, TOP, WIDTH - 6, BOTTOM), taken, LETTERS, edges)
    body += "".join(_point(point, *places[point.name], point.name == plot.picked) for point in plot.points)
    body += text(WIDTH - RIGHT, HEIGHT - 9, plot.counted, INK, size=LETTERS, anchor="end")
    body += text(16, 29, plot.title, INK, size=LETTERS, bold=True)
    return card(body + _years(plot), WIDTH, HEIGHT, label)


def _terrace(year: int, frontiers: Mapping[int, tuple[At, ...]], dark: float, across: Axis, up: Axis) -> str:
    """All that could be had until a year: below and right of its frontier."""
    points = frontiers[year]
    if not points or points == frontiers.get(max((one for one in frontiers if one < year), default=0)):
        return ""
    d = f"M{across.at(points[0][0]):.1f} {BOTTOM}"
    for cost, accuracy in points:
        d += f"H{across.at(cost):.1f}V{up.at(accuracy):.1f}"
    d += f"H{across.end:.1f}"
    is_last = points == frontiers[max(frontiers)]
    fill = path(f"{d}V{BOTTOM}z", QUIET, more=f'fill-opacity="{dark:.3f}"')
    line = path(d, "none", stroke=INK if is_last else QUIET, width=2.2 if is_last else 1)
    return group(fill + line, Mark(key=f"until {year}", title=f"until {year}"))


def _edges(points: Sequence[At], across: Axis, up: Axis) -> list[Box]:
    """Where the lines of a terrace run, for names to stand beside."""
    found, low = [], float(BOTTOM)
    ends = [*(across.at(cost) for cost, _ in points), across.end]
    for (x, end), (_, accuracy) in zip(pairwise(ends), points, strict=True):
        y = up.at(accuracy)
        found += [Box(x - 1, y, x + 1, low), Box(x, y - 1, end, y + 1)]
        low = y
    return found


def _joined(points: Sequence[At], across: Axis, up: Axis) -> str:
    return "M" + "L".join(f"{across.at(cost):.1f} {up.at(accuracy):.1f}" for cost, accuracy in points)


def _gain(gain: Gain, across: Axis, up: Axis) -> tuple[str, list[Box], list[Name]]:
    """Two arrows from the picked point: left to the same accuracy, up to the same cost; what they need."""
    x, y = across.at(gain.at[0]), up.at(gain.at[1])
    left, top = across.at(gain.to[0]), up.at(gain.to[1])
    times = Mark(key="times", value=gain.times, scale="log-width", unit="times")
    points = Mark(key="points", value=gain.points, scale="height", unit="points")
    body = rect(left, y - 1.75, x - left, 3.5, HERE, times)
    body += path(f"M{left:.1f} {y:.1f}l9 -6v12z", HERE) if x - left > 9 else ""
    words = f"÷ {gain.times:.1f}"
    middle, wide = (left + x) / 2, text_width(words, LETTERS)
    if x - left > 0.6 * wide:  # beside the ring round the point
        middle = min(middle, x - 16 - wide / 2)
    names_ = [Name(words, middle, y)] if x - left > 9 else []
    if y - top > 3:
        body += rect(x - 1.75, top, 3.5, y - top, HERE, points) + path(f"M{x:.1f} {top:.1f}l6 9h-12z", HERE)
        names_.append(Name(f"+{gain.points:.1f} points", x, (y + top) / 2))
    taken = [Box(left, y - 3, x, y + 3), Box(x - 3, top, x + 3, y)]
    return body, taken, names_


def _point(point: Point, x: float, y: float, is_picked: bool) -> str:
    """Its shape, and round it room for a finger; the picked one is ringed."""
    color = INK if point.in_frontier else QUIET
    family, hollow = point.looks
    body = circle(x, y, 13, CARD, more='fill-opacity="0"')
    if is_picked:
        body += circle(x, y, 11.5, "none", more=f'stroke="{HERE}" stroke-width="3.5"')
    shape = SHAPES[family].format(x=f"{x:.1f}", y=f"{y:.1f}")
    body += path(shape, CARD if hollow else color, stroke=color, width=2)
    return group(body, Mark(key=point.name, sets={"network": point.name}, title=point.hint))


def _years(plot: Plot) -> str:
    """The years to choose, each on the ground of its terrace."""
    body, wide = "", 58
    x = WIDTH - RIGHT - wide * len(plot.years)
    for year in plot.years:
        later = sum(other >= year for other in plot.years)
        dark = 1 - (1 - TERRACE) ** later
        words = rect(x, 12, wide, 26, QUIET, more=f'fill-opacity="{dark:.2f}"')
        words += text(x + wide / 2, 31, str(year), INK, size=LETTERS, anchor="middle", bold=year == plot.year)
        body += group(words, Mark(sets={"year": year}, title=f"networks until {year}"))
        if year == plot.year:
            body += rect(x, 38, wide, 4, HERE, Mark(key="year"))
        x += wide
    return body


ROW_WIDTH = 400


def row_card(title: str, facts: Sequence[tuple[str, str, str]], label: str) -> str:
    """A card for one network: what is known of it, and beneath in quiet letters from where."""
    body, y = text(16, 30, title, INK, size=LETTERS, bold=True), 44.0
    for name, value, source in facts:
        body += path(f"M16 {y:.1f}H{ROW_WIDTH - 16}", "none", stroke=RULE, width=1)
        body += text(16, y + 22, name, QUIET, size=LARGE)
        body += text(ROW_WIDTH - 16, y + 22, value, INK, size=LARGE, anchor="end")
        for line in wrapped(source, ROW_WIDTH - 32, MEDIUM):
            body += text(16, y + 41, line, QUIET)
            y += 18
        y += 32
    return card(body, ROW_WIDTH, y + 6, label)
