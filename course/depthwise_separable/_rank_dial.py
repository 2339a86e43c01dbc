"""A trained full convolution cut to k depthwise filters per channel: what is left of the accuracy."""

import statistics
from dataclasses import dataclass

from course.depthwise_separable._rank_picture import rank_dial as drawn
from course.kit.panel import Explorer, Number, Picture, with_name
from course.kit.training import grids
from course.kit.training.runs import accuracies

FILTERS = 9  # of a 3x3 kernel: so many build every other
PRESETS = {
    "separable, k = 1": {"filters": 1},
    "4 of the 9 filters": {"filters": 4},
    "nothing lost, k = 9": {"filters": 9},
}


@dataclass(frozen=True)
class Dial:
    """How many filters are kept; accuracies (0 to 1) by seed for k = 1 to 9, and not cut; parameters."""

    filters: int
    cut: tuple[tuple[float, ...], ...]
    full: tuple[float, ...]
    parameters: tuple[int, ...]
    full_parameters: int


def compute(filters: int) -> Dial:
    """Look the cuts up in the stored grid "depthwise_separable.rank_dial"."""
    rows = grids.grid("depthwise_separable.rank_dial")
    names = ("full", *(f"k={number}" for number in range(1, FILTERS + 1)))
    full, *cut = (tuple(accuracies(rows, name).values()) for name in names)
    counts = {row.setting: row.parameters for row in rows}
    whole, *parameters = (counts[name] for name in names)
    return Dial(filters, tuple(cut), full, tuple(parameters), whole)


def say(data: Dial) -> str:
    """The sentence of the explorer."""
    values, count = data.cut[data.filters - 1], data.parameters[data.filters - 1]
    more = "fewer" if count < data.full_parameters else "more"
    return (
        f"k = {data.filters} of {FILTERS} depthwise filters per channel:"
        f" {100 * statistics.mean(values):.1f} % right"
        f" ({100 * min(values):.1f} to {100 * max(values):.1f}, {len(values)} seeds), with {count:,}"
        f" parameters, {more} than the {data.full_parameters:,} of the network that was cut, which has"
        f" {100 * statistics.mean(data.full):.1f} % right. Nothing is trained again."
    )


def draw(data: Dial, sentence: str) -> Picture:
    """The filters that are kept, and the accuracy for each number of them."""
    whole = statistics.mean(data.full), data.full_parameters
    return (drawn(data.cut, data.parameters, whole, data.filters, label=sentence),)


@with_name
def rank_dial() -> Explorer[Dial]:
    """The number of depthwise filters per channel to choose; the accuracy that is left."""
    return Explorer(
        {"filters": Number("Filters per channel k", 1, 1, FILTERS)},
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"filters": 1}, {"filters": 6}),
    )
