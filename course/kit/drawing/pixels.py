"""Small gray pictures, such as digits and maps, as data addresses for `svg.image`, and photographs.

A mark for each pixel would be too many.
"""

import base64
import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from course.kit.drawing.style import CARD, INK
from course.kit.drawing.svg import number


def inked(pixels: NDArray[np.uint8]) -> str:
    """Pixels (H, W), from 0 (paper) to 255 (ink), as a PNG's data address."""
    return _address(np.ascontiguousarray(pixels).tobytes(), (pixels.shape[1], pixels.shape[0]))


@lru_cache(2000)
def _address(pixels: bytes, size: tuple[int, int]) -> str:
    gray = Image.frombytes("L", size, pixels).point(_SCALE)  # a palette would cost 768 bytes in each picture
    buffer = io.BytesIO()
    gray.save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def photo(x: float, y: float, side: float, pixels: NDArray[np.uint8]) -> str:
    """A square photograph (H, W, 3) as a mark: a JPEG, a sixth of the PNG, and smooth at any size."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(side)}" height="{number(side)}"'
    return f'<image {place} href="{_jpeg(pixels.tobytes(), (pixels.shape[1], pixels.shape[0]))}"/>'


@lru_cache(20)
def _jpeg(pixels: bytes, size: tuple[int, int]) -> str:
    buffer = io.BytesIO()
    Image.frombytes("RGB", size, pixels).save(buffer, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


_PAPER, _INK = (sum(ImageColor.getrgb(color)) / 3 for color in (CARD, INK))
_SCALE = [round(_PAPER + level / 255 * (_INK - _PAPER)) for level in range(256)]
