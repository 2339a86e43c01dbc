"""A spiral sent through n dimensions and ReLU, and back: what is lost among few channels, not among many."""

from dataclasses import dataclass
from functools import cache

from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.linear_bottleneck._spiral_picture import SpiralChart
from course.linear_bottleneck.experiment import Embedded, fewer_than_two, lost, spiral

MOST, MATRICES = 30, 200
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


@with_name
def spiral_dimensions() -> Explorer[Spiral]:
    """Dimension, ReLU, decoder and matrix to choose."""
    dimensions = range(2, MOST + 1)
    chart = SpiralChart(dimensions, [fewer_than_two(n) for n in dimensions])
    for n in dimensions:
        counted(n)  # half a second now, so that the slider does not wait

    def draw(data: Spiral, _: str) -> Picture:
        one = data.embedded
        lost = (one.on < 2).numpy()
        return (chart.png(one.points.numpy(), one.decoded.numpy(), lost, data.n, data.counted, data.formula),)

    return Explorer(
        {
            "n": Number("Dimension", 3, 2, MOST),
            "relu": Choice("ReLU", "on", ("on", "off")),
            "decoder": Choice("Decoder", DECODERS[0], DECODERS),
            "matrix": Number("Matrix", 3, 0, 20),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"n": 2}, {"n": 15}),
    )
