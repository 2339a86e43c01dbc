"""A notebook that shows every explorer and every prediction: for what is too dear in each notebook."""

import importlib
import pkgutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from blocks.explorers import EXPLORERS, predictions

NAME = "gallery.ipynb"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
PREDICTIONS = sorted(
    f"{found.name}.{name}"
    for found in pkgutil.iter_modules(predictions.__path__)
    for name in vars(importlib.import_module(f"{predictions.__name__}.{found.name}"))
    if name.startswith("predict_")
)
PANELS = [*EXPLORERS, *PREDICTIONS]  # in the order of the cells, after the first


def write(folder: Path) -> None:
    """Write the notebook, never run."""
    first = "import importlib\nfrom blocks.explorers import EXPLORERS"
    asked = [prediction.split(".") for prediction in PREDICTIONS]
    cells = [
        first,
        *(f"EXPLORERS[{name!r}]()" for name in EXPLORERS),
        *(f"importlib.import_module('{predictions.__name__}.{m}').{name}()" for m, name in asked),
    ]
    write_cells(folder / NAME, *cells)


def write_cells(path: Path, *sources: str) -> None:
    """Write a notebook of these cells, never run."""
    nbformat.write(new_notebook(cells=list(map(new_code_cell, sources)), metadata=KERNEL), path)
