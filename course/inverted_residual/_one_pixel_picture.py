"""The cards of `one_pixel`: the network, one of its blocks, what is read, the sum; and its first look.

A page without a kernel holds thousands of these pictures, packed so that what repeats within 32 kB costs
nothing: so a picture stays below that, and what can be one mark is one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from course.kit.drawing.answers import percent
from course.kit.drawing.bitmap import WHITE, address, plain_colors, plain_grays
from course.kit.drawing.style import (
    CARD,
    COLORS,
    HERE,
    INK,
    QUIET,
    RULE,
    TENSOR,
    TENSOR_BACK,
    TENSOR_EDGE,
)
from course.kit.drawing.svg import Mark, card, circle, group, image, number, path, rect, text

WIDTH, HEIGHT = 308, 284
SQUARES = 8  # of a photograph in a row, and rows
RELU6 = 6.0
_EDGE = 12.0  # what is left free at a card's edges
_HEADING, _LARGE = 16.0, 21.0  # letters
_UNSEEN, _PALE, _LIGHT, _DOWN = (f'fill-opacity="{share}"' for share in (0, 0.2, 0.25, 0.45))
_KIND = {"1x1": "pointwise", "depthwise": "depthwise"}


@dataclass(frozen=True)
class Answer:
    """A class, and its probability from 0 to 1."""

    name: str
    probability: float


@dataclass(frozen=True, eq=False)
class Slab:
    """What goes into a block: its channels, the side of its maps, and one of them as grays from 0 to 15."""

    number: int
    channels: int
    side: int
    face: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Block:
    """A block, as one pixel goes through it.

    Attributes:
        narrow, wide: channels at its ends and in its middle.
        side: of its maps.
        columns: the pixel's channels as they come in, expanded, filtered, and as they go out, as grays.
        picks: the wide channels that can be chosen, counted from 1.
    """

    number: int
    narrow: int
    wide: int
    side: int
    columns: tuple[NDArray[np.uint8], ...]
    picks: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Pixel:
    """One pixel of a photograph in one block, and the products that make one of its numbers.

    Attributes:
        row, column: of the photograph's squares, from 1.
        photograph: a small one, as a WebP file.
        place: row and column in the block's maps, from 0.
        map: the chosen expanded channel, as grays from 0 to 15; white is `full`.
        channel: which of the block's picks, from 1.
        values: what is read: (3, 3) of one channel, or (channels,) of one pixel.
        weights: a factor for each of them; the norm is folded in, and leaves a shift.
    """

    photo: str
    row: int
    column: int
    answer: Answer
    photograph: bytes
    slabs: tuple[Slab, ...]
    block: Block
    place: tuple[int, int]
    map: NDArray[np.uint8]
    full: float
    job: Literal["1x1", "depthwise"]
    channel: int
    values: NDArray[np.float32]
    weights: NDArray[np.float32]
    shift: float

    @property
    def products(self) -> NDArray[np.float64]:
        """Each value times its weight."""
        return self.values.astype(np.float64) * self.weights

    @property
    def total(self) -> float:
        """The products and the shift."""
        return float(self.products.sum()) + self.shift

    @property
    def cell(self) -> float:
        """What ReLU6 gives: the number that stands in the network."""
        return min(max(self.total, 0.0), RELU6)

    @property
    def pick(self) -> int:
        """The chosen channel, from 1."""
        return self.block.picks[self.channel - 1]


@dataclass(frozen=True, eq=False)
class First:
    """A photograph, the pixels (H, W, 3) of one of its squares, and the answers."""

    photo: str
    row: int
    column: int
    photograph: bytes
    square: NDArray[np.uint8]
    answers: tuple[Answer, ...]

    @property
    def color(self) -> tuple[int, int, int]:
        """Red, green and blue in the middle of the square, from 0 to 255."""
        red, green, blue = map(int, self.square[len(self.square) // 2, len(self.square) // 2])
        return red, green, blue


def two_places(value: float) -> str:
    """A number as it is shown; what rounds to zero has no sign."""
    return f"{round(float(value), 2) + 0.0:.2f}"


def cards(data: Pixel, heard: str) -> tuple[str, ...]:
    """The four cards of a pixel."""
    return (
        card(_network(data), WIDTH, HEIGHT, heard),
        card(_block(data), WIDTH, HEIGHT, f"Block {data.block.number}: the pixel’s channels, step by step"),
        card(
            _read(data),
            WIDTH,
            HEIGHT,
            f"What the {data.job} reads: {data.values.size} numbers, and its weights",
        ),
        card(
            _sum(data),
            WIDTH,
            HEIGHT,
            f"{data.values.size} products add up, with the shift, to {two_places(data.total)}",
        ),
    )


def first_cards(data: First, heard: str) -> tuple[str, ...]:
    """The three cards of the first look."""
    side = HEIGHT - 2 * _EDGE
    return (
        card(_photo(data.photograph, data.row, data.column, side), HEIGHT, HEIGHT, heard),
        card(_color(data), WIDTH, HEIGHT, "One pixel: red {}, green {}, blue {}".format(*data.color)),
        card(_likely(data.answers), WIDTH, HEIGHT, f"The {len(data.answers)} likeliest answers"),
    )


def _d(form: str, *values: float) -> str:
    """The data of a path: its form, with a coordinate for each pair of braces."""
    return form.format(*map(number, values))


def _here(x: float, y: float, width: float, height: float, key: str, stroke: float = 3) -> str:
    """The amber frame of what is looked at."""
    more = f'stroke-width="{number(stroke)}" pointer-events="none"'
    return rect(x, y, width, height, "none", Mark(key=key), stroke=HERE, rx=1.5, more=more)


def _framed(x: float, y: float, width: float, height: float, color: str) -> str:
    return rect(x, y, width, height, "none", stroke=color, more='stroke-width="3" pointer-events="none"')


def _ray(key: str, form: str, *values: float) -> str:
    """The light that joins something small to the same, enlarged."""
    return path(_d(form, *values), HERE, Mark(key=key), more=f'{_LIGHT} pointer-events="none"')


def _heading(words: str, color: str) -> str:
    return text(_EDGE, 24, words, color, size=_HEADING, bold=True)


# The network

_PHOTO = 176.0
_RIVER = 202.0  # where it begins
_PER_PIXEL, _PER_CHANNEL = 1.2, 0.45  # of a slab's side and depth
_RISE = 0.2  # how much its depth goes up, for each pixel that it goes to the right


@dataclass(frozen=True)
class _Box:
    """A slab where it stands: the side of its map and its depth in pixels of the card."""

    slab: Slab
    left: float
    top: float
    side: float
    depth: float
    name: str

    @property
    def rise(self) -> float:
        return self.depth * _RISE

    def middle(self, place: tuple[int, int]) -> tuple[float, float]:
        """Where the middle of a pixel is on the map."""
        step = self.side / self.slab.side
        return self.left + (place[1] + 0.5) * step, self.top + (place[0] + 0.5) * step

    def drawn(self, *, is_lit: bool) -> str:
        """The map with its channels behind it; in the river it can be clicked."""
        slab, side, depth, rise = self.slab, self.side, self.depth, self.rise
        name, unit = f"{self.name} {slab.number}", f"{self.name} side"
        lid = _d("M{} {}l{} {}h{}l{} {}z", self.left, self.top, depth, -rise, side, -depth, rise)
        wall = _d("M{} {}l{} {}v{}l{} {}z", self.left + side, self.top, depth, -rise, side, -depth, rise)
        deep = Mark(key=f"{name} depth", value=slab.channels, unit=f"{self.name} depth")
        face = Mark(key=name, value=slab.side, scale="height", unit=unit)
        parts = (
            path(lid, TENSOR),
            path(wall, TENSOR_BACK, deep),
            image(self.left, self.top, side, side, plain_grays(slab.face), face),
            rect(self.left, self.top, side, side, "none"),
        )
        edge, stroke = (HERE, 2.2) if is_lit else (TENSOR_EDGE, 0.8)
        body = group("".join(parts), more=f'stroke="{edge}" stroke-width="{number(stroke)}"')
        if side < 24:  # too low for a finger
            body += rect(
                self.left - 4, self.top - rise - 3, side + depth + 8, side + rise + 6, CARD, more=_UNSEEN
            )
        title = f"Block {slab.number}: {slab.channels} channels, {slab.side} x {slab.side}"
        return group(body, Mark(sets={"block": slab.number} if self.name == "river" else None, title=title))


def _network(data: Pixel) -> str:
    """The photograph, the slabs of the river, and the answer."""
    river = _river(data.slabs)
    lit = next(box for box in river if box.slab.number == data.block.number)
    cell = _PHOTO / SQUARES
    right, top = _EDGE + data.column * cell, _EDGE + (data.row - 1) * cell
    x, y = lit.middle(data.place)
    size = max(lit.side / lit.slab.side, 4)
    return "".join(
        (
            _photo(data.photograph, data.row, data.column, _PHOTO),
            *(_flow(above, below) for above, below in pairwise(river)),
            _arrow(river[-1]),
            *(box.drawn(is_lit=box is lit) for box in river),
            _ray("light", "M{} {}L{} {}v{}L{} {}z", right, top, x, y - size / 2, size, right, top + cell),
            _here(x - size / 2, y - size / 2, size, size, "river pixel", 1.8),
            _answer(data.answer, 244),
        )
    )


def _photo(photograph: bytes, row: int, column: int, side: float) -> str:
    """A photograph whose squares can be chosen, one of them framed."""
    cell = side / SQUARES
    squares = (  # without a fill each: they would be half of the whole picture
        f'<path d="{_d("M{} {}h{}v{}h{}", _EDGE + c * cell, _EDGE + r * cell, cell, cell, -cell)}"'
        f"{Mark(sets={'row': r + 1, 'column': c + 1}).attributes}/>"
        for r in range(SQUARES)
        for c in range(SQUARES)
    )
    return "".join(
        (
            # its pixels smoothed, not as squares
            image(_EDGE, _EDGE, side, side, address(photograph, "webp")).replace("pixelated", "auto"),
            group("".join(squares), more=f'fill="{CARD}" {_UNSEEN}'),
            _here(_EDGE + (column - 1) * cell, _EDGE + (row - 1) * cell, cell, cell, "square"),
        )
    )


def _river(slabs: Sequence[Slab]) -> list[_Box]:
    """The slabs one below the other: height is the map's side, depth the channels."""
    boxes, top = list[_Box](), _EDGE
    for slab in slabs:
        box = _Box(slab, _RIVER, top, slab.side * _PER_PIXEL, slab.channels * _PER_CHANNEL, "river")
        boxes.append(replace(box, top=top + box.rise))
        top += box.rise + box.side + 5
    return boxes


