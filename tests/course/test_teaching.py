"""The pages for teachers hold to the notebooks: one for each, and every name on it exists where it says."""

import functools
import re
from collections.abc import Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course import EXPLORERS
from tests import ROOT
from tests.course.test_notebooks import one_sentence_a_line
from tools import teaching

FOLDER = ROOT / "notebooks"
PARTS = ("Vote", "Explorer", "Say.", "Fault hunt", "Exit ticket")
CODE = re.compile(r"[A-Z]\w+\(.*\)")  # `BasicBlock(64, 64)`


def pages() -> dict[str, str]:
    """The text of each page, by its number."""
    return {path.name[:2]: path.read_text(encoding="utf-8") for path in (FOLDER / "teaching").glob("*.md")}


@functools.cache
def presets(explorer: str) -> tuple[str, ...]:
    return tuple(EXPLORERS[explorer]().buttons)


def wrong(page: str, source: str) -> Iterator[str]:
    """What a page names that its notebook, the source of its code cells, does not have, and what it omits."""
    names = re.findall(r"`([^`]+)`", page)
    used = [name for name in names if name in EXPLORERS]
    buttons = {label for name in used for label in presets(name)}
    for name in names:
        called = re.search(rf"\b{re.escape(name)}\(", source)
        if not (called or name in EXPLORERS or name in buttons or CODE.fullmatch(name)):
            yield f"`{name}` is neither called in the notebook, nor an explorer, nor a preset of {used}"
    yield from (
        f"the prediction {name} is not on the page"
        for name in set(re.findall(r"predict_\w+(?=\(\))", source)) - set(names)
    )
    yield from (f"the part {part} is missing" for part in PARTS if f"**{part}" not in page)


def source_of(number: str) -> str:
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


NUMBERS = sorted(path.name[:2] for path in FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("number", NUMBERS)
def test_every_notebook_has_a_page_whose_names_exist(number: str) -> None:
    assert list(wrong(pages()[number], source_of(number))) == []


def test_the_pages_hold_one_sentence_a_line() -> None:
    texts = [(FOLDER / "TEACHING.md").read_text(encoding="utf-8"), *pages().values()]
    assert list(one_sentence_a_line(new_notebook(cells=list(map(new_markdown_cell, texts))))) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("`expansion 1`", "`expansion 99`", "`expansion 99` is neither"),
        ("`check_forward`", "`check_backward`", "`check_backward` is neither"),
        ("`channel_expansion`", "`channel_compression`", "`channel_compression` is neither"),
        ("`predict_cost`", "the first question", "predict_cost is not on the page"),
        ("**Exit ticket.**", "", "Exit ticket is missing"),
    ],
)
def test_a_wrong_page_is_refused(old: str, new: str, found: str) -> None:
    page = pages()["06"]
    assert old in page
    assert any(found in line for line in wrong(page.replace(old, new), source_of("06")))


# --- the lesson: what of a notebook a class sees


def lesson(**slide_types: str) -> list[tuple[str, str]]:
    """The id and the slide type of each cell of the lesson of a small notebook."""
    picture = new_output("display_data", {"image/png": ""})
    cells = [
        new_markdown_cell("# Block", id="title"),
        new_code_cell("width = 4", id="width"),
        new_code_cell("unused = 5", id="unused"),
        new_markdown_cell("## Try it\n\nMove.\n\n## Build it\n\nWrite.", id="two"),
        new_code_cell("show(width)", id="build", outputs=[picture]),
        new_markdown_cell("## What it costs\n\nLittle.", id="costs"),
        new_code_cell("show(width)", id="picture", outputs=[picture]),
        new_markdown_cell("*Deeper.* More.", id="deeper"),
    ]
    for cell in cells:
        if cell.id in slide_types:
            cell.metadata["slideshow"] = {"slide_type": slide_types[cell.id]}
    made = teaching.lesson_of(new_notebook(cells=cells))
    return [(cell.id, cell.metadata.slideshow.slide_type) for cell in made.cells]


def test_a_lesson_holds_the_sections_that_are_shown_and_the_code_that_they_need() -> None:
    by_rule = [
        ("title-0", "slide"),
        ("width", "skip"),
        ("two-1", "slide"),
        ("costs-1", "slide"),
        ("picture", "-"),
    ]
    assert lesson() == by_rule


def test_a_notebook_decides_otherwise_cell_by_cell() -> None:
    assert ("picture", "slide") in lesson(picture="slide")
    assert ("build", "slide") in lesson(build="slide")
    assert [name for name, _ in lesson(picture="skip")] == ["title-0", "two-1", "costs-1"]
    assert ("deeper-0", "slide") in lesson(deeper="slide")
