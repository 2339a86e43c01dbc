"""Write attachments/: each block's picture at a published setting, the map of the course, an explorer.

With --check it only compares.

The pictures come from the recorded modules, so they change with the code and with nothing else.
"""

import re
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

from blocks.measure import graph
from course import EXPLORERS, chapters
from course.kit.drawing.diagram import diagram
from course.kit.drawing.towers import HEIGHT, towers
from course.kit.panel.layers import Compared, by_part, streets
from course.kit.record import Chapter, Drawn
from course.start_here._course_map_picture import course_map

FOLDER = Path(__file__).parent.parent / "attachments"
GAP = 6  # pixels between the cards of an explorer


def pictures() -> dict[str, str]:
    """The content of each file, by its name: a concept, "course_map", or "explorer"."""
    found = {
        chapter.concept: _drawn(chapter, chapter.drawn) + "\n" for chapter in chapters() if chapter.drawn
    }
    return found | {"course_map": course_map() + "\n", "explorer": _explorer() + "\n"}


def _explorer() -> str:
    """What the README begins with: the four cards of `one_pixel` at its start, two beside two."""
    explorer = EXPLORERS["one_pixel"]()
    cards, said = explorer.answer(explorer.start)
    return beside(list(map(str, cards)), said.heard)


def beside(cards: Sequence[str], label: str) -> str:
    """Cards as one picture, two in a row."""
    body, width, height = "", 0.0, 0.0
    for n, drawn in enumerate(cards):
        wide, high = (float(side) for side in re.findall(r' (?:width|height)="(.*?)"', drawn)[:2])
        left, top = n % 2 * (wide + GAP), n // 2 * (high + GAP)
        # A picture in a page has one alternative text, and nothing in it can be touched.
        plain = re.sub(r' (?:data-[a-z]+|aria-label|role)="[^"]*"|<title>.*?</title>', "", drawn)
        body += plain.replace("<svg", f'<svg x="{left:g}" y="{top:g}"', 1)
        width, height = max(width, left + wide), max(height, top + high)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}"'
        f' width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">{body}</svg>'
    )


def _drawn(chapter: Chapter, drawn: Drawn) -> str:
    """A block's silhouette, and beside it what its parts cost."""
    options = {
        name: chapter.resolve(value) if isinstance(value, str) else value
        for name, value in drawn.options.items()
    }
    block = chapter.resolve(drawn.block)(*drawn.arguments, **options)
    recorded = graph(block, (1, drawn.arguments[0], drawn.pixels, drawn.pixels))
    size = f"{drawn.arguments[0]} channels, {drawn.pixels} x {drawn.pixels} pixels"
    label = f"{drawn.label}. Input: {size}. Parameters and multiply-adds by part."
    silhouette = diagram(recorded, label=label, least_height=HEIGHT)
    costs = streets((Compared("", by_part(recorded)),))
    return beside([silhouette, towers(costs, label=label)], label)


def stale(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the files in `folder`, one line each."""
    wanted = {f"{concept}.svg": picture for concept, picture in pictures().items()}
    wrong = [f"{path.name}: nothing draws it" for path in folder.iterdir() if path.name not in wanted]
    for name, picture in wanted.items():
        path = folder / name
        if not path.exists():
            wrong.append(f"{name}: missing")
        elif path.read_text(encoding="utf-8") != picture:
            wrong.append(f"{name}: out of date")
    return sorted(wrong)


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with --check say which are out of date; the exit status."""
    if list(arguments) == ["--check"]:
        wrong = stale()
        for line in wrong:
            print(f"attachments/{line}; run `make attachments`")
        return 1 if wrong else 0
    if arguments:
        print("usage: python tools/attachments.py [--check]")
        return 2
    FOLDER.mkdir(exist_ok=True)
    for concept, picture in pictures().items():
        (FOLDER / f"{concept}.svg").write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
