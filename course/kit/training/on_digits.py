"""Networks for plain digits: what the scoreboard and the comparisons are made of."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from torch import nn

from blocks import ConvNormAct

T = TypeVar("T")


def chosen(concept: str, settings: Mapping[str, T], setting: str) -> T:
    """What belongs to a setting.

    Raises:
        ValueError: there is no such setting.
    """
    if setting not in settings:
        known = ", ".join(map(repr, settings))
        raise ValueError(f"{concept}: the setting must be one of {known}, got {setting!r}.")
    return settings[setting]


def around(block: Callable[[int, int, int], nn.Module]) -> nn.Module:
    """The scoreboard's network with these blocks.

    Stem to 16 channels, four blocks (to 16, 32, 32, 64, the second and fourth with stride 2), classifier.
    Images (N, 1, 8, 8) to scores (N, 10). Before the classifier come a 1x1 convolution and a global
    average pool, as in the networks of this package.

    Args:
        block: called with channels in, channels out and stride.
    """
    return nn.Sequential(
        ConvNormAct(1, 16, act=nn.ReLU),
        block(16, 16, 1),
        block(16, 32, 2),
        block(32, 32, 1),
        block(32, 64, 2),
        ConvNormAct(64, 64, kernel_size=1, act=nn.ReLU),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def of_one_width(
    width: int, blocks: Iterable[nn.Module], *, act: Callable[[], nn.Module] = nn.ReLU, head: int = 0
) -> nn.Sequential:
    """A network of four blocks that all have `width` channels: images (N, 1, 8, 8) to scores (N, 10).

    Stem, two blocks, a 2x2 pool, two blocks, global average pool, classifier.

    Args:
        blocks: those of a generator are made, and so draw their weights, after the stem.
        head: of so many channels is the 1x1 convolution before the last pool, which gives the classifier as
            much room at every width; 0 for none.
    """
    stem = ConvNormAct(1, width, act=act)
    first, second, third, fourth = blocks
    wider = [ConvNormAct(width, head, kernel_size=1, act=act)] if head else []
    last = (*wider, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(head or width, 10))
    return nn.Sequential(stem, first, second, nn.MaxPool2d(2), third, fourth, *last)
