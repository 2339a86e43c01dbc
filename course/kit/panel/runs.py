"""The runs of an experiment, shown: a picture with every dot, and the same in words."""

import html
from collections.abc import Sequence
from typing import Any

from course.kit.drawing.dots import dots, in_words
from course.kit.panel.still import still
from course.kit.training.runs import Run, verdict


class Shown:
    """A picture, one or more SVG cards, and its sentence as a cell's output.

    Both are stored, and nbval compares the sentence.
    """

    def __init__(self, picture: str | tuple[str, ...], sentence: str, deeper: Sequence[str] = ()) -> None:
        self.picture = (picture,) if isinstance(picture, str) else picture
        self.sentence, self.deeper = sentence, deeper

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = still([(self.picture, self.sentence)])
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
    """One row per setting, a dot per seed, and at the rows how the settings of each pair compare.

    Args:
        pairs: settings to compare, first against second; the intervals are folded under "Deeper".
        marked: settings that stand out; the others stand back.

    Raises:
        ValueError: as `course.kit.drawing.dots.dots` and `course.kit.training.runs.verdict`.
    """
    verdicts = [verdict(runs, *pair) for pair in pairs]
    sentence = " ".join((f"{title}.", *map(str, verdicts), in_words(runs)))
    picture = dots(runs, title=title, label=sentence, marked=marked, verdicts=verdicts)
    return Shown(picture, sentence, tuple(each.in_numbers() for each in verdicts))
