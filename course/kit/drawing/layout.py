"""Where each thing of a diagram stands. Pixels; the path runs along y = 0, branches above it.

Tensors are boxes: width for channels, height for resolution, by square roots, so that 2048 channels
fit beside one. Steps are groups of chips. A body may not come nearer to the next than GAP, nor a label.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from course.kit.drawing.flow import LEADING, SIGNS, Branch, Flow
from course.kit.drawing.letters import text_width
from course.kit.drawing.style import LARGE, MEDIUM

if TYPE_CHECKING:
    from blocks.measure import Step

GAP = 22  # between bodies on the path: room for an arrow
GATE_GAP = 11  # and in a gate
LABEL_GAP = 10
CHIP, STRIP = 44, 23  # heights of a chip with two lines, and with one
SIGN = 13  # radius
SLANT = 0.22  # of what its width in pixels would be as a height: how far a box's back stands to the right
RISE = 0.6  # of that: how far its back stands above
KIND_WORDS = {
    "convolution": "full convolution",
    "grouped": "grouped",
    "depthwise": "depthwise",
    "pointwise": "convolution",
    "linear": "layer",
}


@dataclass(frozen=True)
class Chip:
    """One step, as a colored rectangle with a line or two of text."""

    step: Step
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Piece:
    """A tensor, a group of chips or a sign: its body, the title above and the labels below."""

    steps: tuple[Step, ...]
    x: float
    y: float
    width: float
    height: float
    chips: tuple[Chip, ...] = ()
    title: str = ""
    labels: tuple[str, ...] = ()
    is_tensor: bool = False
    depth: float = 0.0  # of a tensor's box: how far its back stands to the right of its front

    @property
    def middle(self) -> float:
        """The x of its middle."""
        return self.x + self.width / 2

    @property
    def label_width(self) -> float:
        """The width of its widest label."""
        return max((text_width(text, MEDIUM, bold=True) for text in self.labels), default=0.0)

    @property
    def room(self) -> float:
        """The width that body and labels need."""
        return max(self.width, self.label_width)

    def at(self, x: float, y: float) -> Piece:
        """The same piece with its body's upper left corner there."""
        dx, dy = x - self.x, y - self.y
        chips = tuple(replace(chip, x=chip.x + dx, y=chip.y + dy) for chip in self.chips)
        return replace(self, x=x, y=y, chips=chips)


class Scale:
    """How large a tensor is drawn: one scale for the whole picture, that grows slowly with the largest."""

    def __init__(self, shapes: Sequence[Sequence[int]]) -> None:
        self.channels = max(shape[1] if len(shape) > 1 else 1 for shape in shapes)
        self.pixels = max(max(shape[2:], default=1) for shape in shapes)

    def width(self, channels: int) -> float:
        """Of a box for so many channels."""
        widest = 20 + 2.8 * math.log2(self.channels)
        return 6 + widest * math.sqrt(channels / self.channels)

    def height(self, pixels: int) -> float:
        """Of a box for so many pixels."""
        tallest = 22 + 6.5 * math.log2(self.pixels)
        return 7 + tallest * math.sqrt(pixels / self.pixels)

    def tensor(self, step: Step, *, short: bool = False) -> Piece:
        """The box for what `step` gives; its labels are in words, or the bare number of channels."""
        shape = step.shape
        channels = shape[1] if len(shape) > 1 else 1
        rows = shape[2] if len(shape) > 2 else 1
        depth = SLANT * self.height(shape[-1] if len(shape) > 2 else 1)
        width, height = self.width(channels) + depth, self.height(rows) + RISE * depth
        noun = "channel" if len(shape) > 2 else "feature"
        words = f"{channels:,} {noun}{'' if channels == 1 else 's'}"
        labels = (f"{channels:,}",) if short else (words, " x ".join(map(str, shape[2:])))
        return Piece((step,), 0, -height / 2, width, height, labels=labels, is_tensor=True, depth=depth)


