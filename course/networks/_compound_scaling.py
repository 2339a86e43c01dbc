"""Compound scaling: one number phi for width, depth and resolution, by the formula and as released.

Tan and Le 2019, arXiv 1905.11946, section 3.3: depth 1.2^phi, width 1.1^phi, resolution 1.15^phi. Which phi
belongs to which of B1 to B7 the paper does not say, so both are chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from blocks.networks.efficientnet import RELEASED, scaled_rows
from blocks.networks.facts import NETWORKS
from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.drawing.svg import card
from course.kit.drawing.svg import text as words
from course.kit.panel import Explorer, Number, Picture, with_name
from course.networks._scatter_picture import table

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
HEADING = ("", "width", "depth", "picture", "blocks", "parameters", "multiply-adds", "last stage")
COLUMNS = (16, 190, 262, 346, 418, 540, 690, 722)
PRESETS = {
    f"phi {phi} and B{number}": {"phi": phi, "number": number}
    for phi, number in ((0, 0), (1, 1), (1, 2), (2, 3), (7, 7))
}


@dataclass(frozen=True)
class Scaled:
    """A network: its multipliers, the side of its pictures, what its rows say, what the modules count."""

    width: float
    depth: float
    side: int
    blocks: int
    channels: int  # of the last stage
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Scaling:
    """B0 scaled by the formula, and the released network B0 to B7 of that number."""

    phi: int
    number: int
    formula: Scaled
    released: Scaled


def by_formula(phi: int) -> tuple[float, float, int]:
    """Width, depth and the side of the pictures."""
    return WIDTH**phi, DEPTH**phi, round(RELEASED[0][2] * RESOLUTION**phi)


def compute(phi: int, number: int) -> Scaling:
    """Both networks and what they cost."""
    released = NETWORKS[f"efficientnet_b{number}"]
    counts = released.parameters, released.paper.multiply_adds
    return Scaling(phi, number, _scaled(*by_formula(phi), *COUNTS[phi]), _scaled(*RELEASED[number], *counts))


def _scaled(width: float, depth: float, side: int, parameters: int, multiply_adds: int) -> Scaled:
    rows = scaled_rows(width, depth)
    *_, channels, _ = rows[-1]
    blocks = sum(n for *_, n in rows)
    return Scaled(width, depth, side, blocks, channels, parameters, multiply_adds)


def say(data: Scaling) -> str:
    """The sentence of the explorer."""
    return (
        f"phi = {data.phi}. By the formula: {_in_words(data.formula)}. As released, B{data.number}:"
        f" {_in_words(data.released)}. {_compared(data)}"
    )


def _in_words(network: Scaled) -> str:
    return (
        f"width {network.width:.2f}, depth {network.depth:.2f}, pictures of {network.side} x {network.side},"
        f" {network.blocks} blocks, {network.parameters:,} parameters,"
        f" {network.multiply_adds:,} multiply-adds"
    )


def _compared(data: Scaling) -> str:
    if data.formula == data.released:
        return "Both are the same network."
    by_formula, released = (scaled_rows(one.width, one.depth) for one in (data.formula, data.released))
    blocks = "Both have the same blocks. " if by_formula == released else ""
    times = data.formula.multiply_adds / data.released.multiply_adds
    return f"{blocks}The formula's network makes {times:.2f} times the multiply-adds of the released one."


CARD_WIDTH, HEIGHT = 880, 214
LEFT, STEP, ACROSS, TOP, DOWN = 56, 284, 214, 40, 126
_FORMULA, _RELEASED = COLORS["depthwise"].text, COLORS["convolution"].text
# Width, depth and resolution: what stands above the panel, and how a value is written.
_PANELS = (
    ("width (channels, times B0's)", "{:.2f}"),
    ("depth (blocks, times B0's)", "{:.2f}"),
    ("resolution (pixels a side)", "{:.0f}"),
)


def draw(data: Scaling, sentence: str) -> Picture:
    """The three quantities over all phi, and the two networks as rows."""
    formula = zip(*(by_formula(phi) for phi in range(LAST + 1)), strict=True)
    released = zip(*RELEASED, strict=True)
    body, y = "", HEIGHT - 9
    for n, (panel, curve, points) in enumerate(zip(_PANELS, formula, released, strict=True)):
        body += _panel(LEFT + n * STEP, panel, curve, points, data)
    body += f'<path d="M{LEFT} {y - 5}h26" stroke="{_FORMULA}" stroke-width="2.5"/>'
    body += words(LEFT + 34, y, "the formula", _FORMULA) + _square(LEFT + 138, y - 5)
    body += words(LEFT + 150, y, "released networks, B0 to B7", _RELEASED)
    rows = [_row("by the formula", data.formula), _row(f"released, B{data.number}", data.released)]
    label = "Both networks as rows: multipliers, blocks, parameters and multiply-adds"
    return card(body, CARD_WIDTH, HEIGHT, sentence), table(HEADING, rows, COLUMNS, label)


def _panel(
    left: float, panel: tuple[str, str], formula: Sequence[float], released: Sequence[float], data: Scaling
) -> str:
    """One quantity against phi: a line for the formula, a point for each released network."""
    title, written = panel
    least, most = min(formula[0], released[0]), max(*formula, *released)

    def place(n: int, value: float) -> tuple[float, float]:
        return left + ACROSS * n / LAST, TOP + DOWN * (1 - (value - least) / (most - least))

    body = words(left - 40, 24, title, INK, bold=True)
    x, _ = place(data.phi, least)
    body += f'<path d="M{x:.1f} {TOP - 4}V{TOP + DOWN}" stroke="{INK}" stroke-dasharray="4 3"/>'
    body += f'<path d="M{left} {TOP + DOWN}h{ACROSS}" stroke="{RULE}"/>'
    for n in range(LAST + 1):
        ink = INK if n == data.phi else QUIET
        body += words(place(n, least)[0], TOP + DOWN + 17, str(n), ink, anchor="middle")
    for value in (least, most):
        body += words(left - 10, place(0, value)[1] + 4.5, written.format(value), QUIET, anchor="end")
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(n, v) for n, v in enumerate(formula)))
    body += f'<polyline points="{line}" fill="none" stroke="{_FORMULA}" stroke-width="2.5"/>'
    return body + "".join(_square(*place(n, v), large=n == data.number) for n, v in enumerate(released))


def _square(x: float, y: float, *, large: bool = False) -> str:
    side = 11 if large else 8
    return (
        f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side}" height="{side}"'
        f' fill="{_RELEASED}"/>'
    )


def _row(name: str, network: Scaled) -> tuple[str, ...]:
    return (
        name,
        f"{network.width:.2f}",
        f"{network.depth:.2f}",
        f"{network.side}",
        f"{network.blocks}",
        f"{network.parameters:,}",
        f"{network.multiply_adds:,}",
        f"{network.channels} channels",
    )


@with_name
def compound_scaling() -> Explorer[Scaling]:
    """Phi and a released network to choose; the formula's network beside it."""
    return Explorer(
        {"phi": Number("phi", 1, 0, LAST), "number": Number("Released: B", 2, 0, LAST)},
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
