"""The lessons as slides: what a class looks at together, one page for each notebook.

    python -m web.slides  # build/site/slides

Opened from a file they show the stills; served beside an atlas (`make site`) the explorers answer.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from tools import teaching
from web import frame, text
from web.pages import ROOT, Page, Reader, write_static

WIDTH, HEIGHT = 1200, 672  # of what a slide holds, on a projector of 1280 x 720 pixels
LEAST, SMALLEST = 18, 13  # pixels of a picture's letters there, and CSS pixels of a card's
GAP = 6  # CSS pixels between cards
STEPS = '<div class="steps">'
_STILL = re.compile(r'<div class="cnn-cards"[^>]*>((?:<img [^>]*>)+)</div>(?:\s*<p>[^<]*</p>)?')
_CARD = re.compile(r'(<img [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>)')
REVEAL = text.FROM_NPM / "reveal.js" / "dist"
FOLDER = "slides"


def main() -> None:
    """Write all slides, and what they need to be shown offline."""
    site = ROOT / "build" / "site"
    site.mkdir(parents=True, exist_ok=True)
    write_static(site)
    write(site, ROOT / "notebooks", frame.Facts.read().address)
    print(f"Written: {site / FOLDER}")


def write(site: Path, notebooks: Path, address: str) -> None:
    """Write the slides of every notebook into a folder of the site, with reveal.js beside them."""
    folder = site / FOLDER
    folder.mkdir(exist_ok=True)
    for name in ("reveal.js", "reveal.css"):
        shutil.copyfile(REVEAL / name, folder / name)
    reader = Reader(site, None, address)
    lessons = {path.stem: slides(path, reader) for path in sorted(notebooks.glob("*.ipynb"))}
    reader.formulas.set()
    template = frame.environment().get_template("slides.html.j2")
    for stem, (title, made) in lessons.items():
        html = reader.formulas.filled(template.render(title=title, slides=made))
        (folder / f"{stem}.html").write_text(html, encoding="utf-8")


def slides(path: Path, reader: Reader) -> tuple[str, list[str]]:
    """The title of a notebook, and its slides as HTML with places for formulas.

    Pictures have a slide to themselves, so that the last row can read their letters.
    """
    lesson = teaching.lesson_of(nbformat.read(path, as_version=4))
    page = Page(f"{FOLDER}/{path.stem}.html", f"notebooks/{path.name}", path.stem, "", "", None)
    made: list[str] = []
    for cell in lesson.cells:
        kind = cell.metadata["slideshow"]["slide_type"]
        if kind == "skip":
            continue
        if cell.cell_type == "markdown":
            html = reader.words(cell, page)
        else:
            html = reader.outputs(cell, page, steps)
            kind = "slide" if STEPS in html else kind
        if kind == "slide":
            made.append(html)
        else:
            made[-1] += html
    return next(heading.text for heading in page.headings if heading.level == 1), made


def steps(html: str) -> str:
    """The pictures of an output as steps, each in the place of the one before it.

    A step is a still without its words, which are its alternative text, or as many of its cards as fit. A
    click goes on to the next.
    """
    rows = [row for still in _STILL.finditer(html) for row in _rows(_CARD.findall(still[1]))]
    if not rows:
        return html
    made = "".join(
        f'<div{_shown(n, len(rows))}><div class="cnn-cards">{"".join(row)}</div></div>'
        for n, row in enumerate(rows)
    )
    before, after = html[: html.index('<div class="cnn-cards')], html[[*_STILL.finditer(html)][-1].end() :]
    return f"{before}{STEPS}{made}</div>{after}"


def _shown(n: int, count: int) -> str:
    """The attributes of step n of so many: what reveal.js shows when."""
    if count == 1:
        return ""
    fades = "fade-out" if n == 0 else "fade-in" if n == count - 1 else "fade-in-then-out"
    return f' class="fragment {fades}" data-fragment-index="{max(0, n - 1)}"'


def _rows(cards: Sequence[tuple[str, str, str]]) -> Iterator[list[str]]:
    """The cards of a still, by step: as many as fit with letters of LEAST pixels."""
    group: list[tuple[str, str, str]] = []
    for card in cards:
        if group and not _fit([*group, card]):
            yield [image for image, *_ in group]
            group = []
        group.append(card)
    yield [image for image, *_ in group]


def _fit(cards: Sequence[tuple[str, str, str]]) -> bool:
    """Whether cards in wrapping rows fit a slide."""
    scale = LEAST / SMALLEST
    x = y = high = 0.0
    for _, width, height in cards:
        if x and x + float(width) > WIDTH / scale:
            x, y, high = 0, y + high + GAP, 0
        x, high = x + float(width) + GAP, max(high, float(height))
    return y + high <= HEIGHT / scale


if __name__ == "__main__":
    main()
