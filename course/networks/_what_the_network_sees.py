"""What the official MobileNetV2 sees in a photograph, or in the reader's own picture, and what it answers."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.kit.drawing.answers import percent
from course.kit.drawing.feature_maps import Bar, FeatureMapsChart
from course.kit.panel import Choice, Explorer, Number, Picture, unavailable, with_name
from course.kit.training import data, on_photos, sights
from course.kit.training.sights import BLOCKS, Look, Sight, described

OWN = "your picture"
PRESETS = {
    "the stem": {"part": 0},
    "block 3": {"part": 3},
    "block 13, 14 x 14": {"part": 13},
    "the head": {"part": BLOCKS + 1},
}


@dataclass(frozen=True)
class Seen:
    """A picture by its name here, one part of the network by its name, and all that the network sees."""

    picture: str
    part: str
    look: Look

    @property
    def sight(self) -> Sight:
        """What the part gives."""
        return self.look.sights[self.part]


def part_name(number: int) -> str:
    """The name in `sights.parts` of part 0 (the stem) to 18 (the head)."""
    return {0: "stem", BLOCKS + 1: "head"}.get(number, f"block {number}")


def say(data: Seen) -> str:
    """The sentence of the explorer."""
    found, answer = data.sight, data.look.answers[0]
    _, height, width = found.shape
    side = data.look.pixels.shape[0] // height
    return (
        f"{title(data)}, {height} x {width} each: one number for every {side} x {side} pixels of the picture."
        f" {described(found)} The network answers {answer.name}, {percent(answer.probability)}."
    )


def title(data: Seen) -> str:
    """Which part, and how many of its channels are shown."""
    channels, shown = data.sight.shape[0], len(data.sight.maps)
    which = f"all {channels}" if shown == channels else f"the first {shown} of {channels:,}"
    return f"Behind {'the ' * (data.part in ('stem', 'head'))}{data.part}: {which} channels"


def draw_with(chart: FeatureMapsChart, data: Seen) -> Picture:
    """The picture, the answers below it, and the maps."""
    bars = [
        Bar(answer.name, answer.probability, percent(answer.probability), place == 0)
        for place, answer in enumerate(data.look.answers)
    ]
    return (chart.png(data.look.pixels, "What it answers", bars, data.sight.maps, title(data)),)


@functools.cache  # a cell that is run again waits for nothing, and holds nothing twice
def _look(photograph: str) -> Look:
    return sights.look(data.photograph(photograph))


@with_name
def what_the_network_sees(path: str | Path | None = None) -> Explorer[Any]:
    """A picture, and a part of the network from the stem to the head: its feature maps, and the answers.

    What each picture gives is computed beforehand and kept, some 3 MB: a choice does not wait for the
    network. Where the weights are not on the machine, it says what to do.

    Args:
        path: of a picture of your own, of any kind that `blocks.networks.preprocess` takes. It does not leave
            the machine.

    Raises:
        ValueError: there is no such file, or it is not a picture.
    """
    own = {} if path is None else {OWN: sights.opened(path)}
    try:
        on_photos.mobilenet_v2()
    except (OSError, ValueError) as refusal:
        return unavailable(str(refusal))
    chart = FeatureMapsChart()
    looks = {name: sights.look(picture) for name, picture in own.items()}
    looks |= {name: _look(name) for name in data.PHOTOGRAPHS}
    first = next(iter(looks))
    return Explorer(
        {
            "picture": Choice("Photograph", first, tuple(looks)),
            "part": Number("Part (0 the stem, 18 the head)", 3, 0, BLOCKS + 1),
        },
        compute=lambda picture, part: Seen(picture, part_name(part), looks[picture]),
        draw=lambda seen, _: draw_with(chart, seen),
        say=say,
        presets=PRESETS,
        stills=({"part": 13},),
        variant=None if path is None else OWN,
    )