def group(steps: Sequence[Step], *, small: bool = False) -> Piece:
    """A convolution's chip with its norm and activation as strips below it; or one chip, or a sign."""
    if steps[0].kind in SIGNS:
        return Piece(tuple(steps), 0, -SIGN, 2 * SIGN, 2 * SIGN)
    title = _title(steps)
    texts = [_lines(step, small=small) for step in steps]
    width = max(
        text_width(line, LARGE, bold=True) if i == 0 and len(lines) > 1 else text_width(line, MEDIUM)
        for lines in texts
        for i, line in enumerate(lines)
    )
    width = max(width + (11 if small else 12), text_width(title, MEDIUM, bold=True))
    chips: list[Chip] = []
    y = -(CHIP if len(texts[0]) > 1 else STRIP) / 2
    for step, lines in zip(steps, texts, strict=True):
        height = CHIP if len(lines) > 1 else STRIP
        chips.append(Chip(step, lines, 0, y, width, height))
        y += height
    top = chips[0].y
    return Piece(tuple(steps), 0, top, width, y - top, tuple(chips), title, _parameters(steps))


def _lines(step: Step, *, small: bool) -> tuple[str, ...]:
    """The text of a chip."""
    if step.kind not in LEADING:
        return (step.detail or step.kind,)
    if small:
        return ("layer" if step.kind == "linear" else step.detail,)
    return (step.detail, KIND_WORDS[step.kind])


def _title(steps: Sequence[Step]) -> str:
    """The name of the part that a group is: "expand" for expand.conv, expand.norm and expand.act."""
    name = steps[0].name.split(".")
    shared = len(steps) > 1 and all(step.name.split(".")[:-1] == name[:-1] for step in steps)
    title = name[-2] if shared and len(name) > 1 and name[-1] in ("conv", "norm") else name[-1]
    return "" if title == steps[0].detail else title


def _parameters(steps: Sequence[Step]) -> tuple[str, ...]:
    count = sum(step.parameters for step in steps)
    return (f"{count:,}", "parameter" if count == 1 else "parameters") if count else ()


@dataclass(frozen=True)
class Lane:
    """A branch, placed: from the top of piece `source` up to `y`, along, and down into piece `join`."""

    branch: Branch
    pieces: tuple[Piece, ...]
    start: tuple[float, float]  # where it leaves the path
    end: tuple[float, float]  # where it comes back
    left: float
    right: float
    title: str
    y: float = 0.0  # of its line
    top: float = 0.0
    bottom: float = 0.0


@dataclass(frozen=True)
class Layout:
    """Everything, placed. `anchors` gives, for each group of the path, the piece that branches leave from."""

    pieces: tuple[Piece, ...]
    lanes: tuple[Lane, ...]
    anchors: dict[int, Piece]
    joins: dict[int, Piece]
    left: float
    top: float
    right: float
    bottom: float
    label_y: float
    hidden: int


PAD = 10  # inside the panel of a gate
CAP = 21  # the height of a title over chips
PLAIN = "shortcut"


def layout(read: Flow) -> Layout:
    """Place all that `read` holds."""
    steps = [step for way in (read.path, *(b.groups for b in read.branches)) for g in way for step in g]
    scale = Scale([step.shape for step in steps])
    sides = {branch: _side(branch, scale) for branch in read.branches}
    beads = _beads(read, scale)
    pieces, anchors, joins = _row(beads, read.branches, sides)
    top = min([p.y - (CAP if p.title else 0) for p in pieces]) - 8
    lanes = _lanes(read.branches, sides, anchors, joins, top)
    label_y = max(p.y + p.height for p in pieces) + 19
    left = min([*(p.middle - p.room / 2 for p in pieces), *(lane.left for lane in lanes)])
    right = max([*(p.middle + p.room / 2 for p in pieces), *(lane.right for lane in lanes)])
    top = min([top, *(lane.top for lane in lanes)])
    return Layout(pieces, lanes, anchors, joins, left, top, right, label_y + 23, label_y, read.hidden)


