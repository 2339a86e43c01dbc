"""A notebook that shows every explorer and every prediction: for what is too dear in each notebook."""

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from course import EXPLORERS, chapters
from course.kit.record import name_of

NAME = "gallery.ipynb"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
PREDICTIONS = sorted(
    f"{chapter.concept}.{name_of(reference)}" for chapter in chapters() for reference in chapter.predictions
)
PANELS = [*EXPLORERS, *PREDICTIONS]  # in the order of the cells, after the first


def write(folder: Path) -> None:
    """Write the notebook, never run."""
    first = "import importlib\nfrom course import EXPLORERS"
    asked = [prediction.split(".") for prediction in PREDICTIONS]
    cells = [
        first,
        *(f"EXPLORERS[{name!r}]()" for name in EXPLORERS),
        *(f"importlib.import_module('course.{m}').{name}()" for m, name in asked),
    ]
    write_cells(folder / NAME, *cells)


def write_cells(path: Path, *sources: str) -> None:
    """Write a notebook of these cells, never run."""
    nbformat.write(new_notebook(cells=list(map(new_code_cell, sources)), metadata=KERNEL), path)


def images(outputs: list[dict[str, Any]]) -> int:
    """How many images a code cell's stored outputs hold."""
    stored = [output.get("data", {}) for output in outputs]
    return sum("image/png" in data for data in stored) + json.dumps(stored).count("<img ")


# A still that is right, to make wrong ones of.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
STILL = f"<img alt='three' src='data:image/png;base64,{PIXEL}'>"
# A panel that is right, to make wrong ones of: a slider, a picture as wide as it says, and the same in words.
PANEL = """
import ipywidgets as widgets
slider, picture, message = widgets.IntSlider(3, 0, 10), widgets.HTML(), widgets.HTML("3 wide")
box = widgets.VBox([slider, picture, message]).add_class("cnn-explorer")
picture.add_class("cnn-picture"), message.add_class("cnn-message")

def move(change):
    words = f"{change['new']} wide"
    picture.value = f"<svg height='40' width='{change['new']}0' aria-label='{words}'></svg>"
    message.value = words

slider.observe(move, "value")
move({"new": 3})
box
"""
