"""Small bitmaps inside an SVG, as data addresses: digits, maps, kernels, photographs.

`plain_grays` and `plain_colors` write PNG files whose bytes no version of a library changes.
"""

import base64
import io
import struct
import zlib
from functools import lru_cache
from html import escape
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from course.kit.drawing.style import CARD, INK
from course.kit.drawing.svg import PLAIN, Mark, number

COLORS = 256  # of a palette: a third of the bytes of full color, and nobody sees it at this size
WHITE = 15  # of `plain_grays`


def address(file: bytes, kind: Literal["png", "webp", "jpeg"]) -> str:
    """The data address of a picture's file."""
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"


def png(pixels: NDArray[np.uint8] | Image.Image, colors: int = COLORS) -> str:
    """A PNG of gray values (H, W) or colors (H, W, 3), with at most `colors` of them."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    if picture.mode == "RGB":
        picture = picture.quantize(colors, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    elif picture.mode == "L" and colors < COLORS:
        picture = picture.quantize(colors, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    made = io.BytesIO()
    picture.save(made, "PNG", compress_level=2)
    return address(made.getvalue(), "png")


def gray(pixels: NDArray[np.uint8]) -> str:
    """Gray values (H, W), 0 black to 255 white; kept, since many come again."""
    return _gray(np.ascontiguousarray(pixels).tobytes(), pixels.shape)


def inked(pixels: NDArray[np.uint8]) -> str:
    """Pixels (H, W) from 0, the paper of the card, to 255, its ink."""
    return gray(_INKED[pixels])


@lru_cache(maxsize=2048)
def _gray(values: bytes, shape: tuple[int, int]) -> str:
    made = io.BytesIO()
    Image.frombytes("L", (shape[1], shape[0]), values).save(made, "PNG", optimize=True)
    return address(made.getvalue(), "png")


@lru_cache(maxsize=20)
def _jpeg(pixels: bytes, size: tuple[int, int]) -> str:
    made = io.BytesIO()
    Image.frombytes("RGB", size, pixels).save(made, "JPEG", quality=88)
    return address(made.getvalue(), "jpeg")


def jpeg(pixels: NDArray[np.uint8]) -> str:
    """A photograph (H, W, 3): a sixth of the PNG."""
    return _jpeg(pixels.tobytes(), (pixels.shape[1], pixels.shape[0]))


def photo(x: float, y: float, width: float, height: float, source: str, mark: Mark = PLAIN) -> str:
    """A bitmap that is smoothed where it is enlarged; `svg.image` keeps its pixels as sharp squares."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    title = f"<title>{escape(mark.title)}</title>" if mark.title else ""
    return f'<image {place} preserveAspectRatio="none" href="{source}"{mark.attributes}>{title}</image>'


def plain_grays(levels: NDArray[np.uint8]) -> str:
    """The data address of a picture (H, W) of grays from 0, black, to WHITE.

    Four bits a pixel and not compressed: its few bytes would hardly get fewer, and compressors differ.

    Raises:
        ValueError: levels is not (H, W), or has grays above WHITE.
    """
    if levels.ndim != 2 or not levels.size or levels.max() > WHITE:
        raise ValueError(
            f"plain_grays: levels must be (H, W) from 0 to {WHITE}, got {levels.shape}, {levels.dtype}."
        )
    even = np.pad(levels, ((0, 0), (0, levels.shape[1] % 2)))
    return _plain(levels.shape, (even[:, ::2] << 4 | even[:, 1::2]).astype(np.uint8), 4, 0)


def plain_colors(pixels: NDArray[np.uint8]) -> str:
    """The data address of a picture (H, W, 3) of red, green and blue from 0 to 255, not compressed either.

    Raises:
        ValueError: pixels is not (H, W, 3).
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"plain_colors: pixels must be (H, W, 3), got {pixels.shape}.")
    return _plain(pixels.shape[:2], pixels.reshape(len(pixels), -1), 8, 2)


def _plain(shape: tuple[int, ...], lines: NDArray[np.uint8], bits: int, kind: int) -> str:
    """A PNG of these lines of bytes."""
    body = b"".join(b"\0" + line.tobytes() for line in lines)  # a zero before each: no filter
    header = struct.pack(">IIBBBBB", shape[1], shape[0], bits, kind, 0, 0, 0)
    parts = (_part(b"IHDR", header), _part(b"IDAT", zlib.compress(body, 0)), _part(b"IEND", b""))
    return address(b"\x89PNG\r\n\x1a\n" + b"".join(parts), "png")


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


_PAPER, _INK = (sum(ImageColor.getrgb(color)) / 3 for color in (CARD, INK))
_INKED = np.round(_PAPER + np.arange(256) / 255 * (_INK - _PAPER)).astype(np.uint8)
