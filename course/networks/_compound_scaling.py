"""Compound scaling: one number phi for width, depth and resolution, by the formula and as released.

Tan and Le 2019, arXiv 1905.11946, section 3.3: depth 1.2^phi, width 1.1^phi, resolution 1.15^phi. Which phi
belongs to which of B1 to B7 the paper does not say, so both are chosen.
"""

import math
from dataclasses import dataclass

from blocks.networks.efficientnet import RELEASED, scaled_rows
from blocks.networks.facts import NETWORKS
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.networks._scaling_picture import Dial, Shape, scaled_card

DEPTH, WIDTH, RESOLUTION = 1.2, 1.1, 1.15
# Parameters and multiply-adds of B0 scaled by phi: to count a network takes longer than a slider can wait.
COUNTS = (
    (5_288_548, 385_814_752),
    (9_109_994, 992_629_472),
    (12_255_408, 1_810_522_464),
    (16_350_296, 3_250_916_456),
    (25_916_448, 6_319_727_088),
    (33_726_740, 11_374_487_904),
    (45_464_648, 20_094_026_560),
    (68_741_810, 39_663_901_696),
)
LAST = len(RELEASED) - 1
NONE, NAMES = "none", tuple(f"B{number}" for number in range(LAST + 1))
PRESETS = {
    "phi 3": {"phi": 3, "number": NONE},
    "phi 7": {"phi": 7, "number": NONE},
    "B1": {"phi": 1, "number": "B1"},
    "B2": {"phi": 1, "number": "B2"},
    "B3": {"phi": 2, "number": "B3"},
    "B7": {"phi": 7, "number": "B7"},
}


@dataclass(frozen=True)
class Scaled:
    """A network: its multipliers, the side of its pictures, its blocks, what the modules count.

    rows has for each block the channels and the side of the map that it gives.
    """

    width: float
    depth: float
    side: int
    rows: tuple[tuple[int, int], ...]
    parameters: int
    multiply_adds: int

    @property
    def blocks(self) -> int:
        """How many there are."""
        return len(self.rows)

    @property
    def rows_alone(self) -> list[object]:
        """What the table of the network says: blocks, channels, strides, repeats, whatever the pictures."""
        return [*scaled_rows(self.width, self.depth)]


@dataclass(frozen=True)
class Scaling:
    """B0 scaled by the formula, the released network that was chosen, None for none, and B0 itself."""

    phi: int
    number: int | None
    formula: Scaled
    released: Scaled | None
    first: Scaled


def by_formula(phi: int) -> tuple[float, float, int]:
    """Width, depth and the side of the pictures."""
    return WIDTH**phi, DEPTH**phi, round(RELEASED[0][2] * RESOLUTION**phi)


def compute(phi: int, number: str) -> Scaling:
    """Both networks and what they cost."""
    formula = _scaled(*by_formula(phi), *COUNTS[phi])
    if number == NONE:
        return Scaling(phi, None, formula, None, _released(0))
    chosen = NAMES.index(number)
    return Scaling(phi, chosen, formula, _released(chosen), _released(0))


def _released(number: int) -> Scaled:
    found = NETWORKS[f"efficientnet_b{number}"]
    return _scaled(*RELEASED[number], found.parameters, found.paper.multiply_adds)


def _scaled(width: float, depth: float, side: int, parameters: int, multiply_adds: int) -> Scaled:
    rows, now = [], math.ceil(side / 2)  # the stem has stride 2
    for *_, stride, channels, repeats in scaled_rows(width, depth):
        now = math.ceil(now / stride)
        rows += [(channels, now)] * repeats
    return Scaled(width, depth, side, tuple(rows), parameters, multiply_adds)


def say(data: Scaling) -> Said:
    """The words of the explorer."""
    words = f"phi = {data.phi}. By the formula: {_in_words(data.formula)}."
    if data.released is None:
        return Said(_grown(data), f"{words} {_against_first(data)}")
    heard = f"{words} As released, B{data.number}: {_in_words(data.released)}. {_compared(data)}"
    return Said(_seen(data), heard)


def _grown(data: Scaling) -> str:
    one, times = data.formula, data.formula.multiply_adds / data.first.multiply_adds
    return (
        f"phi {data.phi}: {one.width:.1f} times wider, {one.depth:.1f} times deeper, {one.side} pixels:"
        f" {times:.1f} times the multiply-adds."
    )


def _against_first(data: Scaling) -> str:
    times = data.formula.multiply_adds / data.first.multiply_adds
    return f"B0, the outline, has {data.first.blocks} blocks and 1/{times:.1f} of the multiply-adds."


def _seen(data: Scaling) -> str:
    released = data.released or data.first
    name = f"B{data.number}"
    if data.formula == released:
        return f"phi {data.phi} and {name} are the same network."
    if data.formula.rows_alone == released.rows_alone:
        return f"phi {data.phi} gives exactly the blocks of {name}: {released.blocks}."
    times = data.formula.multiply_adds / released.multiply_adds
    return (
        f"phi {data.phi}: {data.formula.blocks} blocks, {name}: {released.blocks};"
        f" {times:.2f} times the multiply-adds."
    )


def _in_words(network: Scaled) -> str:
    return (
        f"width {network.width:.2f}, depth {network.depth:.2f}, pictures of {network.side} x {network.side},"
        f" {network.blocks} blocks, {network.parameters:,} parameters,"
        f" {network.multiply_adds:,} multiply-adds"
    )


def _compared(data: Scaling) -> str:
    released = data.released or data.first
    if data.formula == released:
        return "Both are the same network."
    blocks = "Both have the same blocks. " if data.formula.rows_alone == released.rows_alone else ""
    times = data.formula.multiply_adds / released.multiply_adds
    return f"{blocks}The formula's network makes {times:.2f} times the multiply-adds of the released one."


def draw(data: Scaling, heard: str) -> Picture:
    """Two cards: the formula's network, and the released one, each over the outline of B0."""
    phis = [(str(phi), {"phi": phi}) for phi in range(LAST + 1)]
    names = [(name, {"number": name}) for name in NAMES]
    first = _shape(data.first)
    label = "No released network is chosen: B0 to B7"
    shape = _shape(data.released) if data.released else None
    if data.released:
        label = f"The released network B{data.number}: {_in_words(data.released)}"
    return (
        scaled_card("phi", phis, data.phi, _shape(data.formula), first, heard),
        scaled_card("released", names, data.number, shape, first, label),
    )


def _shape(network: Scaled) -> Shape:
    side = network.side / RELEASED[0][2]
    return Shape(
        network.side,
        network.rows,
        (
            Dial("width", network.width, math.log(network.width, WIDTH), f"x {network.width:.2f}"),
            Dial("depth", network.depth, math.log(network.depth, DEPTH), f"x {network.depth:.2f}"),
            Dial("pixels", side, math.log(side, RESOLUTION), str(network.side)),
        ),
        network.multiply_adds,
    )


@with_name
def compound_scaling() -> Explorer[Scaling]:
    """Phi to choose, and a released network to set beside the formula's."""
    return Explorer(
        {
            "phi": Number("phi", 1, 0, LAST),
            "number": Choice("Released", NONE, (NONE, *NAMES)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"number": "B2"},),
    )
