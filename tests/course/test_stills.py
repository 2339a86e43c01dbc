"""Every stored picture is what its cell draws today.

nbval compares texts, and masks pictures. So the cells with pictures are run here, with those that define what
they use, and every picture is compared: a chart pixel by pixel, a diagram by the mark of its SVG
(`tools/raster.py`). Left out are cells that nbval ignores: they train or measure, and
`make notebooks MEASURE=--measure` draws them anew.
"""

import ast
import base64
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from matplotlib import get_data_path
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image, ImageFont

from course.kit.drawing.style import INK
from course.kit.drawing.svg import card, image, rect, text
from tests import ROOT
from tools import links, raster
from tools.freeze import DRAWN, IGNORED, PNG, freeze
from tools.teaching import needed
from web.stored import redrawn

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    links.set_up(notebook, "", path.stem)  # here the package is installed
    return notebook


def stored(cell: NotebookNode) -> tuple[str, list[str]]:
    """The HTML that a cell has stored, and of each picture in it the mark of its SVG."""
    html, marks = "", list[str]()
    for output in () if IGNORED in cell.source else cell.outputs:
        markup = output.get("data", {}).get("text/html", "")
        own = output.get("metadata", {}).get("cnn", {}).get(DRAWN)
        marks += own or [""] * len(raster.PICTURE.findall(markup))
        html += markup
    return html, marks


def shown(source: str, names: dict[str, Any]) -> str:
    """The HTML of what a cell displays; `names` gets what it defines."""
    objects: list[Any] = []
    names["display"] = objects.append
    code = ast.parse(source)
    last = code.body.pop() if isinstance(code.body[-1], ast.Expr) else None
    exec(compile(code, "cell", "exec"), names)  # noqa: S102 - the code of our own notebooks
    if isinstance(last, ast.Expr):
        objects.append(eval(ast.unparse(last), names))  # noqa: S307
    bundles = [made._repr_mimebundle_() for made in objects if hasattr(made, "_repr_mimebundle_")]
    return "".join((b[0] if isinstance(b, tuple) else b).get("text/html", "") for b in bundles)


def faults(notebook: NotebookNode) -> Iterator[str]:
    """A line for each cell whose pictures are out of date."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    drawing = {n for n, cell in enumerate(cells) if raster.PICTURE.search(stored(cell)[0])}
    names: dict[str, Any] = {"__name__": "notebook"}
    for n in sorted(drawing | needed(cells, drawing)):
        html = shown(cells[n].source, names)
        if n in drawing and (fault := redrawn(*stored(cells[n]), html)):
            yield f"cell {cells[n].id}: {fault}; run make notebooks"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_pictures_are_up_to_date(path: Path) -> None:
    found = list(faults(read(path)))
    assert not found, "\n".join(found)


# A small notebook, frozen, whose cell then draws something else

DEFINES = """
import io
from PIL import Image, ImageDraw
from course.kit.drawing.chart import Png
from course.kit.drawing.svg import Mark, card, circle, rect, text
from course.kit.panel.still import still

