"""The gradients of a network before its first step, with three switches: shortcut, norm, start."""

import itertools
import math
from dataclasses import dataclass

from course.kit.drawing.card import card, words
from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.panel import Choice, Explorer, Picture, with_name
from course.residual.experiment import DEPTHS
from course.residual.untrained import STARTS, gradients

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
    "the same, He's start": {"shortcut": "no", "norm": "none", "start": "He", "layers": 28},
}


@dataclass(frozen=True)
class Start:
    """The settings, and the gradient's norm for each convolution over the last one's."""

    kind: str
    norm: str
    start: str
    layers: int
    sizes: tuple[float, ...]


def compute(shortcut: str, norm: str, start: str, layers: int) -> Start:
    """The real network's gradients, measured once and kept."""
    kind = "residual" if shortcut == "yes" else "plain"
    norms = gradients(kind, layers, norm == "batch norm", start)
    return Start(kind, norm, start, layers, tuple(one / norms[-1] for one in norms))


def name(data: Start) -> str:
    """The network in words."""
    norm = "with batch norm" if data.norm == "batch norm" else "without norm"
    start = "PyTorch's default start" if data.start == "PyTorch" else "He's start"
    return f"{data.kind}-{data.layers} {norm}, {start}, not trained"


def verdict(first: float) -> str:
    """What the first convolution's share is called: ten times more or less is the border."""
    if first > 10:
        return "it explodes towards the first layers"
    return "it vanishes towards the first layers" if first < 0.1 else "it neither explodes nor vanishes"


def say(data: Start) -> str:
    """The sentence of the explorer."""
    first = data.sizes[0]
    number = f"{first:,.0f}" if first >= 100 else f"{first:.2g}"
    return (
        f"{name(data)}: the first of {len(data.sizes)} convolutions gets {number} times the gradient of the"
        f" last: {verdict(first)}. One batch of 64 digits, one random start."
    )


def say_stored(data: Start) -> str:
    """The same with the nearest power of ten, for the digits may differ a little between machines."""
    power = math.floor(math.log10(data.sizes[0]))
    least, most = power_of_ten(power), power_of_ten(power + 1)
    return (
        f"{name(data)}: the first of {len(data.sizes)} convolutions gets between {least} and {most}"
        f" times the gradient of the last."
    )


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 880, 300, 96, 30, 44, 244


def draw(data: Start, sentence: str) -> Picture:
    """A dot for each convolution, first to last, on a scale of powers of ten."""
    powers, count = [math.log10(size) for size in data.sizes], len(data.sizes)
    low, high = math.floor(min(-2.0, *powers)), math.ceil(max(2.0, *powers))
    step = max(1, math.ceil((high - low) / 7))

    def across(number: int) -> float:
        return LEFT + 14 + (WIDTH - LEFT - RIGHT - 28) * number / max(1, count - 1)

    def down(power: float) -> float:
        return TOP + (BOTTOM - TOP) * (high - power) / (high - low)

    body = words(14, 24, "Gradient of each convolution's weights; the last one's is 1", INK, bold=True)
    for power in range(-step * (-low // step), high + 1, step):
        edge = INK if power == 0 else RULE
        body += f'<path d="M{LEFT} {down(power):.1f}H{WIDTH - RIGHT}" stroke="{edge}"/>'
        body += words(LEFT - 8, down(power) + 4, power_of_ten(power), QUIET, anchor="end")
    points = [(across(n), down(power)) for n, power in enumerate(powers)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    body += (
        f'<polyline points="{line}" fill="none" stroke="{COLORS["convolution"].fill}" stroke-width="1.5"/>'
    )
    for x, y in points:
        body += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLORS["convolution"].fill}"/>'
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
    """Shortcut, norm, start and depth to choose; the gradient that each convolution gets at the start.

    All networks are measured now, in a few seconds, and kept: a switch then waits for nothing, and draws no
    random numbers beside a cell that is running.
    """
    for settings in itertools.product(SHORTCUTS, NORMS, STARTS, DEPTHS):
        compute(*settings)
    return Explorer(
        {
            "shortcut": Choice("Shortcut", "no", SHORTCUTS),
            "norm": Choice("Norm", "batch norm", NORMS),
            "start": Choice("Start", "PyTorch", STARTS),
            "layers": Choice("Layers", 56, DEPTHS),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({}, {"shortcut": "yes"}),
        stored=say_stored,
    )
