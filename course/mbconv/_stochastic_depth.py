"""Stochastic depth: which blocks of a network a picture passes in training, and how many on average."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn

from blocks.networks import blocks_of, efficientnet_b0, efficientnet_v2_s
from blocks.networks.efficientnet import DROP
from blocks.stochastic_depth import StochasticDepth
from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.training.loop import own_generator
from course.mbconv._survivors_picture import Column, survivors

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


def draw(data: Depth, sentence: str) -> Picture:
    """The rates, and the batch."""
    columns = [Column(rate, ran) for rate, ran in zip(data.rates, data.ran, strict=True)]
    return (survivors(columns, label=sentence, most=MOST),)


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
