"""A spiral sent through n dimensions and ReLU, and back, and what is lost of content of more dimensions.

Few channels lose much only if they hold much: content of 2 dimensions needs fewer units than one of 16.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from course.kit.drawing.style import CARD, HERE, INK, QUIET, RULE, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, circle, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.linear_bottleneck.experiment import UNITS, Embedded, fewer_on, lost, spiral

CONTENTS, MATRICES = (2, 4, 16), 1000
START = 3
# Each up to 15: the page asks from which on less than one point in a hundred is lost.
_STOPS = (*range(2, 31), 32, 40, 48, 56, 64, 80, UNITS)
_ON_PAGE = (*range(2, 17), 20, 25, 30, 32, 48, 64, UNITS)
DECODERS = ("best linear", "pseudo-inverse")
PRESETS = {
    "2 dimensions": {"n": 2, "relu": "on", "decoder": DECODERS[0]},
    "15 dimensions": {"n": 15, "relu": "on", "decoder": DECODERS[0]},
    "16 dimensions": {"n": 16, "relu": "on", "decoder": DECODERS[0]},
    "96 dimensions": {"n": UNITS, "relu": "on", "decoder": DECODERS[0]},
    "2 dimensions, linear": {"n": 2, "relu": "off", "decoder": DECODERS[0]},
    "30, pseudo-inverse": {"n": 30, "relu": "on", "decoder": DECODERS[1]},
}


@dataclass(frozen=True, eq=False)
class Spiral:
    """One spiral there and back, and for each of CONTENTS the share of points lost in n units.

    Attributes:
        counted: over many random matrices.
        formula: by the formula.
        way: the dimensions from START to n; beyond n nothing is told.
        lines: for each of CONTENTS what is lost at each of these.
    """

    n: int
    relu: bool
    decoder: str
    embedded: Embedded
    counted: tuple[float, ...]
    formula: tuple[float, ...]
    way: tuple[int, ...]
    lines: tuple[tuple[float, ...], ...]


def compute(n: int, relu: str, decoder: str, matrix: int) -> Spiral:
    """The spiral through matrix number `matrix` with ReLU "on" or "off".

    Raises:
        ValueError: there is no such dimension or decoder.
    """
    is_on = relu == "on"
    embedded = spiral(n, relu=is_on, decoder=decoder, seed=matrix)
    way = tuple(range(min(n, START), max(n, START) + 1))
    lines = tuple(tuple(_share(content, units, is_on) for units in way) for content in CONTENTS)
    counts = tuple(_share(content, n, is_on) for content in CONTENTS)
    formula = tuple(fewer_on(n, content) for content in CONTENTS) if is_on else counts
    return Spiral(n, is_on, decoder, embedded, counts, formula, way, lines)


def _share(content: int, n: int, is_on: bool) -> float:
    """The share of points lost in n units. Without ReLU every unit is on: only too few units lose any."""
    return counted(content)[n - 1] if is_on else float(n < content)


@cache
def counted(content: int) -> tuple[float, ...]:
    """The share of points lost in 1 to UNITS units, over MATRICES random matrices; kept."""
    return lost(content, MATRICES)


def say(data: Spiral) -> Said:
    """The words of the explorer."""
    relu = "on" if data.relu else "off"
    seen = (
        f"{data.n} dimensions, ReLU {relu}: {_percent(data.embedded.lost)} of the spiral's points are lost."
    )
    back = f"The {data.decoder} decoder is wrong by {_percent(data.embedded.error)} of the points' variance."
    if not data.relu:
        return Said(seen, f"{data.n} dimensions without ReLU: every unit passes its value on. {back}")
    shares = "; ".join(
        f"{content} dimensions: {_percent(count)} (formula {_percent(due)})"
        for content, count, due in zip(CONTENTS, data.counted, data.formula, strict=True)
    )
    return Said(
        seen,
        f"{data.n} dimensions with ReLU: with this matrix {_percent(data.embedded.lost)} of the spiral's"
        f" points (crosses) have fewer than two units on. {back} Points lost over {MATRICES:,} random"
        f" matrices, if they hold {shares}.",
    )


def _percent(share: float) -> str:
    if share > 2:
        return "more than 200 %"
    if share > 0.9995 and share < 1:
        return "more than 99.95 %"
    return f"{100 * share:.1f} %" if share >= 0.0005 or share < 1e-12 else "less than 0.05 %"


WIDTH, HEIGHT, EDGE = 400, 284, 14
SQUARE, RANGE, DRAWN = 181, 1.35, 3  # each third point is drawn
LEFT, RIGHT, TOP, BOTTOM = 62, 292, 46, 236  # of the chart
TICKS = (2, 4, 8, 16, 32, UNITS)


def draw(data: Spiral, heard: str) -> Picture:
    """The spiral and what comes back; beside it how much is lost, as far as the slider has gone."""
    return (
        card(_there_and_back(data), WIDTH, HEIGHT, heard),
        card(_losses(data), WIDTH, HEIGHT, "Points lost against the number of channels, for three contents"),
    )


def _there_and_back(data: Spiral) -> str:
    lost = data.embedded.on.numpy()[::DRAWN] < 2
    body = ""
    ways = (("points", data.embedded.points, "in"), ("back", data.embedded.decoded, "back"))
    for n, (key, places, name) in enumerate(ways):
        left = EDGE + n * (SQUARE + 10)
        body += text(left, 28, name, INK, size=16, bold=True)
        body += rect(left, TOP - 8, SQUARE, SQUARE, "none", stroke=RULE)
        pixels = np.clip(places.numpy()[::DRAWN], -RANGE, RANGE) * (SQUARE / 2 / RANGE) * [1, -1]
        pixels += [left + SQUARE / 2, TOP - 8 + SQUARE / 2]
        body += _crosses(pixels[lost], f"{key}-lost") + _dots(pixels[~lost], f"{key}-kept")
    share = f"{_percent(data.embedded.lost)} lost"
    body += text(WIDTH - EDGE, 28, share, INK, size=16, bold=True, anchor="end")
    body += _channels(data.n)
    body += _dots(np.array([[EDGE + 6.0, HEIGHT - 20]]), "") + text(EDGE + 16, HEIGHT - 15, "kept", QUIET)
    crosses = np.array([[EDGE + 76.0, HEIGHT - 20]])
    return body + _crosses(crosses, "") + text(EDGE + 88, HEIGHT - 15, "lost: fewer than two units on", QUIET)


def _channels(n: int) -> str:
    """What the points go through, a cell for each channel, all of one width."""
    cell = (WIDTH - 2 * EDGE) / UNITS
    left, top = (WIDTH - n * cell) / 2, TOP + SQUARE + 4
    mark = Mark("channels", value=n, scale="width", unit="channels", title=f"{n} channels")
    body = rect(left, top, n * cell, 14, TENSOR_EDGE, mark)
    gaps = "".join(f"M{left + k * cell:.2f} {top}v14" for k in range(1, n))
    return body + (path(gaps, "none", stroke=CARD, width=0.8) if gaps else "")


def _dots(pixels: NDArray[np.float64], key: str) -> str:
    """Points, each as a round dot of one path: a mark for each would be too many."""
    places = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in pixels)
    more = 'stroke-linecap="round"'
    return path(places, "none", Mark(key), stroke=INK, width=3.4, more=more) if places else ""


def _crosses(pixels: NDArray[np.float64], key: str) -> str:
    places = "".join(f"M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6" for x, y in pixels)
    return path(places, "none", Mark(key), stroke=QUIET, width=1) if places else ""


def _losses(data: Spiral) -> str:
    """The share of points lost, a line for each content, drawn from START to n."""
    body = text(EDGE, 28, "lost", INK, size=16, bold=True)
    body += text(WIDTH - EDGE, 28, "of points that hold", QUIET, anchor="end")
    for share, name in ((0.0, "0"), (0.5, "50 %"), (1.0, "100 %")):
        body += path(f"M{LEFT} {_down(share):.1f}H{RIGHT}", "none", stroke=RULE, width=1)
        body += text(LEFT - 8, _down(share) + 5, name, QUIET, anchor="end")
    body += rect(_across(data.n) - 1.5, TOP - 6, 3, BOTTOM - TOP + 12, HERE, Mark("here"))
    for tick in TICKS:
        is_here = tick == data.n
        ink = INK if is_here else QUIET
        body += text(_across(tick), BOTTOM + 20, str(tick), ink, anchor="middle", bold=is_here)
    body += text((LEFT + RIGHT) / 2, HEIGHT - 8, "channels (log scale)", QUIET, anchor="middle")
    for content, line in zip(CONTENTS, data.lines, strict=True):
        points = " ".join(
            f"{_across(n):.1f} {_down(share):.1f}" for n, share in zip(data.way, line, strict=True)
        )
        body += path(f"M{points}", "none", stroke=INK, width=2)
        share = line[data.way.index(data.n)]
        mark = Mark(f"content-{content}")
        body += circle(_across(data.n), _down(share), 5, INK, mark, more=f'stroke="{CARD}"')
    body += _contents(data)
    for before, n, after in zip((2, *_ON_PAGE), _ON_PAGE, (*_ON_PAGE[1:], UNITS), strict=False):
        left, right = (_across(math.sqrt(n * other)) for other in (before, after))
        target = Mark(sets={"n": n}, title=f"{n} dimensions")
        body += rect(left, TOP - 8, right - left, BOTTOM - TOP + 34, CARD, target, more='fill-opacity="0"')
    return body


def _contents(data: Spiral) -> str:
    """What each line is of, at the right end, each as near to its dot as the others leave room."""
    body, start = "", _across(data.n) + 7
    rows = sorted(zip(data.counted, CONTENTS, strict=True))  # from the lowest dot up
    above = BOTTOM + 5.0
    for n, (share, content) in enumerate(rows):
        y = min(above, max(_down(share) + 5, TOP + 5 + 18 * (len(rows) - 1 - n)))
        above = y - 18
        body += text(RIGHT + 12, y, f"{content} dimensions", INK, Mark(f"name-{content}"))
        line = f"M{min(start, RIGHT):.1f} {_down(share):.1f}H{RIGHT}L{RIGHT + 8} {y - 5:.1f}"
        body += path(line, "none", stroke=QUIET, width=1, more='stroke-dasharray="2 3"')
    return body


def _across(n: float) -> float:
    return LEFT + 10 + (RIGHT - LEFT - 18) * math.log(n / 2) / math.log(UNITS / 2)


def _down(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


@with_name
def spiral_dimensions() -> Explorer[Spiral]:
    """Dimension, ReLU, decoder and matrix to choose."""
    for content in CONTENTS:
        counted(content)  # half a second now, so that the slider does not wait
    return Explorer(
        {
            "n": Number("Dimension", START, 2, UNITS, stops=_STOPS, page=_ON_PAGE),
            "relu": Choice("ReLU", "on", ("on", "off")),
            "decoder": Choice("Decoder", DECODERS[0], DECODERS),
            "matrix": Number("Matrix", 1, 0, 20, page=(0, 1, 2, 3, 4)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"n": 2}, {"n": 16}),
    )
