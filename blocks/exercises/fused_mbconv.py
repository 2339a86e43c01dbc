"""The checkers of notebook 09: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import FusedMBConv
from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS


@checker(
    to_do="put the stride and the condition of the projection in place of the two `...`.",
    right="the stride sits on the fused convolution, which stands alone where there is no projection.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor | None, int], Tensor]) -> str | None:
    """`answer(x, fused, project, stride)`, weights as nn.Conv2d has them, project None for expansion 1."""
    generator = torch.Generator().manual_seed(0)
    for i, o, stride, t in ((4, 4, 1, 4), (4, 6, 1, 4), (4, 4, 2, 4), (4, 4, 1, 1), (4, 6, 2, 1)):
        setting = f"with {i} channels in, {o} out, stride {stride} and expansion {t}"
        x = torch.randn(2, i, 8, 8, generator=generator)
        fused = torch.randn(i * t if t > 1 else o, i, 3, 3, generator=generator)
        project = torch.randn(o, i * t, 1, 1, generator=generator) if t > 1 else None
        try:
            got = answer(x, fused, project, stride)
        except (RuntimeError, TypeError) as error:
            return f"{setting} torch says: {str(error).splitlines()[0]}"
        if not isinstance(got, Tensor):
            return f"{setting} you give {type(got).__name__}; a tensor is needed. Is there a return?"
        if wrong := _numbers(got, x, fused, project, stride):
            return f"{setting} {wrong}"
    return None


def _numbers(got: Tensor, x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> str | None:
    """What is wrong with the output of a learner's function; None if nothing is."""
    before = F.conv2d(x, fused, stride=stride, padding=1)
    kernel = project if project is not None else torch.eye(len(fused))[:, :, None, None]
    y = F.conv2d(F.silu(before), kernel)
    if got.ndim == 4 and got.shape[1] != y.shape[1]:
        return f"{got.shape[1]} channels come out, expected {y.shape[1]}: when must it project?"
    if got.shape != y.shape:
        return f"the shape is {tuple(got.shape)}, expected {tuple(y.shape)}: look at the stride."
    kept = x if x.shape == y.shape else torch.zeros_like(y)
    known = (
        (kept + y, None),
        (y, "the shortcut is missing."),
        (kept + F.conv2d(before, kernel), "the SiLU after the fused convolution is missing."),
        (kept + F.conv2d(F.relu(before), kernel), "that is ReLU; the block has SiLU."),
        (kept + F.silu(y), "the projection should end linear: no activation follows it."),
        (F.silu(kept + y), "no activation follows the addition."),
    )
    other = "the numbers are not those of the block: look at what follows the SiLU."
    return next((hint for numbers, hint in known if torch.allclose(got, numbers, atol=1e-5)), other)


@checker(
    to_do="write the function: convolutions without bias, norms with two parameters a channel.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size, expansion)`, expansion a whole number."""
    for i, o, k, t in ((48, 48, 3, 4), (48, 64, 3, 4), (16, 24, 5, 4), (24, 24, 3, 1)):
        block = FusedMBConv(i, o, kernel_size=k, expansion=t)
        right = sum(p.numel() for p in block.parameters())
        weights = sum(m.weight.numel() for m in block.modules() if isinstance(m, nn.Conv2d))
        got = answer(i, o, k, t)
        setting = f"for in_channels={i}, out_channels={o}, kernel_size={k}, expansion={t}"
        if isinstance(got, bool) or not isinstance(got, int):
            return f"{setting} you get {got!r}; a whole number is needed."
        if got != right:
            return f"{setting} you get {got!r}. {_known(i, o, k, t, right, weights, got)}"
    return None


def _known(i: int, o: int, k: int, t: int, right: int, weights: int, got: int) -> str:
    """What a wrong count comes from, where that can be told."""
    wide = i * t
    if got == weights:
        return "These are the weights of the convolutions alone; each norm has two more per channel."
    if t == 1 and got == right + i * o + 2 * o:
        return "With expansion 1 there is one convolution: no 1x1 follows it."
    if t > 1 and got == right - k * k * i * wide + k * k * wide:
        return f"Your {k}x{k} is depthwise; the fused one joins all {i} channels."
    if t > 1 and got == right + i * wide + 2 * wide:
        return "There is no expanding 1x1 any more: the fused convolution expands."
    if t > 1 and got == right - k * k * i * wide + i * wide:
        return f"The fused convolution is no 1x1: for each channel in and out it has {k}x{k} weights."
    if t > 1 and k > 3 and got == right - (k * k - 9) * i * wide:
        return f"With a {k}x{k} kernel too you count 3x3: use kernel_size."
    if got in (right - 2 * wide, right - 2 * o):
        return "One of the norms is missing: two numbers for each channel that its convolution gives."
    if got == right + (wide + o if t > 1 else o):
        return "A convolution before a norm has no bias: the norm shifts each channel anyway."
    if got == (right + weights) // 2:
        return "A norm has two numbers for each channel, not one."
    return "Count convolution by convolution: fused, then project."


@checker(
    to_do="write the block: its ConvNormAct in __init__, their order and the shortcut in forward.",
    right="steps, parameters and, with the same weights, outputs equal those of blocks.FusedMBConv.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=..., expansion=...)`."""
    for i, o, stride, t in ((8, 8, 1, 4), (8, 8, 2, 4), (8, 12, 1, 4), (8, 8, 1, 1)):
        wrong = difference(
            answer(i, o, stride=stride, expansion=t),
            FusedMBConv(i, o, stride=stride, expansion=t),
            (1, i, 9, 9),
        )
        if wrong is not None:
            return f"with {i} channels in, {o} out, stride {stride}, expansion {t}: {wrong}"
    return None


# suspect -> (fault, expansion): one of the faults exists only where the block is a single convolution.
_HIDDEN = {
    "A": ("squeeze-and-excitation added", 4),
    "B": ("single convolution linear", 1),
    "C": ("SiLU after the addition", 4),
}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins: of FusedMBConv(8, 8), A and C; of FusedMBConv(8, 8, expansion=1), B."""
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
        "B": "compare its steps in `graph(...)` with those of the right block with expansion 1.",
        "C": "look at its last step in `graph(...)`.",
    }
    return misnamed(answer, {letter: name for letter, (name, _) in _HIDDEN.items()}, hints)
