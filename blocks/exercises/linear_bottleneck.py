"""The checkers of notebook 05: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from blocks import LinearBottleneck
from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS
from blocks.experiments.linear_bottleneck import fewer_than_two


@checker(
    to_do="put numbers or formulas in place of the two `...`.",
    right="no unit on, or exactly one of n: (n + 1)/2ⁿ, as counted in the explorer.",
)
def check_share(answer: Callable[[int], float]) -> str | None:
    """`answer(n)`: the chance that fewer than two of n units are on."""
    for n in (5, 3, 2, 10):
        got = answer(n)
        if isinstance(got, bool) or not isinstance(got, int | float):
            return f"for n = {n} you get {got!r}; a number is needed."
        if abs(got - fewer_than_two(n)) < 1e-12:
            continue
        patterns = 2**n
        known = {
            n: "Both cases count: no unit on, and exactly one on.",
            1: "Both cases count: no unit on, and exactly one on.",
            2: "In a pattern with exactly one unit on, which unit is it? There is a pattern for each.",
            patterns - n - 1: "That is how likely at least two are on.",
            patterns * (n + 1): "So many patterns there are; the chance is their share of all 2ⁿ.",
        }
        rest = "In how many of the 2ⁿ patterns is at most one unit on?"
        hints = [hint for count, hint in known.items() if abs(got * patterns - count) < 1e-9]
        return f"for n = {n} you get {got!r}. {hints[0] if hints else rest}"
    return None


@checker(
    to_do="put which units to use, and when there is no point to give, in place of the two `...`.",
    right="two units that are on give the point back exactly, whatever the others have lost.",
)
def check_back(answer: Callable[[Tensor, Tensor], Tensor | None]) -> str | None:
    """`answer(matrix, high)`: the point (2,) with relu(matrix @ point) = high; None if more than one has it.

    The matrix is (n, 2), high is (n,).
    """
    point = torch.tensor([0.6, -0.8], dtype=torch.float64)
    side = torch.tensor([0.8, 0.6], dtype=torch.float64)  # at a right angle to the point
    for on, off in ((3, 2), (2, 4), (5, 0), (1, 3), (0, 4)):
        slant = torch.linspace(-1, 1, on + off, dtype=torch.float64)[:, None]
        matrix = slant * side + torch.tensor([1.0] * on + [-1.0] * off, dtype=torch.float64)[:, None] * point
        got = answer(matrix, (matrix @ point).relu())
        if wrong := _returned(got, point, on, torch.linalg.pinv(matrix) @ (matrix @ point).relu()):
            return f"with {on} units on and {off} off {wrong}"
    return None


def _returned(got: Any, point: Tensor, on: int, by_all: Tensor) -> str | None:
    """What is wrong with one answer; `by_all` is what all rows of the matrix give, those that are off too."""
    if got is None:
        return "you give None, but two units that are on fix the point." if on >= 2 else None
    if not isinstance(got, Tensor):
        return f"you give {type(got).__name__}; a Tensor or None is needed."
    if got.shape != point.shape:
        return f"you give the shape {tuple(got.shape)}; a point has the shape (2,)."
    if on < 2:
        return "you give a point, but others come out as the same numbers: give None."
    if torch.allclose(got.double(), point, atol=1e-5):
        return None
    if torch.allclose(got.double(), by_all, atol=1e-5):
        return "you use all units. One that is off says 0, which is not what the matrix gave: leave it out."
    return f"you give {got.tolist()}, which is not the point: which rows of the matrix belong to units on?"


@checker(
    to_do="write the block: two ConvNormAct in __init__, their order in forward.",
    right="steps, parameters and, with the same weights, outputs equal those of blocks.LinearBottleneck.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=...)`."""
    for i, o, stride in ((8, 8, 1), (8, 12, 2)):
        wrong = difference(answer(i, o, stride=stride), LinearBottleneck(i, o, stride=stride), (1, i, 9, 9))
        if wrong is not None:
            return f"with {i} channels in, {o} out and stride {stride}: {wrong}"
    return None


_HIDDEN = {"A": "shortcut added", "B": "activation at the narrow end", "C": "no activation at all"}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of LinearBottleneck(8, 8) in eval mode, each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.concept == "linear_bottleneck"}
    return {letter: wrong[name].build(8, 8).eval() for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: no shape and no count told them apart, a look at signs and steps did.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "look at the last step in `graph(...)`, and at what it reads.",
        "B": "what is the smallest number that it gives?",
        "C": "compare what it makes of -x with what it makes of x.",
    }
    return misnamed(answer, _HIDDEN, hints)
