"""Where each thing of a silhouette stands. Pixels; the path runs from top to bottom round x = 0.

A tensor is a slab, as wide as it has channels and as thick as its map has rows; a step is the band between
two slabs, tapered where the channels change. All widths of a picture are one multiple of the channels. Words
stand in a column at the left, branches at the right of the path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course.kit.drawing.flow import LEADING, SIGNS, Branch, Flow
from course.kit.drawing.letters import text_width
from course.kit.drawing.style import MEDIUM

if TYPE_CHECKING:
    from blocks.measure import Step

WIDTH, MARGIN = 400, 14  # of the card, and what is left free round all that stands on it
WIDEST, LEAST = 210.0, 64.0  # the widest tensor, in a picture with room and in one without
THICKEST = 13.0  # a slab of the largest map; that of one number a channel is a line
LINE, GAP = 16.5, 10.0  # a line of words; between words and shapes, and round the lanes of branches
BAND, SHORT = 44.0, 22.0  # the least height of a convolution's band, and of another step's
STRIP, THIN = 6.0, 5.0  # a norm or an activation below a band; between a slab and a band there is nothing
SIDE, SIDE_STEP, PAD = 27.0, 14.0, 9.0  # the same in a branch, and round a gate's steps in their panel
SIGN = 11.0  # radius
ARC = 22.0  # the width that is kept for a shortcut, so that nothing moves where it goes
COLUMN, COLUMN_BY_LANES = 154.0, 141.0  # the widest column of words, and that beside a branch of steps
KIND_WORDS = {
    "convolution": "full convolution",
    "grouped": "grouped",
    "depthwise": "depthwise",
    "pointwise": "convolution",
    "linear": "layer",
}


@dataclass(frozen=True)
class Words:
    """Lines of text beside a shape; the first `bold` of them are heavy; y is the middle of them all."""

    lines: tuple[str, ...]
    bold: int
    kind: str
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Slab:
    """A tensor: what `step` gives, `width` wide round `x`."""

    step: Step
    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Band:
    """A step between two tensors; `before` and `after` are their widths; `text` stands on it or beside it."""

    step: Step
    name: str
    x: float
    y: float
    height: float
    before: float
    after: float


@dataclass(frozen=True)
class Sign:
    """An addition or a product: a circle on the tensor that is carried on from `y` to `bottom`."""

    step: Step
    name: str
    x: float
    y: float
    width: float
    bottom: float

    @property
    def middle(self) -> float:
        """Where the circle stands."""
        return self.bottom - 18


@dataclass(frozen=True)
class Lane:
    """A branch: from the right edge of a slab along `x` down to a sign, with its own shapes on it."""

    name: str
    branch: Branch
    x: float
    start: tuple[float, float]
    end: tuple[float, float]
    slabs: tuple[Slab, ...]
    bands: tuple[Band, ...]
    panel: tuple[float, float, float, float] | None  # x, y, width, height


@dataclass
class Layout:
    """Everything, placed, and how many pixels a channel has."""

    unit: float
    slabs: list[Slab] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    hidden: int = 0


@dataclass(frozen=True)
class _Room:
    """What a card's width is shared by: the column of words, the path, and columns of lanes.

    Of each branch in a column of lanes: the channels of its widest tensor, and pixels at each side of it.
    """

    column: float
    main: int
    lanes: tuple[tuple[tuple[int, float], ...], ...]

    def reach(self, n: int, unit: float) -> float:
        """Half the width of a column of lanes."""
        return max(wide * unit / 2 + pixels for wide, pixels in self.lanes[n])

    def width(self, unit: float) -> float:
        """Of the whole card."""
        lanes = sum(2 * self.reach(n, unit) + GAP for n in range(len(self.lanes)))
        return 2 * MARGIN + self.column + GAP + self.main * unit + GAP + max(lanes, ARC)

    def unit(self) -> float:
        """The pixels of a channel with which all fits on the card, or the least."""
        low, high = LEAST / self.main, WIDEST / self.main
        if self.width(high) <= WIDTH:
            return high
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (middle, high) if self.width(middle) <= WIDTH else (low, middle)
        return low


def channels(step: Step) -> int:
    """The channels, or features, of what a step gives for one input."""
    return step.shape[1] if len(step.shape) > 1 else 1


def widest(read: Flow) -> int:
    """The channels of the widest tensor on the path."""
    return max(channels(step) for steps in read.path for step in steps)


def unit_of(read: Flow) -> float:
    """The pixels of a channel in the picture of `read` alone."""
    return _room(read, _columns(read.branches)).unit()


def layout(read: Flow, unit: float | None = None) -> Layout:
    """Place all that `read` holds; with `unit` pixels a channel, else as many as fit."""
    columns = _columns(read.branches)
    room = _room(read, columns)
    placed = Layout(room.unit() if unit is None else unit, hidden=read.hidden)
    rows = max(_rows(step) for way in _ways(read) for step in way)
    thickness = THICKEST / rows if rows > 1 else THIN
    _place_path(placed, read, room, thickness)
    half = room.main * placed.unit / 2
    lane_x, edge = [], half + GAP
    for n in range(len(room.lanes)):
        lane_x.append(edge + room.reach(n, placed.unit))
        edge = lane_x[-1] + room.reach(n, placed.unit) + GAP
    used: dict[str, int] = {}
    for branch in read.branches:
        name = _unique(f"to {read.path[branch.join][0].name}", used)
        placed.lanes.append(_lane(name, read, branch, placed, lane_x[columns[branch]], thickness))
    placed.left = -half - GAP - room.column - MARGIN
    placed.right = max(placed.left + WIDTH, half + GAP + ARC + MARGIN, edge - GAP + MARGIN)
    return placed


def title_of(steps: Sequence[Step]) -> str:
    """The name of the part that a group is: "expand" for expand.conv, expand.norm and expand.act."""
    name = steps[0].name.split(".")
    shared = len(steps) > 1 and all(step.name.split(".")[:-1] == name[:-1] for step in steps)
    return name[-2] if shared and len(name) > 1 and name[-1] in ("conv", "norm") else name[-1]


def gate_title(branch: Branch) -> str:
    """The name of the part that a gate is."""
    names = {step.name.split(".")[-2] if "." in step.name else "" for g in branch.groups for step in g}
    only = names.pop() if len(names) == 1 else ""
    if only:
        return only
    return "squeeze and excitation" if branch.groups[0][0].kind == "pool" else "gate"


def _ways(read: Flow) -> list[list[Step]]:
    return [[step for g in way for step in g] for way in (read.path, *(b.groups for b in read.branches))]


def _rows(step: Step) -> int:
    return step.shape[2] if len(step.shape) > 2 else 1


def _columns(branches: Sequence[Branch]) -> dict[Branch, int]:
    """Each branch's column of lanes: short ones first, and beside each other where they would meet."""
    columns: dict[Branch, int] = {}
    for branch in sorted(branches, key=lambda b: (b.join - b.source, not b.is_gate)):
        taken = {
            n for other, n in columns.items() if other.source < branch.join and branch.source < other.join
        }
        columns[branch] = next(n for n in range(len(branches)) if n not in taken)
    return columns