def _flow(above: _Box, below: _Box) -> str:
    """What runs from one slab to the next."""
    top, right = above.top + above.side, below.left + below.depth + below.side
    form = "M{} {}h{}L{} {}L{} {}z"
    return path(
        _d(form, above.left, top, above.side, right, below.top - below.rise, below.left, below.top), TENSOR
    )


def _arrow(last: _Box) -> str:
    """Down to the answer."""
    x, top, bottom = last.left + last.side / 2, last.top + last.side + 3, 228.0
    line = path(_d("M{} {}V{}", x, top, bottom - 4), "none", stroke=TENSOR_EDGE)
    return line + path(_d("M{} {}h10l-5 7z", x - 5, bottom - 6), TENSOR_EDGE)


def _answer(answer: Answer, base: float, place: int = 0) -> str:
    """A class, and its probability as a bar; the likeliest, place 0, stands out."""
    most, color, size = WIDTH - 2 * _EDGE, QUIET if place else INK, _HEADING if place else _LARGE
    width = most * answer.probability
    mark = Mark(key=f"answer {place}", value=answer.probability, unit="probability")
    return "".join(
        (
            text(_EDGE, base, answer.name, color, size=size, bold=not place),
            text(WIDTH - _EDGE, base, percent(answer.probability), color, size=size, anchor="end"),
            rect(_EDGE, base + 13, most, 12, TENSOR, rx=3),
            rect(_EDGE, base + 13, width, 12, QUIET, mark, rx=min(3, width / 2)),
        )
    )


