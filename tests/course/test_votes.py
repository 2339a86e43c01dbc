"""No page gives a vote away: what stands above a prediction, and how far below it the answer stands."""

import html
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from course import chapters
from course.kit.panel import Option, Prediction
from course.kit.record import name_of
from tools.freeze import NOTEBOOKS

VOTES = [
    pytest.param(chapter.notebook, prediction, id=name_of(reference))
    for chapter in chapters()
    for reference in chapter.predictions
    if (prediction := chapter.resolve(reference)()).answered_by
]


def faults(notebook: NotebookNode, prediction: Prediction) -> Iterator[str]:
    """What gives the vote away, in words."""
    cells = notebook.cells
    places = {cell.id: n for n, cell in enumerate(cells)}
    (vote,) = [n for n, cell in enumerate(cells) if f'"prediction": "{prediction.name}"' in json.dumps(cell)]
    for cell in cells[:vote]:
        for text in texts(cell):
            yield from (f"{cell.id} tells {tell!r}" for tell in prediction.tells if tell in text)
    for name in prediction.answered_by:
        if name not in places:
            yield f"there is no cell {name}"
        elif places[name] <= vote:
            yield f"{name} stands above"
        elif all(cell.cell_type == "code" for cell in cells[vote + 1 : places[name] + 1]):
            yield f"no text between the vote and {name}"
    below = " ".join(text for cell in cells[vote + 1 :] for text in texts(cell))
    yield from (f"nothing below tells {tell!r}" for tell in prediction.tells if tell not in below)


def texts(cell: NotebookNode) -> Iterator[str]:
    """All that a reader, or a screen reader, gets of a cell."""
    yield cell.source
    for output in cell.get("outputs", ()):
        yield output.get("text", "")
        data: dict[str, Any] = output.get("data", {})
        yield data.get("text/plain", "")
        shown = data.get("text/html", "")
        yield html.unescape(re.sub("<[^>]*>", " ", shown))
        yield from map(html.unescape, re.findall('alt="(.*?)"', shown))


@pytest.mark.parametrize(("stem", "prediction"), VOTES)
def test_nothing_gives_a_vote_away(stem: str, prediction: Prediction) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4)
    assert list(faults(notebook, prediction)) == []


@pytest.mark.parametrize(("stem", "prediction"), VOTES)
def test_a_vote_given_away_is_refused(stem: str, prediction: Prediction) -> None:
    right = nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4)
    telling, moved, bare = (deepcopy(right) for _ in range(3))
    telling.cells[0].source += f" Here it is {prediction.tells[-1]}."
    assert any("tells" in fault for fault in faults(telling, prediction))
    answer = next(cell for cell in moved.cells if cell.id == prediction.answered_by[0])
    moved.cells.remove(answer)
    moved.cells.insert(1, answer)
    assert any("stands above" in fault for fault in faults(moved, prediction))
    at = next(n for n, cell in enumerate(bare.cells) if cell.id == prediction.answered_by[0])
    while bare.cells[at - 1].cell_type == "markdown":
        del bare.cells[at - 1]
        at -= 1
    while f'"prediction": "{prediction.name}"' not in json.dumps(bare.cells[at - 1]):
        del bare.cells[at - 1]
        at -= 1
    if answer.cell_type == "code":
        assert any("no text between" in fault for fault in faults(bare, prediction))


def test_an_alternative_text_can_tell() -> None:
    cell = new_markdown_cell("")
    cell.outputs = [{"data": {"text/html": '<img alt="9 &amp; more">'}}]
    assert "9 & more" in list(texts(cell))


OPTIONS = Option("a", "b"), Option("c", "d", "e"), Option("f", "g", "h")


@pytest.mark.parametrize(
    ("answered_by", "tells"), [(("x",), ()), ((), ("x",)), (("x",), ("",)), (("",), ("x",))]
)
def test_what_tells_must_be_named(answered_by: tuple[str, ...], tells: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^Prediction: answered_by and tells must be given together"):
        Prediction("?", *OPTIONS, answered_by=answered_by, tells=tells)


def test_the_room_closes_with_the_choice() -> None:
    for choose in (lambda one: one.choose(1), lambda one: one.skip.click()):
        prediction = Prediction("?", *OPTIONS, answered_by=("x",), tells=("y",))
        assert "height:720px" in prediction.room.value
        choose(prediction)  # type: ignore[no-untyped-call]
        assert prediction.room.value == ""
        assert "cnn-answered" in prediction._widget._dom_classes
    assert Prediction("?", *OPTIONS).room.value == ""


def test_without_choosing_only_the_right_answer_is_shown() -> None:
    prediction = Prediction("?", *OPTIONS)
    prediction.skip.click()
    assert "<b>Right is</b> A. a. b" in prediction.message.value
    assert [button.button_style for button in prediction.buttons] == ["success", "", ""]
