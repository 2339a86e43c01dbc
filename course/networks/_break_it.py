"""Break it: one mistake in the official MobileNetV2 that no shape shows, and what it then answers."""

import functools
from dataclasses import dataclass
from typing import Any

from PIL import Image

from course.kit.drawing.answers import SIDE, AnswersChart, percent
from course.kit.panel import Choice, Explorer, Picture, unavailable, with_name
from course.kit.training import data, on_photos, sights
from course.kit.training.on_photos import Answer
from course.networks.mistakes import MISTAKES

NONE = "none"
PRESETS = {
    "cat, no mistake": {"photo": "cat", "mistake": NONE},
    "cat, ReLU": {"photo": "cat", "mistake": "ReLU instead of ReLU6"},
    "espresso, norm eps": {"photo": "espresso", "mistake": "norm eps 1e-3"},
    "cat, no shortcuts": {"photo": "cat", "mistake": "shortcuts removed"},
    "cat, red and blue swapped": {"photo": "cat", "mistake": "red and blue swapped"},
}


@dataclass(frozen=True)
class Broken:
    """The five likeliest classes of one photograph, without the mistake and with it."""

    photo: str
    mistake: str
    right: tuple[Answer, ...]
    wrong: tuple[Answer, ...]


def broken(photo: str, mistake: str) -> Broken:
    """Ask the official network, and its copy with the mistake made; each answer is computed once.

    Raises:
        ValueError: there is no such photograph or mistake.
    """
    if mistake not in (NONE, *MISTAKES):
        raise ValueError(f"break_it: mistake must be one of {', '.join((NONE, *MISTAKES))}, got {mistake!r}.")
    right = on_photos.photograph_answers(photo)
    wrong = right if mistake == NONE else on_photos.photograph_answers(photo, MISTAKES[mistake])
    return Broken(photo, mistake, right, wrong)


def say(data: Broken) -> str:
    """The sentence of the explorer."""
    right, wrong = data.right[0], data.wrong[0]
    began = f"The official MobileNetV2 says {right.name}, {percent(right.probability)}."
    if data.mistake == NONE:
        return f"{began} No mistake is made: switch one on."
    kept = "The first answer stays." if right.name == wrong.name else "The first answer is another one."
    return (
        f"{began} With the mistake '{data.mistake}': {wrong.name}, {percent(wrong.probability)}. {kept}"
        " Shapes and weights are the same, 3,504,872 parameters."
    )


@functools.cache
def cropped(photo: str) -> Image.Image:
    """What the network gets of a photograph, as large as the chart draws it."""
    return Image.fromarray(sights.cropped(data.photograph(photo))).resize((SIDE, SIDE))


def draw_with(chart: AnswersChart, found: Broken) -> Picture:
    """The chart of `found`."""
    titles = "as it should be", found.mistake if found.mistake != NONE else "no mistake: the same"
    right, wrong = ([(a.name, a.probability) for a in answers] for answers in (found.right, found.wrong))
    return (chart.png(cropped(found.photo), titles, (right, wrong)),)


@with_name
def break_it() -> Explorer[Any]:
    """A photograph and a mistake to choose. Where the weights are not on the machine, what to do."""
    try:
        on_photos.mobilenet_v2()
    except (OSError, ValueError) as refusal:
        return unavailable(str(refusal))
    chart = AnswersChart()
    return Explorer(
        {
            "photo": Choice("Photograph", "cat", data.PHOTOGRAPHS),
            "mistake": Choice("Mistake", NONE, (NONE, *MISTAKES)),
        },
        compute=broken,
        draw=lambda found, _: draw_with(chart, found),
        say=say,
        presets=PRESETS,
        stills=({"mistake": NONE}, {"mistake": "shortcuts removed"}),
    )
