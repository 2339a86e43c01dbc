"""The runs of an experiment, shown: a picture with every dot, and the same in words."""

import io
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from course.kit.drawing.chart import SCALE, Png
from course.kit.drawing.dots import dots, in_words
from course.kit.panel.still import still
from course.kit.training.runs import Run


class Shown:
    """A picture, a chart or an SVG string, and its sentence as a cell's output.

    Both are stored, and nbval compares the sentence.
    """

    def __init__(self, picture: Png | str, sentence: str) -> None:
        self.picture, self.sentence = picture, sentence

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return still([((self.picture,), self.sentence)])


def show_runs(runs: Sequence[Run], *, title: str, marked: Sequence[str] = ()) -> Shown:
    """One row per setting, a dot per seed; the `marked` settings stand out, the others stand back.

    Raises:
        ValueError: as `course.kit.drawing.dots.dots`.
    """
    return shown(dots(runs, title=title, marked=marked), f"{title}. {in_words(runs)}")


def shown(figure: Figure, sentence: str) -> Shown:
    """A figure and its sentence, at twice the figure's size for sharp screens."""
    width, height = (int(inches * figure.dpi) for inches in figure.get_size_inches())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=SCALE * figure.dpi)
    small = io.BytesIO()  # four such pictures must fit into one stored notebook
    Image.open(buffer).convert("RGB").quantize(64).save(small, "PNG", optimize=True)
    return Shown(Png(small.getvalue(), width, height), sentence)
