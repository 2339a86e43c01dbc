"""The checkers of notebook 06: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import InvertedResidual
from course.inverted_residual.mutants import MUTANTS
from course.kit.checks.checking import checker, described, miscounted, misnamed, unlike
from course.kit.checks.compare import misbuilt
from course.kit.checks.running import tensor

_NAMES = ("in_channels", "out_channels", "kernel_size", "stride", "expansion")


@checker(
    to_do="put the padding and the condition of the shortcut in place of the two `...`.",
    right="any odd kernel keeps the size, and the shortcut exists only where it fits.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor]) -> str | None:
    """`answer(x, expand, depthwise, project, stride)`, weights as nn.Conv2d has them, without norms."""
    generator = torch.Generator().manual_seed(0)
    for i, o, k, stride, t in (
        (4, 6, 3, 1, 6),
        (4, 4, 3, 1, 6),
        (4, 4, 3, 2, 3),
        (6, 4, 5, 1, 2),
        (3, 5, 9, 2, 4),
        (5, 18, 3, 2, 2),  # as many numbers out as in
    ):
        setting, h = described(_NAMES, (i, o, k, stride, t)), i * t
        shapes = ((2, i, 9, 8), (h, i, 1, 1), (h, 1, k, k), (o, h, 1, 1))
        x, expand, depthwise, project = (torch.randn(*shape, generator=generator) for shape in shapes)
        weights = (expand, depthwise, project)
        got = tensor(answer, x, *weights, stride, setting=setting)
        y = _branch(x, *weights, stride)
        kept = x if stride == 1 and i == o else torch.zeros_like(y)
        known = {
            "the shortcut is missing.": y,
            "an activation follows the last 1x1, where the tensor is narrow.": F.relu6(y) + kept,
            "the sum is activated. Nothing follows it here.": F.relu6(y + kept),
            "input and output are multiplied. A shortcut is added.": y * kept,
            "the activation after the first 1x1 is missing.": (
                _branch(x, *weights, stride, first=torch.clone) + kept
            ),
            "the activation after the depthwise convolution is missing.": (
                _branch(x, *weights, stride, second=torch.clone) + kept
            ),
            "what do the activations make of numbers below 0? A clamp may have two bounds.": (
                _branch(x, *weights, stride, _no_lower_bound, _no_lower_bound) + kept
            ),
            "the activations are ReLU; this block has another.": (
                _branch(x, *weights, stride, F.relu, F.relu) + kept
            ),
        }
        wrong = unlike(
            got,
            y + kept,
            known,
            shape=". Look at the padding and at the stride.",
            otherwise="the numbers are not those of the block: compare with the five lines above.",
        )
        if wrong:
            return f"{setting}: {wrong}"
    return None


def _no_lower_bound(x: Tensor) -> Tensor:
    return x.clamp(max=6)


def _branch(
    x: Tensor,
    expand: Tensor,
    depthwise: Tensor,
    project: Tensor,
    stride: int,
    first: Callable[[Tensor], Tensor] = F.relu6,
    second: Callable[[Tensor], Tensor] = F.relu6,
) -> Tensor:
    y, padding = first(F.conv2d(x, expand)), depthwise.shape[-1] // 2
    y = second(F.conv2d(y, depthwise, stride=stride, padding=padding, groups=len(depthwise)))
    return F.conv2d(y, project)


@checker(
    to_do="write the function: three convolutions without bias, three norms with two parameters a channel.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size, expansion)`, expansion a whole number."""
    return miscounted(
        answer,
        ("in_channels", "out_channels", "kernel_size", "expansion"),
        ((40, 24, 5, 3), (24, 32, 3, 6), (16, 24, 7, 2), (28, 20, 3, 1)),
        _parameters,
        _miscounts,
        otherwise="Count convolution by convolution: expand, depthwise, project; then the norm of each.",
    )


def _parameters(i: int, o: int, k: int, t: int) -> int:
    block = InvertedResidual(i, o, kernel_size=k, expansion=t)
    return sum(p.numel() for p in block.parameters())


def _miscounts(i: int, o: int, k: int, t: int) -> dict[str, int]:
    """What known mistakes give, by diagnosis."""
    right, h = _parameters(i, o, k, t), i * t
    norms = 2 * h * (1 + (t > 1)) + 2 * o
    return {
        "These are the weights of the convolutions alone; each norm has two more per channel.": right - norms,
        "The convolutions have no bias; each norm has two parameters per channel.": right - norms // 2,
        "Norms and biases: a convolution before a norm has no bias.": right + norms // 2,
        "The running mean and variance of a norm are not learned: they are no parameters.": right + norms,
        "How many channels does the norm of the last 1x1 see?": right + 2 * (h - o),
        "The norm of the last 1x1 is missing.": right - 2 * o,
        "The norm of the depthwise convolution is missing.": right - 2 * h,
        "The norm of the expanding convolution is missing.": right - 2 * h * (t > 1),
        "The weights of the expanding convolution are missing.": right - i * h * (t > 1),
        "The weights of the depthwise convolution are missing.": right - k * k * h,
        "The weights of the last 1x1 are missing.": right - h * o,
        "How many channels does the depthwise convolution see?": right - k * k * (h - i),
        "Your {2}x{2} is a full convolution: how many channels does one filter of a depthwise one see?": (
            right + k * k * h * (h - 1)
        ),
        "A {2}x{2} filter has more than {2} weights.": right + (k - k * k) * h,
        "You count 3x3, whatever the kernel is.": right + (9 - k * k) * h,
        "With expansion {3} there is no expanding convolution, and no norm of it.": right + i * h + 2 * h,
        "With expansion {3} the norm of the expanding convolution is left out, too.": right + 2 * h,
    }


@checker(
    to_do="write the block: the three ConvNormAct in __init__, their order and the shortcut in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.InvertedResidual.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=..., expansion=...)`."""
    names = ("in_channels", "out_channels", "stride", "expansion")
    settings = (
        (8, 8, 1, 6),
        (8, 8, 2, 6),
        (8, 12, 1, 2),
        (8, 8, 1, 1),
        (8, 8, 2, 1),
        (12, 8, 1, 1),
        (25, 81, 2, 2),  # as many numbers out as in
    )
    return misbuilt(answer, InvertedResidual, names, settings)


_HIDDEN = {"A": "wide ends joined", "B": "activation after the projection", "C": "groups lost"}


def suspects() -> dict[str, nn.Module]:
    """Three broken versions of InvertedResidual(8, 8), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.concept == "inverted_residual"}
    return {letter: wrong[name].build(8, 8) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: by counting, by the kinds of the steps, and by asking who feeds whom.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "compare the inputs of its addition in `graph(...)` with those of the right block.",
        "B": "look at its last steps in `graph(...)`, before the addition.",
        "C": "compare its parameters with those of the right block.",
    }
    return misnamed(answer, _HIDDEN, hints)
