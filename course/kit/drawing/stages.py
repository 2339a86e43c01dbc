"""The chart of a photograph on its way through convolution, norm and activation: pictures and histograms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch
from matplotlib.text import Text
from numpy.typing import NDArray

from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.feature_maps import colored, fitted
from course.kit.drawing.style import COLORS, INK, QUIET, RULE

WIDTH, HEIGHT = 860, 396
COUNT, SIDE, EDGE = 4, 196, 3.0  # stages, pixels of a picture, where the colors and the histograms end
BINS = 48
_GAP, _LEFT, _TOP, _HISTOGRAM = 14, 17, 30, 84
_KINDS = ("input", "convolution", "norm", "activation")


@dataclass(frozen=True, eq=False)
class Stage:
    """What is shown of one stage: its title, its values (H, W), a line of text."""

    title: str
    values: NDArray[np.float64]
    note: str


class StagesChart:
    """A kept chart, 860 by 396, of COUNT stages: a picture each, and below it its histogram.

    The first is the photograph, in gray from 0 to 1. The others are on one scale: blue below zero, white
    at zero, orange above, full at EDGE. A histogram's highest bar has the full height; what lies beyond
    EDGE is counted in its last bars.
    """

    def __init__(self) -> None:
        self._chart = Chart(WIDTH, HEIGHT)
        self._bars: list[StepPatch] = []
        self._titles: list[Text] = []
        self._notes: list[Text] = []
        for n, kind in enumerate(_KINDS):
            self._column(_left(n), kind)
        legend = "Photograph: black 0, white 1. The others: blue below 0, white 0, orange above."
        self._chart.figure.text(_LEFT / WIDTH, 12 / HEIGHT, legend, fontsize=9, color=QUIET)
        moving: list[Artist] = [*self._bars, *self._titles, *self._notes]
        self._chart.animate(moving)

    def _column(self, left: float, kind: str) -> None:
        above = self._chart.page(left, _TOP, SIDE, SIDE)
        self._titles.append(above.text(0, -13, "", fontsize=9.5, fontweight="bold", color=INK, va="center"))
        below = self._chart.axes(left, _TOP + SIDE + 32, SIDE, _HISTOGRAM)
        _frame(below)
        edges = np.linspace(-EDGE, EDGE, BINS + 1)
        color = COLORS["pool" if kind == "input" else kind].fill
        bars = below.stairs(np.zeros(BINS), edges, fill=True, facecolor=color, edgecolor=QUIET, linewidth=0.5)
        self._bars.append(bars)
        self._notes.append(below.text(-EDGE, 1.22, "", fontsize=9, color=INK, va="center"))

    def png(self, stages: Sequence[Stage]) -> Png:
        """The picture of COUNT stages.

        Raises:
            ValueError: there are not COUNT stages.
        """
        pasted = []
        for n, stage in zip(range(COUNT), stages, strict=True):
            page = colored(stage.values.astype(np.float32), 1 if n == 0 else EDGE, signed=n > 0)
            pasted.append((_left(n), _TOP, fitted(page, SIDE, SIDE)))
            counts, _ = np.histogram(np.clip(stage.values, -EDGE, EDGE), BINS, (-EDGE, EDGE))
            self._bars[n].set_data(counts / counts.max())
            self._titles[n].set_text(stage.title)
            self._notes[n].set_text(stage.note)
        return self._chart.png(pasted=pasted)


def _left(stage: int) -> int:
    """Where a stage's column begins."""
    return _LEFT + stage * (SIDE + _GAP)


def _frame(axes: Axes) -> None:
    axes.set(xlim=(-EDGE, EDGE), ylim=(0, 1.05))
    axes.set_yticks([])
    axes.set_xticks([-2, -1, 0, 1, 2])
    axes.axvline(0, color=RULE, linewidth=1)
    axes.tick_params(labelsize=9, colors=QUIET, length=2)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
