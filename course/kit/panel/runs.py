"""The runs of an experiment, shown: a picture with every dot, and the same in words."""

import html
import io
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from course.kit.drawing.chart import SCALE, Png
from course.kit.drawing.dots import dots, in_words
from course.kit.panel.still import still
from course.kit.training.runs import Run, verdict


class Shown:
    """A picture, a chart or an SVG string, and its sentence as a cell's output.

    Both are stored, and nbval compares the sentence.
    """

    def __init__(self, picture: Png | str, sentence: str, deeper: Sequence[str] = ()) -> None:
        self.picture, self.sentence, self.deeper = picture, sentence, deeper

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = still([((self.picture,), self.sentence)])
        if self.deeper:
            bundle["text/plain"] = "\n".join((bundle["text/plain"], *self.deeper))
            folded = "<br>".join(html.escape(line) for line in self.deeper)
            bundle["text/html"] += f"\n<details><summary>Deeper</summary><p>{folded}</p></details>"
        return bundle


def show_runs(
    runs: Sequence[Run],
    *,
    title: str,
    pairs: Sequence[tuple[str, str]] = (),
    marked: Sequence[str] = (),
) -> Shown:
    """One row per setting, a dot per seed, and in words how the settings of each pair compare.

    Args:
        pairs: settings to compare, first against second; the intervals are folded under "Deeper".
        marked: settings that stand out; the others stand back.

    Raises:
        ValueError: as `course.kit.drawing.dots.dots` and `course.kit.training.runs.verdict`.
    """
    verdicts = [verdict(runs, *pair) for pair in pairs]
    sentence = " ".join((f"{title}.", *map(str, verdicts), in_words(runs)))
    return shown(
        dots(runs, title=title, marked=marked), sentence, tuple(each.in_numbers() for each in verdicts)
    )


def shown(figure: Figure, sentence: str, deeper: Sequence[str] = ()) -> Shown:
    """A figure and its sentence, at twice the figure's size for sharp screens."""
    width, height = (int(inches * figure.dpi) for inches in figure.get_size_inches())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=SCALE * figure.dpi)
    small = io.BytesIO()  # four such pictures must fit into one stored notebook
    Image.open(buffer).convert("RGB").quantize(64).save(small, "PNG", optimize=True)
    return Shown(Png(small.getvalue(), width, height), sentence, deeper)
