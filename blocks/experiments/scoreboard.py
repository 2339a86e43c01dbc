"""The course's scoreboard: one small network, one block swapped."""

from collections.abc import Callable

from torch import nn

from blocks.experiments.runs import Run
from blocks.experiments.training import Progress

# STUB, being written. name -> block(in_channels, out_channels, stride); the names are the Runs' settings:
# "plain", "residual", "bottleneck", "depthwise separable", "inverted residual", "MBConv", "Fused-MBConv".
BLOCKS: dict[str, Callable[[int, int, int], nn.Module]] = {}


def network(block: Callable[[int, int, int], nn.Module]) -> nn.Module:
    """Stem to 16, blocks 16, 32 (stride 2), 32, 64 (stride 2), 1x1 head to 64, global pool, classifier."""
    raise NotImplementedError


def scoreboard(
    seed: int,
    *,
    names: tuple[str, ...] = tuple(BLOCKS),
    train: int = 300,
    epochs: int = 10,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """One run per block."""
    raise NotImplementedError
