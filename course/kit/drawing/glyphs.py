"""A digit as a shape: what a picture answers is seen, and not only read as text."""

from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from course.kit.drawing.svg import number

_FONT = FontProperties(family="DejaVu Sans", weight="bold")
_CODES = {1: "M", 2: "L", 3: "Q", 4: "C"}


@cache
def digit(value: int, middle: float, bottom: float, height: float) -> str:
    """The path data of a digit that stands on `bottom`, centered on `middle`.

    Raises:
        ValueError: value is not from 0 to 9.
    """
    if not 0 <= value <= 9:
        raise ValueError(f"digit: value must be from 0 to 9, got {value}.")
    drawn = TextPath((0, 0), str(value), size=100, prop=_FONT)
    box = TextPath((0, 0), "0", size=100, prop=_FONT).get_extents()
    scale = height / box.height
    left = middle - scale * (drawn.get_extents().x0 + drawn.get_extents().x1) / 2
    parts = []
    for points, code in drawn.iter_segments(curves=True):
        if code == drawn.CLOSEPOLY:
            parts.append("Z")
            continue
        places = " ".join(
            f"{number(left + scale * x)} {number(bottom - scale * y)}" for x, y in points.reshape(-1, 2)
        )
        parts.append(f"{_CODES[int(code)]}{places}")
    return "".join(parts)
