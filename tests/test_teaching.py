"""TEACHING.md holds to the notebooks: a page for each, and every name on it exists where it says."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from blocks.explorers import EXPLORERS

FOLDER = Path(__file__).parents[1] / "notebooks"
PARTS = ("Vote", "Explorer", "Say.", "Fault hunt", "Exit ticket")
CODE = re.compile(r"[A-Z]\w+\(.*\)")  # `BasicBlock(64, 64)`


def pages() -> dict[str, str]:
    """The text of each page, by its number."""
    text = (FOLDER / "TEACHING.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^## (\d\d) .*\n([\s\S]*?)(?=^## |\Z)", text, re.MULTILINE))


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
