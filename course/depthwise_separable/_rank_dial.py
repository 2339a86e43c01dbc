"""A trained full convolution cut to k depthwise filters per channel: what is left of the accuracy."""

import statistics
from dataclasses import dataclass

from course.kit.drawing.columns import BOTTOM, HEIGHT, LEFT, LIT, RIGHT, WIDTH, axis, column
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE
from course.kit.drawing.svg import card
from course.kit.drawing.svg import text as words
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
        f" ({100 * min(values):.1f} to {100 * max(values):.1f}, {len(values)} runs), with {count:,}"
        f" parameters, {more} than the {data.full_parameters:,} of the network that was cut, which has"
        f" {100 * statistics.mean(data.full):.1f} % right. Nothing is trained again."
    )


_KEPT = COLORS["depthwise"]


def _filter(middle: float, *, kept: bool) -> str:
    """A 3x3 grid, filled if the filter is kept, else crossed out."""
    fill, edge = (_KEPT.fill, CARD) if kept else (CARD, RULE)
    body = "".join(
        f'<rect x="{middle - 21 + 14 * x:.1f}" y="{38 + 14 * y}" width="14" height="14" fill="{fill}"'
        f' stroke="{edge}"/>'
        for y in range(3)
        for x in range(3)
    )
    if not kept:
        body += f'<path d="M{middle - 21:.1f} 38l42 42m0 -42l-42 42" stroke="{LIT.fill}" stroke-width="1.6"/>'
    return body


def draw(data: Dial, sentence: str) -> Picture:
    """The filters that are kept, and the accuracy for each number of them."""
    step = (WIDTH - LEFT - RIGHT) / FILTERS
    filters = f"Each channel's 3x3 filters, rebuilt from {data.filters} of {FILTERS} depthwise filters"
    counts = f"{data.parameters[data.filters - 1]:,} parameters ({data.full_parameters:,} before)"
    dots = "Test accuracy, a dot for each run, a bar for the mean, dashed: not cut"
    body = words(14, 22, f"{filters}: {counts}", INK, bold=True) + words(14, 112, dots, INK, bold=True)
    body += axis(statistics.mean(data.full))
    for number, values in enumerate(data.cut, 1):
        middle = LEFT + (number - 0.5) * step
        body += _filter(middle, kept=number <= data.filters)
        body += column(middle, 46, values, number == data.filters)
        body += words(middle, BOTTOM + 20, str(number), INK, anchor="middle", bold=number == data.filters)
    return (card(body + words(14, BOTTOM + 20, "filters k", QUIET), WIDTH, HEIGHT, sentence),)


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
