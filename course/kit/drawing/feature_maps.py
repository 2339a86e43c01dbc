"""Channels of a feature map as small pictures on one scale: on a card, or beside a photograph and bars."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray
from PIL import Image

from course.kit.drawing.chart import SCALE, Chart, Png
from course.kit.drawing.embedded import address
from course.kit.drawing.style import CARD, COLORS, INK, LARGE, QUIET, RULE
from course.kit.drawing.svg import Mark, card, image, rect, text

COLUMNS, ROWS = 6, 4
MOST = COLUMNS * ROWS
BARS = 5
_CELL, _GAP, _LINE = 90, 6, 17  # CSS pixels: a picture, the space between, the line of its label
_WIDTH = COLUMNS * (_CELL + _GAP) - _GAP
_HEIGHT = ROWS * (_CELL + _LINE)
_LEFT, _TOP, _SIDE = 14, 36, 224  # of what stands left, and of everything; the photograph's side
_RIGHT = 860 - 14 - _WIDTH
_DARK, _PALE = COLORS["depthwise"].fill, COLORS["pool"].fill
_LONG, _BEHIND = 100, 84  # of the scale, and of what stands behind it
_ENDS = COLORS["depthwise"].fill, "#FCFCFA", COLORS["convolution"].fill
_NEGATIVE, _ZERO, _POSITIVE = 255 * np.array([to_rgb(color) for color in _ENDS])


@dataclass(frozen=True)
class Bar:
    """A line of the list: what it is, its share of the longest bar that could be, and its number.

    marked: drawn bold and dark, the others pale.
    """

    name: str
    share: float
    number: str
    marked: bool = True


class FeatureMapsChart:
    """A kept chart, 860 by 470: a photograph, below it up to BARS bars, and up to MOST channels.

    Where a value is negative the scale is symmetric: blue below zero, white at zero, orange above it.
    Else it is gray, black at zero. One scale for all channels; it ends where one in a hundred of the
    absolute values is larger, for a few very large ones would leave the rest pale.
    """

    def __init__(self) -> None:
        self._chart = Chart(860, 470)
        self._title, self._ends = self._header()
        axes = self._chart.axes(_RIGHT - 1, _TOP - 1, _WIDTH + 2, _HEIGHT + 1)
        axes.set(xlim=(-1, _WIDTH + 1), ylim=(_HEIGHT, -1))
        axes.set_axis_off()
        for place, (y, x) in enumerate(_places()):
            axes.add_patch(Rectangle((x - 1, y - 1), _CELL + 2, _CELL + 2, linewidth=0, facecolor=RULE))
            middle = x + _CELL / 2, y + _CELL + 9
            axes.text(*middle, f"channel {place + 1}", fontsize=9, color=QUIET, ha="center", va="center")
        self._list = _List(self._chart.page(_LEFT, _TOP + _SIDE + 10, _SIDE, 470 - _TOP - _SIDE - 14))
        self._chart.animate([*self._list.moving, self._title, *self._ends])

    def png(
        self,
        photo: NDArray[np.uint8],
        heading: str,
        bars: Sequence[Bar],
        maps: NDArray[np.float32],
        title: str,
    ) -> Png:
        """The picture of `maps`, (C, H, W) with C up to MOST, in order; photo is (H, W, 3).

        Raises:
            ValueError: there are no channels or more than MOST, or more than BARS bars.
        """
        if maps.ndim != 3 or not 1 <= len(maps) <= MOST or len(bars) > BARS:
            raise ValueError(
                f"FeatureMapsChart: maps must be (C, H, W) with 1 to {MOST} channels, and at most {BARS}"
                f" bars, got {maps.shape} and {len(bars)} bars."
            )
        least, most, signed = _range(maps)
        pasted = [(_LEFT, _TOP, fitted(photo, _SIDE, _SIDE))]
        for (y, x), channel in itertools.zip_longest(_places(), maps):
            if channel is None:
                pasted.append((_RIGHT + x - 1, _TOP + y - 1, _NONE))
            else:
                drawn = fitted(colored(channel, most, signed), _CELL, _CELL)
                pasted.append((_RIGHT + x, _TOP + y, drawn))
        scale = colored(np.linspace(least, most, 128, dtype=np.float32)[None], most, signed)
        pasted.append((_RIGHT + _WIDTH - _BEHIND - _LONG, 11, fitted(scale, _LONG, 14)))
        self._title.set_text(title)
        for end, words in zip(self._ends, _ends(maps), strict=True):
            end.set_text(words)
        self._list.show(heading, bars)
        return self._chart.png(pasted=pasted)

    def _header(self) -> tuple[Text, list[Text]]:
        """Above everything the title, and at the right the two ends of the scale."""
        axes = self._chart.page(_RIGHT, 6, _WIDTH, 24)
        title = axes.text(_LEFT - _RIGHT, 12, "", fontsize=10.5, fontweight="bold", color=INK, va="center")
        places = (_WIDTH - _BEHIND - _LONG - 6, "right"), (_WIDTH - _BEHIND + 6, "left")
        return title, [axes.text(x, 12, "", fontsize=9.6, color=INK, ha=at, va="center") for x, at in places]


class _List:
    """A heading, and below it bars with a name above and a number behind each."""

    def __init__(self, axes: Axes) -> None:
        self._heading = axes.text(0, 10, "", fontsize=10.5, fontweight="bold", color=INK, va="center")
        tops = [26 + 34 * row for row in range(BARS)]
        self._names = [axes.text(0, top + 8, "", fontsize=9.6, color=INK, va="center") for top in tops]
        self._numbers = [
            axes.text(_SIDE, top + 23, "", fontsize=9.6, color=INK, va="center", ha="right") for top in tops
        ]
        self._bars = [axes.add_patch(Rectangle((0, top + 19), 0, 9, linewidth=0)) for top in tops]
        self.moving: list[Artist] = [*self._bars, self._heading, *self._names, *self._numbers]

    def show(self, heading: str, bars: Sequence[Bar]) -> None:
        self._heading.set_text(heading)
        for row in range(BARS):
            bar = bars[row] if row < len(bars) else Bar("", 0, "")
            for artist, word in ((self._names[row], bar.name), (self._numbers[row], bar.number)):
                artist.set(text=word, fontweight="bold" if bar.marked else "normal")
            self._bars[row].set(width=bar.share * (_SIDE - 84), facecolor=_DARK if bar.marked else _PALE)


def maps_card(title: str, maps: NDArray[np.float32], names: Sequence[str], label: str) -> str:
    """A card, 400 wide, of `maps`, (C, H, W) with C up to MOST, and what a pointer on each reads.

    The scale is that of FeatureMapsChart. Each pixel of a map is drawn as a square of whole pixels.
    """
    least, most, signed = _range(maps)
    body = text(_EDGE, 28, title, INK, bold=True, size=LARGE)
    scale = paletted(np.linspace(least, most, 41, dtype=np.float32)[None], most, signed)
    left, right = _ends(maps)
    body += text(_WIDE - _EDGE - 186, 50, left, QUIET, anchor="end")
    body += image(_WIDE - _EDGE - 180, 39, 84, 13, address(scale))
    body += text(_WIDE - _EDGE - 90, 50, right, QUIET)
    for n, (channel, name) in enumerate(zip(maps, names, strict=True)):
        row, column = divmod(n, COLUMNS)
        x, y = _EDGE + column * (_TILE + _SPACE), _FIRST + row * (_TILE + _SPACE)
        body += rect(x - 0.5, y - 0.5, _TILE + 1, _TILE + 1, RULE)
        body += image(x, y, _TILE, _TILE, address(paletted(channel, most, signed)), Mark(title=name))
    return card(body, _WIDE, _FIRST + ROWS * (_TILE + _SPACE) - _SPACE + _EDGE, label)


_WIDE, _EDGE, _FIRST, _TILE, _SPACE = 400, 14, 64, 56, 7.2  # 56: maps are 112, 56, 28, 14 or 7 high


def _range(maps: NDArray[np.float32]) -> tuple[float, float, bool]:
    """The ends of the scale, and whether it has two sides."""
    sizes, signed = np.abs(maps), bool(maps.min() < 0)
    most = float(np.quantile(sizes, 0.99) or sizes.max())
    return -most if signed else 0.0, most, signed


def _ends(maps: NDArray[np.float32]) -> tuple[str, str]:
    """The ends of the scale in words."""
    least, most, signed = _range(maps)
    return (
        f"{least:.2g} or less" if signed else "0",
        f"{most:.2g} or more" if np.abs(maps).max() > most else f"{most:.2g}",
    )


def _places() -> list[tuple[int, int]]:
    """The upper left corner, as (y, x), of each picture."""
    rows, columns = range(ROWS), range(COLUMNS)
    return [(row * (_CELL + _LINE), column * (_CELL + _GAP)) for row in rows for column in columns]


def fitted(pixels: NDArray[np.uint8], width: int, height: int) -> Image.Image:
    """Colors (H, W, 3) at this size, each pixel the nearest one: nothing is smoothed."""
    return Image.fromarray(pixels).resize((width * SCALE, height * SCALE), Image.Resampling.NEAREST)


def colored(values: NDArray[np.float32], most: float, signed: bool) -> NDArray[np.uint8]:
    """Values (H, W) as colors (H, W, 3)."""
    share = np.clip(values / most if most else values, -1, 1)
    if not signed:
        return np.repeat((255 * share).astype(np.uint8)[..., None], 3, 2)
    return _SIGNED[(127.5 * (share + 1)).astype(np.uint8)]


def paletted(values: NDArray[np.float32], most: float, signed: bool, levels: int = 41) -> Image.Image:
    """The same as a picture of a palette, with fewer levels: it takes a tenth of the bytes."""
    least = -1 if signed else 0
    share = np.clip(values / most if most else values, least, 1)
    picture = Image.fromarray(((share - least) / (1 - least) * (levels - 1)).round().astype(np.uint8))
    scale = np.linspace(least, 1, levels, dtype=np.float32)[None]
    picture.putpalette(colored(scale, 1, signed).tobytes())
    return picture


def _between(count: int) -> NDArray[np.uint8]:
    """Colors from blue over white to orange, (count, 3)."""
    share = np.linspace(-1, 1, count)[:, None]
    end = np.where(share < 0, _NEGATIVE, _POSITIVE)
    return (_ZERO + np.abs(share) * (end - _ZERO)).round().astype(np.uint8)


_SIGNED = _between(256)
# Over the frame and the label of a channel that is not there.
_NONE = Image.new("RGB", ((_CELL + 2) * SCALE, (_CELL + _LINE) * SCALE), CARD)