def chart(shade, height=60):
    image = Image.new("RGB", (80, height), "white")
    ImageDraw.Draw(image).rectangle((10, 10, 50, 40), (9, 9, shade))
    image.save(made := io.BytesIO(), "PNG")
    return Png(made.getvalue(), 40, height // 2, "a chart")

class Shown:
    def __init__(self, *parts):
        self.parts = parts

    def _repr_mimebundle_(self, include=None, exclude=None):
        return still([(self.parts, "a bar of 120")])
"""
DRAWS = """Shown(chart(99), card(
    rect(20, 20, 120, 40, "#118165", Mark(key="bar", value=120.0000001)) + circle(170, 40, 9, "#12488A")
    + text(20, 80, "120 weights", "#1B2430"), 200, 90, "a bar of 120"))"""


@pytest.fixture(scope="module")
def small() -> str:
    """It, as JSON."""
    notebook = new_notebook(cells=[new_code_cell(DEFINES, id="a"), new_code_cell(DRAWS, id="b")])
    data = {"text/html": shown(DRAWS, _defined()), "text/plain": "a bar of 120"}
    notebook.cells[1].outputs = [new_output("execute_result", data, execution_count=2)]
    freeze(notebook)
    return str(nbformat.writes(notebook))


def _defined() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(DEFINES, names)  # noqa: S102 - our own
    return names


def test_a_frozen_diagram_is_png_with_its_size_and_words(small: str) -> None:
    cell = nbformat.reads(small, as_version=4).cells[1]
    html, (chart, diagram) = stored(cell)
    assert "svg" not in html
    assert (chart, len(diagram)) == ("", 25)
    assert '<img alt="a bar of 120" width="200" height="90" src="data:image/png;base64,' in html
    sizes = [Image.open(io.BytesIO(base64.b64decode(png))).size for png in PNG.findall(html)]
    assert sizes == [(80, 60), (200 * raster.SCALE, 90 * raster.SCALE)]
    assert list(faults(nbformat.reads(small, as_version=4))) == []


DIAGRAM, MOVED, CHART = "another diagram is stored", "has moved or has another color", "of a chart differ"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # What another processor rounds otherwise
        pytest.param("rect(20, 20, 120, 40", "rect(20.2, 20, 119.9, 40.2", "", id="a fifth of a pixel"),
        pytest.param("120.0000001", "120.0000002", "", id="the last digit of a value"),
        # What is drawn otherwise
        pytest.param("rect(20, 20, 120, 40", "rect(20, 20, 122, 40", MOVED, id="longer by two pixels"),
        pytest.param("rect(20, 20, 120, 40", "rect(20, 17, 120, 40", MOVED, id="higher by three"),
        pytest.param("circle(170, 40, 9", "circle(173, 40, 9", MOVED, id="a mark elsewhere"),
        pytest.param("text(20, 80", "text(26, 80", MOVED, id="words elsewhere"),
        pytest.param("#118165", "#118166", DIAGRAM, id="another color"),
        pytest.param("120 weights", "121 weights", DIAGRAM, id="other words"),
        pytest.param('key="bar"', 'key="bars"', DIAGRAM, id="another key"),
        pytest.param("+ circle", "+ circle(1, 1, 1, '#12488A') + circle", DIAGRAM, id="one mark more"),
        pytest.param(", 200, 90", ", 201, 90", DIAGRAM, id="a wider card"),
        pytest.param("chart(99)", "chart(115)", CHART, id="a chart in another color"),
        pytest.param("chart(99)", "chart(99, 62)", "a chart of (80, 60) pixels", id="a higher chart"),
        pytest.param("chart(99), ", "", "pictures are stored, 2, now there are 1", id="one picture less"),
        pytest.param("chart(99), ", "'<svg></svg>', ", "now it is a diagram", id="no chart"),
    ],
)
def test_a_picture_out_of_date_is_named(small: str, old: str, new: str, says: str) -> None:
    notebook = nbformat.reads(small, as_version=4)
    cell = notebook.cells[1]
    assert cell.source.count(old) == 1
    cell.source = cell.source.replace(old, new)
    found = list(faults(notebook))
    assert bool(found) == bool(says), found
    if says:
        assert found[0].startswith("cell b: ")
        assert says in found[0]
        assert found[0].endswith("; run make notebooks")


def test_a_diagram_that_was_not_rasterized_is_named(small: str) -> None:
    notebook = nbformat.reads(small, as_version=4)
    notebook.cells[1].outputs[0].data["text/html"] = shown(DRAWS, _defined())
    (found,) = faults(notebook)
    assert "a picture of kind svg+xml is stored, and must be png" in found


def test_without_what_rasterizes_the_form_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who builds the site has no need to store notebooks."""

    def bar(width: float, color: str) -> str:
        return card(rect(10, 10, width, 20, color), 100, 40, "a bar")

    kept = raster.png(bar(50, INK)), raster.mark(bar(50, INK))
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert raster.difference(*kept, bar(50, INK)) == ""
    assert raster.difference(*kept, bar(50.1, INK)) == ""
    assert raster.difference(*kept, bar(50, "#118165")) == DIAGRAM


def test_another_photo_in_a_diagram_is_seen() -> None:
    """The form of an SVG leaves the pixels of its bitmaps out; the comparison of the pictures does not."""

    def photo(shade: int) -> str:
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (shade, 120, 120)).save(file, "PNG")
        address = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
        return card(image(10, 10, 40, 40, address), 60, 60, "a photo")

    before = photo(100)
    kept = raster.png(before), raster.mark(before)
    assert raster.difference(*kept, photo(101)) == ""
    assert MOVED in raster.difference(*kept, photo(180))


def test_letters_are_drawn_in_the_font_of_matplotlib() -> None:
    words = raster.png(card(text(10, 40, "Wide inside × 6", INK, size=30), 300, 60, "words"))
    ink = np.array(Image.open(io.BytesIO(words)).convert("L")) < 100
    assert 0.03 < ink.mean() < 0.15
    bold = raster.png(card(text(10, 40, "Wide inside × 6", INK, size=30, bold=True), 300, 60, "words"))
    assert (np.array(Image.open(io.BytesIO(bold)).convert("L")) < 100).mean() > 1.3 * ink.mean()
    columns = np.flatnonzero(ink[5:-5].any(0))
    width = (columns[-1] - columns[0]) / raster.SCALE
    font = ImageFont.truetype(str(Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), 30)
    assert abs(width - font.getlength("Wide inside × 6")) < 8
