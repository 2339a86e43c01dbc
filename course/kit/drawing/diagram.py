"""A module's silhouette from its recorded graph: a small SVG string, the same byte for byte each time.

The path runs from top to bottom: tensors as slabs, steps as bands in the colors of
`course.kit.drawing.style`, shortcuts and gates at its right. Every width is the tensor's channels, in one
scale, so that narrow, wide, narrow is what one sees. Nothing is drawn that the graph does not hold. Text is
text, so that it can be searched and read aloud.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course.kit.drawing.flow import LEADING, flow
from course.kit.drawing.layout import (
    LINE,
    MARGIN,
    SIGN,
    Band,
    Lane,
    Layout,
    Sign,
    Slab,
    Words,
    channels,
    layout,
    unit_of,
)
from course.kit.drawing.style import (
    CARD,
    COLORS,
    HERE,
    INK,
    PANEL,
    QUIET,
    TENSOR,
    TENSOR_EDGE,
)
from course.kit.drawing.svg import Mark, card, circle, path, rect, text
from course.kit.drawing.svg import number as _n

if TYPE_CHECKING:
    from blocks.measure import Graph, Step

HEAD = 24  # of a card with a heading
FAINT = 'opacity="0.3"'
Touch = Mapping[str, tuple[Mapping[str, Any], str]]
"""By part, or "shortcut", what a click on it sets, and what that is in words."""


def diagram(
    graph: Graph,
    *,
    label: str,
    lit: str | None = None,
    here: str | None = None,
    touch: Touch | None = None,
    heading: str = "",
    unit: float | None = None,
    key: str = "",
    least_height: float = 0,
) -> str:
    """The SVG of `graph`, a card of 400 pixels, or wider where a module has many branches.

    Args:
        label: what the picture shows, in words; its alternative text.
        lit: the name of a part ("expand", "squeeze_excitation.reduce") to show in full, the others
            dimmed; None for all in full.
        here: the name of a part: what it gives has the amber outline.
        touch: what a click on a part sets.
        heading: a line above.
        unit: pixels of a channel, so that several pictures share one scale; None for as many as fit.
        key: before the names of its marks, where a picture has several cards of this kind.
        least_height: of the card: nothing below it then moves when a block grows.

    Raises:
        ValueError: the graph has no part of the name `lit`.
    """
    if lit is not None and not any(is_in(step, lit) for step in graph.steps):
        parts = list(dict.fromkeys(step.name.split(".")[0] for step in graph.steps))
        raise ValueError(f"diagram: lit must be None or a part of the graph, such as {parts}, got {lit!r}.")
    placed = layout(flow(graph), unit)
    drawn = _Drawing(lit, touch or {}, key)
    body = drawn.all_of(placed)
    if here is not None:
        body += _here(placed, here)
    left, top = placed.left, -MARGIN - (HEAD if heading else 0)
    if heading:
        body += text(left + MARGIN, top + 28, heading, INK, bold=True)
    bottom = placed.bottom
    if placed.hidden:
        are = "connection is" if placed.hidden == 1 else "connections are"
        bottom += 22
        body += text(left + MARGIN, bottom - 2, f"Simplified: {placed.hidden} {are} not drawn", QUIET)
    height = max(bottom + MARGIN - top, least_height)
    return card(body, placed.right - left, height, label, left=left, top=top)


def shared_unit(graphs: Sequence[Graph]) -> float:
    """Pixels of a channel with which each of `graphs` fits its card."""
    return min(unit_of(flow(graph)) for graph in graphs)


def is_in(step: Step, part: str) -> bool:
    """Whether a step belongs to a part."""
    return step.name == part or step.name.startswith(part + ".")


class _Drawing:
    """Placed things as SVG: what is lit, what a click sets, and the key of each mark."""

    def __init__(self, lit: str | None, touch: Touch, key: str) -> None:
        self.lit, self.touch, self.key = lit, touch, key

    def all_of(self, placed: Layout) -> str:
        """Lines of branches lie over the tensors that they join, and under all else."""
        body = "".join(self.carried(sign) for sign in placed.signs)
        body += "".join(self.lane(lane) for lane in placed.lanes)
        body += "".join(self.sign(sign) for sign in placed.signs)
        body += "".join(self.band(band) for band in placed.bands)
        body += "".join(self.slab(slab) for slab in placed.slabs)
        body += "".join(self.words(words) for words in placed.words)
        return body + self.light(placed)

    def slab(self, slab: Slab) -> str:
        """A tensor."""
        step, count = slab.step, channels(slab.step)
        shape = " x ".join(f"{size:,}" for size in step.shape[1:]) or "one number"
        parts = [f"t:{part}" for part in (step.name, *_parts(step.name))]
        mark = self.mark(slab.name, parts, shape, count)
        x, y, w, h = slab.x - slab.width / 2, slab.y, slab.width, slab.height
        body = rect(x, y, w, h, TENSOR_EDGE, mark)
        if w < 1:  # a channel of hundreds: where it is, not how wide
            body += path(f"M{_n(slab.x)} {_n(y)}v{_n(max(h, 2))}", "none", stroke=TENSOR_EDGE, width=1)
        return body

    def band(self, band: Band) -> str:
        """A step: a band from the width that comes in to the width that goes out."""
        step, color = band.step, COLORS[band.step.kind]
        a, b = band.before / 2, band.after / 2
        x, y, h = band.x, band.y, band.height
        d = f"M{_f(x - a)} {_n(y)}H{_f(x + a)}L{_f(x + b)} {_n(y + h)}H{_f(x - b)}z"
        mark = self.mark(band.name, (step.name, *_parts(step.name)), _told(step), None)
        dim = self._dim(step)
        body = path(d, color.fill, mark, more=dim)
        if step.kind == "depthwise":
            body += self._threads(band, dim)
        if max(a, b) < 1:
            body += path(f"M{_n(x)} {_n(y)}v{_n(h)}", "none", stroke=color.fill, width=2, more=dim)
        return body

    def _threads(self, band: Band, dim: str) -> str:
        """A depthwise step mixes nothing: threads that run side by side."""
        count = max(int(min(band.before, band.after) / 9), 0)
        if not count or band.before != band.after:
            return ""
        gap = band.before / (count + 1)
        lines = "".join(
            f"M{_n(band.x - band.before / 2 + gap * k)} {_n(band.y)}v{_n(band.height)}"
            for k in range(1, count + 1)
        )
        more = f'{dim} stroke-opacity="0.55" pointer-events="none"'.strip()
        return path(lines, "none", Mark(f"{self.key}{band.name} threads"), stroke=CARD, width=1.2, more=more)

    def carried(self, sign: Sign) -> str:
        """The tensor that goes on to a sign."""
        mark = Mark(f"{self.key}{sign.name} on")
        return rect(sign.x - sign.width / 2, sign.y, sign.width, sign.bottom - sign.y, TENSOR, mark)

    def sign(self, sign: Sign) -> str:
        """A plus or a times in a circle."""
        color = COLORS[sign.step.kind]
        x, y = sign.x, sign.middle
        dim = self._dim(sign.step)
        mark = self.mark(sign.name, (sign.step.name,), _told(sign.step), None)
        if sign.step.kind == "add":
            strokes = f"M{_n(x - 6)} {_n(y)}h12m-6 -6v12"
        else:
            strokes = f"M{_n(x - 4.2)} {_n(y - 4.2)}l8.4 8.4m0 -8.4l-8.4 8.4"
        body = circle(x, y, SIGN, color.fill, mark, more=dim)
        more = f'{dim} pointer-events="none"'.strip()
        stroke = Mark(f"{self.key}{sign.name} sign")
        return body + path(strokes, "none", stroke, stroke=color.ink, width=2.4, more=more)

    def lane(self, lane: Lane) -> str:
        """A branch: along from its tensor, down through its steps, and back into the sign."""
        (x1, y1), (x2, y2), x = lane.start, lane.end, lane.x
        body = ""
        if lane.panel:
            px, py, pw, ph = lane.panel
            more = f'stroke="{COLORS["squeeze_excitation"].fill}" stroke-width="1.5"'
            name = f"{self.key}panel {lane.name}"
            body += rect(px, py, pw, ph, PANEL, Mark(name), rx=10, more=more)
        if lane.bands:
            top, last = lane.bands[0].y, lane.bands[-1]
            bottom = last.y + last.height
            if lane.panel:
                top, bottom = lane.panel[1], lane.panel[1] + lane.panel[3]
            down = f"H{_n(x - 12)}q12 0 12 12V{_n(top - 2)}m-5 -6l5 6l5 -6"
            back = f"M{_n(x)} {_n(bottom)}V{_n(y2 - 12)}q0 12 -12 12"
            line = f"M{_n(x1)} {_n(y1)}{down}{back}H{_n(x2 + 3)}m6 -5l-6 5l6 5"
        else:
            r = min(26.0, (y2 - y1) / 2, max(x - x1, 1), max(x - x2, 1))
            line = f"M{_n(x1)} {_n(y1)}H{_n(x - r)}q{_n(r)} 0 {_n(r)} {_n(r)}"
            line += f"V{_n(y2 - r)}q0 {_n(r)} {_n(-r)} {_n(r)}H{_n(x2 + 3)}m6 -5l-6 5l6 5"
        names = ("shortcut",) if lane.branch.is_shortcut else ()
        said = "the shortcut: what came in goes past the steps" if names and not lane.bands else ""
        if names and names[0] in self.touch:
            # a wide line, unseen, that a finger hits
            more = 'stroke-opacity="0" pointer-events="stroke"'
            body += path(
                line,
                "none",
                self.mark(f"touch {lane.name}", names, said, None),
                stroke=INK,
                width=18,
                more=more,
            )
        body += path(line, "none", Mark(f"{self.key}{lane.name}", title=said), stroke=INK, width=2)
        body += "".join(self.band(band) for band in lane.bands)
        for slab in lane.slabs:
            body += self.slab(slab)
            if lane.panel and 2 * slab.width < lane.panel[2]:  # the waist
                body += _waist(slab, lane.bands)
        return body

    def words(self, words: Words) -> str:
        """Lines of text; the first is heavy."""
        body, y = "", words.y - LINE * len(words.lines) / 2 + 12.5
        for n, line in enumerate(words.lines):
            heavy = n < words.bold
            fill = (INK if words.kind == "input" else COLORS[words.kind].text) if heavy else QUIET
            body += text(words.x, y + LINE * n, line, fill, bold=heavy)
        return body

    def light(self, placed: Layout) -> str:
        """The amber outline of what is lit."""
        if self.lit is None:
            return ""
        body = ""
        for bands in (placed.bands, *(lane.bands for lane in placed.lanes)):
            run: list[Band] = []
            for band in bands:
                if not is_in(band.step, self.lit):
                    continue
                if run and abs(run[-1].y + run[-1].height - band.y) > 2:  # a slab of more than a line between
                    body += _outline(run)
                    run = []
                run.append(band)
            body += _outline(run)
        more = 'pointer-events="none"'
        for sign in placed.signs:
            if is_in(sign.step, self.lit):
                line = f'stroke="{HERE}" stroke-width="4" {more}'
                body += circle(sign.x, sign.middle, SIGN + 4, "none", more=line)
        return body

    def mark(self, name: str, parts: Sequence[str], said: str, value: int | None) -> Mark:
        """A mark with its key, what a click sets, and what a pointer reads."""
        sets, click = next((self.touch[part] for part in parts if part in self.touch), (None, ""))
        title = ". ".join(filter(None, (said, f"Click: {click}" if click else "")))
        return Mark(self.key + name, sets, value, "width", "channels", title)

    def _dim(self, step: Step) -> str:
        return FAINT if self.lit is not None and not is_in(step, self.lit) else ""


def _here(placed: Layout, part: str) -> str:
    """The outline of what a part gives: its slab, or what is carried on to an addition."""
    found = [(s.y, s.width, s.height) for s in placed.slabs if is_in(s.step, part)]
    found = found or [(s.y, s.width, s.bottom - s.y) for s in placed.signs[:1]]
    if not found:
        return ""
    y, width, height = found[-1]
    more = 'stroke-width="4" pointer-events="none"'
    place = -width / 2 - 4, y - 3, width + 8, height + 6
    return rect(*place, "none", Mark("here"), stroke=HERE, rx=4, more=more)


def _waist(slab: Slab, bands: Sequence[Band]) -> str:
    """How many numbers are at a gate's narrowest, left of it: beside the step that has its width, if any."""
    middle = next(
        (band.y + band.height / 2 for band in bands if band.after == band.before == slab.width), slab.y
    )
    near = [slab.width / 2]
    for band in bands:
        for y in (middle - 5, middle + 5):
            if band.y < y < band.y + band.height:
                part = (y - band.y) / band.height
                near.append((band.before * (1 - part) + band.after * part) / 2)
    x = slab.x - max(near) - 6
    return text(x, middle + 4.9, f"{channels(slab.step):,}", INK, bold=True, anchor="end")


