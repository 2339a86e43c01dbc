"""Stochastic depth: which blocks of a network a picture passes in training, and how many on average."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn

from blocks.networks import blocks_of, efficientnet_b0, efficientnet_v2_s
from blocks.networks.efficientnet import DROP
from blocks.stochastic_depth import StochasticDepth
from course.kit.drawing.style import INK, QUIET, RULE, TENSOR, TENSOR_BACK, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, group, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.training.loop import own_generator

PICTURES, MOST, STEPS, DRAWS = 8, 0.5, 50, 20  # draws: the steps that one goes through by clicks
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


def say(data: Depth) -> Said:
    """The words of the explorer."""
    total, able = len(data.rates), [rate for rate in data.rates if rate is not None]
    rates = f"{100 * min(able):.1f} to {100 * max(able):.1f} %" if data.drop else "0"
    least, most = min(data.passed), max(data.passed)
    span = f"{least}" if least == most else f"{least} to {most}"
    return Said(
        f"Step {data.step}: {PICTURES} images pass {span} of {total} blocks;"
        f" {total - data.left_out:.2f} expected.",
        f"{data.network}, drop rate {data.drop:g}: {len(able)} of its {total} blocks have a shortcut, and"
        f" only those can be left out, with probability {rates}. An image misses {data.left_out:.2f}"
        f" branches on average, so the expected depth is {total - data.left_out:.2f}. In training step"
        f" {data.step} the {PICTURES} images pass {span} blocks each; in eval mode all {total}.",
    )


WIDTH, SCALE, LEFT, RIGHT = 400, 1.15, 14, 350
HEAD, BARS, ROW = 58, 66, 22
TOP = HEAD + BARS + 28
HEIGHT = TOP + PICTURES * ROW + 34


def draw(data: Depth, heard: str) -> Picture:
    """A column for each block: a bar for its rate, and below it a row for each picture of the batch.

    A row is a line through the blocks that ran. Where a branch was left out only the line is there, which is
    the shortcut.
    """
    body = text(LEFT, 26, data.network, INK, size=16, bold=True) + _next(data)
    body += _rates(data)
    for row in range(PICTURES):
        body += _passed(data, row, TOP + row * ROW)
    return (card(body + _legend(HEIGHT - 12), WIDTH, HEIGHT, heard, scale=SCALE),)


def _next(data: Depth) -> str:
    """What draws anew: a click goes on to the next training step."""
    right, top = WIDTH - 12, 9
    button = rect(right - 104, top, 104, 26, TENSOR, stroke=TENSOR_EDGE, rx=13)
    button += path(f"M{right - 92} {top + 7}l10 6l-10 6Z", INK)
    button += text(right - 76, top + 18, "draw again", INK)
    return group(button, Mark(sets={"step": data.step % DRAWS + 1}, title="Go on to the next training step"))


def _columns(data: Depth) -> list[float]:
    """Where the blocks begin, and where the last one ends."""
    step = (RIGHT - LEFT) / len(data.rates)
    return [LEFT + n * step for n in range(len(data.rates) + 1)]


def _rates(data: Depth) -> str:
    """A bar for each block's drop rate, on one scale for all pictures; the highest one in figures."""
    base, columns = HEAD + BARS, _columns(data)
    body = path(f"M{LEFT} {base}H{RIGHT}", "none", stroke=RULE)
    gap = (columns[1] - columns[0]) * 0.12
    highest = max(range(len(data.rates)), key=lambda n: data.rates[n] or 0)
    for n, rate in enumerate(data.rates):
        if rate:
            high = BARS * rate / MOST
            mark = Mark(f"rate-{n}", value=100 * rate, scale="height", unit="drop rate")
            wide = columns[n + 1] - columns[n] - 2 * gap
            body += rect(columns[n] + gap, base - high, wide, high, QUIET, mark)
            if n == highest:
                share = f"left out: {100 * rate:.1f} %"
                body += text(columns[n + 1] - gap, base - high - 6, share, QUIET, anchor="end")
        if n == 0 or (n + 1) % 5 == 0:
            body += text((columns[n] + columns[n + 1]) / 2, base + 18, str(n + 1), QUIET, anchor="middle")
    return body + text(RIGHT + 8, base + 18, "pass", QUIET)


def _passed(data: Depth, row: int, top: float) -> str:
    """The blocks that one picture passes."""
    y, columns = top + ROW / 2, _columns(data)
    gap = (columns[1] - columns[0]) * 0.12
    body = path(f"M{LEFT - 6} {y}H{RIGHT + 6}", "none", stroke=INK, width=1.6)
    for n, (rate, ran) in enumerate(zip(data.rates, data.ran, strict=True)):
        if ran[row]:
            always = rate is None
            left, wide = columns[n] + (0 if always else gap), columns[n + 1] - columns[n]
            fill = TENSOR_BACK if always else TENSOR_EDGE
            shape = (left, top + 2, wide if always else wide - 2 * gap, ROW - 4)
            body += rect(*shape, fill, Mark(f"{row}-{n}"), rx=0 if always else 3)
    return body + text(RIGHT + 26, y + 5, str(data.passed[row]), INK, bold=True, anchor="middle")


def _legend(y: float) -> str:
    """What the three kinds of place in a row mean."""
    body = rect(LEFT, y - 13, 18, 16, TENSOR_EDGE, rx=3) + text(LEFT + 24, y, "ran", QUIET)
    body += path(f"M{LEFT + 62} {y - 5}h18", "none", stroke=INK, width=1.6)
    body += text(LEFT + 86, y, "left out", QUIET)
    return (
        body
        + rect(LEFT + 154, y - 13, 18, 16, TENSOR_BACK)
        + text(LEFT + 178, y, "no shortcut: always runs", QUIET)
    )


@with_name
def stochastic_depth() -> Explorer[Depth]:
    """Network, drop rate and training step to choose; each block's rate, and who passes which blocks."""
    return Explorer(
        {
            "network": Choice("Network", "EfficientNet-B0", tuple(NETWORKS)),
            "drop": Number("Drop rate", 0.0, 0, MOST, 0.05),  # notebook 08 votes on what is left out
            "step": Number("Again: training step", 1, 1, STEPS, page=tuple(range(1, DRAWS + 1))),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"drop": DROP},),
    )
