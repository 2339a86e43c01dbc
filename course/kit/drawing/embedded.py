"""Bitmaps inside a diagram: a photograph or a heat map as a data address, and how it is placed."""

import base64
import io
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from course.kit.drawing.svg import PLAIN, Mark, number

COLORS = 256  # of a palette: a third of the bytes of full color, and nobody sees it at this size


def address(pixels: NDArray[np.uint8] | Image.Image, colors: int = COLORS) -> str:
    """A PNG data address of gray values (H, W) or colors (H, W, 3), with at most `colors` of them."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    if picture.mode == "RGB":
        picture = picture.quantize(colors, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    elif picture.mode == "L" and colors < COLORS:
        picture = picture.quantize(colors, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    made = io.BytesIO()
    picture.save(made, "PNG", compress_level=2)
    return f"data:image/png;base64,{base64.b64encode(made.getvalue()).decode()}"


def photo(x: float, y: float, width: float, height: float, source: str, mark: Mark = PLAIN) -> str:
    """A bitmap that is smoothed where it is enlarged; `svg.image` keeps its pixels as sharp squares."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    title = f"<title>{escape(mark.title)}</title>" if mark.title else ""
    return f'<image {place} preserveAspectRatio="none" href="{source}"{mark.attributes}>{title}</image>'
