"""A photograph, and beside it what a network answers: the likeliest classes as bars, twice."""

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from PIL import Image

from course.kit.drawing.chart import SCALE, Chart, Png
from course.kit.drawing.style import COLORS, INK, QUIET

ROWS = 5
SIDE = SCALE * 200  # pixels of the photograph's side: resampled once, not with each picture
_BLUE, _RED = COLORS["depthwise"].fill, COLORS["convolution"].fill
Answers = Sequence[tuple[str, float]]  # name, and probability from 0 to 1


class AnswersChart:
    """A kept chart: the photograph and two lists of five bars."""

    def __init__(self) -> None:
        self._chart = Chart(860, 260)
        self._lists = [_List(self._chart.axes(left, 6, 292, 250), _BLUE) for left in (240, 556)]
        self._chart.animate([artist for one in self._lists for artist in one.moving])

    def png(self, photo: Image.Image, titles: tuple[str, str], lists: tuple[Answers, Answers]) -> Png:
        """The chart; a second list whose first class is another one than the first list's is drawn red.

        photo is SIDE by SIDE pixels.
        """
        top = lists[0][0][0]
        for artists, title, answers in zip(self._lists, titles, lists, strict=True):
            artists.show(title, answers, _BLUE if answers[0][0] == top else _RED)
        return self._chart.png(pasted=[(14, 30, photo)])


class _List:
    def __init__(self, axes: Axes, color: str) -> None:
        axes.set(xlim=(0, 1), ylim=(ROWS + 0.55, 0))
        axes.set_axis_off()
        self._title = axes.text(0, 0.25, "", fontsize=10.5, fontweight="bold", color=INK, va="center")
        self._names = [axes.text(0, n + 0.8, "", fontsize=9.6, color=INK, va="center") for n in range(ROWS)]
        self._shares = [
            axes.text(1, n + 0.8, "", fontsize=9.6, color=QUIET, va="center", ha="right") for n in range(ROWS)
        ]
        self._bars = [
            axes.add_patch(Rectangle((0, n + 1.04), 0, 0.24, linewidth=0, facecolor=color))
            for n in range(ROWS)
        ]
        self.moving: list[Artist] = [*self._bars, self._title, *self._names, *self._shares]

    def show(self, title: str, answers: Answers, color: str) -> None:
        self._title.set_text(title)
        for row, (name, share) in enumerate(answers):
            self._names[row].set_text(name)
            self._shares[row].set_text(percent(share))
            self._bars[row].set(width=share, facecolor=color)


def percent(share: float) -> str:
    """A share in words: 72 %, 0.6 %; below a tenth of a per cent the words say so."""
    if share < 0.001:
        return "under 0.1 %"
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"
