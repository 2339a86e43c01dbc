"""Execute the notebooks and store them frozen: what a reader without a kernel needs, and nothing else.

The line below "The order of the notebooks:" is written from the chapters' records.

Frozen means: execution counts 1 to n; of every explorer the still and its words, not the widget
(a stored widget view is "model not found" in JupyterLab, and widget metadata makes GitHub refuse
the file); every diagram as PNG, with the mark of its SVG in the output's metadata (`raster.py`); no
timings, no progress bars, no stderr.

What did not change keeps its bytes, so that a corrected sentence is one line of a diff: a chart while
its pixels are equal, a diagram while its SVG is; the outputs of a cell marked NBVAL_IGNORE_OUTPUT, which
trains or measures and never gives the same twice, while its code, the code above it and the kit's drawing
are those that gave them, by a hash in the cell's metadata, and the new outputs say the same but for numbers
and the machine of stored times. After another change of the package --measure takes the new ones.

    python -m tools.freeze                                  # all of notebooks/
    python -m tools.freeze --measure notebooks/06_inverted_residual.ipynb
"""

import ast
import base64
import functools
import hashlib
import io
import itertools
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

from course import chapters
from tools import raster
from tools.links import SETUP

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS, DRAWING = ROOT / "notebooks", ROOT / "course" / "kit" / "drawing"
PNG = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+")
WIDGET = "application/vnd.jupyter.widget-view+json"
CHAIN = re.compile(r"(The order of the notebooks:\n).*")
IGNORED = "NBVAL_IGNORE_OUTPUT"
NUMBERS = re.compile(r"[\d.,+-]+(?:e[\d+-]+)?|\s+")
DRAWN = "drawn"  # in an output's metadata, below "cnn": of each picture the mark of its SVG, "" for a chart
GIVEN_BY = "outputs_given_by"  # in the metadata of an ignored cell: the hash of the code


def main(arguments: list[str]) -> None:
    """Freeze the notebooks named, all of them if none is, and print seconds and kilobytes of each."""
    measure = "--measure" in arguments
    paths = [argument for argument in arguments if argument != "--measure"]
    for path in map(Path, paths or map(str, sorted(NOTEBOOKS.glob("*.ipynb")))):
        start = time.perf_counter()
        before = nbformat.read(path, as_version=4)
        after = nbformat.read(path, as_version=4)
        after.cells[0].source = with_chain(after.cells[0].source, path.stem)
        NotebookClient(
            after,
            timeout=120,
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,  # else a stream is cut where chance cut it, and differs from run to run
            resources={"metadata": {"path": path.parent}},
        ).execute()
        freeze(after, before, measure=measure)
        path.write_text(nbformat.writes(after, indent=1) + "\n", encoding="utf-8")
        print(
            f"{path.name}: {time.perf_counter() - start:.0f} s, {path.stat().st_size / 1000:.0f} kB",
            flush=True,
        )


def with_chain(text: str, notebook: str) -> str:
    """The text of a first cell with the chain of the chapters that lead up to networks, its own in bold.

    A chapter after these stands behind the chain on its own page alone.
    """
    _, *rest = chapters()
    chain = list(itertools.takewhile(lambda chapter: chapter.place, rest))
    chain += [chapter for chapter in rest if chapter.notebook == notebook and chapter not in chain]
    words = (f"**{each.in_words}**" if each.notebook == notebook else each.in_words for each in chain)
    return CHAIN.sub(lambda line: f"{line[1]}{' → '.join(words)}.", text)


def freeze(notebook: NotebookNode, before: NotebookNode | None = None, *, measure: bool = False) -> None:
    """Remove from an executed notebook, in place, what a stored one must not hold.

    Args:
        before: the same notebook as it was stored, whose outputs are kept where they may be.
        measure: take the new outputs of ignored cells, whatever is stored.

    Raises:
        ValueError: a cell wrote to stderr or failed.
    """
    stored = Stored(before)
    old = {cell.id: cell for cell in before.cells} if before is not None and not measure else {}
    hashes = code_hashes(notebook)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        cell.outputs = [
            kept for output in cell.outputs if (kept := _frozen(output, cell.id, stored)) is not None
        ]
        if IGNORED in cell.source:
            was = old.get(cell.id)
            if was and was.metadata.get(GIVEN_BY) == hashes[cell.id] and _kinds(was) == _kinds(cell):
                cell.outputs = was.outputs
            cell.metadata[GIVEN_BY] = hashes[cell.id]


