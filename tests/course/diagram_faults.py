"""What stands where in a diagram, read from the SVG alone, and what is wrong with it.

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
CHIP_FILLS = {color.fill for kind, color in style.COLORS.items() if kind != "input"}


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


@dataclass
class Parts:
    """Boxes by what they are; `chips` pairs the fill of each chip and sign with whether it is dimmed."""

    view: Box
    bodies: list[Box] = field(default_factory=list)  # chips and signs
    tensors: list[Box] = field(default_factory=list)
    panels: list[Box] = field(default_factory=list)
    covers: list[Box] = field(default_factory=list)  # behind a word on a line
    texts: list[tuple[str, Box]] = field(default_factory=list)
    lines: list[Box] = field(default_factory=list)  # straight stretches
    chips: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return [word for word, _ in self.texts]


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

    def visit(element: ET.Element, dim: bool) -> None:
        nonlocal card
        tag, fill = element.tag.rpartition("}")[2], element.get("fill", "")
        if tag == "rect":
            box = rectangle(element)
            if card:
                assert found.view.holds(box)
                card = False
            elif fill in (style.PANEL, style.CARD, style.TENSOR):
                kinds = {style.PANEL: found.panels, style.CARD: found.covers, style.TENSOR: found.tensors}
                kinds[fill].append(box)
            elif fill in CHIP_FILLS:  # a bar
                found.bodies.append(box)
            else:
                assert fill == "none"  # the frame round what is lit
        elif tag == "circle":
            x, y, r = (float(element.get(name, "")) for name in ("cx", "cy", "r"))
            found.bodies.append(Box(x - r, y - r, x + r, y + r))
            found.chips.append((fill, dim))
        elif tag == "path":
            path(element, fill, dim, found)
        elif tag == "text":
            found.texts.append((element.text or "", text_box(element, root)))
        for child in element:
            visit(child, dim or "opacity" in child.attrib)

    visit(root, False)
    return found


def rectangle(element: ET.Element) -> Box:
    x, y, w, h = (float(element.get(name, "")) for name in ("x", "y", "width", "height"))
    return Box(x, y, x + w, y + h)


def text_box(element: ET.Element, root: ET.Element) -> Box:
    size = float(element.get("font-size", root.get("font-size", "")))
    x, y = float(element.get("x", "")), float(element.get("y", ""))
    wide = extent(element.text or "", size, element.get("font-weight") == "700")
    left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[element.get("text-anchor", "start")]
    return Box(left, y - 0.76 * size, left + wide, y + 0.24 * size)


def path(element: ET.Element, fill: str, dim: bool, found: Parts) -> None:
    stretches = list(trace(element.get("d", "")))
    xs = [x for stretch in stretches for x in (stretch[0], stretch[2])]
    ys = [y for stretch in stretches for y in (stretch[1], stretch[3])]
    box = Box(min(xs), min(ys), max(xs), max(ys))
    if fill in CHIP_FILLS:
        found.bodies.append(box)
        found.chips.append((fill, dim))
    elif fill == style.TENSOR_BACK:
        found.tensors.append(box)
    elif fill == "none" and element.get("stroke") == style.INK:
        for x1, y1, x2, y2 in stretches:
            found.lines.append(
                Box(min(x1, x2) - 0.8, min(y1, y2) - 0.8, max(x1, x2) + 0.8, max(y1, y2) + 0.8)
            )


def trace(d: str):
    """The stretches of an SVG path as (x1, y1, x2, y2), curves as straight."""
    x = y = x0 = y0 = 0.0
    for letter, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", d):
        n = [float(v) for v in re.findall(r"-?[\d.]+(?:e-?\d+)?", rest)]
        size = {"m": 2, "l": 2, "h": 1, "v": 1, "q": 4, "a": 7, "z": 0}[letter.lower()]
        for k in range(0, len(n), size) if size else [0]:
            one, relative = n[k : k + size], letter.islower()
            dx, dy = (x, y) if relative else (0.0, 0.0)
            if letter in "zZ":
                new = x0, y0
            elif letter in "hH":
                new = one[0] + dx, y
            elif letter in "vV":
                new = x, one[0] + dy
            else:
                new = one[-2] + dx, one[-1] + dy
            if letter in "mM" and k == 0:
                x0, y0 = new
            else:
                yield (x, y, *new)
            x, y = new


def faults(picture: str, *, narrow: bool = True) -> list[str]:
    """What overlaps or leaves its place; narrow: the picture must not need to be scaled to 1100 pixels."""
    found = parts(picture)
    wrong = [*of_bodies(found), *of_texts(found), *of_panels(found)]
    if narrow and not found.view.right - found.view.left <= 1110:
        wrong.append("the picture is too wide")
    return wrong


def of_bodies(p: Parts) -> list[str]:
    solid = [*p.bodies, *p.panels, *p.tensors]
    wrong = [f"{box} leaves the picture" for box in solid if not p.view.holds(box)]
    wrong += [f"chips {a} and {b} overlap" for a, b in combinations(p.bodies, 2) if a.overlaps(b)]
    wrong += [f"{a} and a tensor {b} overlap" for a in p.bodies for b in p.tensors if a.overlaps(b)]
    # The front of a tensor lies in the box of its sides; two tensors may touch in no other way.
    wrong += [
        f"tensors {a} and {b} overlap"
        for a, b in combinations(p.tensors, 2)
        if a.overlaps(b) and not (a.holds(b) or b.holds(a))
    ]
    return wrong


def of_texts(p: Parts) -> list[str]:
    wrong = [f"{text!r} leaves the picture" for text, box in p.texts if not p.view.holds(box)]
    wrong += [
        f"{one!r} and {two!r} overlap" for (one, a), (two, b) in combinations(p.texts, 2) if a.overlaps(b)
    ]
    for text, box in p.texts:
        places = [body for body in (*p.bodies, *p.panels) if body.overlaps(box)]
        wrong += [f"{text!r} leaves {body}" for body in places if not body.holds(box)]
        wrong += [f"{text!r} stands on a tensor" for tensor in p.tensors if tensor.overlaps(box)]
        covered = any(body.holds(box) for body in (*p.bodies, *p.covers))
        if not covered and any(line.overlaps(box) for line in p.lines):
            wrong.append(f"a line crosses {text!r}")
    return wrong


def of_panels(p: Parts) -> list[str]:
    inside = (*p.bodies, *p.tensors, *p.covers, *p.panels)
    through = [
        f"a line passes through the panel {panel}"
        for panel in p.panels
        for line in p.lines
        if panel.overlaps(line) and line.top < panel.top and line.bottom > panel.bottom
    ]
    return through + [
        f"{box} leaves the panel {panel}"
        for panel in p.panels
        for box in inside
        if panel != box and panel.overlaps(box) and not panel.holds(box)
    ]
