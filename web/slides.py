"""The lessons as slides: what a class looks at together, one page for each notebook.

    python -m web.slides  # build/site/slides

Opened from a file they show the stills; served beside an atlas (`make site`) the explorers answer.
"""

import shutil
from pathlib import Path

import nbformat

from tools import teaching
from web import frame, text
from web.pages import ROOT, Page, Reader, write_static

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
    """The title of a notebook, and its slides as HTML with places for formulas."""
    lesson = teaching.lesson_of(nbformat.read(path, as_version=4))
    page = Page(f"{FOLDER}/{path.stem}.html", f"notebooks/{path.name}", path.stem, "", "", None)
    made: list[str] = []
    for cell in lesson.cells:
        kind = cell.metadata["slideshow"]["slide_type"]
        if kind == "skip":
            continue
        html = reader.words(cell, page) if cell.cell_type == "markdown" else reader.outputs(cell, page)
        if kind == "slide":
            made.append(html)
        else:
            made[-1] += html
    return next(heading.text for heading in page.headings if heading.level == 1), made


if __name__ == "__main__":
    main()
