"""What pictures with axes are made of: an axis, by value or by logarithm, and a free place for every name."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course.kit.drawing.letters import text_width
from course.kit.drawing.style import INK, QUIET, RULE
from course.kit.drawing.svg import PLAIN, Mark, path, text


@dataclass(frozen=True)
class Axis:
    """Values along a line: `low` stands at the pixel `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def at(self, value: float) -> float:
        """The pixel of a value."""
        low, high, value = map(self._scaled, (self.low, self.high, value))
        return self.start + (self.end - self.start) * (value - low) / (high - low)

    def ticks(self) -> list[float]:
        """Of a logarithmic axis, 1, 2 and 5 times the powers of ten, or those alone where they are many."""
        subs = (1,) if self.high > 200 * self.low else (1, 2, 5)
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        found = [sub * 10.0**power for power in powers for sub in subs]
        return [value for value in found if self.low <= value <= self.high]

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.is_log else value


def log_axis(values: Sequence[float], start: float, end: float, spare: tuple[float, float]) -> Axis:
    """A logarithmic axis of these values; `spare` is left free before and after, as shares of their range."""
    low, high = math.log10(min(values)), math.log10(max(values))
    reach = max(high - low, 0.5)  # one value alone must stand somewhere, too
    return Axis(10 ** (low - spare[0] * reach), 10 ** (high + spare[1] * reach), start, end, is_log=True)


def shortened(value: float) -> str:
    """20 M for 20,000,000; below a thousand as it is."""
    for size, letter in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= 0.9995 * size:
            scaled = value / size
            return f"{scaled:,.0f}{letter}" if scaled >= 999.5 else f"{scaled:.3g}{letter}"
    return f"{value:.3g}"


def wrapped(words: str, room: float, size: float) -> list[str]:
    """Words in lines that are at most `room` pixels wide."""
    found: list[str] = []
    for word in words.split():
        if found and text_width(f"{found[-1]} {word}", size) <= room:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


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


@dataclass(frozen=True)
class Name:
    """A name that belongs to a place."""

    words: str
    x: float
    y: float
    bold: bool = False
    mark: Mark = PLAIN


def names(
    found: Sequence[Name], inside: Box, taken: Sequence[Box], size: float, lines: Sequence[Box] = ()
) -> str:
    """The names as SVG, each as near to its place as can be, on none of the others and on nothing taken.

    The first ones choose first. `lines` are left free where there is another place. A line leads from a name
    that stands far off to its place.
    """
    used, body = list(taken), ""
    for name in found:
        width = text_width(name.words, size, bold=name.bold)
        box = _best(_around(name, width, size, inside), used, lines)
        used.append(box)
        near = min(max(name.x, box.left), box.right), min(max(name.y, box.top), box.bottom)
        if math.dist(near, (name.x, name.y)) > 1.3 * size:
            body += path(f"M{name.x:.1f} {name.y:.1f}L{near[0]:.1f} {near[1]:.1f}", "none", stroke=QUIET)
        body += text(
            box.left, box.bottom - 0.27 * size, name.words, INK, name.mark, size=size, bold=name.bold
        )
    return body


def _best(tried: Iterator[Box], used: Sequence[Box], lines: Sequence[Box]) -> Box:
    """The nearest place that is free, or the one that costs least."""
    best, least = Box(0, 0, 0, 0), math.inf
    for far, box in enumerate(tried):
        if far >= least:
            break
        cost = far + 1000 * _met(box, used)
        if cost < least:
            cost += 10 * _met(box, lines)
        if cost < least:
            best, least = box, cost
    return best


def _met(box: Box, others: Sequence[Box]) -> int:
    return sum(box.meets(other) for other in others)


def _around(name: Name, width: float, size: float, inside: Box) -> Iterator[Box]:
    """Places beside, above and below a point, then farther and farther away."""
    for far in (0.75, 1.1, 1.6, 2.2, 3, 4, 5.2, 6.6, 8.2, 10, 12):
        for dx, dy in ((-1, -1), (1, 0), (1, 1), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, 1)):
            near = 0.5 if dx and dy else 1  # off a corner there is more room
            left = name.x + dx * near * far * size - width * (1 - dx) / 2
            top = name.y + dy * (far + 0.1) * size - 0.6 * size
            box = Box(left, top, left + width, top + 1.2 * size)
            if (box.left >= inside.left and box.right <= inside.right) and (
                box.top >= inside.top and box.bottom <= inside.bottom
            ):
                yield box


def grid(across: Axis, up: Axis, size: float, rows: Sequence[float], unit: str = "") -> str:
    """Lines at the ticks of a logarithmic axis and at `rows`, and what they stand for."""
    body, after = "", -math.inf
    for value in across.ticks():
        x, words = across.at(value), shortened(value)
        body += path(f"M{x:.1f} {up.start:.1f}V{up.end:.1f}", "none", stroke=RULE, width=1)
        half = text_width(words, size) / 2
        if x - half > after and x + half < across.end + 0.5 * size:  # no number touches another
            body += text(x, up.start + 1.25 * size, words, QUIET, size=size, anchor="middle")
            after = x + half + 0.4 * size
    for value in rows:
        y = up.at(value)
        body += path(f"M{across.start:.1f} {y:.1f}H{across.end:.1f}", "none", stroke=RULE, width=1)
        words = f"{value:g}{unit}" if unit else shortened(value)
        body += text(across.start - 0.5 * size, y + 0.35 * size, words, QUIET, size=size, anchor="end")
    return body
