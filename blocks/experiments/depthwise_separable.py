"""What a depthwise separable convolution gives up: against a full one, and as a full one cut down."""

from torch import nn

from blocks.experiments.runs import Run
from blocks.experiments.training import Progress

# STUB, being written.
SETTINGS: tuple[str, ...] = ("full, width 16", "separable, width 16", "full, width 7", "full, width 8")


def network(block: str, width: int) -> nn.Module:
    """Stem, four blocks ("full" or "separable"), global pool, classifier."""
    raise NotImplementedError


def comparison(
    seed: int, *, train: int = 300, epochs: int = 10, progress: Progress | None = None
) -> tuple[Run, ...]:
    """One run per SETTINGS: separable against full at the same width, and at about the same parameters."""
    raise NotImplementedError


def cut(conv: nn.Conv2d, filters: int) -> nn.Sequential:
    """`filters` depthwise filters per input channel, then 1x1, nearest to a full convolution (SVD)."""
    raise NotImplementedError


def rank_dial(
    seed: int, *, train: int = 300, epochs: int = 10, progress: Progress | None = None
) -> tuple[Run, ...]:
    """A trained full network, its 3x3 convolutions cut to k = 1..9 filters; settings "k=1" to "k=9"."""
    raise NotImplementedError
