"""A spiral sent through n dimensions and ReLU, and back, and what is lost of content of more dimensions.

Few channels lose much only if they hold much: content of 2 dimensions needs fewer units than one of 16.
"""

from dataclasses import dataclass
from functools import cache

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from course.kit.drawing.chart import Chart, Png, open_frame
from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.panel import Choice, Explorer, Number, with_name
from course.linear_bottleneck.experiment import UNITS, Embedded, fewer_on, lost, spiral

CONTENTS, MATRICES = (2, 4, 16), 1000
# Each up to 15: the page asks from which on less than one point in a hundred is lost.
_STOPS = (*range(2, 31), 32, 40, 48, 56, 64, 80, UNITS)
_ON_PAGE = (*range(2, 17), 20, 25, 30, 32, 48, 64, UNITS)
DECODERS = ("best linear", "pseudo-inverse")
PRESETS = {
    "2 dimensions": {"n": 2, "relu": "on", "decoder": DECODERS[0]},
    "15 dimensions": {"n": 15, "relu": "on", "decoder": DECODERS[0]},
    "16 dimensions": {"n": 16, "relu": "on", "decoder": DECODERS[0]},
    "96 dimensions": {"n": UNITS, "relu": "on", "decoder": DECODERS[0]},
    "2 dimensions, linear": {"n": 2, "relu": "off", "decoder": DECODERS[0]},
    "30, pseudo-inverse": {"n": 30, "relu": "on", "decoder": DECODERS[1]},
}


@dataclass(frozen=True, eq=False)
class Spiral:
    """One spiral there and back, and for each of CONTENTS the share of points lost in n units.

    Attributes:
        counted: over many random matrices.
        formula: by the formula.
    """

    n: int
    relu: bool
    decoder: str
    embedded: Embedded
    counted: tuple[float, ...]
    formula: tuple[float, ...]


def compute(n: int, relu: str, decoder: str, matrix: int) -> Spiral:
    """The spiral through matrix number `matrix` with ReLU "on" or "off".

    Raises:
        ValueError: there is no such dimension or decoder.
    """
    is_on = relu == "on"
    embedded = spiral(n, relu=is_on, decoder=decoder, seed=matrix)
    # Without ReLU every unit is on; content is lost only where it has more dimensions than there are units.
    linear = tuple(float(n < content) for content in CONTENTS)
    counts = tuple(counted(content)[n - 1] for content in CONTENTS) if is_on else linear
    formula = tuple(fewer_on(n, content) for content in CONTENTS) if is_on else linear
    return Spiral(n, is_on, decoder, embedded, counts, formula)


@cache
def counted(content: int) -> tuple[float, ...]:
    """The share of points lost in 1 to UNITS units, over MATRICES random matrices; kept."""
    return lost(content, MATRICES)


def say(data: Spiral) -> str:
    """The sentence of the explorer."""
    back = f"The {data.decoder} decoder is wrong by {_percent(data.embedded.error)} of the points' variance."
    if not data.relu:
        return f"{data.n} dimensions without ReLU: every unit passes its value on. {back}"
    shares = "; ".join(
        f"{content} dimensions: {_percent(count)} (formula {_percent(due)})"
        for content, count, due in zip(CONTENTS, data.counted, data.formula, strict=True)
    )
    return (
        f"{data.n} dimensions with ReLU: with this matrix {_percent(data.embedded.lost)} of the spiral's"
        f" points (crosses) have fewer than two units on. {back} Points lost over {MATRICES:,} random"
        f" matrices, if they hold {shares}."
    )


def _percent(share: float) -> str:
    if share > 2:
        return "more than 200 %"
    if share > 0.9995 and share < 1:
        return "more than 99.95 %"
    return f"{100 * share:.1f} %" if share >= 0.0005 or share < 1e-12 else "less than 0.05 %"


_LOST, _KEPT = COLORS["convolution"].fill, COLORS["depthwise"].fill
_RANGE = 1.35


class SpiralChart:
    """A kept chart: the spiral, the spiral decoded, and the share of lost points by dimension."""

    def __init__(self) -> None:
        self._chart = Chart(860, 300)
        moving: list[Artist] = []
        self._dots = []
        for left, title in ((16, "the points"), (296, "what comes back")):
            axes = self._chart.axes(left, 30, 256, 256)
            axes.set(xlim=(-_RANGE, _RANGE), ylim=(-_RANGE, _RANGE))
            axes.set_title(title, fontsize=10, fontweight="bold", color=INK, loc="left")
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_color(RULE)
            pair = [axes.plot([], [], "o", ms=2.6, mew=0, color=_KEPT)[0]]
            pair.append(axes.plot([], [], "x", ms=4.5, mew=1.1, color=_LOST)[0])
            self._dots.append(pair)
            moving += pair
        right = self._chart.axes(640, 30, 200, 206)
        _curves(right)
        (self._counted,) = right.plot([], [], "o", color=_LOST, ms=6, clip_on=False)
        self._chart.animate([*moving, self._counted])

    def png(self, data: Spiral) -> Png:
        """The chart; points that are lost are crosses."""
        lost = data.embedded.on < 2
        spirals = (data.embedded.points, data.embedded.decoded)
        for (kept, crossed), places in zip(self._dots, spirals, strict=True):
            kept.set_data(*places[~lost].numpy().T)
            crossed.set_data(*places[lost].numpy().T)
        self._counted.set_data([data.n] * len(CONTENTS), data.counted)
        return self._chart.png()


def _curves(axes: Axes) -> None:
    units = range(2, UNITS + 1)
    for content in CONTENTS:
        axes.plot(units, [fewer_on(n, content) for n in units], color=RULE, linewidth=2)
        half = next(n for n in units if fewer_on(n, content) <= 0.5)
        axes.text(1.08 * half, 0.56, f"{content}", fontsize=9, color=INK, va="center")
    axes.set(xscale="log", xlim=(2, UNITS), ylim=(0, 1.02))
    axes.minorticks_off()
    axes.set_xticks([2, 4, 8, 16, 32, UNITS], ["2", "4", "8", "16", "32", str(UNITS)])
    axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    title = "lost of 2, 4, 16 dimensions"
    axes.set_title(title, fontsize=10, fontweight="bold", color=INK, loc="left")
    axes.set_xlabel("n (log scale); curves: formula", fontsize=9, color=QUIET)
    open_frame(axes)


@with_name
def spiral_dimensions() -> Explorer[Spiral]:
    """Dimension, ReLU, decoder and matrix to choose."""
    chart = SpiralChart()
    for content in CONTENTS:
        counted(content)  # half a second now, so that the slider does not wait
    return Explorer(
        {
            "n": Number("Dimension", 3, 2, UNITS, stops=_STOPS, page=_ON_PAGE),
            "relu": Choice("ReLU", "on", ("on", "off")),
            "decoder": Choice("Decoder", DECODERS[0], DECODERS),
            "matrix": Number("Matrix", 1, 0, 20, page=(0, 1, 2, 3, 4)),
        },
        compute=compute,
        draw=lambda data, _: (chart.png(data),),
        say=say,
        presets=PRESETS,
        stills=({"n": 2}, {"n": 16}),
    )