@functools.cache
def drawing() -> str:
    """The code of what all pictures are drawn with, comments left out."""
    sources = (path.read_text(encoding="utf-8") for path in sorted(DRAWING.glob("*.py")))
    return "".join(ast.unparse(ast.parse(source)) for source in sources)


def code_hashes(notebook: NotebookNode) -> dict[str, str]:
    """By the id of each code cell the hash of the kit's drawing, of the cell's code and of all code above it.

    Setup cells are left out.
    """
    code, found = hashlib.sha256(drawing().encode()), {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and SETUP not in cell.metadata.get("tags", ()):
            code.update(f"{cell.source}\n".encode())
            found[cell.id] = code.hexdigest()[:16]
    return found


def _kinds(cell: NotebookNode) -> list[list[Any]]:
    """What outputs a cell has, and what they say, numbers left out."""
    return [
        [
            *(output.get(key) for key in ("output_type", "name", "execution_count")),
            _without_times(output.get("metadata", {})),
            *sorted(data := output.get("data", {})),
            NUMBERS.sub(" ", output.get("text", data.get("text/plain", ""))),
        ]
        for output in cell.outputs
    ]


def _without_times(metadata: dict[str, Any]) -> str:
    """An output's metadata, of measured times only how they are written down, without marks of diagrams."""
    metadata = json.loads(json.dumps(metadata))
    if "cnn" in metadata and metadata["cnn"].pop(DRAWN, None) and not metadata["cnn"]:
        del metadata["cnn"]
    if measured := metadata.get("cnn", {}).get("measured"):
        measured["machine"] = ""
        measured["times"] = NUMBERS.sub(" ", json.dumps(measured["times"]))
    return json.dumps(metadata, sort_keys=True)


class Stored:
    """The pictures of a stored notebook: by their pixels, and by the mark of the SVG that they show."""

    def __init__(self, notebook: NotebookNode | None) -> None:
        self.charts: dict[bytes, str] = {}
        self.diagrams: dict[str, str] = {}
        cells = () if notebook is None else notebook.cells
        for output in (output for cell in cells for output in cell.get("outputs", ()) if "data" in output):
            pictures = PNG.findall(output.data.get("text/html", ""))
            self.charts |= {_pixels(png): png for png in pictures}
            marks = output.metadata.get("cnn", {}).get(DRAWN, ())
            self.diagrams |= {mark: png for mark, png in zip(marks, pictures, strict=False) if mark}

    def chart(self, png: str) -> str:
        """The stored PNG of the same pixels, or this one."""
        return self.charts.get(_pixels(png), png)

    def diagram(self, svg: str) -> tuple[str, str]:
        """The stored mark and PNG of a diagram that has not changed, or those of this one."""
        mark = raster.mark(svg)
        if mark in self.diagrams:
            return mark, self.diagrams[mark]
        for was, png in self.diagrams.items():
            if not raster.difference(base64.b64decode(png), was, svg):
                return was, png
        return mark, base64.b64encode(raster.png(svg)).decode()


def _frozen(output: NotebookNode, cell: str, stored: Stored) -> NotebookNode | None:
    """The output without its widget view, its diagrams as PNG; None where nothing else is left."""
    if output.output_type == "error" or output.get("name") == "stderr":
        raise ValueError(f"cell {cell}: a stored notebook must have no error and no stderr, got {output}")
    if "data" not in output:
        return output
    widget: Any = output.data.pop(WIDGET, None)
    if widget is not None and not output.data:
        return None
    marks: list[str] = []

    def frozen(picture: re.Match[str]) -> str:
        kind, data = picture.groups()
        mark, png = ("", stored.chart(data)) if kind == "png" else stored.diagram(raster.svg_of(data))
        marks.append(mark)
        return f"data:image/png;base64,{png}"

    if markup := output.data.get("text/html"):
        output.data["text/html"] = raster.PICTURE.sub(frozen, markup)
    if any(marks):
        output.metadata["cnn"] = {**output.metadata.get("cnn", {}), DRAWN: marks}
    return output


def _pixels(png: str) -> bytes:
    """What a stored picture shows: its size and pixels."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    return repr(picture.size).encode() + picture.tobytes()


if __name__ == "__main__":
    main(sys.argv[1:])