def _beads(read: Flow, scale: Scale) -> list[tuple[int, Piece]]:
    """The pieces of the path in order, each with the number of its group; a tensor has that of its maker."""
    sources = {branch.source for branch in read.branches}
    beads: list[tuple[int, Piece]] = [(0, scale.tensor(read.path[0][-1]))]
    shown = read.path[0][-1].shape
    for n, steps in enumerate(read.path[1:], 1):
        beads.append((n, group(steps)))
        following = read.path[n + 1] if n + 1 < len(read.path) else None
        news = steps[-1].shape != shown or steps[0].kind in LEADING
        closed = following is not None and (
            following[0].kind in SIGNS or (steps[0].kind in SIGNS and following[0].kind not in LEADING)
        )
        if following is None or n in sources or (news and not closed):
            beads.append((n, scale.tensor(steps[-1])))
            shown = steps[-1].shape
    return beads


def _side(branch: Branch, scale: Scale) -> tuple[Piece, ...]:
    """The pieces of a branch, side by side from x = 0; a gate's tensors are boxes between them."""
    pieces: list[Piece] = []
    x = 0.0
    for n, steps in enumerate(branch.groups):
        piece = group(steps, small=True)
        if branch.is_gate:
            more = [scale.tensor(steps[-1], short=True)] if n < len(branch.groups) - 1 else []
            beside = [replace(piece, labels=()), *more]
        else:
            named = ": ".join(filter(None, (piece.title, " ".join(piece.labels))))
            wide = max(piece.width, text_width(named, MEDIUM, bold=True))
            x += (wide - piece.width) / 2
            beside = [replace(piece, title=named, labels=())]
        for one in beside:
            x += (one.room - one.width) / 2
            pieces.append(one.at(x, one.y))
            x += (one.room + one.width) / 2 + (GATE_GAP if branch.is_gate else GAP)
    return tuple(pieces)


def _row(
    beads: Sequence[tuple[int, Piece]], branches: Sequence[Branch], sides: dict[Branch, tuple[Piece, ...]]
) -> tuple[tuple[Piece, ...], dict[int, Piece], dict[int, Piece]]:
    """The path from left to right, with room between the ends of each branch for what stands on it."""
    pieces: list[Piece] = []
    anchors: dict[int, Piece] = {}
    joins: dict[int, Piece] = {}
    for n, bead in beads:
        x = 0.0
        if pieces:
            x = pieces[-1].x + pieces[-1].width + GAP
        labeled = [piece for piece in pieces if piece.labels]
        if labeled and bead.labels:
            near = labeled[-1].middle + (labeled[-1].label_width + bead.label_width) / 2 + LABEL_GAP
            x = max(x, near - bead.width / 2)
        if not bead.is_tensor:
            ends = [b for b in branches if b.join == n]
            least = [
                anchors[b.source].middle + _reach(b, sides[b], crowded=_crowded(b, branches)) for b in ends
            ]
            gates = [b for b in branches if b.is_gate and b.join in joins]
            least += [_gate_right(sides[b], joins[b.join]) for b in gates]
            x = max([x, *(middle - bead.width / 2 for middle in least)])
        placed = bead.at(x, bead.y)
        pieces.append(placed)
        anchors[n] = placed
        if not placed.is_tensor:
            joins[n] = placed
    return tuple(pieces), anchors, joins


def _reach(branch: Branch, side: Sequence[Piece], *, crowded: bool) -> float:
    """How far apart the ends of a branch must be at least; crowded: another leaves from the same piece."""
    if not side:
        return text_width(PLAIN, MEDIUM) + 70
    first, last = side[0], side[-1]
    if branch.is_gate:
        return last.middle - (first.x - 29 if crowded else first.middle)
    return last.x + last.width - first.x + 60


