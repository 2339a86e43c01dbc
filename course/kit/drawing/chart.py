"""A kept matplotlib figure that redraws only what moves.

A slider's picture has to be there in some 30 ms; a new figure takes 150. So the figure is laid out and
drawn once without what moves, and kept as a background; an update copies that back and draws the
moving artists over it, texts last. No pyplot: it is global state, and a slider's callback may run
beside a cell.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.text import Text
from PIL import Image, ImageColor, ImageDraw, ImageFont

from course.kit.drawing.style import CARD, PALETTE

SCALE = 2  # drawn at twice its size on the page, for sharp screens
_PIXELS_PER_INCH = 100
# From the left, from the top, both in CSS pixels, and the picture, SCALE times as large as it is to be. What
# has many pixels is pasted: matplotlib's imshow takes several times as long.
Pasted = tuple[int, int, Image.Image]


@dataclass(frozen=True)
class Png:
    """A PNG image, and its size on the page in CSS pixels.

    label is its alternative text where it is not the whole picture, whose sentence would serve.
    """

    data: bytes
    width: int
    height: int
    label: str = ""


class Chart:
    """A figure of `width` by `height` CSS pixels.

    Place the axes by `axes`, draw on them, say once with `animate` which artists move; then for each
    picture set those artists' data and call `png`. The background is redrawn only where an axis got
    other limits, another scale or another title.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        inches = (width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH)
        self.figure = Figure(figsize=inches, dpi=_PIXELS_PER_INCH * SCALE, facecolor=CARD)
        self._canvas = FigureCanvasAgg(self.figure)
        self._moving: Sequence[Artist] = ()
        self._background: Any = None
        self._limits: Any = None

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at this place, in CSS pixels from the upper left corner: the same on every machine."""
        w, h = self.width, self.height
        return self.figure.add_axes((left / w, 1 - (top + height) / h, width / w, height / h), facecolor=CARD)

    def page(self, left: float, top: float, width: float, height: float) -> Axes:
        """Blank axes at this place, which count CSS pixels from their own upper left corner."""
        axes = self.axes(left, top, width, height)
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        return axes

    def animate(self, moving: Sequence[Artist]) -> None:
        """Only `moving` changes from picture to picture; drawn in this order over everything else."""
        for artist in moving:
            artist.set_animated(True)
        self._moving = moving

    def png(self, label: str = "", pasted: Sequence[Pasted] = ()) -> Png:
        """The figure as it stands now, `pasted` over it, texts over those."""
        limits = [
            (axes.get_xlim(), axes.get_ylim(), axes.get_xscale(), axes.get_yscale(), axes.get_title())
            for axes in self.figure.axes
        ]
        if limits != self._limits:
            self._canvas.draw()
            self._background = self._canvas.copy_from_bbox(self.figure.bbox)
            self._limits = limits
        self._canvas.restore_region(self._background)
        renderer = self._canvas.get_renderer()
        for artist in self._moving:
            if not isinstance(artist, Text):
                artist.draw(renderer)
        size = self._canvas.get_width_height(physical=True)
        image = Image.frombuffer("RGBA", size, self._canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        for left, top, picture in pasted:
            image.paste(picture, (left * SCALE, top * SCALE))
        page = ImageDraw.Draw(image)
        for artist in self._moving:
            if isinstance(artist, Text):
                _write(page, artist)
        return Png(_encoded(image), self.width, self.height, label)


def smaller(chart: Png) -> Png:
    """The same picture for a file: fewer bytes, for more time, than a live one."""
    image = Image.open(io.BytesIO(chart.data)).convert("RGB")
    return Png(_encoded(image, 9), chart.width, chart.height, chart.label)


def _write(page: ImageDraw.ImageDraw, text: Text) -> None:
    """Draw a Text with Pillow, some twenty times faster than matplotlib, whose text is most of an update."""
    x, y = text.get_transform().transform(text.get_position())
    anchor = {"left": "l", "center": "m", "right": "r"}[text.get_horizontalalignment()]
    anchor += {"center": "m", "baseline": "s"}[text.get_verticalalignment()]
    size = float(text.get_fontsize()) * _PIXELS_PER_INCH * SCALE / 72
    font = _font(findfont(text.get_fontproperties()), size)
    page.text((x, page.im.size[1] - y), text.get_text(), to_hex(text.get_color()), font, anchor)


@cache
def _font(path: str, size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, size)
    # Most words are the same from picture to picture: their letters are set once.
    font.getmask2 = lru_cache(1000)(font.getmask2)  # type: ignore[method-assign, assignment]
    return font


def _encoded(image: Image.Image, compression: int = 1) -> bytes:
    """As a PNG of 256 colors, more than a chart shows: half the time and the size of full color.

    To find the colors takes longer than all else here, so every sixteenth pixel is asked, and what a thin
    line may have is put to them.
    """
    asked = image.resize((image.width // 4, image.height // 4), Image.Resampling.NEAREST)
    found = asked.quantize(256 - len(_HOUSE) // 3, Image.Quantize.FASTOCTREE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*_HOUSE, *found])
    buffer = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(buffer, "PNG", compress_level=compression)
    return buffer.getvalue()


_HOUSE = [part for color in PALETTE for part in ImageColor.getrgb(color)]
