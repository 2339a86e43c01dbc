"""The gradients of a network before its first step, with three switches: shortcut, norm, initialization."""

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course.kit.drawing.style import CARD, INK, QUIET, RULE, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, circle, group, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.residual.experiment import DEPTHS
from course.residual.untrained import STARTS, named, stored_gradients

SHORTCUTS, NORMS = ("no", "yes"), ("batch norm", "none")
NETWORKS = tuple(itertools.product(SHORTCUTS, NORMS, STARTS, DEPTHS))
"""All settings of the four switches; a line that is kept is named by its place among them, from 1."""


def _settings(shortcut: str, norm: str, start: str, layers: int, kept: int = 0) -> dict[str, Any]:
    return {"shortcut": shortcut, "norm": norm, "start": start, "layers": layers, "kept": kept}


def _kept(shortcut: str, norm: str, start: str, layers: int) -> int:
    return NETWORKS.index((shortcut, norm, start, layers)) + 1


_DEEP, _BARE = ("no", "batch norm", "PyTorch", 56), ("no", "none", "PyTorch", 28)
PRESETS = {  # each keeps a line of one before it
    "plain-56 with batch norm": _settings(*_DEEP),
    "residual-56 with batch norm": _settings("yes", "batch norm", "PyTorch", 56, _kept(*_DEEP)),
    "plain-28 without norm": _settings(*_BARE, _kept(*_DEEP)),
    "the same, He's initialization": _settings("no", "none", "He", 28, _kept(*_BARE)),
}


@dataclass(frozen=True)
class Start:
    """The settings, and for each random initialization the gradient of each convolution over the last's.

    kept is another network, whose line stays as a ghost.
    """

    kind: str
    norm: str
    start: str
    layers: int
    sizes: tuple[tuple[float, ...], ...]
    kept: "Start | None" = None

    @property
    def ratios(self) -> tuple[float, ...]:
        """The first convolution's gradient over the last's, one for each initialization."""
        return tuple(sizes[0] for sizes in self.sizes)

    @property
    def medians(self) -> tuple[float, ...]:
        """The gradient of each convolution, the median over the initializations."""
        return tuple(statistics.median(sizes) for sizes in zip(*self.sizes, strict=True))

    @property
    def number(self) -> int:
        """Under which it can be kept."""
        shortcut = "yes" if self.kind == "residual" else "no"
        return _kept(shortcut, self.norm, self.start, self.layers)


def compute(shortcut: str, norm: str, start: str, layers: int, kept: int) -> Start:
    """Look the network up among the stored gradients, and the one that is kept, 0 for none."""
    kind = "residual" if shortcut == "yes" else "plain"
    sizes = stored_gradients()[named(kind, layers, norm == "batch norm", start)]
    ghost = compute(*NETWORKS[kept - 1], 0) if kept else None
    return Start(kind, norm, start, layers, sizes, ghost)


def name(data: Start) -> str:
    """The network in words."""
    norm = "with batch norm" if data.norm == "batch norm" else "without norm"
    start = "PyTorch's default initialization" if data.start == "PyTorch" else "He's initialization"
    return f"{data.kind}-{data.layers} {norm}, {start}, not trained"


def short(data: Start) -> str:
    """The network, short enough for the picture."""
    norm = "batch norm" if data.norm == "batch norm" else "no norm"
    return f"{data.kind}-{data.layers}, {norm}{', He' if data.start == 'He' else ''}"


def verdict(ratios: Sequence[float]) -> str:
    """What the first convolution's share is called: ten times more or less is the border."""
    count = len(ratios)
    large, small = sum(ratio > 10 for ratio in ratios), sum(ratio < 0.1 for ratio in ratios)
    if large == count:
        return f"it explodes (more than ten times in {count} of {count})"
    if small == count:
        return f"it vanishes (less than a tenth in {count} of {count})"
    if not large and not small:
        return f"it neither explodes nor vanishes (between a tenth and ten times in {count} of {count})"
    parts = [f"more than ten times in {large} of {count}"] * (large > 0)
    return " and ".join(parts + [f"less than a tenth in {small} of {count}"] * (small > 0))


def say(data: Start) -> Said:
    """The words of the explorer."""
    least, most = (shortened(end(data.ratios)) for end in (min, max))
    ghost = ""
    if data.kept:
        ghost = f" Kept as a ghost: {name(data.kept)}, {shortened(data.kept.medians[0])} times (median)."
    return Said(
        f"{data.kind}-{data.layers}: the first convolution gets {shortened(data.medians[0])} times the last"
        " one's gradient.",
        f"{name(data)}. Over ten random initializations, the first of the {len(data.sizes[0])} convolutions"
        f" in the blocks gets {least} to {most} times the gradient of the last: {verdict(data.ratios)}."
        f" Each time one batch of 64 digits.{ghost}",
    )


def shortened(ratio: float) -> str:
    """Two digits, all that a range needs; a very small one as a fraction, 1/28,000,000,000."""
    if ratio < 0.0001:
        return f"1/{float(f'{1 / ratio:.2g}'):,.0f}"
    return f"{float(f'{ratio:.2g}'):,g}"


WIDTH, HEIGHT, SCALE = 400, 330, 1.15
LEFT, RIGHT, TOP, BOTTOM = 66, 382, 46, 290
HIGH, LOW = 4, -4  # powers of ten at the ends of the axis, in every picture the same
LONGEST = max(DEPTHS) - 3  # steps from the first convolution in the blocks to the last