def _room(read: Flow, columns: dict[Branch, int]) -> _Room:
    lanes: list[list[tuple[int, float]]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for branch, n in columns.items():
        side = [step for g in branch.groups for step in g]
        counts = [channels(step) for step in (read.path[branch.source][-1], *side)]
        lanes[n].append((max(counts) if side else 0, PAD if branch.is_gate else 5.0))
    crowded = any(branch.groups for branch in read.branches)
    words = [_group_words(steps) for steps in read.path[1:] if steps[0].kind not in SIGNS]
    words += [_tensor_words(steps[-1], None) for steps in read.path]
    for n, steps in enumerate(read.path):
        if steps[0].kind in SIGNS:
            words.append(_sign_words(steps[0], [branch for branch in columns if branch.join == n]))
    needed = max(_extent(line, n < w.bold) for w in words for n, line in enumerate(w.lines))
    column = min(needed, COLUMN_BY_LANES if crowded else COLUMN)
    return _Room(column, widest(read), tuple(map(tuple, lanes)))


def _extent(line: str, bold: bool) -> float:
    return text_width(line, MEDIUM, bold=bold)


def _tensor_words(step: Step, shown: tuple[int, ...] | None) -> Words:
    """Channels, and height and width where they are not those of the last tensor that was `shown`."""
    count = channels(step)
    noun = "channel" if len(step.shape) > 2 else "feature"
    size = step.shape[2:]
    lines = (f"{count:,} {noun}{'' if count == 1 else 's'}",)
    return Words(lines + ((" x ".join(map(str, size)),) if size and size != shown else ()), 1, "input")


def _group_words(steps: Sequence[Step]) -> Words:
    """Title, kind, and what follows the convolution."""
    first, title = steps[0], title_of(steps)
    what, *more = (first.detail or first.kind).split(", ")
    if first.kind in LEADING:
        what = f"{what} {KIND_WORDS[first.kind]}"
    lines = [", ".join([what, *more])] + [step.detail or step.kind for step in steps[1:]]
    after = ", ".join(lines[1:])
    named = () if title == what or title.isdigit() else (title,)
    return Words((*named, lines[0], *([after] if after else [])), len(named), first.kind)


def _fitted(words: Words, width: float) -> Words:
    """The same in lines of at most `width`."""
    bold = [part for line in words.lines[: words.bold] for part in _wrapped(line, width, bold=True)]
    plain = [part for line in words.lines[words.bold :] for part in _wrapped(line, width, bold=False)]
    return Words((*bold, *plain), len(bold), words.kind)


def _wrapped(line: str, width: float, *, bold: bool) -> list[str]:
    """Lines that end at a space or after an underscore; a longer word is cut."""
    lines = [""]
    kept = line.replace("stride ", "stride\u00a0")
    for word in kept.replace("_", "_\0").replace(" ", " \0").split("\0"):
        if _extent((lines[-1] + word).rstrip(), bold) > width and lines[-1]:
            lines.append("")
        lines[-1] += word
    return [_cut(part.strip(), width, bold) for part in lines]


def _cut(word: str, width: float, bold: bool) -> str:
    if _extent(word, bold) <= width:
        return word
    while word and _extent(word + "...", bold) > width:
        word = word[:-1]
    return word + "..."


@dataclass
class _Item:
    """One thing of the path before it is placed: a slab, a band with its strips, or a sign."""

    kind: str
    group: int
    steps: tuple[Step, ...]
    words: Words
    name: str
    height: float

    @property
    def over(self) -> float:
        """How far the words of a slab reach over it, above and below."""
        return max(0.0, (LINE * len(self.words.lines) - self.height) / 2) if self.kind == "slab" else 0.0


def _items(read: Flow, column: float, thickness: float) -> list[_Item]:
    """The path in order; a slab stands wherever a tensor is new, or a branch leaves."""
    sources = {branch.source for branch in read.branches}
    used: dict[str, int] = {}
    items: list[_Item] = []
    shown: tuple[int, ...] | None = None
    for n, steps in enumerate(read.path):
        is_sign = steps[0].kind in SIGNS
        name = _unique("input" if n == 0 else steps[0].name, used)
        if is_sign:
            words = _sign_words(steps[0], [b for b in read.branches if b.join == n])
            items.append(_Item("sign", n, steps, _fitted(words, column), name, 36))
        elif n:
            items.append(_Item("band", n, steps, _fitted(_group_words(steps), column), name, 0))
            items[-1].height = (BAND if steps[0].kind in LEADING else SHORT) + STRIP * (len(steps) - 1)
        follows = read.path[n + 1] if n + 1 < len(read.path) else None
        closed = n > 0 and follows is not None and (follows[0].kind in SIGNS or is_sign)
        if n in sources or not closed:
            words = _fitted(_tensor_words(steps[-1], shown), column)
            thick = max(_rows(steps[-1]) * thickness, 1.5)
            items.append(_Item("slab", n, (steps[-1],), words, f"t:{name}" if follows else "t:out", thick))
            shown = steps[-1].shape[2:]
    return items


def _place_path(placed: Layout, read: Flow, room: _Room, thickness: float) -> None:
    """The path from y = 0 down, and its words."""
    unit, left = placed.unit, -room.main * placed.unit / 2 - GAP - room.column
    items = _items(read, room.column, thickness)
    bottoms: dict[int, float] = {}  # of what each group of the path ends in
    y, before = items[0].over, 0.0
    for n, item in enumerate(items):
        above = items[n - 1].over if n else 0.0
        below = items[n + 1].over if n + 1 < len(items) else 0.0
        height, middle = item.height, y + item.height / 2
        if item.kind != "slab":
            height = max(height, LINE * len(item.words.lines) + above + below + 6)
            ends = [b for b in read.branches if b.join == item.group]
            least = [bottoms[b.source] + _side_height(b, thickness) + 44 - y for b in ends if b.groups]
            height = max([height, *least])
            middle = y + above + (height - above - below) / 2
        after = channels(item.steps[-1]) * unit
        if item.kind == "slab":
            placed.slabs.append(Slab(item.steps[0], item.name, 0, y, after, height))
        elif item.kind == "sign":
            placed.signs.append(Sign(item.steps[0], item.name, 0, y, after, y + height))
        else:
            body = height - STRIP * (len(item.steps) - 1)
            placed.bands.append(Band(item.steps[0], item.name, 0, y, body, before, after))
            for k, step in enumerate(item.steps[1:]):
                top = y + body + STRIP * k
                placed.bands.append(Band(step, f"{item.name}:{k}", 0, top, STRIP, after, after))
        placed.words.append(Words(item.words.lines, item.words.bold, item.words.kind, left, middle))
        y += height
        before = after
        bottoms[item.group] = y
    placed.bottom = y + items[-1].over


def _unique(name: str, used: dict[str, int]) -> str:
    """The name, with a number where it was there before: a module may be called twice."""
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name} {used[name]}"


