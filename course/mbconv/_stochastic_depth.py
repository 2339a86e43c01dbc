"""Stochastic depth: which blocks of a network a picture passes in training, and how many on average."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn

from blocks.networks import blocks_of, efficientnet_b0, efficientnet_v2_s
from blocks.networks.efficientnet import DROP
from blocks.stochastic_depth import StochasticDepth
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE, TENSOR_BACK, TENSOR_EDGE
from course.kit.drawing.svg import card
from course.kit.drawing.svg import text as words
from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.training.loop import own_generator

PICTURES, MOST = 8, 0.5
NETWORKS: dict[str, Callable[[], nn.Sequential]] = {
    "EfficientNet-B0": efficientnet_b0,
    "EfficientNetV2-S": efficientnet_v2_s,
}
PRESETS: dict[str, dict[str, float | str]] = {
    "as released": {"network": "EfficientNet-B0", "drop": DROP, "step": 1},
    "the next step": {"network": "EfficientNet-B0", "drop": DROP, "step": 2},
    "half": {"network": "EfficientNet-B0", "drop": 0.5, "step": 1},
    "none": {"network": "EfficientNet-B0", "drop": 0.0, "step": 1},
    "40 blocks": {"network": "EfficientNetV2-S", "drop": DROP, "step": 1},
}


@dataclass(frozen=True)
class Depth:
    """One training step.

    Attributes:
        rates: the drop probability of each block, None where it has no shortcut and always runs.
        ran: for each block and picture whether the branch ran.
    """

    network: str
    drop: float
    step: int
    rates: tuple[float | None, ...]
    ran: tuple[tuple[bool, ...], ...]

    @property
    def left_out(self) -> float:
        """How many branches a picture misses on average: the sum of the rates."""
        return sum(rate or 0 for rate in self.rates)

    @property
    def passed(self) -> tuple[int, ...]:
        """How many blocks each picture passed in this step."""
        return tuple(sum(blocks) for blocks in zip(*self.ran, strict=True))


def compute(network: str, drop: float, step: int) -> Depth:
    """Rates as in the network, scaled from DROP to `drop`; each block's real module draws, seeded by step.

    Raises:
        TypeError, ValueError: StochasticDepth refuses a rate.
    """
    rates = tuple(None if rate is None else rate * drop / DROP for rate in network_rates(network))
    with own_generator(step):
        ran = tuple(_ran(rate) for rate in rates)
    return Depth(network, drop, step, rates, ran)


def _ran(rate: float | None) -> tuple[bool, ...]:
    """For each picture of a batch whether the branch, a one here, came through."""
    if rate is None:
        return (True,) * PICTURES
    branch = StochasticDepth(rate).train()(torch.ones(PICTURES, 1, 1, 1))
    return tuple((branch.flatten() > 0).tolist())


@cache
def network_rates(network: str) -> tuple[float | None, ...]:
    """The drop probability of each block of the network as it is built; None without a shortcut."""
    with torch.device("meta"):
        blocks = blocks_of(NETWORKS[network]())
    return tuple(_rate(block) for block in blocks)


def _rate(block: nn.Module) -> float | None:
    """The drop probability of an MBConv or FusedMBConv."""
    depth = block.get_submodule("stochastic_depth")
    return depth.drop_probability if block.has_shortcut and isinstance(depth, StochasticDepth) else None


def say(data: Depth) -> str:
    """The sentence of the explorer."""
    total, able = len(data.rates), [rate for rate in data.rates if rate is not None]
    rates = f"{100 * min(able):.1f} to {100 * max(able):.1f} %" if data.drop else "0"
    least, most = min(data.passed), max(data.passed)
    span = f"{least}" if least == most else f"{least} to {most}"
    return (
        f"{data.network}, drop rate {data.drop:g}: {len(able)} of its {total} blocks have a shortcut, and"
        f" only those can be left out, with probability {rates}. A picture misses {data.left_out:.2f}"
        f" branches on average, so the expected depth is {total - data.left_out:.2f}. In training step"
        f" {data.step} the {PICTURES} pictures pass {span} blocks each; in eval mode all {total}."
    )


WIDTH, LEFT, RIGHT = 880, 96, 84
HEAD, BARS, ROW = 52, 74, 22
TOP = HEAD + BARS + 26
_OUT = COLORS["convolution"]


def _bar(rate: float, x: float, step: float) -> str:
    """A block's rate, in figures too where there is room."""
    height = BARS * rate / MOST  # one scale for all pictures
    y = HEAD + BARS - height
    body = _rect(x + 1.5, y, step - 3, height, f'fill="{_OUT.fill}"')
    return body + words(x + step / 2, y - 4, f"{100 * rate:.1f}%", QUIET, anchor="middle") * (step > 34)


def _cell(rate: float | None, ran: bool, x: float, step: float, y: float) -> str:
    """Filled where the branch ran, hollow where it was left out; without gaps where it always runs."""
    if rate is None:
        return _rect(x + 1.5, y, step - 3, ROW, f'fill="{TENSOR_BACK}"')
    paint = f'fill="{TENSOR_EDGE}" stroke="{TENSOR_EDGE}"' if ran else f'fill="{CARD}" stroke="{_OUT.fill}"'
    return _rect(x + 1.5, y + 2, step - 3, ROW - 4, paint)


def _legend(right: float) -> str:
    """What the three kinds of cell mean, ending at `right`."""
    kinds = (
        (0, True, "ran", 372),
        (0, False, "left out", 304),
        (None, True, "no shortcut: always runs", 204),
    )
    return "".join(
        _cell(rate, ran, right - left, 26, 7) + words(right - left + 32, 22, name, QUIET)
        for rate, ran, name, left in kinds
    )


def _rect(x: float, y: float, width: float, height: float, paint: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {paint}/>'


def draw(data: Depth, sentence: str) -> Picture:
    """A column for each block: a bar for its rate, and below it a cell for each picture of the batch."""
    count = len(data.rates)
    step, base = (WIDTH - LEFT - RIGHT) / count, HEAD + BARS
    body = words(14, 22, "Drop rate of each block, and the blocks that each picture passes", INK, bold=True)
    body += _legend(WIDTH - 14) + f'<path d="M{LEFT} {base}H{WIDTH - RIGHT}" stroke="{RULE}"/>'
    for number, (rate, pictures) in enumerate(zip(data.rates, data.ran, strict=True), 1):
        x = LEFT + (number - 1) * step
        body += _bar(rate, x, step) if rate else ""
        body += "".join(_cell(rate, ran, x, step, TOP + row * ROW) for row, ran in enumerate(pictures))
        if count <= 20 or number % 5 == 0:
            body += words(x + step / 2, base + 17, str(number), QUIET, anchor="middle")
    body += words(14, base + 17, "block", QUIET)
    for row, passed in enumerate(data.passed):
        body += words(14, TOP + row * ROW + 15, f"picture {row + 1}", QUIET)
        body += words(WIDTH - RIGHT + 10, TOP + row * ROW + 15, f"{passed} of {count}", INK)
    return (card(body, WIDTH, TOP + PICTURES * ROW + 8, sentence),)


@with_name
def stochastic_depth() -> Explorer[Depth]:
    """Network, drop rate and training step to choose; each block's rate, and who passes which blocks."""
    return Explorer(
        {
            "network": Choice("Network", "EfficientNet-B0", tuple(NETWORKS)),
            "drop": Number("Drop rate", DROP, 0, MOST, 0.05),
            "step": Number("Again: training step", 1, 1, 50),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