# One block

_WIDE, _TALL = 264.0, 26.0  # of the longest column
_MIDDLE = 162.0
_TOPS = (32.0, 101.0, 170.0, 239.0)
_BANDS = (("pointwise", "1x1"), ("depthwise", "depthwise"), ("pointwise", ""))  # and the job to choose
_MADE = {"1x1": 1, "depthwise": 2}  # the column in which the number stands


def _block(data: Pixel) -> str:
    """The silhouette: the pixel's four columns of channels, joined by the block's three convolutions."""
    block = data.block
    unit = _WIDE / block.wide
    widths = [len(column) * unit for column in block.columns]
    left = _MIDDLE - _WIDE / 2
    bands = [
        _band(n, above, below, kind, job)
        for n, ((above, below), (kind, job)) in enumerate(zip(pairwise(widths), _BANDS, strict=True))
    ]
    columns = [
        image(
            _MIDDLE - width / 2,
            top,
            width,
            _TALL,
            plain_grays(levels[None]),
            Mark(key=f"column {n}", value=len(levels), unit="channels"),
        )
        for n, (top, width, levels) in enumerate(zip(_TOPS, widths, block.columns, strict=True))
    ]
    beside = _MIDDLE + widths[0] / 2 + 8
    is_left = left + data.pick * unit < _MIDDLE  # then the words would stand on the way
    depthwise = (left + _WIDE - 8, "end") if is_left else (left + 8, "start")
    pointwise = COLORS["pointwise"].text
    words = (
        _heading(f"Block {block.number}: one pixel’s channels", INK),
        text(beside, _TOPS[0] + 18, f"{block.narrow} channels", INK),
        text(left + _WIDE, _TOPS[1] - 10, f"{block.wide}", INK, anchor="end"),
        text(left + _WIDE, _TOPS[2] + _TALL + 20, f"{block.wide}", INK, anchor="end"),
        text(beside, _TOPS[3] + 18, f"{block.narrow}", INK),
        text(left, 77, "1x1", pointwise, bold=True),
        text(depthwise[0], 154, "depthwise 3x3", COLORS["depthwise"].text, bold=True, anchor=depthwise[1]),
        text(left, 226, "1x1", pointwise, bold=True),
    )
    return "".join((*bands, _shortcut(widths[0]), *_way(data, unit, columns), *_zones(block, unit), *words))


