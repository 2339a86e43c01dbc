"""Every stored chart is what its cell draws today.

nbval compares texts and diagrams, and masks charts. So the cells with charts are run here, with those that
define what they use, and every chart is compared pixel by pixel. Left out are cells that nbval ignores: they
train or measure, and `make notebooks MEASURE=--measure` draws them anew.
"""

import ast
import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode
from PIL import Image, ImageChops, ImageColor

from course.kit.drawing.style import COLORS
from tests import ROOT
from tools import links
from tools.freeze import IGNORED, PNG
from tools.teaching import needed

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Letters are in the font that matplotlib brings, so a chart drawn anew has no pixel that differs; the room is
# for other processors. The least change tried, of the color of one small mark, moved 110 pixels in a million.
LEVELS = 8  # of 255: a pixel differs if a color differs by more
SHARE = 20e-6  # of the pixels may


def read(path: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    links.set_up(notebook, "", path.stem)  # here the package is installed
    return notebook


def charts(html: str) -> list[Image.Image]:
    return [Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB") for png in PNG.findall(html)]


def stored(cell: NotebookNode) -> list[Image.Image]:
    html = [str(output.get("data", {}).get("text/html", "")) for output in cell.outputs]
    return charts("".join(html)) if IGNORED not in cell.source else []


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
    """A line for each cell whose charts are out of date."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    drawing = {n for n, cell in enumerate(cells) if stored(cell)}
    names: dict[str, Any] = {"__name__": "notebook"}
    for n in sorted(drawing | needed(cells, drawing)):
        new, old = charts(shown(cells[n].source, names)), stored(cells[n])
        if n in drawing and (fault := difference(old, new)):
            yield f"cell {cells[n].id}: {fault}; run make notebooks"


def difference(old: list[Image.Image], new: list[Image.Image]) -> str:
    if [chart.size for chart in old] != [chart.size for chart in new]:
        return f"charts of {[chart.size for chart in old]} are stored, now {[chart.size for chart in new]}"
    shares = []
    for before, now in zip(old, new, strict=True):
        red, green, blue = ImageChops.difference(before, now).split()
        levels = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
        shares.append(sum(levels[LEVELS + 1 :]) / sum(levels))
    most = max(shares, default=0)
    return f"{most:.3%} of the pixels of a chart changed" if most > SHARE else ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_charts_are_up_to_date(path: Path) -> None:
    found = list(faults(read(path)))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("fault", "says"), [("color", "% of the pixels of a chart changed"), ("lower", "are stored, now [")]
)
def test_a_chart_out_of_date_is_named(fault: str, says: str) -> None:
    """The stored chart in a slightly other color, or a row lower."""
    notebook = read(ROOT / "notebooks" / "04_depthwise_separable.ipynb")
    (cell,) = (cell for cell in notebook.cells if cell.source == "parameter_savings()")
    (chart,), data = stored(cell), cell.outputs[0].data
    if fault == "color":
        pixels = np.array(chart)
        pixels[(pixels == ImageColor.getrgb(COLORS["pointwise"].fill)).all(2), 0] += 16
        chart = Image.fromarray(pixels)
    else:
        chart = chart.crop((0, 0, chart.width, chart.height + 1))
    made = io.BytesIO()
    chart.save(made, "png")
    data["text/html"] = PNG.sub(base64.b64encode(made.getvalue()).decode(), data["text/html"])
    (found,) = faults(notebook)
    assert found.startswith(f"cell {cell.id}: ")
    assert says in found
