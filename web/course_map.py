"""The map of the course as a way to its pages: large on the start page, small on every other."""

import re
from collections.abc import Callable, Iterator
from html import escape

from course import chapters
from course.kit.drawing.letters import text_width
from course.kit.record import Chapter
from course.start_here import _course_map_picture as drawn

_ROOT = re.compile(r'role="img" aria-label="[^"]*"')
_PLACE = re.compile(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"')
_VIEW = re.compile(r'viewBox="[^"]*"')
LETTERS = 25  # of the projected map, which a window of 1280x720 shows at four fifths of its size
LEAST = 96  # the height of a box in the small map: a number must fit in


def large() -> str:
    """The map as the notebook shows it, each block a link to its page."""
    picture = _ROOT.sub('role="group" aria-label="The map of the course"', drawn.course_map(), count=1)
    for chapter, box in _boxes():
        if picture.count(box) != 1:
            raise ValueError(
                f"course_map: the map must have one box for {chapter.title}, got {picture.count(box)}."
            )
        picture = picture.replace(box, f'<a href="{chapter.notebook}.html">{box}</a>')
    return picture


def projected(link: Callable[[str], str]) -> str:
    """Boxes and arrows with numbers and titles alone, in letters for the last row, each box a link."""
    (view,) = _VIEW.findall(drawn.course_map())
    boxes = []
    for chapter, box in _boxes():
        x, y, width, height = map(int, _PLACE.findall(box)[0])
        lines = _lines(f"{chapter.number} {chapter.title}", width - 20)
        top = y + height / 2 - (len(lines) - 1) * LETTERS * 0.6 + LETTERS * 0.35
        words = "".join(
            f'<text x="{x + 12}" y="{top + n * LETTERS * 1.2:g}">{escape(line)}</text>'
            for n, line in enumerate(lines)
        )
        shape = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="7"/>'
        boxes.append(f'<a href="{link(chapter.notebook)}">{shape}{words}</a>')
    arrows = "".join(drawn._arrows())
    label = 'role="group" aria-label="The map of the course"'
    return f'<svg {label} {view} font-size="{LETTERS}">{arrows}{"".join(boxes)}</svg>'


def _lines(words: str, width: float) -> list[str]:
    """The words in as few lines as fit; one may break after a hyphen."""
    lines = [""]
    for piece in re.findall(r"[^\s-]+-?\s*", words):
        longer = lines[-1] + piece
        if lines[-1] and text_width(longer.rstrip(), LETTERS, bold=True) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return [line.rstrip() for line in lines]


def small(here: Chapter, root: str) -> str:
    """Boxes and arrows alone, the numbers in them, and one of them marked as the page's."""
    (view,) = _VIEW.findall(drawn.course_map())
    boxes = []
    for chapter, box in _boxes():
        x, y, width, height = map(int, _PLACE.findall(box)[0])
        lower = max(0, LEAST - height) / 2
        current = ' aria-current="page"' if chapter is here else ""
        title = escape(chapter.title)
        boxes.append(
            f'<a href="{root}{chapter.notebook}.html"{current} aria-label="{chapter.number} {title}">'
            f"<title>{title}</title>"
            f'<rect x="{x}" y="{y - lower:g}" width="{width}" height="{height + 2 * lower:g}" rx="7"/>'
            f'<text x="{x + width / 2:g}" y="{y + height / 2:g}">{chapter.number}</text></a>'
        )
    arrows = "".join(drawn._arrows())
    return f'<svg role="group" aria-label="The map of the course" {view}>{arrows}{"".join(boxes)}</svg>'


def _boxes() -> Iterator[tuple[Chapter, str]]:
    """Every chapter on the map, and its box as it is drawn."""
    by_number = {chapter.number: chapter for chapter in chapters()}
    for stop in drawn.stops():
        yield by_number[stop.number], drawn._box(stop)
    yield by_number[drawn.networks()[0]], drawn._networks()


def neighbors(here: Chapter) -> tuple[list[Chapter], list[Chapter]]:
    """The chapters whose blocks this one's grows out of, and those that grow out of it."""
    parents = here.place.parents if here.place else ()
    before = [chapter for chapter in chapters() if chapter.concept in parents]
    after = [chapter for chapter in chapters() if chapter.place and here.concept in chapter.place.parents]
    return before, after