def _band(n: int, above: float, below: float, kind: str, job: str) -> str:
    """A convolution between two columns: it widens, stays, narrows. The first two can be chosen."""
    top, bottom = _TOPS[n] + _TALL, _TOPS[n + 1]
    right = _MIDDLE + above / 2
    d = _d("M{} {}H{}L{} {}H{}z", right - above, top, right, _MIDDLE + below / 2, bottom, _MIDDLE - below / 2)
    return path(d, COLORS[kind].fill, Mark(sets={"job": job} if job else None), more=_PALE)


def _way(data: Pixel, unit: float, columns: Iterable[str]) -> Iterable[str]:
    """How the number comes about: from all channels of the column above, or from its own alone."""
    color, made = COLORS[_KIND[data.job]].fill, _MADE[data.job]
    x, cell = _MIDDLE - _WIDE / 2 + (data.pick - 0.5) * unit, max(unit, 2.0)
    top, bottom = _TOPS[made - 1], _TOPS[made]
    if data.job == "1x1":
        wide = data.block.narrow * unit
        read = (_MIDDLE - wide / 2, top, wide, _TALL)
        above = read[0], read[0] + wide
    else:
        read = (x - 3, top - 3, 6, _TALL + 6)
        above = x - cell / 2, x + cell / 2
    d = _d("M{} {}H{}L{} {}H{}z", above[0], top + _TALL, above[1], x + cell / 2, bottom, x - cell / 2)
    yield path(d, color, Mark(key="way"), more='fill-opacity="0.85" pointer-events="none"')
    yield from columns
    yield _framed(*read, color)
    yield _here(x - 3.5, bottom - 4, 7, _TALL + 8, "cell")


