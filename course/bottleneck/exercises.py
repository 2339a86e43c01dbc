"""The checkers of notebook 03: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import Bottleneck
from course.bottleneck.mutants import MUTANTS
from course.kit.checks.checking import checker, described, miscounted, misnamed, unlike
from course.kit.checks.compare import misbuilt
from course.kit.checks.running import tensor


@checker(
    to_do="put the stride, and what the shortcut carries, in place of the two `...`.",
    right="the 3x3 reads every pixel, and the last ReLU comes after the addition.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, int], Tensor]) -> str | None:
    """`answer(x, reduce, spatial, expand, shortcut, stride)`, weights as nn.Conv2d has them, no norms."""
    generator = torch.Generator().manual_seed(0)
    for i, o, stride in ((8, 12, 1), (8, 12, 2), (8, 8, 1)):
        setting = described(("in_channels", "out_channels", "stride"), (i, o, stride))
        n = o // 4
        shapes = ((2, i, 9, 9), (n, i, 1, 1), (n, n, 3, 3), (o, n, 1, 1), (o, i, 1, 1))
        x, *weights = (torch.randn(*shape, generator=generator) for shape in shapes)
        got = tensor(answer, x, *weights, stride, setting=setting)
        y, kept = _branch(x, weights, (1, stride)), F.conv2d(x, weights[-1], stride=stride)
        wrong = unlike(
            got,
            F.relu(y + kept),
            _known(x, weights, stride, y, kept),
            shape=". Where are the strides, and the padding?",
            otherwise="the numbers are not those of the block: compare with the five lines above.",
        )
        if wrong:
            return f"{setting}: {wrong}"
    return None


_Act = Callable[[Tensor], Tensor]


def _branch(
    x: Tensor,
    weights: list[Tensor],
    strides: tuple[int, int],
    acts: tuple[_Act, _Act] = (F.relu, F.relu),
) -> Tensor:
    """The three convolutions, with the strides of the first two, and what follows these."""
    y = acts[0](F.conv2d(x, weights[0], stride=strides[0]))
    y = acts[1](F.conv2d(y, weights[1], stride=strides[1], padding=1))
    return F.conv2d(y, weights[2])


def _known(x: Tensor, weights: list[Tensor], stride: int, y: Tensor, kept: Tensor) -> dict[str, Tensor]:
    """What known mistakes give, by diagnosis; `y` is what the branch should give, `kept` the shortcut."""
    strides, flat = (1, stride), torch.clone
    return {
        "the ReLU comes before the addition: activate the sum.": F.relu(y) + kept,
        "the branch is activated before the addition, too: activate the sum alone.": F.relu(F.relu(y) + kept),
        "the shortcut is activated before the addition: it hands on what it gets.": F.relu(y + F.relu(kept)),
        "the ReLU after the addition is missing.": y + kept,
        "the shortcut is missing.": F.relu(y),
        "the branch is missing: what did its three convolutions make of x?": F.relu(kept + kept),
        "nothing is added to what the shortcut carries.": F.relu(kept),
        "the branch is added to itself. What does the shortcut carry?": F.relu(y + y),
        "branch and shortcut are multiplied: a shortcut is added.": F.relu(y * kept),
        "the branch is subtracted: a shortcut is added.": F.relu(kept - y),
        "the shortcut is subtracted: it is added.": F.relu(y - kept),
        "x itself is added; here a convolution stands on the shortcut.": F.relu(y + x)
        if x.shape == y.shape
        else y,
        "the ReLU after the first convolution is missing.": F.relu(
            _branch(x, weights, strides, (flat, F.relu)) + kept
        ),
        "the ReLU after the 3x3 is missing.": F.relu(_branch(x, weights, strides, (F.relu, flat)) + kept),
        "the ReLUs between the convolutions are missing.": F.relu(
            _branch(x, weights, strides, (flat, flat)) + kept
        ),
        "the stride is on the first 1x1, as in v1. Where does v1.5 have it?": F.relu(
            _branch(x, weights, (stride, 1)) + kept
        ),
    }


@checker(
    to_do="write the function: three convolutions without bias, three norms, and the shortcut's projection.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, reduction)`, stride 1."""
    return miscounted(
        answer,
        ("in_channels", "out_channels", "reduction"),
        ((64, 256, 4), (256, 256, 4), (96, 64, 2)),
        lambda i, o, r: _count(i, o, o // r),
        _miscounts,
        otherwise="Count convolution by convolution: reduce, spatial, expand, shortcut.",
    )


def _count(i: int, o: int, n: int, *, spatial: int = 9, norm: int = 2, projected: bool | None = None) -> int:
    """The parameters of a block with `n` channels in the middle."""
    projected = i != o if projected is None else projected
    return i * n + spatial * n * n + n * o + norm * (2 * n + o) + projected * (i * o + norm * o)


def _miscounts(i: int, o: int, r: int) -> dict[str, int]:
    """What known mistakes give, by diagnosis."""
    n = o // r
    right = _count(i, o, n)
    return {
        "Only the convolutions are counted. What else has parameters?": _count(i, o, n, norm=0),
        "A norm has more than one parameter per channel.": _count(i, o, n, norm=1),
        "No convolution has a bias here. What follows each of them?": _count(i, o, n, norm=3),
        "How many weights does a 3x3 have for each pair of channels?": _count(i, o, n, spatial=3),
        "Which channels does the 3x3 join?": right + 9 * (o * o - n * n),
        "From which end is the width of the middle counted?": _count(i, o, i // r),
        "The middle has norms, too.": right - 4 * n,
        "How many norms does the middle have?": right - 2 * n,
        "What follows the last 1x1?": right - 2 * o,
        "The running mean and variance of a norm are not learned: they are no parameters.": _count(
            i, o, n, norm=4
        ),
        "The 3x3 is not depthwise: each filter sees all channels of the middle.": right - 9 * n * (n - 1),
        "The weights of the first 1x1 are missing.": right - i * n,
        "The weights of the last 1x1 are missing.": right - n * o,
        "The shortcut is the identity here. What does that cost?": _count(i, o, n, projected=True),
        "The channels differ. What does the shortcut need?": _count(i, o, n, projected=False),
        "The shortcut's convolution has a norm, too.": right - 2 * o * (i != o),
    }


@checker(
    to_do="write the block: the three ConvNormAct in __init__, their order and the shortcut in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.Bottleneck.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=..., reduction=...)`."""
    return misbuilt(
        answer,
        Bottleneck,
        ("in_channels", "out_channels", "stride", "reduction"),
        ((16, 16, 1, 4), (32, 16, 1, 4), (16, 16, 2, 4), (16, 24, 2, 3)),
    )


_HIDDEN = {
    "A": "stride on the first 1x1",
    "B": "activation before the addition",
    "C": "width from the input",
}


def suspects() -> dict[str, nn.Module]:
    """Three broken versions of Bottleneck(16, 32, stride=2), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.imitates is Bottleneck}
    return {letter: wrong[name].build(16, 32, stride=2) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: by the sizes of the maps, by the last steps, and by counting.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "compare the shapes of its first steps in `graph(...)` with those of the right block.",
        "B": "look at its last steps in `graph(...)`: what follows the addition?",
        "C": "compare its parameters with those of the right block.",
    }
    return misnamed(answer, _HIDDEN, hints)
