"""The checkers of notebook 06: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import InvertedResidual
from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS


@checker(
    to_do="put the padding and the condition of the shortcut in place of the two `...`.",
    right="any odd kernel keeps the size, and the shortcut exists only where it fits.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor]) -> str | None:
    """`answer(x, expand, depthwise, project, stride)`, weights as nn.Conv2d has them, without norms."""
    generator = torch.Generator().manual_seed(0)
    for i, o, k, stride in ((4, 4, 3, 1), (4, 4, 5, 1), (4, 6, 3, 1), (4, 4, 3, 2), (3, 5, 7, 2)):
        setting = f"with {i} channels in, {o} out, a {k}x{k} kernel and stride {stride}"
        x = torch.randn(2, i, 8, 8, generator=generator)
        expand, depthwise, project = (
            torch.randn(*shape, generator=generator)
            for shape in ((6 * i, i, 1, 1), (6 * i, 1, k, k), (o, 6 * i, 1, 1))
        )
        y = F.relu6(F.conv2d(x, expand))
        y = F.relu6(F.conv2d(y, depthwise, stride=stride, padding=k // 2, groups=6 * i))
        y = F.conv2d(y, project)
        try:
            got = answer(x, expand, depthwise, project, stride)
        except RuntimeError as error:
            return f"{setting} torch says: {error}"
        if got.shape != y.shape:
            return (
                f"{setting} the shape is {tuple(got.shape)}, expected {tuple(y.shape)}: look at the padding."
            )
        fits = stride == 1 and i == o
        if fits and torch.allclose(got, y):
            return f"{setting} the shortcut is missing."
        if not torch.allclose(got, x + y if fits else y):
            return f"{setting} the numbers are not those of the block."
    return None


@checker(
    to_do="write the function: three convolutions without bias, three norms with two parameters a channel.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size, expansion)`, expansion a whole number."""
    for i, o, k, t in ((24, 24, 3, 6), (24, 32, 3, 6), (16, 24, 5, 4), (32, 16, 3, 1)):
        block = InvertedResidual(i, o, kernel_size=k, expansion=t)
        right = sum(p.numel() for p in block.parameters())
        weights = sum(m.weight.numel() for m in block.modules() if isinstance(m, nn.Conv2d))
        wide = i * t
        dense = right + k * k * wide * (wide - 1)
        got = answer(i, o, k, t)
        setting = f"in_channels={i}, out_channels={o}, kernel_size={k}, expansion={t}"
        if isinstance(got, bool) or not isinstance(got, int):
            return f"for {setting} you get {got!r}; a whole number is needed."
        if got == right:
            continue
        known = {
            weights: "these are the weights of the convolutions alone; each norm has two more per channel.",
            dense: f"your {k}x{k} is a full convolution; the depthwise one has one filter per channel.",
            right + i * wide + 2 * wide: "with expansion 1 there is no expanding convolution to count.",
        }
        return f"for {setting} you get {got!r}. " + known.get(
            got, "Count convolution by convolution: expand, depthwise, project."
        )
    return None


@checker(
    to_do="write the block: the three ConvNormAct in __init__, their order and the shortcut in forward.",
    right="steps, parameters and, with the same weights, outputs equal those of blocks.InvertedResidual.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=..., expansion=...)`."""
    for i, o, stride, t in ((8, 8, 1, 6), (8, 8, 2, 6), (8, 12, 1, 6), (8, 8, 1, 1)):
        wrong = difference(
            answer(i, o, stride=stride, expansion=t),
            InvertedResidual(i, o, stride=stride, expansion=t),
            (1, i, 9, 9),
        )
        if wrong is not None:
            return f"with {i} channels in, {o} out, stride {stride}, expansion {t}: {wrong}"
    return None


_HIDDEN = {"A": "wide ends joined", "B": "activation after the projection", "C": "groups lost"}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of InvertedResidual(8, 8), each with one fault."""
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
