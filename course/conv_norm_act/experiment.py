"""A small network with and without batch norm, at learning rates from too small to too large."""

import functools

from torch import nn

from blocks import ConvNormAct
from blocks.networks.initialization import initialize
from course.kit.training.experiments import Experiment, run
from course.kit.training.loop import Progress
from course.kit.training.runs import Run

SCOREBOARD = {
    "plain": lambda i, o, stride: nn.Sequential(
        ConvNormAct(i, o, stride=stride, act=nn.ReLU), ConvNormAct(o, o, act=nn.ReLU)
    )
}

WIDTH = 16
TRAIN, EPOCHS = 1400, 5
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SETTINGS = tuple((has_norm, rate) for has_norm in (True, False) for rate in RATES)


def setting(has_norm: bool, rate: float) -> str:
    """The setting's name in a Run: "no norm, rate 0.1"."""
    return f"{'norm' if has_norm else 'no norm'}, rate {rate:g}"


def network(has_norm: bool) -> nn.Sequential:
    """Four 3x3 convolutions of width 16, a 2x2 pool after the second, mean over the map, classifier.

    Images (N, 1, 8, 8) to scores (N, 10). He's initialization is made for ReLU networks without norms;
    with PyTorch's default one a part of the difference would be the initialization's.
    """
    norm = nn.BatchNorm2d if has_norm else None
    first, second, third, fourth = (
        ConvNormAct(channels, WIDTH, norm=norm, act=nn.ReLU) for channels in (1, WIDTH, WIDTH, WIDTH)
    )
    built = nn.Sequential(
        first,
        second,
        nn.MaxPool2d(2),
        third,
        fourth,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(WIDTH, 10),
    )
    initialize(built, linear=None)
    return built


def _rates(name: str, seed: int, *, train: int, epochs: int, progress: Progress | None) -> tuple[Run, ...]:
    has_norm, rate = _NAMED[name]
    build = functools.partial(network, has_norm)
    return (run(name, build, seed, train=train, epochs=epochs, rate=rate, progress=progress)[0],)


_NAMED = {setting(*each): each for each in SETTINGS}
rates = Experiment(_NAMED, _rates, TRAIN, EPOCHS)
"""One run for each pair of (has_norm, rate)."""
