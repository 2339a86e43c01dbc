"""The official MobileNetV2 with its narrow ends bent: what is negative there is multiplied by a slope."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from course.kit.drawing.bitmap import jpeg, photo
from course.kit.drawing.style import CARD, HERE, INK, QUIET, RULE, TENSOR
from course.kit.drawing.svg import Mark, card, group, path, rect, text
from course.kit.panel import Choice, Explorer, Picture, Said, unavailable, with_name
from course.kit.training.data import PHOTOGRAPHS, photograph
from course.kit.training.on_photos import Answer, mobilenet_v2
from course.kit.training.sights import cropped
from course.linear_bottleneck.experiment import SLOPES, slope_answers

PRESETS = {
    "a little bent": {"photograph": "cat", "slope": 0.9},
    "bent to 0.6": {"photograph": "cat", "slope": 0.6},
    "the espresso at 0.7": {"photograph": "espresso", "slope": 0.7},
    "as it was trained": {"photograph": "cat", "slope": 1.0},
}


@dataclass(frozen=True)
class Dial:
    """A photograph and a slope.

    Attributes:
        name: the class that the untouched network finds.
        probabilities: of this class, at each of SLOPES from 1 down to this one: no further has been turned.
        answer: the likeliest class at this slope.
    """

    photograph: str
    slope: float
    name: str
    probabilities: tuple[float, ...]
    answer: Answer


def compute(photograph: str, slope: float) -> Dial:
    """The slopes of one photograph down to this one, kept from when the explorer was made.

    Raises:
        OSError, ValueError: the official weights are not here, or the photograph is not.
    """
    bent, until = slope_answers(photograph), SLOPES.index(slope) + 1
    return Dial(photograph, slope, bent.found, bent.likely[:until], bent.answers[until - 1])


def say(data: Dial) -> Said:
    """The words of the explorer."""
    now, first = (f"{100 * share:.1f} %" for share in (data.probabilities[-1], data.probabilities[0]))
    other = ""
    if data.answer.name != data.name:
        other = f" It answers {data.answer.name}, {100 * data.answer.probability:.1f} %."
    return Said(
        f"Slope {data.slope:g}: {data.name} {now}"
        + (f", against {first} as trained." if data.slope < 1 else "."),
        f"{data.photograph.replace('_', ' ').capitalize()}, slope {data.slope:g} at all 17 narrow ends"
        f" (1 is linear): {data.name} {now}, against {first} as trained.{other} It was trained linear: this"
        " shows dependence, not superiority.",
    )


WIDTH, HEIGHT, EDGE, SCALE = 400, 376, 14, 1.15
SIDE, BEND = 176, 100  # of the photograph, and of the graph
MIDDLE = 238  # where the graph and the answer begin
BARS, ROW, LEFT, LONG = 222, 28, 92, 236


def draw(data: Dial, heard: str) -> Picture:
    """What the network gets, the bend at its narrow ends, its answer, and the bars down to this slope."""
    body = photo(EDGE, EDGE, SIDE, SIDE, jpeg(pixels(data.photograph)))
    body += _bend(data.slope, EDGE) + _answer(data)
    body += text(EDGE, BARS - 6, "slope", QUIET)
    body += text(LEFT, BARS - 6, data.name, INK, bold=True)
    for row, slope in enumerate(SLOPES):
        y, is_here = BARS + row * ROW, slope == data.slope
        line = rect(EDGE - 6, y, WIDTH - 2 * EDGE + 12, ROW, CARD)
        name = f"{slope:g}" + (" linear" if slope == 1 else "")
        line += text(EDGE, y + 19, name, INK if is_here else QUIET, bold=is_here)
        line += rect(LEFT, y + 4, LONG, ROW - 8, TENSOR)
        if row < len(data.probabilities):
            share = data.probabilities[row]
            mark = Mark(f"bar-{slope:g}", value=100 * share, scale="width", unit="probability")
            line += rect(LEFT, y + 4, LONG * share, ROW - 8, QUIET, mark)
            line += text(WIDTH - EDGE, y + 19, f"{100 * share:.1f} %", INK, anchor="end", bold=is_here)
        if is_here:
            line += rect(LEFT - 2, y + 2, LONG + 4, ROW - 4, "none", stroke=HERE, more='stroke-width="2.5"')
        body += group(line, Mark(sets={"slope": slope}, title=f"Bend the narrow ends to slope {slope:g}"))
    return (card(body, WIDTH, HEIGHT, heard, scale=SCALE),)


@cache
def pixels(name: str) -> NDArray[np.uint8]:
    """What the network gets of a photograph, (224, 224, 3)."""
    return cropped(photograph(name))


def _bend(slope: float, top: float) -> str:
    """What stands at every narrow end: a straight line, or one that is bent at zero."""
    left, half = MIDDLE + 20, BEND / 2
    x, y = left + half, top + half
    body = path(f"M{left} {y}H{left + BEND}M{x} {top}V{top + BEND}", "none", stroke=RULE, width=1)
    body += path(f"M{left} {y + half}L{x} {y}", "none", stroke=RULE, width=1.6, more='stroke-dasharray="3 3"')
    line = f"M{left} {y + half * slope:.1f}L{x} {y}L{left + BEND} {top}"
    body += path(line, "none", Mark("bend"), stroke=INK, width=3.2)
    name = "as trained" if slope == 1 else f"x {slope:g} below 0"
    return body + text(left + half, top + BEND + 18, name, QUIET, anchor="middle")


def _answer(data: Dial) -> str:
    """What the network answers; where that is another class, on a dark chip."""
    left, right, top = EDGE + SIDE + 12, WIDTH - EDGE, EDGE + SIDE - 46
    is_other = data.answer.name != data.name
    body = rect(left, top, right - left, 46, INK if is_other else TENSOR, rx=6)
    ink, middle = CARD if is_other else INK, (left + right) / 2
    body += text(middle, top + 20, data.answer.name, ink, size=16, bold=True, anchor="middle")
    share = f"{100 * data.answer.probability:.1f} %"
    return body + text(middle, top + 38, share, ink, anchor="middle")


@with_name
def slope_dial() -> Explorer[Dial] | Explorer[str]:
    """Photograph and slope to choose; where the official weights are missing, what to do.

    The network looks at every photograph now, in about a second: no control then waits for it.
    """
    try:
        mobilenet_v2()
    except (OSError, ValueError) as missing:
        return unavailable(str(missing))
    for name in PHOTOGRAPHS:
        slope_answers(name)
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