def _shortcut(narrow: float) -> str:
    """From the first column past everything to the last one."""
    x, top, bottom = 14.0, _TOPS[0] + _TALL / 2, _TOPS[3] + _TALL / 2
    left = _MIDDLE - narrow / 2
    color = COLORS["add"]
    d = _d("M{} {}H{}q-8 0 -8 8V{}q0 8 8 8H{}", left, top, x + 8, bottom - 8, left - 20)
    plus = _d("M{} {}h10m-5 -5v10", left - 16, bottom)
    return (
        path(d, "none", stroke=color.fill, width=1.8)
        + circle(left - 11, bottom, 9, color.fill)
        + path(plus, "none", stroke=color.ink, width=2)
    )


def _zones(block: Block, unit: float) -> Iterable[str]:
    """Where a click chooses a channel and the job that made it: parts of the two wide columns."""
    part = _WIDE / len(block.picks)
    left = _MIDDLE - _WIDE / 2
    for job, made in _MADE.items():
        for n, pick in enumerate(block.picks):
            top = _TOPS[made]
            tick = _d("M{} {}h8l-4 5z", left + (pick - 0.5) * unit - 4, top - 5)
            body = rect(left + n * part, top - 8, part, _TALL + 12, CARD, more=_UNSEEN) + path(tick, INK)
            yield group(body, Mark(sets={"channel": n + 1, "job": job}, title=f"Channel {pick}"))


# What is read

_TOP, _SIDE, _SMALL = 36.0, 200.0, 72.0
_BASE = 258.0  # of the lowest line of text


def _read(data: Pixel) -> str:
    """Nine numbers of one channel, or one number of each channel; and the weights."""
    kind = COLORS[_KIND[data.job]]
    return "".join(
        (
            *(_window(data) if data.job == "depthwise" else _needle(data)),
            text(_EDGE, _BASE, f"Channel {data.pick} of {data.block.wide}", INK),
            text(WIDTH - _EDGE, _BASE, "weights", kind.text, anchor="end"),
        )
    )


def _window(data: Pixel) -> Iterable[str]:
    """The channel's map with the window on it; the window, enlarged; the filter."""
    kind, step = COLORS["depthwise"], _SIDE / data.block.side
    right, below = WIDTH - _EDGE - _SMALL, _TOP + _SIDE - _SMALL
    x, y = _EDGE + data.place[1] * step, _TOP + data.place[0] * step
    # At the map's edge the window hangs over it, by no more than is free here.
    x0, y0 = max(x - step, _EDGE - 4), max(y - step, _TOP - 4)
    x1, y1 = min(x + 2 * step, _EDGE + _SIDE + 4), min(y + 2 * step, _TOP + _SIDE + 4)
    yield _heading("One channel, 3 x 3 pixels", kind.text)
    yield image(_EDGE, _TOP, _SIDE, _SIDE, plain_grays(data.map), Mark(key="map"))
    yield _ray("ray", "M{} {}L{} {}v{}L{} {}z", x1, y0, right, _TOP, _SMALL, x1, y1)
    yield _here(x0, y0, x1 - x0, y1 - y0, "window", 2.4)
    yield _nine(np.clip(data.values / data.full, 0, 1), data.values, right, _TOP)
    yield from (_outside(right + c * _SMALL / 3, _TOP + r * _SMALL / 3) for r, c in _beyond(data))
    yield _framed(right, _TOP, _SMALL, _SMALL, HERE)
    yield _times(right + _SMALL / 2, (_TOP + _SMALL + below) / 2)
    yield _nine(_signed(data.weights), data.weights, right, below)
    yield _framed(right, below, _SMALL, _SMALL, kind.fill)


def _needle(data: Pixel) -> Iterable[str]:
    """The block's input with a needle through all of its channels; what it meets; the weights."""
    kind, slab = COLORS["pointwise"], next(s for s in data.slabs if s.number == data.block.number)
    box = _Box(slab, _EDGE, 74, 104, slab.channels * _PER_CHANNEL, "read")
    x, y = box.middle(data.place)
    wide = 26.0
    first, second = WIDTH - _EDGE - 2 * wide - 24, WIDTH - _EDGE - wide
    yield _heading(f"One pixel, all {slab.channels} channels", kind.text)
    yield box.drawn(is_lit=False)
    yield _ray("ray", "M{} {}L{} {}v{}z", x, y, first, _TOP, _SIDE)
    yield path(_d("M{} {}l{} {}", x, y, box.depth, -box.rise), "none", stroke=HERE, width=3)
    yield _here(x - 4, y - 4, 8, 8, "window", 2.4)
    yield image(first, _TOP, wide, _SIDE, plain_grays(data.block.columns[0][:, None]))
    yield _framed(first, _TOP, wide, _SIDE, HERE)
    yield _times(second - 12, _TOP + _SIDE / 2)
    yield image(second, _TOP, wide, _SIDE, plain_grays(_levels(_signed(data.weights))[:, None]))
    yield _framed(second, _TOP, wide, _SIDE, kind.fill)


