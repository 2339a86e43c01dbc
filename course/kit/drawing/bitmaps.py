"""Small bitmaps inside an SVG, as PNG files whose bytes no version of a library changes."""

import base64
import struct
import zlib
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MOST = 15  # white


def grays(levels: NDArray[np.uint8]) -> str:
    """The data address of a picture (H, W) of grays from 0, black, to MOST, white.

    Four bits a pixel and not compressed: its few bytes would hardly get fewer, and compressors differ.

    Raises:
        ValueError: levels is not (H, W), or has grays above MOST.
    """
    if levels.ndim != 2 or not levels.size or levels.max() > MOST:
        raise ValueError(
            f"grays: levels must be (H, W) from 0 to {MOST}, got {levels.shape}, {levels.dtype}."
        )
    even = np.pad(levels, ((0, 0), (0, levels.shape[1] % 2)))
    return _plain(levels.shape, (even[:, ::2] << 4 | even[:, 1::2]).astype(np.uint8), 4, 0)


def colors(pixels: NDArray[np.uint8]) -> str:
    """The data address of a picture (H, W, 3) of red, green and blue from 0 to 255, not compressed either.

    Raises:
        ValueError: pixels is not (H, W, 3).
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"colors: pixels must be (H, W, 3), got {pixels.shape}.")
    return _plain(pixels.shape[:2], pixels.reshape(len(pixels), -1), 8, 2)


def address(file: bytes, kind: Literal["png", "webp"]) -> str:
    """The data address of a picture's file."""
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"


def _plain(shape: tuple[int, ...], lines: NDArray[np.uint8], bits: int, kind: int) -> str:
    """A PNG of these lines of bytes."""
    body = b"".join(b"\0" + line.tobytes() for line in lines)  # a zero before each: no filter
    header = struct.pack(">IIBBBBB", shape[1], shape[0], bits, kind, 0, 0, 0)
    parts = (_part(b"IHDR", header), _part(b"IDAT", zlib.compress(body, 0)), _part(b"IEND", b""))
    return address(b"\x89PNG\r\n\x1a\n" + b"".join(parts), "png")


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
