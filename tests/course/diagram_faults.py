"""What stands where in a silhouette, read from the SVG alone, and what is wrong with it.

Text is measured with DejaVu Sans, the widest font that the diagram's font list names.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from xml.etree import ElementTree as ET

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from course.kit.drawing import style

SLACK = 0.35  # coordinates are rounded to tenths of a pixel
KIND_FILLS = {color.fill for kind, color in style.COLORS.items() if kind != "input"}


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > SLACK and high > SLACK

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left + SLACK
            and self.top <= other.top + SLACK
            and self.right >= other.right - SLACK
            and self.bottom >= other.bottom - SLACK
        )


@dataclass(frozen=True)
class Band:
    """A step's shape: its place, its widths above and below, its color, whether it is dimmed, its title."""

    box: Box
    before: float
    after: float
    fill: str
    dim: bool
    title: str

    def half(self, y: float) -> float:
        """Half its width at a height."""
        part = (y - self.box.top) / max(self.box.bottom - self.box.top, 1e-9)
        return (self.before + (self.after - self.before) * min(max(part, 0), 1)) / 2

    def touches(self, other: Box) -> bool:
        """Whether something of a box lies on it."""
        top, bottom = max(self.box.top, other.top), min(self.box.bottom, other.bottom)
        if bottom - top <= SLACK:
            return False
        x, half = (self.box.left + self.box.right) / 2, max(self.half(top), self.half(bottom))
        return min(x + half, other.right) - max(x - half, other.left) > SLACK


@dataclass
class Parts:
    """What a silhouette holds, by what it is."""

    view: Box
    bands: list[Band] = field(default_factory=list)
    signs: list[Band] = field(default_factory=list)
    slabs: list[tuple[Box, int]] = field(default_factory=list)  # with their channels
    carried: list[Box] = field(default_factory=list)  # tensors that go on to a sign
    panels: list[Box] = field(default_factory=list)
    texts: list[tuple[str, Box]] = field(default_factory=list)
    lines: list[Box] = field(default_factory=list)  # straight stretches of arrows

    @property
    def words(self) -> list[str]:
        return [word for word, _ in self.texts]

    @property
    def chips(self) -> list[tuple[str, bool]]:
        """The color of each step, and whether it is dimmed."""
        return [(one.fill, one.dim) for one in (*self.bands, *self.signs)]


@cache
def extent(text: str, size: float, bold: bool) -> float:
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=size)
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0])


