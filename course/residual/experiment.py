"""What depth does with and without shortcuts, and what a trained network does when a block is deleted."""

import copy
import functools
from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from blocks import BasicBlock, ConvNormAct
from course.kit.training import data, loop
from course.kit.training.loop import Progress
from course.kit.training.on_digits import compared, parameters, run
from course.kit.training.runs import Run

SCOREBOARD = {"residual": lambda i, o, stride: BasicBlock(i, o, stride=stride)}

WIDTH = 16
TRAIN, EPOCHS = 1400, 6
KINDS = ("plain", "residual")
DEPTHS = (10, 28, 56)
SETTINGS = tuple((kind, layers) for layers in DEPTHS for kind in KINDS)
DELETED: tuple[tuple[str, int], ...] = (("plain", 10), ("residual", 10), ("residual", 28))

Norm = Callable[[int], nn.Module] | None


def setting(kind: str, layers: int) -> str:
    """The setting's name in a Run: "plain-28"."""
    return f"{kind}-{layers}"


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


def without_block(trained: nn.Sequential, number: int) -> nn.Sequential:
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


depth = compared(network, SETTINGS, setting, train=TRAIN, epochs=EPOCHS)
"""One run per (kind, layers): the same images in the same order for each."""


def deletion(
    seed: int,
    *,
    settings: tuple[tuple[str, int], ...] = DELETED,
    train: int = TRAIN,
    epochs: int = EPOCHS,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """Each network trained once and tested whole, and then without each of its blocks in turn."""
    test = data.split(seed, train)
    rows: list[Run] = []
    for index, pair in enumerate(settings):
        share = loop.part(progress, index, len(settings))
        whole, trained = run(
            setting(*pair),
            functools.partial(network, *pair),
            seed,
            train=train,
            epochs=epochs,
            progress=share,
        )
        rows.append(whole)
        for number in range(1, pair[1] // 2):
            holed = without_block(_sequential(trained), number)
            right = loop.accuracy(holed, test.test_images, test.test_labels)
            rows.append(Run(deleted(*pair, number), seed, right, parameters(holed)))
    return tuple(rows)


def deleted(kind: str, layers: int, number: int) -> str:
    """The setting's name in a Run of `deletion`."""
    return f"{setting(kind, layers)}, without block {number}"


def _sequential(trained: nn.Module) -> nn.Sequential:
    if not isinstance(trained, nn.Sequential):
        raise TypeError(f"deletion: a network must be a Sequential, got {type(trained).__name__}.")
    return trained
