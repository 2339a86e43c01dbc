"""Channels of a feature map as small pictures, all on one scale, so that bright means the same everywhere."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.text import Text
from numpy.typing import NDArray

from blocks.figures.chart import Chart, Png
from blocks.figures.style import CARD, INK, QUIET

COLUMNS, ROWS = 8, 3
MOST = COLUMNS * ROWS
_CELL, _GAP, _LINE = 92, 6, 18  # CSS pixels: a picture, the space between, the line of its label
_TOP, _LEFT = 30, 16
_WIDTH = COLUMNS * (_CELL + _GAP) - _GAP
_HEIGHT = ROWS * (_CELL + _LINE)
_NEGATIVE, _ZERO, _POSITIVE = np.array([[18, 72, 138], [252, 252, 250], [200, 62, 11]], dtype=float)


class FeatureMapsChart:
    """A kept chart of up to MOST channels, 860 by 372.

    Where a value is negative the scale is symmetric: blue below zero, white at zero, orange above it.
    Else it is grey, black at zero. It always reaches to the largest absolute value of what is shown.
    """

    def __init__(self) -> None:
        self._chart = Chart(860, 372)
        axes = self._chart.axes(_LEFT, _TOP, _WIDTH, _HEIGHT)
        axes.set(xlim=(0, _WIDTH), ylim=(_HEIGHT, 0))
        axes.set_axis_off()
        size = (0, _WIDTH, _HEIGHT, 0)
        self._image = axes.imshow(
            _blank(_HEIGHT, _WIDTH), extent=size, aspect="auto", interpolation="nearest"
        )
        self._labels = [
            axes.text(x + _CELL / 2, y + _CELL + 9, "", fontsize=9, color=QUIET, ha="center", va="center")
            for y, x in _places()
        ]
        self._title = axes.text(0, -15, "", fontsize=10, fontweight="bold", color=INK, va="center")
        bar = self._chart.axes(_LEFT + _WIDTH + 10, _TOP + 20, 14, _HEIGHT - 60)
        bar.set(xlim=(0, 1), ylim=(0, 1))
        bar.set_axis_off()
        self._bar = bar.imshow(_blank(64, 1), extent=(0, 1, 0, 1), aspect="auto", interpolation="nearest")
        self._ends: list[Text] = [
            bar.text(0.5, y, "", fontsize=9, color=INK, ha="center", va="center") for y in (1.05, -0.05)
        ]
        moving: list[Artist] = [self._image, self._bar, self._title, *self._labels, *self._ends]
        self._chart.animate(moving)

    def png(self, maps: NDArray[np.float32], labels: Sequence[str], title: str, label: str = "") -> Png:
        """The picture of `maps`, (C, H, W) with C up to MOST, a label below each.

        Raises:
            ValueError: there are no channels or more than MOST, or not a label for each.
        """
        if maps.ndim != 3 or not 1 <= len(maps) <= MOST or len(labels) != len(maps):
            raise ValueError(
                f"FeatureMapsChart: maps must be (C, H, W) with 1 to {MOST} channels and a label each,"
                f" got {maps.shape} and {len(labels)} labels."
            )
        most, signed = float(np.abs(maps).max()), bool(maps.min() < 0)
        page = _blank(_HEIGHT, _WIDTH)
        for (y, x), channel in zip(_places(), maps, strict=False):
            page[y : y + _CELL, x : x + _CELL] = _coloured(_fitted(channel), most, signed)
        self._image.set_data(page)
        scale = np.linspace(most, -most if signed else 0, 64, dtype=np.float32)[:, None]
        self._bar.set_data(_coloured(scale, most, signed))
        for place, text in enumerate(self._labels):
            text.set_text(labels[place] if place < len(labels) else "")
        self._title.set_text(title)
        self._ends[0].set_text(f"{most:.2g}")
        self._ends[1].set_text(f"-{most:.2g}" if signed else "0")
        return self._chart.png(label)


def _places() -> list[tuple[int, int]]:
    """The upper left corner, as (y, x), of each picture."""
    rows, columns = range(ROWS), range(COLUMNS)
    return [(row * (_CELL + _LINE), column * (_CELL + _GAP)) for row in rows for column in columns]


def _blank(height: int, width: int) -> NDArray[np.uint8]:
    card = [int(CARD[i : i + 2], 16) for i in (1, 3, 5)]
    return np.full((height, width, 3), card, dtype=np.uint8)


def _fitted(channel: NDArray[np.float32]) -> NDArray[np.float32]:
    """The channel at the size of a picture, each pixel the nearest one: nothing is smoothed."""
    rows, columns = (np.arange(_CELL) * side // _CELL for side in channel.shape)
    return channel[np.ix_(rows, columns)]


def _coloured(values: NDArray[np.float32], most: float, signed: bool) -> NDArray[np.uint8]:
    """Values (H, W) as colours (H, W, 3)."""
    share = (values / most if most else values)[..., None]
    if not signed:
        return np.broadcast_to(255 * share, (*values.shape, 3)).astype(np.uint8)
    end = np.where(share < 0, _NEGATIVE, _POSITIVE)
    return (_ZERO + np.abs(share) * (end - _ZERO)).astype(np.uint8)
