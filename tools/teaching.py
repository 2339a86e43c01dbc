"""Make lessons for a class from the notebooks: the notebooks that a walk-through runs, and what slides show.

A lesson is what a class looks at together: the question, the predictions, the explorers, the formulas, what
an experiment shows, the summary. Building, breaking and exercises stay in the notebook: they are for one's
own hands. Every notebook has the same sections, so one rule holds for all, and a notebook decides otherwise
cell by cell: by the slide type, "slide" or "skip", that JupyterLab's property inspector sets.

    python -m tools.teaching  # build/walkthrough, for Voila; web/slides.py makes the slides
"""

import ast
import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import jinja2
import nbformat
from markupsafe import Markup
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from tools import links
from web import course_map

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
TEMPLATE, FRONT = ROOT / "web" / "template" / "voila", "tree-lab.html"
TITLE = re.compile(r"\A# (.+)")
SHOWN = (
    *("", "The question", "Try it", "What it costs", "On real data", "In one breath"),  # "" is the title's
    *("Your first explorer", "Your first prediction"),  # of the start page
)
DEEPER = "*Deeper.*"
OPENING = 500  # characters: a section's text that is shorter shares its slide with what follows
IGNORED = "# NBVAL_IGNORE_OUTPUT"  # it trains or measures: too slow to wait for


def main() -> None:
    """Write the walk-through."""
    write(ROOT / "build" / "walkthrough")
    print(f"Written: {ROOT / 'build' / 'walkthrough'}")


def write(folder: Path) -> None:
    """Write all notebooks of the walk-through, and beside them what makes Voila show them to a class.

    That is a template, named "course", below `folder`/jupyter, which belongs into JUPYTER_PATH: letters for
    the last row, a way back from each lesson, and the map of the course as the front page.
    """
    lessons, template = folder / "lessons", folder / "jupyter" / "voila" / "templates" / "course"
    for made in (lessons, template):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        links.set_up(notebook, "", path.stem)  # here the package is installed
        nbformat.write(lesson_of(notebook), lessons / path.name)
    for path in TEMPLATE.iterdir():
        shutil.copyfile(path, template / path.name)
    (template / FRONT).write_text(front(), encoding="utf-8")


def front() -> str:
    """The front page: the map of the course, each block a link to its lesson."""
    on_map = course_map.projected(_lesson)
    others = [
        (path.stem, TITLE.findall(nbformat.read(path, as_version=4).cells[0].source)[0])
        for path in sorted(NOTEBOOKS.glob("*.ipynb"))
        if _lesson(path.stem) not in on_map
    ]
    # The address that the server is at is filled in by Voila.
    template = jinja2.Template((TEMPLATE / FRONT).read_text(encoding="utf-8"), autoescape=True)
    return template.render(map=on_map, others=others, link=lambda notebook: Markup(_lesson(notebook)))  # noqa: S704 - our own


def _lesson(notebook: str) -> str:
    """Where Voila shows a lesson."""
    return f"{{{{ base_url }}}}voila/render/{notebook}.ipynb"


def lesson_of(notebook: NotebookNode) -> NotebookNode:
    """What a class sees of a notebook, as slides, and, hidden, the code that it needs."""
    pieces = list(_pieces(notebook.cells))
    seen = {n for n, (cell, section) in enumerate(pieces) if _is_seen(cell, section)}
    hidden = needed([cell for cell, _ in pieces], seen)
    before = ""
    for n in sorted(seen):
        cell = pieces[n][0]
        alone = "slideshow" in cell.metadata or cell.source.startswith("## ")
        joins = before.startswith("## ") and len(before) < OPENING and not alone
        cell.metadata["slideshow"] = {"slide_type": "-" if joins else "slide"}
        before = cell.source
    for n in hidden:
        cell = pieces[n][0]
        cell.metadata["slideshow"] = {"slide_type": "skip"}
        cell.source, cell.outputs = f"%%capture\n{cell.source}", []
    notebook.cells = [cell for n, (cell, _) in enumerate(pieces) if n in seen | hidden]
    return notebook


def _pieces(cells: list[NotebookNode]) -> Iterator[tuple[NotebookNode, str]]:
    """Every cell with the section that it stands in; a text with two sections is cut between them."""
    section = ""
    for cell in cells:
        if cell.cell_type == "code":
            yield cell, section
            continue
        for number, text in enumerate(re.split(r"^(?=## )", cell.source, flags=re.MULTILINE)):
            if heading := re.match(r"## (.+)", text):
                section = heading[1].strip()
            if text.strip():
                piece = new_markdown_cell(
                    text.strip(), id=f"{cell.id}-{number}", metadata=deepcopy(cell.metadata)
                )
                yield piece, section


def _is_seen(cell: NotebookNode, section: str) -> bool:
    """Whether a class sees the cell: the texts of a section that is shown, and what is moved or looked at."""
    if own := cell.metadata.get("slideshow", {}).get("slide_type"):
        return own == "slide"
    if section not in SHOWN or cell.source.startswith((IGNORED, DEEPER)):
        return False
    stored = [output.get("data", {}) for output in cell.get("outputs", ())]
    pictures = any("image/png" in data or "text/html" in data for data in stored)
    return cell.cell_type == "markdown" or pictures


def needed(cells: list[NotebookNode], seen: set[int]) -> set[int]:
    """The code cells, not seen, that define what those that are seen use."""
    missing: set[str] = set()
    hidden = set()
    for n in reversed(range(len(cells))):
        if cells[n].cell_type == "code":
            defines, uses = _names(cells[n].source)
            if n not in seen and defines & missing:
                hidden.add(n)
            if n in seen | hidden:
                missing = (missing | uses) - defines
    return hidden


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell defines at its top level or in a loop, and those that it uses."""
    defines, uses = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (uses if isinstance(node.ctx, ast.Load) else defines).add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            defines |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            defines.add(node.name)
    return defines, uses


if __name__ == "__main__":
    main()
