"""A spiral sent through n dimensions and ReLU, and back: what is lost among few channels, not among many."""

from dataclasses import dataclass
from functools import cache

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from course.kit.drawing.chart import Chart, Png, open_frame
from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.panel import Choice, Explorer, Number, with_name
from course.linear_bottleneck.experiment import Embedded, fewer_than_two, lost, spiral

MOST, MATRICES = 30, 200
DIMENSIONS = range(2, MOST + 1)
# Each up to 15: the page asks from which on less than one point in a hundred is lost.
_ON_PAGE = (*range(2, 16), 20, 25, 30)
DECODERS = ("best linear", "pseudo-inverse")
PRESETS = {
    "2 dimensions": {"n": 2, "relu": "on", "decoder": DECODERS[0]},
    "3 dimensions": {"n": 3, "relu": "on", "decoder": DECODERS[0]},
    "15 dimensions": {"n": 15, "relu": "on", "decoder": DECODERS[0]},
    "2 dimensions, linear": {"n": 2, "relu": "off", "decoder": DECODERS[0]},
    "30, pseudo-inverse": {"n": 30, "relu": "on", "decoder": DECODERS[1]},
}


@dataclass(frozen=True, eq=False)
class Spiral:
    """One spiral there and back, and the share of lost points counted over many matrices."""

    n: int
    relu: bool
    decoder: str
    embedded: Embedded
    counted: float
    formula: float


def compute(n: int, relu: str, decoder: str, matrix: int) -> Spiral:
    """The spiral through matrix number `matrix` with ReLU "on" or "off".

    Raises:
        ValueError: there is no such dimension or decoder.
    """
    is_on = relu == "on"
    embedded = spiral(n, relu=is_on, decoder=decoder, seed=matrix)
    formula = fewer_than_two(n) if is_on else 0.0
    return Spiral(n, is_on, decoder, embedded, counted(n) if is_on else 0.0, formula)


@cache
def counted(n: int) -> float:
    """The share of points with fewer than two units on, over MATRICES random matrices; kept."""
    return lost(n, MATRICES)


def say(data: Spiral) -> str:
    """The sentence of the explorer."""
    back = f"The {data.decoder} decoder is wrong by {_percent(data.embedded.error)} of the points' variance."
    if not data.relu:
        return f"{data.n} dimensions without ReLU: every unit passes its value on. {back}"
    return (
        f"{data.n} dimensions with ReLU: with this matrix {_percent(data.embedded.lost)} of the points"
        f" (crosses) have fewer than two units on, over {MATRICES} random matrices {_percent(data.counted)};"
        f" the formula (n + 1)/2ⁿ says {_percent(data.formula)}. {back}"
    )


def _percent(share: float) -> str:
    if share > 2:
        return "more than 200 %"
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
        _curve(right)
        (self._formula,) = right.plot([], [], "o", color=INK, ms=9, mfc="none", clip_on=False)
        (self._counted,) = right.plot([], [], "o", color=_LOST, ms=6, clip_on=False)
        self._note = right.text(30, 0.9, "", fontsize=9, color=INK, ha="right", va="center")
        self._chart.animate([*moving, self._formula, self._counted, self._note])

    def png(self, data: Spiral) -> Png:
        """The chart; points that are lost are crosses."""
        lost = data.embedded.on < 2
        spirals = (data.embedded.points, data.embedded.decoded)
        for (kept, crossed), places in zip(self._dots, spirals, strict=True):
            kept.set_data(*places[~lost].numpy().T)
            crossed.set_data(*places[lost].numpy().T)
        self._formula.set_data([data.n], [data.formula])
        self._counted.set_data([data.n], [data.counted])
        self._note.set_text(f"n = {data.n}: {100 * data.counted:.3g} %")
        return self._chart.png()


def _curve(axes: Axes) -> None:
    axes.plot(DIMENSIONS, [fewer_than_two(n) for n in DIMENSIONS], color=RULE, linewidth=2)
    axes.set(xlim=(2, 30), ylim=(0, 1))
    axes.set_xticks([2, 10, 20, 30])
    axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    axes.set_title("fewer than two units on", fontsize=10, fontweight="bold", color=INK, loc="left")
    axes.set_xlabel("dimension n; curve: (n+1)/2ⁿ", fontsize=9, color=QUIET)
    open_frame(axes)


@with_name
def spiral_dimensions() -> Explorer[Spiral]:
    """Dimension, ReLU, decoder and matrix to choose."""
    chart = SpiralChart()
    for n in DIMENSIONS:
        counted(n)  # half a second now, so that the slider does not wait
    return Explorer(
        {
            "n": Number("Dimension", 3, 2, MOST, page=_ON_PAGE),
            "relu": Choice("ReLU", "on", ("on", "off")),
            "decoder": Choice("Decoder", DECODERS[0], DECODERS),
            "matrix": Number("Matrix", 3, 0, 20, page=(0, 1, 2, 3, 4)),
        },
        compute=compute,
        draw=lambda data, _: (chart.png(data),),
        say=say,
        presets=PRESETS,
        stills=({"n": 2}, {"n": 15}),
    )
