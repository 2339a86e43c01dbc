"""The chart of gates: a picture, the gate of every channel, the answers with other gates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from course.kit.drawing.chart import Chart, Png, open_frame
from course.kit.drawing.feature_maps import colored, fitted
from course.kit.drawing.style import COLORS, INK, QUIET, RULE

_COLOR = COLORS["squeeze_excitation"]
_ROWS = 5
_CANVAS = (12, 28)  # rows and columns of the picture, in pixels of a digit
_PLACE, _SIZE = (16, 34), (224, 96)  # of the picture, in CSS pixels


@dataclass(frozen=True)
class Answer:
    """One row: with which gates, what the network answers to this picture, and on all pictures.

    right and other are shares from 0 to 1: of all answers those that are right; of the answers to pictures
    with two different digits those with the other digit, None where a picture has one digit only. Of a row
    that is not shown only the name is drawn.
    """

    name: str
    text: str
    right: float
    other: float | None
    is_shown: bool


class GatesChart:
    """A kept chart: a picture, a bar for each channel with the groups' means, a row for each answer."""

    def __init__(self, width: int = 860, height: int = 330) -> None:
        self._chart = Chart(width, height)
        image, bars = self._chart.axes(*_PLACE, *_SIZE), self._chart.axes(290, 34, 550, 96)
        rows, columns = _CANVAS
        image.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), xticks=[], yticks=[])
        image.spines[:].set_color(RULE)
        self._bars = PathPatch(_bars([0]), linewidth=0, facecolor=_COLOR.fill)  # one artist: 64 are slow
        bars.add_patch(self._bars)
        (self._others,) = bars.plot(
            [], [], "o", markersize=3.5, markeredgewidth=0.9, color=QUIET, fillstyle="none"
        )
        (self._own,) = bars.plot([], [], "o", markersize=4, color=INK)
        _frame(bars)
        self._titles = [
            self._chart.figure.text(x / width, 1 - 17 / height, "", fontsize=10, fontweight="bold", color=INK)
            for x in (16, 290)
        ]
        self._rows = _Rows(self._chart.page(16, 166, 824, 156))
        self._channels = [
            image.text(x, 13, "", fontsize=8.6, color=QUIET, ha="center", va="center")
            for x in (3.5, 13.5, 23.5)  # the middles of three pictures of 8 columns, 2 between them
        ]
        moving: list[Artist] = [self._bars, self._others, self._own, *self._titles]
        moving += self._channels
        self._chart.animate([*moving, *self._rows.moving])

    def png(
        self,
        titles: tuple[str, str],
        chosen: int,
        picture: NDArray[np.float64],
        gates: Sequence[float],
        own_means: Sequence[float],
        other_means: Sequence[Sequence[float]],
        answers: Sequence[Answer],
    ) -> Png:
        """The chart with this picture (ink from 0 to 1), these gates, means and answers, one row chosen."""
        middles = [(n + 0.5) / len(gates) for n in range(len(gates))]
        for title, text in zip(self._titles, titles, strict=True):
            title.set_text(text)
        is_wide = picture.shape[1] == _CANVAS[1]
        for n, name in enumerate(self._channels, 1):
            name.set_text(f"channel {n}" if is_wide else "")
        self._bars.set_path(_bars(gates))
        self._own.set_data(middles, own_means)
        self._others.set_data(middles * len(other_means), [mean for means in other_means for mean in means])
        self._rows.show(answers, chosen)
        ink = colored(1 - _centered(picture), 1, signed=False)
        return self._chart.png(pasted=[(*_PLACE, fitted(ink, *_SIZE))])


class _Rows:
    """A row for each setting of the gates: its name, the answer, and a bar of all answers."""

    def __init__(self, axes: Axes) -> None:
        for x, heading in ((0, "With which gates"), (180, "this picture"), (350, "all test pictures")):
            axes.text(x, 8, heading, fontsize=10, fontweight="bold", color=INK, va="center")
        self._texts = [
            [axes.text(x, 34 + 26 * n, "", fontsize=9, color=INK, va="center") for x in (0, 180, 562)]
            for n in range(_ROWS)
        ]
        self._bars = []
        self._note = axes.text(562, 8, "", fontsize=9, color=QUIET, va="center")
        for n in range(_ROWS):
            axes.add_patch(Rectangle((350, 26 + 26 * n), 200, 16, linewidth=0.8, fill=False, edgecolor=RULE))
            right = Rectangle((350, 26 + 26 * n), 0, 16, linewidth=0, facecolor=QUIET)
            other = Rectangle((350, 35 + 26 * n), 0, 7, linewidth=0, facecolor="#A9B6C4")
            self._bars.append((right, other))
            axes.add_patch(right)
            axes.add_patch(other)
        self.moving: list[Artist] = [self._note, *(text for row in self._texts for text in row)]
        self.moving += [bar for pair in self._bars for bar in pair]

    def show(self, answers: Sequence[Answer], chosen: int) -> None:
        for n, (answer, texts, (right, other)) in enumerate(
            zip(answers, self._texts, self._bars, strict=True)
        ):
            percent = f"{100 * answer.right:.0f} % right"
            if answer.other is not None:
                percent += f", {100 * answer.other:.0f} % the other digit"
            told = (answer.text, percent) if answer.is_shown else ("", "")
            for text, words in zip(texts, (answer.name, *told), strict=True):
                text.set(text=words, fontweight="bold" if n == chosen else "normal")
            full = 200 if answer.is_shown else 0
            right.set(width=full * answer.right, height=16 if answer.other is None else 9)
            other.set_width(full * (answer.other or 0))
        has_two = any(answer.other is not None for answer in answers)
        self._note.set_text("the other digit: where the two differ" if has_two else "")


def _bars(heights: Sequence[float]) -> Path:
    """A bar for each height, side by side from 0 to 1: the limits, and so the background, stay."""
    count = len(heights)
    corners = [
        [((n + side) / count, top) for side, top in ((0.1, 0), (0.1, height), (0.9, height), (0.9, 0))]
        for n, height in enumerate(heights)
    ]
    return Path.make_compound_path_from_polys(np.array(corners))


def _centered(picture: NDArray[np.float64]) -> NDArray[np.float32]:
    canvas = np.zeros(_CANVAS, np.float32)
    top, left = ((room - size) // 2 for room, size in zip(_CANVAS, picture.shape, strict=True))
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas


def _frame(axes: Axes) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1.04), yticks=[0, 0.5, 1], xticks=[])
    open_frame(axes, 8.6)
    axes.set_xlabel(
        "a bar for each channel; dots: means over this picture's group (full) and the other groups (open)",
        fontsize=8.6,
        color=QUIET,
    )
    axes.axhline(0.5, color=RULE, linewidth=0.8)
