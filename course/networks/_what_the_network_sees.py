"""What the official MobileNetV2 sees in a photograph, or in the reader's own picture, and what it answers."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.kit.drawing.answers import percent, shortened
from course.kit.drawing.bitmap import png
from course.kit.drawing.feature_maps import maps_card
from course.kit.panel import Choice, Explorer, Number, Picture, Said, unavailable, with_name
from course.kit.training import data, on_photos, sights
from course.kit.training.sights import BLOCKS, Look, Sight, described
from course.networks._strip_picture import Part, strip_card

OWN = "your picture"
ANSWERS = 3
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


def say(data: Seen) -> Said:
    """The words of the explorer."""
    found, answer = data.sight, data.look.answers[0]
    channels, height, width = found.shape
    side = data.look.pixels.shape[0] // height
    share = f"{100 * found.negative:.0f} % of values negative."
    if not found.negative:
        share = f"{100 * found.zero:.0f} % of values 0."
    return Said(
        f"After {_called(data)}: {channels:,} channels of {height} x {width}; {share}",
        f"{title(data)}, {height} x {width} each: one number for every {side} x {side} pixels of the picture."
        f" {described(found)} The network answers {answer.name}, {percent(answer.probability)}.",
    )


def title(data: Seen) -> str:
    """Which part, and how many of its channels are shown."""
    channels, shown = data.sight.shape[0], len(data.sight.maps)
    which = f"all {channels}" if shown == channels else f"the first {shown} of {channels:,}"
    return f"After {_called(data)}: {which} channels"


def _called(data: Seen) -> str:
    return f"{'the ' * (data.part in ('stem', 'head'))}{data.part}"


def draw_with(source: str, data: Seen, heard: str) -> Picture:
    """The network as a strip, with the picture and the answers; and the maps of the part that is lit."""
    answers = [
        (shortened(answer.name, 17), answer.probability, percent(answer.probability))
        for answer in data.look.answers[:ANSWERS]
    ]
    sights = data.look.sights
    parts = [Part(name, sight.shape[0], sight.shape[1]) for name, sight in sights.items()]
    lit = list(sights).index(data.part)
    names = [f"channel {n + 1}" for n in range(len(data.sight.maps))]
    words = f"The network as a strip of {len(parts)} parts; {data.part} is chosen"
    return (
        strip_card(source, answers, parts, lit, words),
        maps_card(title(data), data.sight.maps, names, heard),
    )


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
    looks = {name: sights.look(picture) for name, picture in own.items()}
    looks |= {name: _look(name) for name in data.PHOTOGRAPHS}
    first, sources = next(iter(looks)), {name: png(one.pixels) for name, one in looks.items()}
    return Explorer(
        {
            "picture": Choice("Photograph", first, tuple(looks)),
            "part": Number("Part (0 the stem, 18 the head)", 3, 0, BLOCKS + 1, more=True),
        },
        compute=lambda picture, part: Seen(picture, part_name(part), looks[picture]),
        draw=lambda seen, heard: draw_with(sources[seen.picture], seen, heard),
        say=say,
        presets=PRESETS,
        stills=({"part": 13},),
        variant=None if path is None else OWN,
    )
