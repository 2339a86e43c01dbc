"""The official MobileNetV2 with its narrow ends bent: what is negative there is multiplied by a slope."""

from dataclasses import dataclass

from matplotlib.patches import Rectangle

from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.panel import Choice, Explorer, unavailable, with_name
from course.kit.training.data import PHOTOGRAPHS
from course.kit.training.on_photos import mobilenet_v2
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


class SlopesChart:
    """A kept chart of one probability for each of SLOPES: a bar, the chosen one in full ink."""

    def __init__(self) -> None:
        rows = range(len(SLOPES))
        self._chart = Chart(860, 250)
        axes = self._chart.axes(130, 34, 690, 176)
        axes.set(xlim=(0, 1), ylim=(len(SLOPES) - 0.5, -0.5))
        axes.set_yticks(rows, [f"slope {slope:g}" + (", linear" if slope == 1 else "") for slope in SLOPES])
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("probability of the class that the untouched network finds", fontsize=9, color=QUIET)
        axes.tick_params(labelsize=9.5, colors=INK, length=0)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.spines["left"].set_color(RULE)
        self._bars = [axes.add_patch(Rectangle((0, row - 0.3), 0, 0.6)) for row in rows]
        self._texts = [axes.text(0, row, "", fontsize=9.5, color=INK, va="center") for row in rows]
        self._title = axes.text(0, -0.8, "", fontsize=10, fontweight="bold", color=INK, va="center")
        self._chart.animate([*self._bars, *self._texts, self._title])

    def png(self, data: Dial) -> Png:
        """The chart of all slopes; the chosen one stands out."""
        chosen = SLOPES.index(data.slope)
        for row, (bar, text, share) in enumerate(
            zip(self._bars, self._texts, data.probabilities, strict=True)
        ):
            bar.set(width=share, facecolor=COLORS["depthwise" if row == chosen else "norm"].fill)
            text.set_text(f"{100 * share:.1f} %")
            inside = share > 0.9
            text.set_position((share - 0.01 if inside else share + 0.01, row))
            text.set_horizontalalignment("right" if inside else "left")
            text.set_color("#FFFFFF" if inside and row == chosen else INK)
        self._title.set_text(data.name)
        return self._chart.png()


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
    chart = SlopesChart()
    return Explorer(
        {
            "photograph": Choice("Photograph", "cat", PHOTOGRAPHS),
            "slope": Choice("Slope", 1.0, SLOPES),
        },
        compute=compute,
        draw=lambda data, _: (chart.png(data),),
        say=say,
        presets=PRESETS,
        stills=({"slope": 0.7},),
    )
