"""The checkers of notebook 09: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import FusedMBConv
from course.fused_mbconv.mutants import MUTANTS
from course.kit.checks.checking import checker, described, miscounted, misnamed, unlike
from course.kit.checks.compare import misbuilt
from course.kit.checks.running import tensor

_NAMES = ("in_channels", "out_channels", "stride", "expansion")


@checker(
    to_do="put the stride and the condition of the projection in place of the two `...`.",
    right="the stride sits on the fused convolution, which stands alone where there is no projection.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor | None, int], Tensor]) -> str | None:
    """`answer(x, fused, project, stride)`, weights as nn.Conv2d has them, project None for expansion 1."""
    generator = torch.Generator().manual_seed(0)
    for i, o, stride, t in (
        (4, 4, 1, 4),
        (4, 6, 1, 6),
        (4, 4, 2, 4),
        (4, 4, 1, 1),
        (2, 8, 1, 1),
        (2, 8, 2, 1),  # as many numbers out as in
    ):
        setting = described(_NAMES, (i, o, stride, t))
        x = torch.randn(2, i, 8, 8, generator=generator)
        fused = torch.randn(i * t if t > 1 else o, i, 3, 3, generator=generator)
        project = torch.randn(o, i * t, 1, 1, generator=generator) if t > 1 else None
        hint = "`project` is None here: when must it project?" if project is None else ""
        got = tensor(answer, x, fused, project, stride, setting=setting, hint=hint)
        if wrong := _numbers(got, x, fused, project, stride):
            return f"{setting}: {wrong}"
    return None


def _numbers(got: Tensor, x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> str | None:
    """What is wrong with the output of a learner's function; None if nothing is."""
    before = F.conv2d(x, fused, stride=stride, padding=1)
    kernel = project if project is not None else torch.eye(len(fused))[:, :, None, None]
    y = F.conv2d(F.silu(before), kernel)
    if got.ndim == 4 and got.shape[1] != y.shape[1]:
        return f"{got.shape[1]} channels come out, expected {y.shape[1]}: when must it project?"
    kept = x if x.shape == y.shape else torch.zeros_like(y)
    known = {
        "the shortcut is missing.": y,
        "the SiLU after the fused convolution is missing.": kept + F.conv2d(before, kernel),
        "that is ReLU; the block has SiLU.": kept + F.conv2d(F.relu(before), kernel),
        "that is a sigmoid; the block has SiLU.": kept + F.conv2d(before.sigmoid(), kernel),
        "the projection should end linear: no activation follows it.": kept + F.silu(y),
        "no activation follows the addition.": F.silu(kept + y),
        "the shortcut and the branch are multiplied: a shortcut is added.": kept * y,
    }
    return unlike(
        got,
        kept + y,
        known,
        shape=": look at the stride.",
        otherwise="the numbers are not those of the block: compare with the four lines above.",
    )


@checker(
    to_do="write the function: convolutions without bias, norms with two parameters a channel.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size, expansion)`, expansion a whole number."""
    return miscounted(
        answer,
        ("in_channels", "out_channels", "kernel_size", "expansion"),
        ((48, 64, 3, 4), (16, 24, 5, 6), (8, 12, 5, 1), (24, 32, 3, 2)),
        _right,
        _miscounts,
        otherwise="Count convolution by convolution: fused, then project.",
    )


def _miscounts(i: int, o: int, k: int, t: int) -> dict[str, int]:
    """What known mistakes give, by diagnosis."""
    right, weights = _right(i, o, k, t), _weights(i, o, k, t)
    wide = o if t == 1 else i * t
    second = 0 if t == 1 else o
    return {
        "These are the weights of the convolutions alone; each norm has two more per channel.": weights,
        "With expansion 1 there is one convolution: no 1x1 follows it.": (
            k * k * i * i * t + 2 * i * t + i * t * o + 2 * o
        ),
        "With expansion 1 the single convolution goes straight to the channels out.": (
            right + (k * k * i + 2) * (i - o) * (t == 1)
        ),
        "Your {2}x{2} is depthwise; the fused one joins all {0} channels.": right - k * k * (i - 1) * wide,
        "There is no expanding 1x1 any more: the fused convolution expands.": right + (i + 2) * wide,
        "The fused convolution is no 1x1: for each channel in and out it has {2}x{2} weights.": (
            right - (k * k - 1) * i * wide
        ),
        "The fused convolution has {2}x{2} weights for each channel in and out, not {2}.": (
            right - (k * k - k) * i * wide
        ),
        "With a {2}x{2} kernel too you count 3x3: use kernel_size.": right - (k * k - 9) * i * wide,
        "The norm after the fused convolution is missing.": right - 2 * wide,
        "The norm after the projection is missing.": right - 2 * o,
        "A convolution before a norm has no bias: the norm shifts each channel anyway.": right
        + wide
        + second,
        "A norm has two numbers for each channel, not one.": (right + weights) // 2,
        "You count expansion 4, whatever the expansion is.": _right(i, o, k, 4),
    }


def _right(i: int, o: int, k: int, t: int) -> int:
    return sum(p.numel() for p in FusedMBConv(i, o, kernel_size=k, expansion=t).parameters())


def _weights(i: int, o: int, k: int, t: int) -> int:
    """Those of the convolutions alone."""
    return k * k * i * o if t == 1 else k * k * i * i * t + i * t * o


@checker(
    to_do="write the block: its ConvNormAct in __init__, their order and the shortcut in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.FusedMBConv.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=..., expansion=...)`."""
    return misbuilt(
        answer,
        FusedMBConv,
        _NAMES,
        (
            (8, 8, 1, 4),
            (8, 8, 2, 4),
            (8, 12, 1, 4),
            (8, 8, 1, 1),
            (8, 12, 1, 1),
            (8, 8, 2, 1),
            (25, 81, 2, 2),
            (8, 8, 1, 6),
            (12, 8, 1, 1),
            (4, 8, 1, 2),
        ),
    )


# suspect -> (fault, expansion): one of the faults exists only where the block is a single convolution.
_HIDDEN = {
    "A": ("squeeze-and-excitation added", 4),
    "B": ("single convolution linear", 1),
    "C": ("SiLU after the addition", 4),
}


def suspects() -> dict[str, nn.Module]:
    """Three broken versions: two of FusedMBConv(8, 8), one of FusedMBConv(8, 8, expansion=1)."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.concept == "fused_mbconv"}
    return {letter: wrong[name].build(8, 8, expansion=t) for letter, (name, t) in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: by counting, by the kinds of the steps, and by what follows the addition.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "compare its parameters with those of the right block: which module holds the others?",
        "B": "compare its steps in `graph(...)` with those of both right blocks: which are missing?",
        "C": "look at its last step in `graph(...)`.",
    }
    return misnamed(answer, {letter: name for letter, (name, _) in _HIDDEN.items()}, hints)
