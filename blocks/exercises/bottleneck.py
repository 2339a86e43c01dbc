"""The checkers of notebook 03: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import Bottleneck
from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS


@checker(
    to_do="put the stride, and what the shortcut carries, in place of the two `...`.",
    right="the stride sits on the 3x3, and the last ReLU comes after the addition.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, int], Tensor]) -> str | None:
    """`answer(x, reduce, spatial, expand, shortcut, stride)`, weights as nn.Conv2d has them, no norms."""
    generator = torch.Generator().manual_seed(0)
    for i, o, stride in ((8, 16, 1), (8, 16, 2), (16, 8, 2)):
        setting = f"with {i} channels in, {o} out and stride {stride}"
        narrow = o // 4
        x = torch.randn(2, i, 8, 8, generator=generator)
        shapes = (narrow, i, 1, 1), (narrow, narrow, 3, 3), (o, narrow, 1, 1), (o, i, 1, 1)
        weights = [torch.randn(*shape, generator=generator) for shape in shapes]
        reduce, spatial, expand, shortcut = weights
        branch, carried = _branch(x, weights, stride, first=False), F.conv2d(x, shortcut, stride=stride)
        try:
            got = answer(x, reduce, spatial, expand, shortcut, stride)
        except RuntimeError as error:
            return f"{setting} torch says: {error}"
        if got.shape != branch.shape:
            wanted = tuple(branch.shape)
            return f"{setting} the shape is {tuple(got.shape)}, expected {wanted}: look at the stride."
        if torch.allclose(got, F.relu(branch + carried), atol=1e-4):
            continue
        known = {
            "the ReLU comes before the addition; it belongs after.": F.relu(branch) + carried,
            "the ReLU after the addition is missing.": branch + carried,
            "the shortcut is missing.": F.relu(branch),
            "the stride is on the first 1x1 (v1); here it belongs on the 3x3.": F.relu(
                _branch(x, weights, stride, first=True) + carried
            ),
        }
        for fault, output in known.items():
            if torch.allclose(got, output, atol=1e-4):
                return f"{setting} {fault}"
        return f"{setting} the numbers are not those of the block."
    return None


def _branch(x: Tensor, weights: list[Tensor], stride: int, *, first: bool) -> Tensor:
    """The three convolutions of the branch, the stride on the first or on the second."""
    reduce, spatial, expand, _ = weights
    y = F.relu(F.conv2d(x, reduce, stride=stride if first else 1))
    y = F.relu(F.conv2d(y, spatial, stride=1 if first else stride, padding=1))
    return F.conv2d(y, expand)


@checker(
    to_do="write the function: three convolutions without bias, three norms, and the shortcut's projection.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, reduction)`, stride 1."""
    for i, o, r in ((256, 256, 4), (64, 64, 2), (64, 256, 4)):
        block = Bottleneck(i, o, reduction=r)
        right = sum(p.numel() for p in block.parameters())
        weights = sum(m.weight.numel() for m in block.modules() if isinstance(m, nn.Conv2d))
        shortcut = sum(p.numel() for p in block.shortcut.parameters())
        got, narrow, setting = answer(i, o, r), o // r, f"in_channels={i}, out_channels={o}, reduction={r}"
        if isinstance(got, bool) or not isinstance(got, int):
            return f"for {setting} you get {got!r}; a whole number is needed."
        if got == right:
            continue
        if i == o and got == right + i * o + 2 * o:
            return f"for {setting} you get {got!r}. The shortcut is the identity here: it has no weights."
        known = {
            weights: "these are the weights of the convolutions alone; each norm has two more per channel.",
            right - shortcut: "the channels differ: what does the shortcut need?",
            right + 9 * (o * o - narrow * narrow): "your 3x3 joins the wide channels; it sits in the middle.",
        }
        return f"for {setting} you get {got!r}. " + known.get(
            got, "Count convolution by convolution: reduce, spatial, expand, shortcut."
        )
    return None


@checker(
    to_do="write the block: the three ConvNormAct in __init__, their order and the shortcut in forward.",
    right="steps, parameters and, with the same weights, outputs equal those of blocks.Bottleneck.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=..., reduction=...)`."""
    for i, o, stride, r in ((16, 16, 1, 4), (16, 32, 1, 4), (16, 16, 2, 4), (16, 16, 1, 2)):
        wrong = difference(
            answer(i, o, stride=stride, reduction=r),
            Bottleneck(i, o, stride=stride, reduction=r),
            (1, i, 9, 9),
        )
        if wrong is not None:
            return f"with {i} channels in, {o} out, stride {stride}, reduction {r}: {wrong}"
    return None


_HIDDEN = {
    "A": "stride on the first 1x1",
    "B": "activation before the addition",
    "C": "width from the input",
}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of Bottleneck(16, 32, stride=2), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.concept == "bottleneck"}
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
