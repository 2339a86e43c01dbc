"""The checkers of notebook 04: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import DepthwiseSeparable
from course.depthwise_separable.mutants import MUTANTS
from course.kit.checks.checking import checker, described, miscounted, misnamed, unlike
from course.kit.checks.compare import misbuilt
from course.kit.checks.running import tensor

_NAMES = ("in_channels", "out_channels", "kernel_size", "stride")


@checker(
    to_do="put the padding and the number of groups in place of the two `...`.",
    right="each channel meets its own filter, and any odd kernel keeps the size.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, int], Tensor]) -> str | None:
    """`answer(x, depthwise, project, stride)`, weights as nn.Conv2d has them, without norms."""
    generator = torch.Generator().manual_seed(0)
    for i, o, k, stride in ((4, 4, 3, 1), (4, 6, 3, 2), (6, 4, 5, 1), (3, 5, 9, 2)):
        setting = described(_NAMES, (i, o, k, stride))
        shapes = ((2, i, 9, 8), (i, 1, k, k), (o, i, 1, 1))
        x, depthwise, project = (torch.randn(*shape, generator=generator) for shape in shapes)
        got = tensor(answer, x, depthwise, project, stride, setting=setting)
        filtered = F.conv2d(x, depthwise, stride=stride, padding=k // 2, groups=i)
        y = F.relu(filtered)
        right = F.relu(F.conv2d(y, project))
        known = {
            "the activation after the 1x1 is missing.": F.conv2d(y, project),
            "the activation between the two convolutions is missing.": F.relu(F.conv2d(filtered, project)),
            "both activations are missing.": F.conv2d(filtered, project),
            "the 1x1 is missing: what mixes the channels?": y,
            "the depthwise convolution is missing: what looks at the neighbors?": F.relu(
                F.conv2d(x, project)
            ),
            "x is added. This block has no shortcut.": x + right if x.shape == right.shape else right,
        }
        wrong = unlike(
            got,
            right,
            known,
            shape=". Look at the padding and at the stride.",
            otherwise="the numbers are not those of the block: compare with the three lines above.",
        )
        if wrong:
            return f"{setting}: {wrong}"
    return None


@checker(
    to_do="write the function: two convolutions without bias, two norms with two parameters a channel.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size)`, for the block with its default norm."""

    return miscounted(
        answer,
        _NAMES[:3],
        ((48, 80, 5), (32, 24, 3), (5, 7, 7)),
        _parameters,
        _miscounts,
        otherwise="Count convolution by convolution: depthwise, then 1x1; then the norm of each.",
    )


def _parameters(i: int, o: int, k: int) -> int:
    return sum(p.numel() for p in DepthwiseSeparable(i, o, kernel_size=k).parameters())


def _miscounts(i: int, o: int, k: int) -> dict[str, int]:
    """What known mistakes give, by diagnosis."""
    right, area, full = _parameters(i, o, k), k * k, k * k * i * o
    return {
        "These are the weights of the convolutions alone; each norm has two more per channel.": (
            area * i + i * o
        ),
        "The norm between the two convolutions is missing.": right - 2 * i,
        "The norm after the 1x1 is missing.": right - 2 * o,
        "How many channels does the norm between the two convolutions see?": right + 2 * (o - i),
        "How many channels does the norm after the 1x1 see?": right + 2 * (i - o),
        "The convolutions have no bias; each norm has two parameters per channel.": right - i - o,
        "Norms and biases: a convolution before a norm has no bias.": right + i + o,
        "The running mean and variance of a norm are not learned: they are no parameters.": (
            right + 2 * (i + o)
        ),
        "This is one full {2}x{2} convolution. Count the two convolutions of the block.": full,
        "This is one full {2}x{2} convolution with its norm. Count the block's two.": full + 2 * o,
        "Your {2}x{2} has {0} times too many weights: how many channels does one filter see?": (
            right + area * i * (i - 1)
        ),
        "Your {2}x{2} has {1} times too many weights: how many channels does it give?": (
            right + area * i * (o - 1)
        ),
        "The depthwise convolution comes first: which channels does it see?": right + area * (o - i),
        "A {2}x{2} filter has more than {2} weights.": right + (k - area) * i,
        "You count 3x3, whatever the kernel is.": right + (9 - area) * i,
        "The two convolutions follow each other: their weights add, they do not multiply.": full * i,
    }


@checker(
    to_do="write the block: the two ConvNormAct in __init__, their order in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.DepthwiseSeparable.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, kernel_size=..., stride=...)`."""
    settings = ((8, 8, 3, 1), (8, 12, 3, 2), (6, 4, 7, 1), (8, 8, 3, 2))
    return misbuilt(answer, DepthwiseSeparable, _NAMES, settings)


SOUND = "nothing wrong"
_HIDDEN = {"A": "linear middle", "B": SOUND, "C": "groups lost", "D": "linear end"}


def suspects() -> dict[str, nn.Module]:
    """Three broken versions of DepthwiseSeparable(8, 8), each with one fault, and the right block."""
    build = {mutant.name: mutant.build for mutant in MUTANTS if mutant.concept == "depthwise_separable"}
    build[SOUND] = DepthwiseSeparable
    return {letter: build[name](8, 8) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault, or 'nothing wrong', in place of each of the four `...`.",
    right="all four: one by its cost, two by the kinds of their steps, and one without a fault.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B, C and D to the names of their faults."""
    hints = {
        "A": "read the kinds of its steps in order. What stands between the two convolutions?",
        "B": "hold its steps and its cost beside those of DepthwiseSeparable(8, 8).",
        "C": "compare its parameters with those of the right block.",
        "D": "look at the kind of its last step.",
    }
    return misnamed(answer, _HIDDEN, hints)