def draw(data: Start, heard: str) -> Picture:
    """A faint line for each initialization and a dotted one for the median, on powers of ten.

    One step to the left is one convolution further from the last, at any depth. A line that leaves the axis
    is cut off there.
    """
    body = text(14, 26, short(data), INK, size=16, bold=True)
    ratio = f"{shortened(data.medians[0])} times"
    body += text(WIDTH - 14, 26, ratio, INK, size=16, bold=True, anchor="end")
    for power in range(LOW, HIGH + 1):
        edge = INK if power == 0 else RULE
        body += path(f"M{LEFT} {_down(power):.1f}H{RIGHT}", "none", stroke=edge, width=1)
        if power % 2 == 0:
            body += text(LEFT - 8, _down(power) + 5, power_of_ten(power), QUIET, anchor="end")
    if data.kept and data.kept.number != data.number:
        more = 'stroke-dasharray="6 4" stroke-linecap="round"'
        body += path(_line(data.kept.medians), "none", stroke=QUIET, width=2.4, more=more)
        body += _ghost_name(data.kept)
    body += "".join(
        path(_line(sizes), "none", stroke=QUIET, width=1, more='stroke-opacity="0.4"') for sizes in data.sizes
    )
    line = path(_line(data.medians), "none", Mark("line"), stroke=INK, width=3)
    line += "".join(
        circle(_across(n, len(data.medians)), _down(math.log10(size)), 3, INK, more=f'stroke="{CARD}"')
        for n, size in enumerate(data.medians)
        if LOW <= math.log10(size) <= HIGH
    )
    wide = 'stroke-opacity="0"'  # easier to hit
    line += path(_line(data.medians), "none", stroke=INK, width=20, more=wide)
    body += group(line, Mark(sets={"kept": data.number}, title="Keep this line"))
    body += _keep(data)
    if math.log10(data.medians[0]) < LOW:
        body += _arrow(data.medians)
    body += text(RIGHT, BOTTOM + 24, "last convolution", QUIET, anchor="end")
    body += text(LEFT - 52, BOTTOM + 24, "first", QUIET)
    return (card(body, WIDTH, HEIGHT, heard, scale=SCALE),)


def _keep(data: Start) -> str:
    """What keeps the line beside the next one, or lets go of what is kept."""
    is_kept = data.kept is not None and data.kept.number == data.number
    wide = 112
    left, top = (WIDTH - wide) / 2, BOTTOM + 7
    button = rect(left, top, wide, 26, TENSOR, stroke=TENSOR_EDGE, rx=13)
    button += text(WIDTH / 2, top + 18, "let it go" if is_kept else "keep this line", INK, anchor="middle")
    return group(button, Mark(sets={"kept": 0 if is_kept else data.number}))


def _across(number: int, count: int) -> float:
    return RIGHT - 8 - (RIGHT - LEFT - 14) * (count - 1 - number) / LONGEST


def _down(power: float) -> float:
    return TOP + (BOTTOM - TOP) * (HIGH - power) / (HIGH - LOW)


def _line(sizes: Sequence[float]) -> str:
    """The line, cut off where it leaves the axis."""
    places = [(_across(n, len(sizes)), math.log10(size)) for n, size in enumerate(sizes)]
    inside = [(x, power) for x, power in places if power >= LOW]
    if len(inside) < len(places):
        (x0, low), (x1, high) = places[-len(inside) - 1], inside[0]
        inside.insert(0, (x0 + (x1 - x0) * (LOW - low) / (high - low), LOW))
    return "M" + " ".join(f"{x:.1f} {_down(power):.1f}" for x, power in inside)


def _arrow(medians: Sequence[float]) -> str:
    """Where the line leaves the axis, that it goes on."""
    x, y = map(float, _line(medians)[1:].split()[:2])
    return path(f"M{x - 8:.1f} {y:.1f}L{x - 3:.1f} {y + 9:.1f}L{x + 4:.1f} {y + 1:.1f}Z", INK)


def _ghost_name(ghost: Start) -> str:
    """The name at the end of its line: above it, or left of where it leaves the axis."""
    x, y = map(float, _line(ghost.medians)[1:].split()[:2])
    if y > BOTTOM - 1:
        return text(x - 12, y - 8, short(ghost), QUIET, anchor="end")
    if x > (LEFT + RIGHT) / 2:
        return text(x - 10, y, short(ghost), QUIET, anchor="end")
    return text(x, y - 8, short(ghost), QUIET)


def power_of_ten(power: int) -> str:
    """A power of ten, written out where that is short."""
    if 0 <= power < 6:
        return f"{10**power:,}"
    return f"{10.0**power:g}" if -4 <= power < 0 else f"1e{power}"


@with_name
def gradients_at_start() -> Explorer[Start]:
    """Shortcut, norm, initialization and depth to choose; the gradient of each convolution before training.

    Nothing is measured while a switch moves: ten initializations of each network are stored. A click on the
    line, or on the button, keeps it beside the next one.
    """
    return Explorer(
        {
            "shortcut": Choice("Shortcut", "no", SHORTCUTS),
            "norm": Choice("Norm", "batch norm", NORMS),
            "start": Choice("Initialization", "PyTorch", STARTS),
            "layers": Choice("Layers", 10, DEPTHS),  # notebook 02 votes on 56
            "kept": Number("Line kept, by number (0: none)", 0, 0, len(NETWORKS), more=True),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=(
            {"layers": 56},
            {"layers": 56, "shortcut": "yes", "kept": _kept(*_DEEP)},
            {"layers": 28, "kept": _kept(*_DEEP)},
        ),
    )
