"""What the marks of a picture carry: what a click sets, and sizes beside the numbers that they stand for."""

import re
from typing import Any

from tests.course.marks import asked


def clicks(picture: str) -> list[dict[str, Any]]:
    """What the marks of a picture set."""
    return [asked(sets) for sets in re.findall('data-set="(.*?)"', picture)]


def marks(picture: str) -> list[tuple[float, float, str]]:
    """Of every rectangle that stands for a number: its size by its scale, the number, its unit."""
    found = []
    for tag in re.findall(r"<rect [^>]*data-value[^>]*>", picture):
        of = dict(re.findall(r'([\w-]+)="(.*?)"', tag))
        width, height = float(of["width"]), float(of["height"])
        size = {"width": width, "height": height, "area": width * height}[of["data-scale"]]
        found.append((size, float(of["data-value"]), of.get("data-unit", "")))
    return found


def to_scale(found: list[tuple[float, float, str]]) -> bool:
    """Whether sizes of one unit are proportional to their numbers, within a hundredth of a pixel."""
    units = {unit for _, _, unit in found}
    for unit in units:
        of = [(size, value) for size, value, one in found if one == unit]
        each = max(of)[0] / max(value for _, value in of)
        if any(abs(size - value * each) > 0.01 * max(1, each) for size, value in of):
            return False
    return True