def _sign_words(step: Step, ends: Sequence[Branch]) -> Words:
    """What comes in from the side, and by which steps."""
    gates = [branch for branch in ends if branch.is_gate]
    if gates:
        lines = [", ".join(_in_gate(one) for one in steps) for steps in gates[0].groups]
        return Words((gate_title(gates[0]), *lines), 1, "squeeze_excitation")
    shortcuts = [branch for branch in ends if branch.is_shortcut]
    if shortcuts:
        lines = [line for steps in shortcuts[0].groups for line in _group_words(steps).lines[-2:]]
        return Words(("+ shortcut", *lines), 1, "add")
    return Words((step.detail or step.kind,), 1, step.kind)


def _in_gate(step: Step) -> str:
    """A gate's layers are all 1x1: their names tell more."""
    return step.name.rpartition(".")[2] if step.kind in LEADING else step.detail or step.kind


def _side_height(branch: Branch, thickness: float) -> float:
    """Of all that stands on a branch."""
    steps = [step for g in branch.groups for step in g]
    slabs = [max(_rows(step) * thickness, 1.5) for step in steps if not _hides(step, steps)]
    return sum(map(_side_step, steps)) + sum(slabs) + (2 * PAD if branch.is_gate else 0)


def _side_step(step: Step) -> float:
    return SIDE if step.kind in LEADING else STRIP if step.kind == "norm" else SIDE_STEP


