"""The gradients of a network before its first step, with three switches: shortcut, norm, start."""

import itertools
import math
from dataclasses import dataclass

from course.kit.panel import Choice, Explorer, Picture, with_name
from course.residual._gradients_picture import gradient_sizes, power_of_ten
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


def draw(data: Start, sentence: str) -> Picture:
    """A dot for each convolution."""
    return (gradient_sizes(data.sizes, label=sentence),)


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