def _times(x: float, y: float) -> str:
    return text(x, y + 6, "×", INK, size=_HEADING, bold=True, anchor="middle")


def _nine(shares: NDArray[np.float32], values: NDArray[np.float32], left: float, top: float) -> str:
    """Nine grays; a pointer that rests on them reads the numbers."""
    title = "; ".join(", ".join(map(two_places, row)) for row in values)
    return image(left, top, _SMALL, _SMALL, plain_grays(_levels(shares)), Mark(title=title))


def _levels(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(shares * WHITE).astype(np.uint8)


def _signed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """From 0 to 1: a half is zero, and the largest is an end."""
    return (values / np.abs(values).max() + 1) / 2


def _beyond(data: Pixel) -> list[tuple[int, int]]:
    """Which of the window's nine places lie outside the map, where padding stands."""
    inside = range(data.block.side)
    places = [(r, c) for r in range(3) for c in range(3)]
    return [
        (r, c)
        for r, c in places
        if data.place[0] + r - 1 not in inside or data.place[1] + c - 1 not in inside
    ]


def _outside(x: float, y: float) -> str:
    """A place outside the map, crossed out."""
    cell = _SMALL / 3
    end = cell - 12
    cross = _d("M{} {}l{} {}m0 {}l{} {}", x + 6, y + 6, end, end, -end, -end, end)
    return rect(x, y, cell, cell, TENSOR) + path(cross, "none", stroke=QUIET, width=1.4)


# The sum

_CEILING, _FLOOR = 44.0, 236.0
_FROM, _TO = 44.0, 174.0  # where the stairs are
# So many products are marks of their own, so many are two, up and down, and more are one line.
_MARKS, _PAIR = 9, 40


def _sum(data: Pixel) -> str:
    """The products as stairs, after the shift; the last stair is as high as the sum, and ReLU6 ends it."""
    kind, products = COLORS[_KIND[data.job]], data.products.ravel()
    levels = [0.0, *(data.shift + np.cumsum([0.0, *products])).tolist()]
    unit = 1024.0  # pixels for 1: halved until all fits
    while (max(levels) - min(levels)) * unit > _FLOOR - _CEILING:
        unit /= 2
    zero = (_FLOOR + _CEILING) / 2 + (max(levels) + min(levels)) / 2 * unit

    def at(level: float) -> float:
        return zero - level * unit

    total, x = at(data.total), WIDTH - _EDGE - 44
    middle = min(max(at(data.cell), _CEILING + 22), _FLOOR - 22)
    gray = np.array([[round(WHITE * min(data.cell / data.full, 1))]], np.uint8)
    is_line = len(products) > _PAIR
    across = (_TO - _FROM) / len(levels[1:])
    walk = "".join(_d("H{}V{}", _FROM + n * across, at(level)) for n, level in enumerate(levels[1:]))
    bar = Mark(key="sum", value=abs(data.total), scale="height", unit="number")
    return "".join(
        (
            _heading(f"{len(products)} products, one sum", kind.text),
            path(_d("M{} {}H{}", _FROM - 6, zero, _TO + 24), "none", stroke=RULE, width=1.4),
            text(_FROM - 10, zero + 5, "0", QUIET, anchor="end"),
            _tick(unit, zero),
            path(
                f"{_d('M{} {}', _FROM, zero)}{walk}{_d('H{}', _TO + 24)}",
                "none",
                stroke=kind.fill if is_line else QUIET,
                width=1.8 if is_line else 1,
            ),
            *_stairs(list(pairwise(levels)), at, unit, across, kind.fill),
            rect(_TO + 8, min(total, zero), 14, abs(data.total) * unit, QUIET, bar),
            rect(_EDGE, _BASE - 11, 12, 12, COLORS["norm"].fill, rx=2),
            text(_EDGE + 18, _BASE, "shift of the norm", INK),
            _bend(_TO + 33, middle - 14),
            image(x, middle - 22, 44, 44, plain_grays(gray), Mark(key="result")),
            _here(x, middle - 22, 44, 44, "frame", 4),
            text(
                x + 22,
                middle + 44,
                two_places(data.cell),
                INK,
                Mark(key="number"),
                size=20,
                bold=True,
                anchor="middle",
            ),
        )
    )


def _stairs(
    steps: Sequence[tuple[float, float]],
    at: Callable[[float], float],
    unit: float,
    across: float,
    fill: str,
) -> Iterable[str]:
    """From level to level: full where it goes up, pale where it goes down. The first is the shift."""
    wide = across * (0.86 if across > 4 else 1)
    places = [_FROM + n * across for n in range(len(steps))]
    products = len(steps) - 1
    for n, (before, after) in enumerate(steps[: None if products <= _MARKS else 1]):
        change = abs(after - before)
        mark = Mark(key=f"stair {n}", value=change, scale="height", unit="number")
        color = fill if n else COLORS["norm"].fill
        more = _DOWN if after < before else ""
        yield rect(places[n], at(max(before, after)), wide, change * unit, color, mark, more=more)
    if _MARKS < products <= _PAIR:
        for is_up in (True, False):
            d = "".join(
                _d("M{} {}h{}V{}h{}", x, at(before), wide, at(after), -wide)
                for x, (before, after) in list(zip(places, steps, strict=True))[1:]
                if (after > before) == is_up
            )
            yield path(d, fill, more="" if is_up else _DOWN)


def _tick(unit: float, zero: float) -> str:
    """A length on the scale, with its number."""
    value = next(value for value in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if value * unit >= 24)
    value = value if zero - value * unit >= _CEILING - 8 else -value
    y = zero - value * unit
    line = path(_d("M{} {}V{}h5", _FROM - 6, zero, y), "none", stroke=QUIET, width=1.2)
    return line + text(_FROM - 10, y + 5, f"{value:g}", QUIET, anchor="end")


def _bend(x: float, y: float) -> str:
    """ReLU6, as its curve."""
    kind = COLORS["activation"]
    curve = _d("M{} {}h7l7 -14h6", x + 4, y + 21)
    body = rect(x, y, 28, 28, kind.fill, rx=5) + path(curve, "none", stroke=kind.ink, width=2)
    return group(body, Mark(key="bend", title="ReLU6"))


# The first look


def _color(data: First) -> str:
    """The square's pixels, the one in its middle enlarged, and that one's three numbers."""
    side, right, high = 140.0, WIDTH - _EDGE - 100, 36.0
    step, n = side / len(data.square), len(data.square) // 2
    x, y = _EDGE + n * step, high + n * step
    body = [
        _heading("One pixel, three numbers", INK),
        image(_EDGE, high, side, side, plain_colors(data.square)),
        _ray("ray", "M{} {}L{} {}v{}L{} {}z", x + step, y, right, high, side, x + step, y + step),
        _here(x, y, step, step, "pixel", 2.4),
        image(right, high, 100, side, plain_colors(data.square[n : n + 1, n : n + 1])),
        _framed(right, high, 100, side, HERE),
    ]
    for line, (name, value) in enumerate(zip(("red", "green", "blue"), data.color, strict=True)):
        base = 208.0 + 26 * line
        mark = Mark(key=name, value=value, unit="color")
        body += [
            text(_EDGE, base, name, INK),
            rect(_EDGE + 48, base - 12, 184, 14, TENSOR, rx=2),
            rect(_EDGE + 48, base - 12, 184 * value / 255, 14, QUIET, mark, rx=2),
            text(WIDTH - _EDGE, base, f"{value}", INK, size=_HEADING, bold=True, anchor="end"),
        ]
    return "".join(body)


def _likely(answers: Sequence[Answer]) -> str:
    """The likeliest answers, one below the other."""
    bars = (_answer(answer, 82 + 70 * n, n) for n, answer in enumerate(answers))
    return _heading("The network answers", INK) + "".join(bars)
