"""The chart of the spiral: its points, what came back, and the share of points that cannot come back."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.style import COLORS, INK, QUIET, RULE

_LOST, _KEPT = COLORS["convolution"].fill, COLORS["depthwise"].fill
_RANGE = 1.35
Points = NDArray[np.float64]


class SpiralChart:
    """A kept chart: the spiral, the spiral decoded, and the share of lost points by dimension.

    Args:
        dimensions, formula: the curve at the right, in shares.
    """

    def __init__(self, dimensions: Sequence[int], formula: Sequence[float]) -> None:
        self._chart = Chart(860, 300)
        moving: list[Artist] = []
        self._dots = []
        for left, title in ((16, "the points"), (296, "what comes back")):
            axes = self._chart.axes(left, 30, 256, 256)
            axes.set(xlim=(-_RANGE, _RANGE), ylim=(-_RANGE, _RANGE))
            axes.set_title(title, fontsize=10, fontweight="bold", color=INK, loc="left")
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_color(RULE)
            pair = [axes.plot([], [], "o", ms=2.6, mew=0, color=_KEPT)[0]]
            pair.append(axes.plot([], [], "x", ms=4.5, mew=1.1, color=_LOST)[0])
            self._dots.append(pair)
            moving += pair
        right = self._chart.axes(640, 30, 200, 206)
        _curve(right, dimensions, formula)
        (self._formula,) = right.plot([], [], "o", color=INK, ms=9, mfc="none", clip_on=False)
        (self._counted,) = right.plot([], [], "o", color=_LOST, ms=6, clip_on=False)
        self._note = right.text(30, 0.9, "", fontsize=9, color=INK, ha="right", va="center")
        self._chart.animate([*moving, self._formula, self._counted, self._note])

    def png(
        self, points: Points, decoded: Points, lost: NDArray[np.bool_], n: int, counted: float, formula: float
    ) -> Png:
        """The chart of points (P, 2), decoded (P, 2) and lost (P,); shares from 0 to 1."""
        for (kept, crossed), places in zip(self._dots, (points, decoded), strict=True):
            kept.set_data(*places[~lost].T)
            crossed.set_data(*places[lost].T)
        self._formula.set_data([n], [formula])
        self._counted.set_data([n], [counted])
        self._note.set_text(f"n = {n}: {100 * counted:.3g} %")
        return self._chart.png()


def _curve(axes: Axes, dimensions: Sequence[int], formula: Sequence[float]) -> None:
    axes.plot(dimensions, formula, color=RULE, linewidth=2)
    axes.set(xlim=(2, 30), ylim=(0, 1))
    axes.set_xticks([2, 10, 20, 30])
    axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    axes.set_title("fewer than two units on", fontsize=10, fontweight="bold", color=INK, loc="left")
    axes.set_xlabel("dimension n; curve: (n+1)/2ⁿ", fontsize=9, color=QUIET)
    axes.tick_params(labelsize=9, colors=QUIET, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
