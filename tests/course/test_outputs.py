"""Every stored output of an explorer or a prediction says in its metadata what it is of, for the site."""

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course import EXPLORERS, chapters
from course.kit.record import name_of
from tests import ROOT
from tools.freeze import DRAWN

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMED = {*EXPLORERS, "inspect_module"}
PREDICTIONS = {name_of(reference) for chapter in chapters() for reference in chapter.predictions}


def called(source: str) -> list[tuple[str, bool]]:
    """What a cell shows, in `display(...)` or as an expression: the function, whether it has arguments."""
    found = []
    for line in ast.parse(source).body:
        call = line.value if isinstance(line, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "display":
            call = call.args[0]
        if isinstance(call, ast.Call):
            found.append((ast.unparse(call.func).rpartition(".")[2], bool(call.args or call.keywords)))
    known = [shown for shown in found if shown[0] in NAMED | PREDICTIONS]
    return known or [("", False)]


def faults(notebook: NotebookNode) -> list[str]:
    """One line for each output that does not say what it is of, or says so of something else."""
    found = []
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        outputs = [output for output in cell.outputs if "text/html" in output.get("data", {})]
        for output, (name, arguments) in zip(outputs, called(cell.source), strict=bool(outputs)):
            said: dict[str, Any] = {**output.metadata.get("cnn", {})}
            said.pop(DRAWN, None)  # of whatever is drawn; test_stills.py holds it
            said.pop("room", None)  # of a vote that the page answers; test_votes.py holds it
            if name in NAMED:
                right = (
                    said.get("explorer") == name
                    and bool(said.get("variant")) == arguments
                    and isinstance(said.get("settings"), dict)
                )
            else:
                right = said == ({"prediction": name} if name in PREDICTIONS else {})
            if not right:
                found.append(f"{cell.id}: {name or cell.source!r} says {said}; run make notebooks")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_outputs_say_what_they_are_of(path: Path) -> None:
    assert faults(nbformat.read(path, as_version=4)) == []


SAID = {"explorer": "slope_dial", "variant": None, "settings": {"slope": 1.0}}


@pytest.mark.parametrize(
    ("source", "said", "right"),
    [
        ("slope_dial()", SAID, True),
        ("predictions.predict_depth()", {"prediction": "predict_depth"}, True),
        ("walk_through(block)", SAID | {"explorer": "walk_through", "variant": "MBConv"}, True),
        ("show_runs(live)", {}, True),
        ("show_runs(live)", {"drawn": ["mark"]}, True),
        ("display(slope_dial())\n_ = 1", SAID, True),
        ("display(rank_dial())\n_ = 1", SAID, False),
        ("slope_dial()", {}, False),
        ("slope_dial()", {"explorer": "slope_dial", "variant": None}, False),
        ("rank_dial()", SAID, False),
        ("predict_depth()", {"prediction": ""}, False),
        ("walk_through(block)", SAID | {"explorer": "walk_through"}, False),
        ("show_runs(live)", SAID, False),
    ],
)
def test_what_is_not_said_is_found(source: str, said: dict[str, Any], right: bool) -> None:
    output = new_output("execute_result", {"text/html": "<img>"}, metadata={"cnn": said} if said else {})
    notebook = new_notebook(cells=[new_code_cell(source, outputs=[output])])
    assert (faults(notebook) == []) == right
