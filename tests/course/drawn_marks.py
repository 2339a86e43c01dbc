"""The marks of a picture that stand for numbers, read from its SVG."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.course.marks import asked

_MARK = re.compile(
    r'<rect x="[^"]*" y="[^"]*" width="([^"]*)" height="([^"]*)"[^>]*? data-key="([^"]*)"'
    r' data-value="([^"]*)" data-scale="([^"]*)"(?: data-unit="([^"]*)")?'
)


@dataclass(frozen=True)
class Drawn:
    """A rectangle that stands for a number."""

    key: str
    value: float
    scale: str
    unit: str
    width: float
    height: float

    @property
    def size(self) -> float:
        """What of it is proportional to the value."""
        return {"width": self.width, "height": self.height, "area": self.width * self.height}[self.scale]


def marks(picture: tuple[Any, ...]) -> dict[str, Drawn]:
    """By their keys."""
    found = [match.groups() for card in picture for match in _MARK.finditer(card)]
    drawn = [
        Drawn(key, float(value), scale, unit or "", float(w), float(h))
        for w, h, key, value, scale, unit in found
    ]
    assert len({one.key for one in drawn}) == len(drawn)
    return {one.key: one for one in drawn}


def check_true(drawn: dict[str, Drawn]) -> None:
    """Within a unit all sizes are their values by one scale."""
    for unit in {one.unit for one in drawn.values()}:
        of_unit = [one for one in drawn.values() if one.unit == unit]
        largest = max(of_unit, key=lambda one: one.value)
        for one in of_unit:
            due = largest.size * one.value / largest.value
            room = 0.001 * (one.width + one.height)  # coordinates have three places
            assert one.size == pytest.approx(due, rel=0.002, abs=room), f"{one} should be {due:.2f}"


def clicks(picture: tuple[Any, ...]) -> list[dict[str, Any]]:
    """What the clicks in a picture set."""
    return [asked(one) for card in picture for one in re.findall('data-set="([^"]*)"', card)]


def words(picture: tuple[Any, ...]) -> str:
    """All that can be read or heard in it."""
    return " ".join(
        part
        for card in picture
        for match in re.findall('>([^<>]+)<|aria-label="([^"]*)"', card)
        for part in match
    )
