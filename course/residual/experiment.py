"""What depth does with and without shortcuts, and what a trained network does when a block is deleted."""

import copy
import functools
from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from blocks import BasicBlock, ConvNormAct
from course.kit.training import data, loop
from course.kit.training.experiments import Experiment, parameters, run
from course.kit.training.loop import Progress
from course.kit.training.runs import Run

SCOREBOARD = {"residual": lambda i, o, stride: BasicBlock(i, o, stride=stride)}

WIDTH = 16
TRAIN, EPOCHS = 1400, 6
KINDS = ("plain", "residual")
DEPTHS = (10, 28, 56)
SETTINGS = tuple((kind, layers) for layers in DEPTHS for kind in KINDS)
LONG = 30  # epochs: with them 28 plain layers learn the digits in 9 of 10 runs, 56 in none
TRAINED = (
    *((kind, layers, EPOCHS) for kind, layers in SETTINGS),
    ("plain", 56, LONG),
)
DELETED = (("plain", 10, EPOCHS), ("residual", 10, EPOCHS), ("plain", 28, LONG), ("residual", 28, LONG))
"""Pairs of one depth, of which both networks learn the digits, but for one run of plain-28."""

Norm = Callable[[int], nn.Module] | None


def setting(kind: str, layers: int, epochs: int = EPOCHS) -> str:
    """The setting's name in a Run: "plain-28", "plain-28, 30 epochs"."""
    return f"{kind}-{layers}" + (f", {epochs} epochs" if epochs != EPOCHS else "")


def network(kind: str, layers: int, norm: Norm = nn.BatchNorm2d) -> nn.Sequential:
    """Stem, a 2x2 pool, (layers - 2) / 2 blocks of two 3x3 convolutions, mean over the map, classifier.

    Images (N, 1, 8, 8) to scores (N, 10). "residual" is BasicBlock; "plain" the same body and the same
    activation without the shortcut. An identity shortcut has no parameters, so both have equally many.

    Raises:
        ValueError: kind is not one of KINDS, or layers is not an even number from 4.
    """
    if kind not in KINDS:
        raise ValueError(f"network: kind must be one of {', '.join(KINDS)}, got {kind!r}.")
    if layers < 4 or layers % 2:
        raise ValueError(
            f"network: layers must be an even number from 4, got {layers}."
            " A block has two; the stem and the classifier are the other two."
        )
    blocks = [_block(kind, norm) for _ in range(layers // 2 - 1)]
    return nn.Sequential(
        OrderedDict(
            stem=ConvNormAct(1, WIDTH, norm=norm, act=nn.ReLU),
            halve=nn.MaxPool2d(2),
            blocks=nn.Sequential(*blocks),
            mean=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            classifier=nn.Linear(WIDTH, 10),
        )
    )


def _block(kind: str, norm: Norm) -> nn.Module:
    block = BasicBlock(WIDTH, WIDTH, norm=norm)
    return block if kind == "residual" else nn.Sequential(block.first, block.second, block.act)


def without_block(trained: nn.Module, number: int) -> nn.Module:
    """A copy in which block `number`, counted from 1, hands its input on unchanged. Nothing is retrained.

    Raises:
        ValueError: there is no such block.
    """
    blocks = trained.get_submodule("blocks")
    count = len(list(blocks.children()))
    if not 1 <= number <= count:
        raise ValueError(f"without_block: number must be from 1 to {count}, got {number}.")
    holed = copy.deepcopy(trained)
    holed.get_submodule("blocks").register_module(str(number - 1), nn.Identity())
    return holed


def _depth(name: str, seed: int, *, train: int, epochs: int, progress: Progress | None) -> tuple[Run, ...]:
    return (trained(name, seed, train=train, epochs=epochs, progress=progress)[0],)


def trained(
    name: str, seed: int, *, train: int, epochs: int, progress: Progress | None = None
) -> tuple[Run, nn.Module]:
    """One network; a setting with epochs of its own takes as many times more than others."""
    kind, layers, own = _NAMED[name]
    build = functools.partial(network, kind, layers)
    return run(name, build, seed, train=train, epochs=epochs * own // EPOCHS, progress=progress)


_NAMED = {setting(*each): each for each in (*TRAINED, *DELETED)}
depth = Experiment({setting(*each): each for each in TRAINED}, _depth, TRAIN, EPOCHS)
"""One run for each of TRAINED."""


def _deletion(name: str, seed: int, *, train: int, epochs: int, progress: Progress | None) -> tuple[Run, ...]:
    whole, whole_network = trained(name, seed, train=train, epochs=epochs, progress=progress)
    split = data.split(seed, train)
    rows = [whole]
    for number in range(1, _NAMED[name][1] // 2):
        holed = without_block(whole_network, number)
        learned = loop.accuracy(holed, split.train_images, split.train_labels)
        right = loop.accuracy(holed, split.test_images, split.test_labels)
        rows.append(Run(deleted(name, number), seed, right, parameters(holed), learned, whole.weights))
    return tuple(rows)


deletion = Experiment({setting(*each): each for each in DELETED}, _deletion, TRAIN, EPOCHS)
"""Each network trained once and tested whole, and then without each of its blocks in turn."""


def deleted(name: str, number: int) -> str:
    """The setting's name in a Run of `deletion`: "plain-10, without block 3"."""
    return f"{name}, without block {number}"
