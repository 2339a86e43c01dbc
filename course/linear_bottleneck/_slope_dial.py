"""The official MobileNetV2 with its narrow ends bent: what is negative there is multiplied by a slope."""

from dataclasses import dataclass

from course.kit.panel import Choice, Explorer, Picture, unavailable, with_name
from course.kit.training.data import PHOTOGRAPHS
from course.kit.training.on_photos import mobilenet_v2
from course.linear_bottleneck._slopes_picture import SlopesChart
from course.linear_bottleneck.experiment import SLOPES, slope_answers

PRESETS = {
    "as it was trained": {"photograph": "cat", "slope": 1.0},
    "a little bent": {"photograph": "cat", "slope": 0.9},
    "bent to 0.6": {"photograph": "cat", "slope": 0.6},
    "the espresso at 0.7": {"photograph": "espresso", "slope": 0.7},
}


@dataclass(frozen=True)
class Dial:
    """A photograph, the class that the untouched network finds, and its probability at each of SLOPES."""

    photograph: str
    slope: float
    name: str
    probabilities: tuple[float, ...]


def compute(photograph: str, slope: float) -> Dial:
    """All slopes of one photograph, kept from when the explorer was made.

    Raises:
        OSError, ValueError: the official weights are not here, or the photograph is not.
    """
    return Dial(photograph, slope, *slope_answers(photograph))


def say(data: Dial) -> str:
    """The sentence of the explorer."""
    now = data.probabilities[SLOPES.index(data.slope)]
    return (
        f"{data.photograph.replace('_', ' ').capitalize()}, slope {data.slope:g} at all 17 narrow ends"
        f" (1 is linear): {data.name} {100 * now:.1f} %, against {100 * data.probabilities[0]:.1f} %"
        " as trained. It was trained linear: this shows dependence, not superiority."
    )


@with_name
def slope_dial() -> Explorer[Dial] | Explorer[str]:
    """Photograph and slope to choose; where the official weights are missing, what to do.

    The network looks at every photograph now, in about a second: no control then waits for it.
    """
    try:
        mobilenet_v2()
    except (OSError, ValueError) as missing:
        return unavailable(str(missing))
    for photograph in PHOTOGRAPHS:
        slope_answers(photograph)
    chart = SlopesChart(SLOPES)

    def draw(data: Dial, _: str) -> Picture:
        return (chart.png(data.probabilities, SLOPES.index(data.slope), data.name),)

    return Explorer(
        {
            "photograph": Choice("Photograph", "cat", PHOTOGRAPHS),
            "slope": Choice("Slope", 1.0, SLOPES),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"slope": 0.7},),
    )
