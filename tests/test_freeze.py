"""Freezing a notebook anew changes what changed and nothing else."""

import base64
import copy
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from course.kit.drawing.svg import Mark, card, rect
from course.kit.panel.still import still
from tests import ROOT
from tools import freeze, links, raster

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def picture(shade: int, level: int) -> str:
    """A still of one shade; the level of compression changes its bytes and not its pixels."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 0, 0)).save(made, "png", compress_level=level)
    return f'<img src="data:image/png;base64,{base64.b64encode(made.getvalue()).decode()}">'


def run(
    milliseconds: float = 1.5, *, shade: int = 9, level: int = 9, says: str = "ms", **what: object
) -> NotebookNode:
    """A small notebook as a run leaves it: one drew a picture, one measured and shows the times."""
    drawn = new_output("execute_result", {"text/html": picture(shade, level)}, execution_count=1)
    measured = new_output("stream", text=f"conv  {milliseconds} {says}\n")
    times = {"machine": "ours", "times": [[24, [{"median": milliseconds}]]], **what}
    explored = new_output("display_data", {"text/plain": "times"}, metadata={"cnn": {"measured": times}})
    cells = [
        new_markdown_cell("One sentence.", id="a"),
        new_code_cell("draw()", id="b", execution_count=1, outputs=[drawn]),
        new_code_cell(
            "# NBVAL_IGNORE_OUTPUT\ntime()", id="c", execution_count=2, outputs=[measured, explored]
        ),
        new_code_cell("draw()", id="d", execution_count=3),
    ]
    return new_notebook(cells=cells)


def stored() -> NotebookNode:
    notebook = run()
    freeze.freeze(notebook)
    return notebook


def changed(
    new: NotebookNode, before: NotebookNode, edit: Callable[[NotebookNode], object], *, measure: bool = False
) -> list[str]:
    """The lines that a diff would add when `before` was edited, ran as `new`, and is frozen again."""
    old = nbformat.writes(before, indent=1).splitlines()
    before = copy.deepcopy(before)
    edit(before)
    for cell, other in zip(new.cells, before.cells, strict=True):
        cell.source, cell.metadata = other.source, copy.deepcopy(other.metadata)
    freeze.freeze(new, before, measure=measure)
    return [line.strip() for line in nbformat.writes(new, indent=1).splitlines() if line not in old]


def sentence(notebook: NotebookNode) -> None:
    notebook.cells[0].source = "Another sentence."


def test_a_corrected_sentence_is_one_line() -> None:
    assert changed(run(7.25, level=1), stored(), sentence) == ['"Another sentence."']


def diagram(width: float = 90, color: str = "#118165") -> str:
    """A diagram as an explorer displays it."""
    svg = card(rect(10, 10, width, 20, color, Mark(key="a", value=width)), 120, 40, "a bar")
    return str(still([((svg,), "a bar")])["text/html"])


def with_diagram(html: str) -> NotebookNode:
    notebook = run()
    notebook.cells[1].outputs[0].data["text/html"] = html
    return notebook


def test_a_diagram_is_stored_as_a_picture_with_its_mark() -> None:
    before = with_diagram(diagram())
    freeze.freeze(before)
    (output,) = before.cells[1].outputs
    assert re.findall("image/[a-z+]+", output.data["text/html"]) == ["image/png"]
    assert 'alt="a bar" width="120" height="40"' in output.data["text/html"]
    ((mark,),) = output.metadata.cnn.values()
    assert re.fullmatch(r"[0-9a-f]{12}\.[0-9a-f]{12}", mark)


@pytest.mark.parametrize(
    ("now", "kept"),
    [
        (diagram(), True),
        (diagram(90.1), True),  # as another processor rounds
        (diagram(93), False),
        (diagram(color="#118166"), False),
    ],
)
def test_a_diagram_keeps_its_bytes_while_it_is_the_same(
    now: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = with_diagram(diagram())
    freeze.freeze(before)
    monkeypatch.setattr(raster, "COLORS", 8)  # drawn anew it would have other bytes
    lines = changed(with_diagram(now), before, sentence)
    assert (lines == ['"Another sentence."']) is kept, lines


def test_a_measured_diagram_is_kept_while_the_code_is_the_same() -> None:
    def measured(width: float) -> NotebookNode:
        notebook = run()
        notebook.cells[2].outputs[1].data["text/html"] = diagram(width)
        return notebook

    before = measured(90)
    freeze.freeze(before)
    assert changed(measured(50), before, sentence) == ['"Another sentence."']
    assert len(changed(measured(50), before, code(2))) > 2


def test_changed_pixels_are_stored() -> None:
    (_, still) = changed(run(7.25, shade=10), stored(), sentence)
    assert "data:image/png" in still


def code(number: int) -> Callable[[NotebookNode], object]:
    return lambda notebook: notebook.cells[number].update(source=notebook.cells[number].source + "  # new")


def untimed(notebook: NotebookNode) -> None:
    del notebook.cells[2].outputs[1].metadata["cnn"]


def unfrozen(notebook: NotebookNode) -> None:
    notebook.cells[2].outputs.append(new_output("display_data", {freeze.WIDGET: {}}))


@pytest.mark.parametrize(
    ("new", "edit", "measure", "taken"),
    [
        pytest.param(run(7.25), code(3), False, False, id="code below"),
        pytest.param(run(7.25), code(2), False, True, id="its own code"),
        pytest.param(run(7.25), code(1), False, True, id="code above"),
        pytest.param(run(7.25), sentence, True, True, id="asked to measure"),
        pytest.param(run(7.25, says="ms, 1 thread"), sentence, False, True, id="other words"),
        pytest.param(run(7.25e-6, machine="another"), sentence, False, False, id="another machine"),
        pytest.param(run(7.25, times=[[7.25, []]]), sentence, False, True, id="times written otherwise"),
        pytest.param(run(7.25), untimed, False, True, id="stored without its times"),
        pytest.param(run(7.25), unfrozen, False, True, id="stored with a widget view"),
        pytest.param(
            run(7.25), lambda n: n.cells[2].metadata.clear(), False, True, id="nobody knows by which code"
        ),
    ],
)
def test_measured_outputs_are_kept_while_the_code_is_the_same(
    new: NotebookNode, edit: Callable[[NotebookNode], object], measure: bool, taken: bool
) -> None:
    lines = changed(copy.deepcopy(new), stored(), edit, measure=measure)
    assert any("7.25" in line for line in lines) == taken


def test_a_setup_cell_changes_no_measured_output() -> None:
    before = stored()
    links.set_up(before, "https://github.com/a/b", "a")
    assert freeze.code_hashes(before) == freeze.code_hashes(stored())


def given_by_other_code(notebook: NotebookNode) -> list[str]:
    """The ignored cells whose outputs this code did not give."""
    hashes = freeze.code_hashes(notebook)
    return [
        f"cell {cell.id}: its outputs are out of date, the code changed; run make notebooks"
        for cell in notebook.cells
        if freeze.IGNORED in cell.source and cell.metadata.get(freeze.GIVEN_BY) != hashes[cell.id]
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_measured_outputs_are_those_of_the_code(path: Path) -> None:
    found = given_by_other_code(nbformat.read(path, as_version=4))
    assert not found, "\n".join(found)


def test_measured_outputs_of_other_code_are_named() -> None:
    notebook = stored()
    assert given_by_other_code(notebook) == []
    code(1)(notebook)
    (found,) = given_by_other_code(notebook)
    assert re.match("cell c: .* out of date", found)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_frozen_once_more_is_the_same_file(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    freeze.freeze(notebook, nbformat.read(path, as_version=4))
    assert nbformat.writes(notebook, indent=1) + "\n" == path.read_text(encoding="utf-8")


def test_another_drawing_gives_other_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = freeze.code_hashes(stored())
    shutil.copytree(freeze.DRAWING, tmp_path / "drawing")
    monkeypatch.setattr(freeze, "DRAWING", tmp_path / "drawing")
    style = tmp_path / "drawing" / "style.py"
    source = style.read_text("utf-8")
    for text, same in ((f"{source}# a comment\n", True), (source.replace("#12488A", "#12488B"), False)):
        style.write_text(text, "utf-8")
        freeze.drawing.cache_clear()
        assert (freeze.code_hashes(stored()) == before) is same
    monkeypatch.undo()
    freeze.drawing.cache_clear()
