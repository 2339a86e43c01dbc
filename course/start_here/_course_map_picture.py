"""The map of the course: which block grows out of which, by what change, and networks made of it.

In each box stands the block's outline, read off its module. The map stands above every prediction of the
course, so its words give none of their answers away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from blocks.networks.mobilenet import V2
from course import chapters
from course.kit.drawing.letters import text_width
from course.kit.drawing.style import CARD, INK, MEDIUM, QUIET, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import card, rect, text
from course.kit.record import Place
from course.start_here._outlines import Outline, outline, silhouette


@dataclass(frozen=True)
class Stop:
    """A block on the map: the number and name of its notebook, the concept, and its place."""

    number: str
    concept: str
    name: str
    place: Place


def stops() -> tuple[Stop, ...]:
    """The blocks of the course, from the chapters' records."""
    return tuple(
        Stop(chapter.number, chapter.concept, chapter.title, chapter.place)
        for chapter in chapters()
        if chapter.place
    )


WIDTH, HEIGHT = 200, 178  # of a box
ACROSS, DOWN, MARGIN, TOP = 26, 46, 12, 22  # gaps between boxes, and round them
PAD = 10


def networks() -> tuple[str, str, str]:
    """Number, name and content of the notebook that stacks the blocks."""
    (found,) = (chapter for chapter in chapters() if chapter.concept == "networks")
    return found.number, found.title, "the blocks, stacked as in the papers' tables, on real photographs"


def in_words() -> str:
    """What the map shows, as text."""
    names = {stop.concept: stop.name for stop in stops()}
    told = []
    for stop in stops():
        change = " ".join(stop.place.change).removeprefix("+ ").replace("− ", "without ")
        out_of = " and ".join(names[parent] for parent in stop.place.parents)
        grows = f", out of {out_of}" if out_of else ""
        told.append(
            f"{stop.number} {stop.name}, {stop.place.year}{grows}: {change}; in {stop.place.networks}."
        )
    number, name, what = networks()
    return f"The map of the course. {' '.join(told)} {number} {name}: {what}."


def course_map() -> str:
    """The map as SVG, the same byte for byte each time."""
    columns = 1 + max(stop.place.column for stop in stops())
    rows = 1 + max(stop.place.row for stop in stops())
    width = 2 * MARGIN + columns * (WIDTH + ACROSS) - ACROSS
    height = TOP + MARGIN + rows * (HEIGHT + DOWN) - DOWN
    body = "".join((*_arrows(), *map(_box, stops()), _networks()))
    return card(body, width, height, in_words())


def _corner(stop: Stop) -> tuple[int, int]:
    """The upper left corner of a box."""
    return MARGIN + stop.place.column * (WIDTH + ACROSS), TOP + stop.place.row * (HEIGHT + DOWN)


def _box(stop: Stop) -> str:
    """A block: number and name, its outline, the one change, the paper, the networks."""
    x, y = _corner(stop)
    left = x + PAD
    lines = [_number(x, y, stop.number), text(left, y + 25, stop.name, INK, bold=True)]
    lines.append(silhouette(_outline(stop.concept), left, y + 68, WIDTH - 2 * PAD))
    lines += [text(left, y + 116 + 17 * n, line, INK) for n, line in enumerate(stop.place.change)]
    lines.append(text(left, y + 150, f"{stop.place.year}, arXiv {stop.place.arxiv}", QUIET))
    lines.append(text(left, y + 168, stop.place.networks, INK))
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="7" fill="{CARD}"'
        f' stroke="{TENSOR_EDGE}"/>{"".join(lines)}'
    )


@cache
def _outline(concept: str) -> Outline:
    (found,) = (chapter for chapter in chapters() if chapter.concept == concept)
    return outline(found)


def _number(x: float, y: float, number: str) -> str:
    """The number of the notebook, on the upper edge of its box at (x, y)."""
    chip = f'<rect x="{x + PAD:g}" y="{y - 11:g}" width="30" height="21" rx="4" fill="{INK}"/>'
    return chip + text(x + PAD + 5, y + 4.5, number, CARD, bold=True)


def _networks() -> str:
    """The wide box of the last notebook, below the first blocks."""
    x, y, width = MARGIN, TOP + 2 * (HEIGHT + DOWN), 3 * WIDTH + 2 * ACROSS
    number, name, what = networks()
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{HEIGHT}" rx="7" fill="{TENSOR}"'
        f' stroke="{TENSOR_EDGE}"/>'
        + _number(x, y, number)
        + text(x + PAD, y + 25, name, INK, bold=True)
        + _stacked(x + PAD, y + 68, width - 2 * PAD)
        + text(x + PAD, y + 150, what, INK)
    )


def _stacked(left: float, middle: float, room: float) -> str:
    """The blocks of MobileNetV2, each as high as it gives channels."""
    given = [channels for _, channels, repeats, _ in V2 for _ in range(repeats)]
    wide = room / len(given)
    return "".join(
        rect(
            left + wide * n,
            middle + 40 - 80 * channels / max(given),
            wide - 4,
            80 * channels / max(given),
            TENSOR_EDGE,
        )
        for n, channels in enumerate(given)
    )


def _arrows() -> Iterator[str]:
    """From each block to what grows out of it."""
    places = {stop.concept: stop for stop in stops()}
    for child in stops():
        for parent in child.place.parents:
            yield _arrow(places[parent], child)


def _arrow(parent: Stop, child: Stop) -> str:
    """Straight where the boxes are neighbors in a row or column, else round corners between the rows."""
    (px, py), (cx, cy) = _corner(parent), _corner(child)
    middle, across = HEIGHT // 2, child.place.column - parent.place.column
    if parent.place.row == child.place.row:
        path = f"M{px + WIDTH} {py + middle}H{cx - 1}{_RIGHT}"
    elif across == 0:
        path = f"M{px + WIDTH // 2} {py}V{cy + HEIGHT + 1}{_UP}"
    elif across == 1 and child.place.row > parent.place.row:  # down, and in from the left
        path = f"M{px + WIDTH // 2} {py + HEIGHT}V{cy + middle}H{cx - 1}{_RIGHT}"
    elif across == 1:  # out to the right, and up
        path = f"M{px + WIDTH} {py + middle}H{cx + WIDTH // 2}V{cy + HEIGHT + 1}{_UP}"
    else:  # down into the gap between the rows, along it, and down
        path = f"M{px + WIDTH // 2} {py + HEIGHT}v{DOWN // 2}H{cx + WIDTH // 2}V{cy - 1}{_DOWN}"
    return f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="1.6" stroke-linejoin="round"/>'


_RIGHT, _UP, _DOWN = "m-7 -5l7 5l-7 5", "m-5 7l5 -7l5 7", "m-5 -7l5 7l5 -7"


def too_wide() -> list[str]:
    """The lines that do not fit their box in the widest font, and by how much, for the tests."""
    wrong, room = [], WIDTH - PAD - 2
    for stop in stops():
        lines = (*stop.place.change, f"{stop.place.year}, arXiv {stop.place.arxiv}", stop.place.networks)
        for line in (stop.name, *lines):
            width = text_width(line, MEDIUM, bold=line == stop.name)
            wrong += [f"{line}: {width:.0f} pixels where {room} are free"] if width > room else []
    return wrong