def _crowded(branch: Branch, branches: Sequence[Branch]) -> bool:
    """Whether another branch leaves from the same piece."""
    return sum(other.source == branch.source for other in branches) > 1


def _gate_right(side: Sequence[Piece], join: Piece) -> float:
    """How far left the next sign may stand, so that a line into it passes the panel of the gate."""
    return join.middle + side[-1].width / 2 + PAD + 14


def _lanes(
    branches: Sequence[Branch],
    sides: dict[Branch, tuple[Piece, ...]],
    anchors: dict[int, Piece],
    joins: dict[int, Piece],
    base: float,
) -> tuple[Lane, ...]:
    """The branches above the path: short ones low, each as low as the others leave room."""
    lanes: list[Lane] = []
    for branch in sorted(branches, key=lambda b: (b.join - b.source, not b.is_gate)):
        crowded = _crowded(branch, branches)
        source, join = anchors[branch.source], joins[branch.join]
        start = source.middle + (0 if not crowded else 9 if branch.is_gate else -9)
        ends = (start, source.y + RISE / 2 * source.depth), (join.middle, join.y)
        lane = _lane(branch, sides[branch], *ends, crowded=crowded)
        below = [other.top for other in lanes if other.left < lane.right and lane.left < other.right]
        lanes.append(_lifted(lane, min([base, *below]) - 8 - lane.bottom))
    return tuple(lanes)


def _lane(
    branch: Branch,
    side: tuple[Piece, ...],
    leave: tuple[float, float],
    arrive: tuple[float, float],
    *,
    crowded: bool,
) -> Lane:
    """A branch with its line at y = 0."""
    start, end = leave[0], arrive[0]
    if not side:
        half = text_width(PLAIN, MEDIUM) / 2 + 10
        middle = (start + end) / 2
        edges = min(start, middle - half), max(end, middle + half)
        return Lane(
            branch, (), leave, arrive, *edges, PLAIN if branch.is_shortcut else "", 0, -STRIP / 2, STRIP / 2
        )
    bottom = max(piece.y + piece.height for piece in side)
    top = min(piece.y for piece in side) - (CAP if any(piece.title for piece in side) else 0)
    if not branch.is_gate:
        shift = (start + end) / 2 - (side[0].x + side[-1].x + side[-1].width) / 2
        placed = tuple(piece.at(piece.x + shift, piece.y) for piece in side)
        return Lane(branch, placed, leave, arrive, start, end, "", 0, top, bottom)
    first = start + 20 if crowded else start - side[0].width / 2
    spare = end - side[-1].middle - (first - side[0].x)
    steps = max(len(side) - 1, 1)
    placed = tuple(
        piece.at(piece.x + first - side[0].x + spare * n / steps, piece.y) for n, piece in enumerate(side)
    )
    title = _gate_title(branch)
    left, right = placed[0].x - PAD, placed[-1].x + placed[-1].width + PAD
    more = text_width(title + gate_parameters(branch), MEDIUM, bold=True) + 3 * PAD - (right - left)
    right += max(more, 0)
    return Lane(branch, placed, leave, arrive, left, right, title, 0, top - CAP - PAD, bottom + PAD)


def _lifted(lane: Lane, dy: float) -> Lane:
    pieces = tuple(piece.at(piece.x, piece.y + dy) for piece in lane.pieces)
    return replace(lane, pieces=pieces, y=dy, top=lane.top + dy, bottom=lane.bottom + dy)


def _gate_title(branch: Branch) -> str:
    """The name of the part that the gate is."""
    names = {step.name.split(".")[-2] if "." in step.name else "" for g in branch.groups for step in g}
    only = names.pop() if len(names) == 1 else ""
    if only:
        return only
    return "squeeze and excitation" if branch.groups[0][0].kind == "pool" else "gate"


def gate_parameters(branch: Branch) -> str:
    """What the whole gate brings in, in words."""
    return " ".join(_parameters([step for g in branch.groups for step in g]))
