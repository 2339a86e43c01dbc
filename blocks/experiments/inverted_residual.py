"""What expansion gives: accuracy by width between blocks and expansion inside them."""

from torch import nn

from blocks.experiments.runs import Run
from blocks.experiments.training import Progress

# STUB, being written. (width, expansion): two curves; the last two, with (8, 3) and (4, 6), are the
# equal-parameter control.
SETTINGS: tuple[tuple[int, float], ...] = (
    *((4, expansion) for expansion in (1, 2, 3, 4, 6)),
    *((8, expansion) for expansion in (1, 2, 3, 4, 6)),
    (16, 1),
    (4, 8),
)


def setting(width: int, expansion: float) -> str:
    """The setting's name in a Run: "width 4, t=6"."""
    return f"width {width}, t={expansion:g}"


def network(width: int, expansion: float) -> nn.Module:
    """Stem, four InvertedResidual(width, width), 1x1 head to 64 channels, global pool, classifier."""
    raise NotImplementedError


def expansion(
    seed: int,
    *,
    settings: tuple[tuple[int, float], ...] = SETTINGS,
    train: int = 300,
    epochs: int = 10,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """One run per (width, expansion)."""
    raise NotImplementedError
