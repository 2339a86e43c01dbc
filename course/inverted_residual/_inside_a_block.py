"""Inside one block of the official MobileNetV2: the feature maps of each step, and the memory they take."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from blocks.measure import Graph, graph
from blocks.measure._memory import BYTES
from blocks.networks import blocks_of
from course.inverted_residual._where_picture import Tensor, where_card
from course.kit.drawing.bitmap import png
from course.kit.drawing.diagram import Touch, diagram
from course.kit.drawing.feature_maps import maps_card
from course.kit.panel import Choice, Explorer, Number, Picture, Said, unavailable, with_name
from course.kit.training import data, on_photos, sights
from course.kit.training.sights import BLOCKS, STEPS, Sight, described

HEIGHT = 368  # of a card, at least
PARTS = dict(zip(STEPS, ("input", "expand", "depthwise", "project"), strict=True))
"""The part of the block that gives the tensor of a step."""
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

    Attributes:
        graph: of the network's own block.
        widest: of each block of the network the bytes of its widest tensor.
    """

    photograph: str
    block: int
    step: str
    steps: Mapping[str, Sight]
    graph: Graph
    widest: tuple[int, ...]

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


def say(seen: Inside) -> Said:
    """The words of the explorer."""
    found, before = seen.steps[seen.shown], seen.steps["before"]
    began = f"{seen.photograph.replace('_', ' ').capitalize()}, block {seen.block} of {BLOCKS}, {seen.step}:"
    if seen.step != seen.shown:
        began += " this block has expansion 1 and no expanding step, so this is still what came in:"
    times = prod(found.shape) / prod(before.shape)
    more = f", {times:.2g} times what came in" if times != 1 else ", as much as came in"
    if seen.shown == "before":
        more = ""
    heard = f"{began} {size(found)} numbers, {kilobytes(found)} as float32{more}. {described(found)}"
    share = (
        f"{100 * found.negative:.0f} % negative" if found.negative else f"{100 * found.zero:.0f} % are zero"
    )
    return Said(f"Block {seen.block}, {seen.shown}: {size(found)}, {kilobytes(found)}, {share}.", heard)


def draw_with(source: str, seen: Inside, heard: str) -> Picture:
    """Where the block stands, its silhouette, and the maps of one of its tensors."""
    found = seen.steps[seen.shown]
    channels, shown = found.shape[0], len(found.maps)
    which = f"all {channels}" if channels == shown else f"{shown} of {channels}"
    touch: Touch = {
        name: ({"step": step}, step)
        for step, part in PARTS.items()
        for name in ([f"t:{part}"] if step == "before" else [part, f"t:{part}"])
    }
    tensors = [Tensor(name, size(one), BYTES * prod(one.shape)) for name, one in seen.steps.items()]
    places = f"Block {seen.block} among the network's {BLOCKS}, and the memory of each of its tensors"
    names = [f"channel {n}" for n in range(1, shown + 1)]
    silhouette = f"Block {seen.block} as a silhouette; outlined is what the step {seen.shown} gives"
    return (
        where_card(source, seen.widest, seen.block, tensors, seen.shown, places),
        diagram(seen.graph, label=silhouette, here=PARTS[seen.shown], touch=touch, least_height=HEIGHT),
        maps_card(f"{seen.shown.capitalize()}: {which} channels", found.maps, names, heard),
    )


@functools.cache
def _graphs() -> tuple[Graph, ...]:
    """The network's blocks, recorded on the maps that they get."""
    shape: tuple[int, ...] = (1, 32, 112, 112)
    found = []
    for block in blocks_of(on_photos.mobilenet_v2()):
        found.append(graph(block, shape))
        shape = found[-1].steps[-1].shape
    return tuple(found)


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
    inside = {name: _inside(name) for name in data.PHOTOGRAPHS}
    sources = {name: png(sights.cropped(data.photograph(name))) for name in data.PHOTOGRAPHS}
    graphs = _graphs()
    widest = tuple(max(BYTES * prod(found.shape) for found in steps.values()) for steps in inside["cat"])
    return Explorer(
        {
            "photograph": Choice("Photograph", "cat", data.PHOTOGRAPHS),
            "step": Choice("Step", STEPS[0], STEPS),
            "block": Number("Block", 3, 1, BLOCKS),
        },
        compute=lambda photograph, block, step: Inside(
            photograph, block, step, inside[photograph][block - 1], graphs[block - 1], widest
        ),
        draw=lambda seen, heard: draw_with(sources[seen.photograph], seen, heard),
        say=say,
        presets=PRESETS,
        stills=({"step": "expanded"},),
    )
