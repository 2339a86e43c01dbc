"""What a block costs, as towers: a storey for each layer, as high as its count. A small SVG string."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.kit.drawing.letters import text_width
from course.kit.drawing.style import CARD, COLORS, INK, MEDIUM, QUIET, RULE
from course.kit.drawing.svg import PLAIN, Mark, card, path, rect, text

WIDTH, HEIGHT, MARGIN = 400, 340, 14  # of the card
HEAD, ABOVE, BELOW = 26, 40, 24  # heights of a title, of the words above a tower, of those below it
TICKS, GAP = 36, 14  # the widths of the scale's numbers, and between towers
_WIDEST = 92.0


@dataclass(frozen=True)
class Storey:
    """A layer: its name, its kind of step (which gives the color), its count."""

    name: str
    kind: str
    count: int


@dataclass(frozen=True)
class Tower:
    """A module's layers in running order, the first one on top.

    Attributes:
        name: what stands below it.
        storeys: none for a tower that is not shown yet: a question mark stands in its place.
        is_ghost: drawn as an outline, for what is only compared with.
        note: above its total.
        sets, hint: what a click on it sets, and that in words.
    """

    name: str
    storeys: tuple[Storey, ...]
    is_ghost: bool = False
    note: str = ""
    sets: Mapping[str, Any] | None = None
    hint: str = ""

    @property
    def total(self) -> int:
        """All its layers together."""
        return sum(storey.count for storey in self.storeys)


@dataclass(frozen=True)
class Street:
    """Towers of one unit, on one scale: "parameters" or "multiply-adds"."""

    unit: str
    towers: tuple[Tower, ...]


def towers(streets: Sequence[Street], *, label: str, height: float = HEIGHT) -> str:
    """The SVG, a card of 400 pixels.

    A street's scale is a power of two of its unit, so it stays while the largest tower fits, and then halves;
    the lines behind the towers show it.
    """
    left, body = float(MARGIN), ""
    room = (WIDTH - 2 * MARGIN - GAP * (len(streets) - 1)) / len(streets)
    tallest = height - 2 * MARGIN - HEAD - ABOVE - BELOW
    for street in streets:
        body += _street(street, left, room, tallest)
        left += room + GAP
    return card(body, WIDTH, height, label)


def short(count: int) -> str:
    """A count in few letters: "3,744", "10.8 M"."""
    for least, unit in ((10**9, "G"), (10**6, "M")):
        if count >= least:
            scaled = count / least
            return f"{scaled:.1f} {unit}" if scaled < 99.95 else f"{scaled:,.0f} {unit}"
    return f"{count:,}"


def scale_of(largest: int, tallest: float) -> float:
    """Pixels of one count: a power of two fits into `tallest`, so the largest takes over half of it."""
    return float(tallest / 2 ** math.ceil(math.log2(max(largest, 1))))


def _street(street: Street, left: float, room: float, tallest: float) -> str:
    """A title, the scale's lines, and the towers on their ground."""
    scale = scale_of(max(tower.total for tower in street.towers), tallest)
    ground = MARGIN + HEAD + ABOVE + tallest
    body = text(left, MARGIN + 14, street.unit.capitalize(), INK, bold=True)
    step = _step(tallest / scale)
    count = step
    while count * scale <= tallest + 0.01:
        y = ground - count * scale
        name = f"{street.unit} {count}"
        line = f"M{left + TICKS:g} {y:.1f}H{left + room:g}"
        body += path(line, "none", Mark(f"{name} line"), stroke=RULE, width=1)
        body += text(left + TICKS - 5, y + 4.5, _tick(count), QUIET, Mark(name), anchor="end")
        count += step
    slot = (room - TICKS) / len(street.towers)
    width = min(slot - 8, _WIDEST)
    for n, tower in enumerate(street.towers):
        middle = left + TICKS + slot * (n + 0.5)
        body += _tower(tower, street.unit, middle, ground, width, scale, f"{street.unit} {n} ")
    return body + path(f"M{left + TICKS:g} {ground:g}H{left + room:g}", "none", stroke=INK, width=1.4)


def _tower(tower: Tower, unit: str, x: float, ground: float, width: float, scale: float, key: str) -> str:
    body = text(x, ground + 17, tower.name, INK, anchor="middle")
    hint = f"Click: {tower.hint}" if tower.hint else ""
    if not tower.storeys:
        more = 'stroke-dasharray="4 4"'
        mark = Mark(f"{key}ask", tower.sets, title=hint)
        body += rect(
            x - width / 2, ground - 60, width, 59, "transparent", mark, stroke=QUIET, rx=4, more=more
        )
        return body + text(x, ground - 22, "?", QUIET, PLAIN, size=24, bold=True, anchor="middle")
    y = ground - tower.total * scale
    above = y - 7
    for n, line in enumerate(filter(None, (short(tower.total), tower.note))):
        mark = Mark(f"{key}total {n}")
        body += text(x, above - 17 * n, line, INK, mark, bold=True, anchor="middle")
    for storey in tower.storeys:
        height = storey.count * scale
        color = COLORS[storey.kind]
        said = f"{storey.name}: {storey.count:,} {unit}"
        mark = Mark(
            key + storey.name,
            tower.sets,
            storey.count,
            "height",
            unit,
            ". ".join(filter(None, (said, hint))),
        )
        if tower.is_ghost:
            body += rect(x - width / 2, y, width, height, color.fill, mark, more='fill-opacity="0.22"')
            more = 'stroke-dasharray="5 4" pointer-events="none"'
            body += rect(
                x - width / 2,
                y,
                width,
                height,
                "none",
                Mark(f"{key}{storey.name} edge"),
                stroke=QUIET,
                more=more,
            )
        else:
            body += rect(x - width / 2, y, width, height, color.fill, mark)
            if storey is not tower.storeys[0]:  # two of one color stay two
                divider = Mark(f"{key}{storey.name} line")
                body += path(f"M{x - width / 2:g} {y:.1f}h{width:g}", "none", divider, stroke=CARD, width=1)
        words = short(storey.count)
        if height >= 17 and text_width(words, MEDIUM) <= width - 4:
            ink = INK if tower.is_ghost else color.ink
            body += text(x, y + height / 2 + 5, words, ink, Mark(f"{key}{storey.name} n"), anchor="middle")
        y += height
    return body


def _step(most: float) -> int:
    """Between two lines of the scale: 1, 2 or 5 times a power of ten, so that there are 2 to 4 lines."""
    least = most / 4.5
    power = 10 ** max(math.floor(math.log10(least)), 0)
    return next(int(power * n) for n in (1, 2, 5, 10) if power * n >= least)


def _tick(count: int) -> str:
    for least, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= least:
            return f"{count / least:g}{unit}"
    return str(count)
