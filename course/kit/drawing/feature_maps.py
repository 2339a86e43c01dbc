"""Channels of a feature map as small pictures on one scale, on a card."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from course.kit.drawing.bitmap import png
from course.kit.drawing.style import COLORS, INK, LARGE, QUIET, RULE
from course.kit.drawing.svg import Mark, card, image, rect, text

COLUMNS, ROWS = 6, 4
MOST = COLUMNS * ROWS
_ENDS = COLORS["depthwise"].fill, "#FCFCFA", COLORS["convolution"].fill
_NEGATIVE, _ZERO, _POSITIVE = 255 * np.array([to_rgb(color) for color in _ENDS])


def maps_card(title: str, maps: NDArray[np.float32], names: Sequence[str], label: str) -> str:
    """A card, 400 wide, of `maps`, (C, H, W) with C up to MOST, and what a pointer on each reads.

    Where a value is negative the scale is symmetric: blue below zero, white at zero, orange above it. Else it
    is gray, black at zero. It ends where one in a hundred of the absolute values is larger: a few very large
    ones would leave the rest pale. Each pixel of a map is drawn as a square of whole pixels.
    """
    least, most, signed = _range(maps)
    body = text(_EDGE, 28, title, INK, bold=True, size=LARGE)
    scale = paletted(np.linspace(least, most, 41, dtype=np.float32)[None], most, signed)
    left, right = _ends(maps)
    body += text(_WIDE - _EDGE - 186, 50, left, QUIET, anchor="end")
    body += image(_WIDE - _EDGE - 180, 39, 84, 13, png(scale))
    body += text(_WIDE - _EDGE - 90, 50, right, QUIET)
    for n, (channel, name) in enumerate(zip(maps, names, strict=True)):
        row, column = divmod(n, COLUMNS)
        x, y = _EDGE + column * (_TILE + _SPACE), _FIRST + row * (_TILE + _SPACE)
        body += rect(x - 0.5, y - 0.5, _TILE + 1, _TILE + 1, RULE)
        body += image(x, y, _TILE, _TILE, png(paletted(channel, most, signed)), Mark(title=name))
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
