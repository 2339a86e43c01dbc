"""Small gray bitmaps inside an SVG: digits of 8x8 pixels, kernels of 3x3 weights."""

import base64
import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def gray(pixels: NDArray[np.uint8]) -> str:
    """Gray values (H, W), 0 black to 255 white, as the data address of a PNG."""
    return _png(pixels.tobytes(), pixels.shape)


@lru_cache(maxsize=1024)
def _png(values: bytes, shape: tuple[int, int]) -> str:
    buffer = io.BytesIO()
    Image.frombytes("L", (shape[1], shape[0]), values).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
