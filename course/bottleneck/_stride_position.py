"""Where a bottleneck's stride sits: on the first 1x1 (the paper, "v1") or on the 3x3 ("v1.5")."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from blocks import Bottleneck
from blocks.measure import Graph, graph
from course.kit.drawing.diagram import diagram
from course.kit.drawing.layer_bars import WIDTH, Row, layer_bars
from course.kit.panel import Choice, Explorer, Picture, with_name
from course.kit.panel.layers import rows, section, totals

PLACES = ("the 3x3 (v1.5)", "the first 1x1 (v1)")
# The first block of the stages: channels in, channels out, height and width in. Only from the second
# stage on has it a stride of 2 (He et al. 2015, table 1).
STAGES = {2: (256, 512, 56), 3: (512, 1024, 28), 4: (1024, 2048, 14)}
PRESETS = {
    "torchvision: on the 3x3": {"place": PLACES[0], "stage": 2, "stride": 2},
    "the paper: on the first 1x1": {"place": PLACES[1], "stage": 2, "stride": 2},
    "stride 1: no difference": {"place": PLACES[1], "stage": 2, "stride": 1},
}


@dataclass(frozen=True)
class Position:
    """The block with its stride in the chosen place, and the layers of both versions."""

    place: str
    stage: int
    stride: int
    graph: Graph
    versions: tuple[tuple[Row, ...], tuple[Row, ...]]

    @property
    def seen(self) -> int:
        """At how many of the places of its input the first 1x1 computes anything: one in so many."""
        return self.stride**2 if self.place == PLACES[1] else 1


@lru_cache(maxsize=32)
def compute(place: str, stage: int, stride: int) -> Position:
    """Build both versions without memory and record them.

    Raises:
        KeyError: there is no such stage.
    """
    i, o, size = STAGES[stage]
    with torch.device("meta"):
        blocks = [Bottleneck(i, o, stride=stride, stride_first=first) for first in (False, True)]
    v15, v1 = (graph(block, (1, i, size, size)) for block in blocks)
    return Position(place, stage, stride, v1 if place == PLACES[1] else v15, (rows(v15), rows(v1)))


def say(data: Position) -> str:
    """The sentence of the explorer."""
    (parameters, v15), (same, v1) = map(totals, data.versions)
    share = f", {100 * (v15 - v1) / v1:.0f} % more" if v15 > v1 else ""
    reads = "every place" if data.seen == 1 else f"one of {data.seen} places"
    return (
        f"Stage {data.stage}, stride {data.stride} on {data.place}: the first 1x1 reads {reads} of its input."
        f" With the stride on the first 1x1 (v1) {same:,} parameters and {v1:,} multiply-adds; on the 3x3"
        f" (v1.5) {parameters:,} parameters and {v15:,} multiply-adds{share}."
    )


def draw(data: Position, sentence: str) -> Picture:
    """The chosen version's diagram, and the bars of both."""
    label = "Parameters and multiply-adds by layer, with the stride on the 3x3 and on the first 1x1"
    bars = section("v1.5 (3x3)", data.versions[0]), section("v1 (1x1)", data.versions[1])
    return diagram(data.graph, label=sentence, least_width=WIDTH), layer_bars(bars, label=label)


@with_name
def stride_position() -> Explorer[Position]:
    """Place, stage and stride to choose; the block, and the costs of both versions."""
    return Explorer(
        {
            "place": Choice("Stride on", PLACES[0], PLACES),
            "stage": Choice("Stage", 2, tuple(STAGES)),
            "stride": Choice("Stride", 2, (1, 2)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
