"""The marks of a picture, as a test reads them: what they stand for, their size, what a click sets."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from course.kit.drawing.chart import Png
from course.kit.panel import Explorer


def asked(data_set: str) -> dict[str, Any]:
    """What the script reads in a `data-set`."""
    pairs = (pair.split("=") for pair in data_set.split(";") if pair)
    return {name: json.loads(unquote(value)) for name, value in pairs}


@dataclass(frozen=True)
class Drawn:
    """One mark."""

    tag: str
    attributes: dict[str, str]

    def __getitem__(self, name: str) -> float:
        return float(self.attributes[name])

    @property
    def key(self) -> str:
        return self.attributes.get("data-key", "")

    @property
    def sets(self) -> dict[str, Any]:
        """What a click sets, by control."""
        return asked(self.attributes.get("data-set", ""))


def marks(*cards: str | Png) -> list[Drawn]:
    """Every element of the SVG cards."""
    found: list[Drawn] = []
    for card in cards:
        assert isinstance(card, str)
        elements = ET.fromstring(card).iter()  # noqa: S314 our own string
        found += [Drawn(each.tag.rpartition("}")[2], dict(each.attrib)) for each in elements]
    return found


def shown(explorer: Explorer[Any], **settings: Any) -> list[Drawn]:
    """The marks at these settings, the other controls at their start."""
    return marks(*explorer.answer({**explorer.start, **settings})[0])


def check_scale(drawn: list[Drawn]) -> None:
    """Marks of one unit have one scale: width, height or area per value."""
    ratios: dict[str, list[float]] = {}
    for mark in drawn:
        value = float(mark.attributes.get("data-value", 0))
        if value:
            way = mark.attributes["data-scale"]
            size = mark["width"] * mark["height"] if way == "area" else mark[way]
            ratios.setdefault(f"{mark.attributes.get('data-unit')} {way}", []).append(size / value)
    assert ratios, "no mark has a value"
    for unit, found in ratios.items():
        assert max(found) - min(found) <= 0.01 * max(found) + 0.002, f"{unit}: {found}"


def check_clicks(explorer: Explorer[Any], **settings: Any) -> None:
    """What a click sets are stops, and none of it is refused."""
    clicks = [mark.sets for mark in shown(explorer, **settings) if mark.sets]
    assert clicks, "nothing can be clicked"
    for click in clicks:
        for name, value in click.items():
            assert value in explorer.declared[name].on_page, f"{name}={value} is no stop"
        explorer.answer({**explorer.start, **settings, **click})


def places(d: str) -> list[tuple[float, float]]:
    """The points of a path of straight lines."""
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", d)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))