def _hides(step: Step, steps: Sequence[Step]) -> bool:
    """Whether no slab stands after a step of a branch: a norm or an activation comes, or it is the last."""
    k = next(i for i, one in enumerate(steps) if one is step)
    return k + 1 == len(steps) or steps[k + 1].kind in ("norm", "activation")


def _end(step: Step, placed: Layout) -> tuple[float, float]:
    """Where a branch comes back: at the circle of its sign, or at the edge of a step that reads several."""
    for sign in placed.signs:
        if sign.step is step:
            return SIGN, sign.middle
    band = next(band for band in placed.bands if band.step is step)
    return (band.before + band.after) / 4, band.y + band.height / 2


def _lane(name: str, read: Flow, branch: Branch, placed: Layout, x: float, thickness: float) -> Lane:
    """A branch with its shapes, as low as it must be: a gate just before its product."""
    source = next(s for s in placed.slabs if s.step is read.path[branch.source][-1])
    start, end = (source.width / 2, source.y + source.height / 2), _end(read.path[branch.join][0], placed)
    steps = [step for g in branch.groups for step in g]
    if not steps:
        return Lane(name, branch, x, start, end, (), (), None)
    tall = _side_height(branch, thickness)
    top = (start[1] + end[1]) / 2 - tall / 2 + (6 if branch.is_gate else 0)
    y, before = top + PAD * branch.is_gate, channels(read.path[branch.source][-1]) * placed.unit
    bands: list[Band] = []
    slabs: list[Slab] = []
    widths = [before]
    for step in steps:
        after, height = channels(step) * placed.unit, _side_step(step)
        bands.append(Band(step, f"s:{step.name}", x, y, height, before, after))
        y += height
        if not _hides(step, steps):
            thick = max(_rows(step) * thickness, 1.5)
            slabs.append(Slab(step, f"t:{step.name}", x, y, after, thick))
            y += thick
        before = after
        widths.append(after)
    half = max(widths) / 2 + PAD
    panel = (x - half, top, 2 * half, tall) if branch.is_gate else None
    return Lane(name, branch, x, start, end, tuple(slabs), tuple(bands), panel)
