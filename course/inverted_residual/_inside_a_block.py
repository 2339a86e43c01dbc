"""Inside one block of the official MobileNetV2: the feature maps of each step, and the memory they take."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.measure._memory import BYTES
from course.kit.drawing.feature_maps import Bar, FeatureMapsChart
from course.kit.panel import Choice, Explorer, Number, Picture, unavailable, with_name
from course.kit.training import data, on_photos, sights
from course.kit.training.sights import BLOCKS, STEPS, Sight, described

PRESETS = {
    "block 3, expanded": {"block": 3, "step": "expanded"},
    "stride 2: block 4, filtered": {"block": 4, "step": "filtered"},
    "no expansion: block 1": {"block": 1, "step": "expanded"},
    "late: block 13, expanded": {"block": 13, "step": "expanded"},
}


@dataclass(frozen=True, eq=False)
class Inside:
    """One block (counted from 1), the step that was asked for, and the tensors by step.

    A block without expansion has no "expanded": `shown` is then what came in.
    """

    photograph: str
    block: int
    step: str
    steps: Mapping[str, Sight]

    @property
    def shown(self) -> str:
        """The step whose maps are shown."""
        return self.step if self.step in self.steps else "before"


def kilobytes(found: Sight) -> str:
    """What the whole tensor takes as float32; a kilobyte is 1,000 bytes."""
    return f"{BYTES * prod(found.shape) / 1000:,.0f} kB"


def size(found: Sight) -> str:
    """Channels, height and width."""
    channels, height, width = found.shape
    return f"{channels} x {height} x {width}"


def say(seen: Inside) -> str:
    """The sentence of the explorer."""
    found, before = seen.steps[seen.shown], seen.steps["before"]
    began = f"{seen.photograph.replace('_', ' ').capitalize()}, block {seen.block} of {BLOCKS}, {seen.step}:"
    if seen.step != seen.shown:
        began += " this block has expansion 1 and no expanding step, so this is still what came in:"
    times = prod(found.shape) / prod(before.shape)
    more = f", {times:.2g} times what came in" if times != 1 else ", as much as came in"
    if seen.shown == "before":
        more = ""
    return f"{began} {size(found)} numbers, {kilobytes(found)} as float32{more}. {described(found)}"


def draw_with(chart: FeatureMapsChart, photo: NDArray[np.uint8], seen: Inside) -> Picture:
    """The photograph, the size of each tensor below it, and the maps of one."""
    most = max(prod(found.shape) for found in seen.steps.values())
    bars = [
        Bar(f"{step}: {size(found)}", prod(found.shape) / most, kilobytes(found), step == seen.shown)
        for step, found in seen.steps.items()
    ]
    found = seen.steps[seen.shown]
    channels, shown = found.shape[0], len(found.maps)
    which = f"all {channels}" if channels == shown else f"the first {shown} of {channels}"
    title = f"Block {seen.block}, {seen.shown}: {which} channels"
    return (chart.png(photo, "Memory of each tensor", bars, found.maps, title),)


@functools.cache  # a cell that is run again waits for nothing, and holds nothing twice
def _inside(photograph: str) -> tuple[dict[str, Sight], ...]:
    return sights.inside(data.photograph(photograph))


@with_name
def inside_a_block() -> Explorer[Any]:
    """A photograph, one of MobileNetV2's blocks and a step of it; where the weights are missing, what to do.

    What each photograph gives is computed beforehand and kept, some 9 MB: a choice does not wait for the
    network.
    """
    try:
        on_photos.mobilenet_v2()
    except (OSError, ValueError) as refusal:
        return unavailable(str(refusal))
    chart = FeatureMapsChart()
    inside = {name: _inside(name) for name in data.PHOTOGRAPHS}
    pixels = {name: sights.cropped(data.photograph(name)) for name in data.PHOTOGRAPHS}
    return Explorer(
        {
            "photograph": Choice("Photograph", "cat", data.PHOTOGRAPHS),
            "block": Number("Block", 3, 1, BLOCKS),
            "step": Choice("Step", STEPS[0], STEPS),
        },
        compute=lambda photograph, block, step: Inside(
            photograph, block, step, inside[photograph][block - 1]
        ),
        draw=lambda seen, _: draw_with(chart, pixels[seen.photograph], seen),
        say=say,
        presets=PRESETS,
        stills=({"step": "expanded"},),
    )
