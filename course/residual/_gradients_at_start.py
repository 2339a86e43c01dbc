"""The gradients of a network before its first step, with three switches: shortcut, norm, initialization."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.drawing.svg import card
from course.kit.drawing.svg import text as words
from course.kit.panel import Choice, Explorer, Picture, with_name
from course.residual.experiment import DEPTHS
from course.residual.untrained import STARTS, named, stored_gradients

SHORTCUTS, NORMS = ("no", "yes"), ("batch norm", "none")
PRESETS = {
    "plain-56 with batch norm": {"shortcut": "no", "norm": "batch norm", "start": "PyTorch", "layers": 56},
    "residual-56 with batch norm": {
        "shortcut": "yes",
        "norm": "batch norm",
        "start": "PyTorch",
        "layers": 56,
    },
    "plain-28 without norm": {"shortcut": "no", "norm": "none", "start": "PyTorch", "layers": 28},
    "the same, He's initialization": {"shortcut": "no", "norm": "none", "start": "He", "layers": 28},
}


@dataclass(frozen=True)
class Start:
    """The settings, and for each random initialization the gradient of each convolution over the last's."""

    kind: str
    norm: str
    start: str
    layers: int
    sizes: tuple[tuple[float, ...], ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """The first convolution's gradient over the last's, one for each initialization."""
        return tuple(sizes[0] for sizes in self.sizes)


def compute(shortcut: str, norm: str, start: str, layers: int) -> Start:
    """Look the network up among the stored gradients."""
    kind = "residual" if shortcut == "yes" else "plain"
    sizes = stored_gradients()[named(kind, layers, norm == "batch norm", start)]
    return Start(kind, norm, start, layers, sizes)


def name(data: Start) -> str:
    """The network in words."""
    norm = "with batch norm" if data.norm == "batch norm" else "without norm"
    start = "PyTorch's default initialization" if data.start == "PyTorch" else "He's initialization"
    return f"{data.kind}-{data.layers} {norm}, {start}, not trained"


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


def say(data: Start) -> str:
    """The sentence of the explorer."""
    least, most = (shortened(end(data.ratios)) for end in (min, max))
    return (
        f"{name(data)}. Over ten random initializations, the first of the {len(data.sizes[0])} convolutions"
        f" in the blocks gets {least} to {most} times the gradient of the last: {verdict(data.ratios)}."
        " Each time one batch of 64 digits."
    )


def shortened(ratio: float) -> str:
    """Two digits, all that a range needs."""
    return f"{float(f'{ratio:.2g}'):,g}"


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 880, 300, 96, 30, 44, 244


def draw(data: Start, sentence: str) -> Picture:
    """A faint line for each initialization, and a dot for each convolution's median, on powers of ten."""
    lines = [[math.log10(size) for size in sizes] for sizes in data.sizes]
    count = len(lines[0])
    low = math.floor(min(-2.0, *map(min, lines)))
    high = math.ceil(max(2.0, *map(max, lines)))
    step = max(1, math.ceil((high - low) / 7))

    def across(number: int) -> float:
        return LEFT + 14 + (WIDTH - LEFT - RIGHT - 28) * number / max(1, count - 1)

    def down(power: float) -> float:
        return TOP + (BOTTOM - TOP) * (high - power) / (high - low)

    title = (
        "Gradient of each convolution's weights over the last one's: ten initializations, and their median"
    )
    body = words(14, 24, title, INK, bold=True)
    for power in range(-step * (-low // step), high + 1, step):
        edge = INK if power == 0 else RULE
        body += f'<path d="M{LEFT} {down(power):.1f}H{WIDTH - RIGHT}" stroke="{edge}"/>'
        body += words(LEFT - 8, down(power) + 4, power_of_ten(power), QUIET, anchor="end")
    color = COLORS["convolution"].fill
    for powers in lines:
        line = " ".join(f"{across(n):.1f},{down(power):.1f}" for n, power in enumerate(powers))
        body += f'<polyline points="{line}" fill="none" stroke="{color}" stroke-opacity="0.35"/>'
    for n, powers_of_one in enumerate(zip(*lines, strict=True)):
        middle = statistics.median(powers_of_one)
        body += f'<circle cx="{across(n):.1f}" cy="{down(middle):.1f}" r="3.5" fill="{color}"/>'
    for number in (0, count // 2, count - 1):
        body += words(across(number), BOTTOM + 22, str(number + 1), INK, anchor="middle")
    body += words(
        (LEFT + WIDTH - RIGHT) / 2, BOTTOM + 44, "convolution, first to last", QUIET, anchor="middle"
    )
    return (card(body, WIDTH, HEIGHT, sentence),)


def power_of_ten(power: int) -> str:
    """A power of ten, written out where that is short."""
    if 0 <= power < 6:
        return f"{10**power:,}"
    return f"{10.0**power:g}" if -4 <= power < 0 else f"1e{power}"


@with_name
def gradients_at_start() -> Explorer[Start]:
    """Shortcut, norm, initialization and depth to choose; the gradient of each convolution before training.

    Nothing is measured while a switch moves: ten initializations of each network are stored.
    """
    return Explorer(
        {
            "shortcut": Choice("Shortcut", "no", SHORTCUTS),
            "norm": Choice("Norm", "batch norm", NORMS),
            "start": Choice("Initialization", "PyTorch", STARTS),
            "layers": Choice("Layers", 56, DEPTHS),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({}, {"shortcut": "yes"}, {"layers": 28}),
    )