def root_of(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - pictures of our own making


def parts(picture: str) -> Parts:
    root = root_of(picture)
    left, top, width, height = map(float, root.get("viewBox", "").split())
    found = Parts(Box(left, top, left + width, top + height))
    card = True
    for element in root.iter():
        tag, fill = element.tag.rpartition("}")[2], element.get("fill", "")
        if tag == "rect" and card:
            assert found.view.holds(rectangle(element))
            card = False
        elif tag == "rect":
            box = rectangle(element)
            if fill == style.TENSOR_EDGE:
                found.slabs.append((box, int(element.get("data-value", ""))))
            else:
                {style.PANEL: found.panels, style.TENSOR: found.carried}[fill].append(box)
        elif tag == "circle" and fill != "none":  # else the light round it
            x, y, r = (float(element.get(name, "")) for name in ("cx", "cy", "r"))
            box = Box(x - r, y - r, x + r, y + r)
            found.signs.append(Band(box, 2 * r, 2 * r, fill, "opacity" in element.attrib, title(element)))
        elif tag == "path" and fill in KIND_FILLS:
            found.bands.append(band(element))
        elif tag == "path" and element.get("stroke") == style.INK and "stroke-opacity" not in element.attrib:
            found.lines += [
                Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
                for x1, y1, x2, y2 in trace(element.get("d", ""))
            ]
        elif tag == "text":
            found.texts.append((element.text or "", text_box(element, root)))
    return found


def title(element: ET.Element) -> str:
    return "".join(child.text or "" for child in element if child.tag.endswith("title"))


def band(element: ET.Element) -> Band:
    """M left top H right L right bottom H left z."""
    places = re.findall(r"-?[\d.]+(?:e-?\d+)?", element.get("d", ""))
    a0, y0, a1, b1, y1, b0 = map(float, places)
    box = Box(min(a0, b0), y0, max(a1, b1), y1)
    return Band(box, a1 - a0, b1 - b0, element.get("fill", ""), "opacity" in element.attrib, title(element))


def rectangle(element: ET.Element) -> Box:
    x, y, w, h = (float(element.get(name, "")) for name in ("x", "y", "width", "height"))
    return Box(x, y, x + w, y + h)


def text_box(element: ET.Element, root: ET.Element) -> Box:
    size = float(element.get("font-size", root.get("font-size", "")))
    x, y = float(element.get("x", "")), float(element.get("y", ""))
    words = element.text or ""
    wide = extent(words, size, element.get("font-weight") == "700")
    left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[element.get("text-anchor", "start")]
    below = 0.0 if re.fullmatch(r"[\d,.]+", words) else 0.24  # digits do not reach below their line
    return Box(left, y - 0.74 * size, left + wide, y + below * size)


def trace(path: str) -> list[tuple[float, float, float, float]]:
    """The straight stretches of a path of M, H, V, L and z, q and l, m."""
    found: list[tuple[float, float, float, float]] = []
    x = y = 0.0
    for letter, given in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", given)]
        dx, dy = (x, y) if letter.islower() else (0.0, 0.0)
        if letter in "zZ":
            continue
        if letter in "hH":
            new = numbers[0] + dx, y
        elif letter in "vV":
            new = x, numbers[0] + dy
        else:
            for k in range(0, len(numbers) - 2, 2) if letter in "lL" else ():
                new = numbers[k] + (x if letter == "l" else 0), numbers[k + 1] + (y if letter == "l" else 0)
                found.append((x, y, *new))
                x, y = new
                dx, dy = (x, y) if letter == "l" else (0.0, 0.0)
            new = numbers[-2] + dx, numbers[-1] + dy
        if letter not in "mMq":
            found.append((x, y, *new))
        x, y = new
    return found


def faults(picture: str, *, narrow: bool = True) -> list[str]:
    """What overlaps, leaves its place or is out of scale; narrow: the card is one of 400 pixels."""
    found = parts(picture)
    wrong = [*of_shapes(found), *of_texts(found), *of_scale(found)]
    if narrow and not found.view.right - found.view.left <= 400:
        wrong.append("the card is too wide")
    return wrong


def of_shapes(p: Parts) -> list[str]:
    boxes = [*(one.box for one in (*p.bands, *p.signs)), *(box for box, _ in p.slabs), *p.carried, *p.panels]
    wrong = [f"{box} leaves the picture" for box in (*boxes, *p.lines) if not p.view.holds(box)]
    solid = [*(one.box for one in p.bands), *(box for box, _ in p.slabs), *p.carried]
    wrong += [f"{a} and {b} overlap" for a, b in combinations(solid, 2) if a.overlaps(b)]
    wrong += [f"{a} and {b} overlap" for a, b in combinations((s.box for s in p.signs), 2) if a.overlaps(b)]
    wrong += [
        f"{box} leaves the panel {panel}"
        for panel in p.panels
        for box in solid
        if panel.overlaps(box) and not panel.holds(box)
    ]
    wrong += [
        f"a line passes through the panel {panel}"
        for panel in p.panels
        for line in p.lines
        if panel.overlaps(Box(line.left - 1, line.top, line.right + 1, line.bottom))
        and line.top < panel.top
        and line.bottom > panel.bottom
    ]
    return wrong


def of_texts(p: Parts) -> list[str]:
    wrong = [f"{text!r} leaves the picture" for text, box in p.texts if not p.view.holds(box)]
    wrong += [
        f"{one!r} and {two!r} overlap" for (one, a), (two, b) in combinations(p.texts, 2) if a.overlaps(b)
    ]
    solid = [*(box for box, _ in p.slabs), *p.carried]
    for text, box in p.texts:
        wrong += [f"{text!r} stands on a step" for one in (*p.bands, *p.signs) if one.touches(box)]
        wrong += [f"{text!r} stands on a tensor" for tensor in solid if tensor.overlaps(box)]
        wrong += [f"{text!r} leaves {pan}" for pan in p.panels if pan.overlaps(box) and not pan.holds(box)]
        wrong += [f"a line crosses {text!r}" for line in p.lines if line.overlaps(box)]
    return wrong


def of_scale(p: Parts) -> list[str]:
    """Every tensor is as wide as it has channels, in one scale, and a step's ends are as wide as tensors."""
    largest = max(box.right - box.left for box, _ in p.slabs)
    unit = largest / max(count for _, count in p.slabs)
    wrong = [
        f"{count} channels are {box.right - box.left} wide, not {count * unit}"
        for box, count in p.slabs
        if abs(box.right - box.left - count * unit) > 0.01
    ]
    wrong += [
        f"a step ends {end} wide, which is no number of channels"
        for one in p.bands
        for end in (one.before, one.after)
        if abs(end / unit - round(end / unit)) * unit > 0.01 or end > largest + 0.01
    ]
    for slab, _ in p.slabs:
        above = [
            one for one in p.bands if abs(one.box.bottom - slab.top) < 0.11 and one.box.overlaps(wide(slab))
        ]
        wrong += [
            f"a step of {one.after} ends in a tensor of {slab.right - slab.left}"
            for one in above
            if abs(one.after - slab.right + slab.left) > 0.01
        ]
    return wrong


def wide(box: Box) -> Box:
    return Box(box.left - 1, box.top - 2, box.right + 1, box.bottom + 2)