def _outline(bands: Sequence[Band]) -> str:
    """Round bands that touch."""
    if not bands:
        return ""
    x, right, left = bands[0].x, "", ""
    for band in bands:
        right += f"L{_n(x + band.before / 2 + 3)} {_n(band.y)}"
        right += f"L{_n(x + band.after / 2 + 3)} {_n(band.y + band.height)}"
    for band in reversed(bands):
        left += f"L{_n(x - band.after / 2 - 3)} {_n(band.y + band.height)}"
        left += f"L{_n(x - band.before / 2 - 3)} {_n(band.y)}"
    d = "M" + (right + left)[1:] + "z"
    return path(d, "none", stroke=HERE, width=3.5, more='pointer-events="none"')


def _parts(name: str) -> list[str]:
    """The parts that a step belongs to, the smallest first: "a.b.c" gives "a.b" and "a"."""
    names = name.split(".")
    return [".".join(names[:k]) for k in range(len(names) - 1, 0, -1)]


def _told(step: Step) -> str:
    """A step in words."""
    words = step.name
    if step.detail and step.detail != step.name:
        words += f": {step.detail}"
    if step.kind in LEADING and step.kind != "linear":
        words += f", {COLORS[step.kind].name.removeprefix('1x1 ')}"
    if step.parameters:
        words += f", {step.parameters:,} parameters"
    return words + (f", {step.multiply_adds:,} multiply-adds" if step.multiply_adds else "")


def _f(value: float) -> str:
    """A place that a width is measured by."""
    return f"{round(value, 3):g}" if round(value, 3) else "0"
