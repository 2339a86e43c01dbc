"""The map of the course: which block grows out of which, by what change, and networks made of it.

It stands above every prediction of the course, so its words give none of their answers away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from blocks.figures.card import card
from blocks.figures.letters import text_width
from blocks.figures.style import (
    INK,
    MEDIUM,
    QUIET,
    TENSOR,
    TENSOR_EDGE,
    WHITE,
)


@dataclass(frozen=True)
class Stop:
    """One block of the course.

    Attributes:
        concept: as everywhere, "inverted_residual"; its notebook is `number` and this.
        change: what is new against what it grows out of, one line of the box each.
        year, arxiv: of the paper that the notebook follows, which is not always the first.
        networks: some that are made of it.
        parents: the concepts that it grows out of.
        column, row: its place on the map.
    """

    number: str
    concept: str
    name: str
    change: tuple[str, ...]
    year: int
    arxiv: str
    networks: str
    parents: tuple[str, ...]
    column: int
    row: int


STOPS = (
    Stop(
        "01",
        "conv_norm_act",
        "Conv, norm, act",
        ("the unit that most blocks", "are made of"),
        2015,
        "1502.03167",
        "every network here",
        (),
        0,
        0,
    ),
    Stop(
        "02",
        "residual",
        "Residual",
        ("+ a shortcut around", "two of them"),
        2015,
        "1512.03385",
        "ResNet-18, 34",
        ("conv_norm_act",),
        1,
        0,
    ),
    Stop(
        "03",
        "bottleneck",
        "Bottleneck",
        ("+ a narrow middle", "between wide ends"),
        2015,
        "1512.03385",
        "ResNet-50 and deeper",
        ("residual",),
        2,
        0,
    ),
    Stop(
        "04",
        "depthwise_separable",
        "Depthwise separable",
        ("+ its two jobs done", "one after the other"),
        2017,
        "1704.04861",
        "MobileNetV1",
        ("conv_norm_act",),
        1,
        1,
    ),
    Stop(
        "05",
        "linear_bottleneck",
        "Linear bottleneck",
        ("− the activation at", "the narrow end"),
        2018,
        "1801.04381",
        "MobileNetV2",
        ("depthwise_separable",),
        2,
        1,
    ),
    Stop(
        "06",
        "inverted_residual",
        "Inverted residual",
        ("+ expand first; shortcut", "between narrow ends"),
        2018,
        "1801.04381",
        "MobileNetV2",
        ("linear_bottleneck", "residual"),
        3,
        1,
    ),
    Stop(
        "07",
        "squeeze_excitation",
        "Squeeze-and-excitation",
        ("gates, computed by a", "small net of its own"),
        2017,
        "1709.01507",
        "SE-ResNet",
        (),
        3,
        2,
    ),
    Stop(
        "08",
        "mbconv",
        "MBConv",
        ("+ gates (07)", "in the wide middle"),
        2019,
        "1905.11946",
        "MobileNetV3, EfficientNet",
        ("inverted_residual", "squeeze_excitation"),
        4,
        1,
    ),
    Stop(
        "09",
        "fused_mbconv",
        "Fused-MBConv",
        ("+ expand and depthwise", "fused into one 3x3"),
        2021,
        "2104.00298",
        "EfficientNetV2",
        ("mbconv",),
        4,
        0,
    ),
)
NETWORKS = ("10", "Networks", "the blocks, stacked as in the papers' tables, on real photographs")
WIDTH, HEIGHT = 200, 114  # of a box
ACROSS, DOWN, MARGIN, TOP = 26, 50, 12, 22  # gaps between boxes, and round them
PAD = 10


def in_words() -> str:
    """What the map shows, as text."""
    names = {stop.concept: stop.name for stop in STOPS}
    told = []
    for stop in STOPS:
        change = " ".join(stop.change).removeprefix("+ ").replace("− ", "without ")
        out_of = " and ".join(names[parent] for parent in stop.parents)
        grows = f", out of {out_of}" if out_of else ""
        told.append(f"{stop.number} {stop.name}, {stop.year}{grows}: {change}; in {stop.networks}.")
    return f"The map of the course. {' '.join(told)} {NETWORKS[0]} {NETWORKS[1]}: {NETWORKS[2]}."


def course_map() -> str:
    """The map as SVG, the same byte for byte each time."""
    width = 2 * MARGIN + 5 * WIDTH + 4 * ACROSS
    height = TOP + MARGIN + 3 * HEIGHT + 2 * DOWN
    body = "".join((*_arrows(), *map(_box, STOPS), _networks()))
    return card(body, width, height, in_words())


def _corner(stop: Stop) -> tuple[int, int]:
    """The upper left corner of a box."""
    return MARGIN + stop.column * (WIDTH + ACROSS), TOP + stop.row * (HEIGHT + DOWN)


def _box(stop: Stop) -> str:
    """A block: number and name, the one change, the paper, the networks."""
    x, y = _corner(stop)
    left = x + PAD
    lines = [_number(x, y, stop.number), _text(left, y + 25, stop.name, INK, bold=True)]
    lines += [_text(left, y + 46 + 17 * n, line, INK) for n, line in enumerate(stop.change)]
    lines.append(_text(left, y + 84, f"{stop.year}, arXiv {stop.arxiv}", QUIET))
    lines.append(_text(left, y + 103, stop.networks, INK))
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="7" fill="{WHITE}"'
        f' stroke="{TENSOR_EDGE}"/>{"".join(lines)}'
    )


def _number(x: float, y: float, number: str) -> str:
    """The number of the notebook, on the upper edge of its box at (x, y)."""
    chip = f'<rect x="{x + PAD:g}" y="{y - 11:g}" width="30" height="21" rx="4" fill="{INK}"/>'
    return chip + _text(x + PAD + 5, y + 4.5, number, WHITE, bold=True)


def _networks() -> str:
    """The wide box of the last notebook, below the first blocks."""
    x, y, width = MARGIN, TOP + 2 * (HEIGHT + DOWN) + 29, 3 * WIDTH + 2 * ACROSS
    number, name, what = NETWORKS
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="56" rx="7" fill="{TENSOR}" stroke="{TENSOR_EDGE}"/>'
        + _number(x, y, number)
        + _text(x + PAD, y + 25, name, INK, bold=True)
        + _text(x + PAD, y + 45, what, INK)
    )


def _arrows() -> Iterator[str]:
    """From each block to what grows out of it."""
    places = {stop.concept: stop for stop in STOPS}
    for child in STOPS:
        for parent in child.parents:
            yield _arrow(places[parent], child)


def _arrow(parent: Stop, child: Stop) -> str:
    """Straight where the boxes are neighbours in a row or column, else round corners between the rows."""
    (px, py), (cx, cy) = _corner(parent), _corner(child)
    middle, across = HEIGHT // 2, child.column - parent.column
    if parent.row == child.row:
        path = f"M{px + WIDTH} {py + middle}H{cx - 1}{_RIGHT}"
    elif across == 0:
        path = f"M{px + WIDTH // 2} {py}V{cy + HEIGHT + 1}{_UP}"
    elif across == 1 and child.row > parent.row:  # down, and in from the left
        path = f"M{px + WIDTH // 2} {py + HEIGHT}V{cy + middle}H{cx - 1}{_RIGHT}"
    elif across == 1:  # out to the right, and up
        path = f"M{px + WIDTH} {py + middle}H{cx + WIDTH // 2}V{cy + HEIGHT + 1}{_UP}"
    else:  # down into the gap between the rows, along it, and down
        path = f"M{px + WIDTH // 2} {py + HEIGHT}v{DOWN // 2}H{cx + WIDTH // 2}V{cy - 1}{_DOWN}"
    return f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="1.6" stroke-linejoin="round"/>'


_RIGHT, _UP, _DOWN = "m-7 -5l7 5l-7 5", "m-5 7l5 -7l5 7", "m-5 -7l5 7l5 -7"


def _text(x: float, y: float, words: str, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}"{weight}>{escape(words)}</text>'


def too_wide() -> list[str]:
    """The lines that do not fit their box in the widest font, for the tests."""
    wrong = []
    for stop in STOPS:
        lines = (*stop.change, f"{stop.year}, arXiv {stop.arxiv}", stop.networks)
        wrong += [line for line in lines if text_width(line, MEDIUM) > WIDTH - PAD - 2]
        wrong += [stop.name] if text_width(stop.name, MEDIUM, bold=True) > WIDTH - PAD - 2 else []
    return wrong
