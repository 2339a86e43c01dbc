"""The checkers of notebook 05: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from blocks import LinearBottleneck
from course.kit.checks.checking import checker, misnamed, unlike
from course.kit.checks.compare import misbuilt
from course.kit.checks.running import called, no_tensor, number
from course.linear_bottleneck.experiment import fewer_on
from course.linear_bottleneck.mutants import MUTANTS


@checker(
    to_do="put numbers or formulas in place of the two `...`.",
    right="no unit on, or exactly one of n: (n + 1)/2ⁿ, as counted in the explorer.",
)
def check_share(answer: Callable[[int], float]) -> str | None:
    """`answer(n)`: the chance that fewer than two of n units are on."""
    got = {n: number(answer, n, setting=f"for n = {n}") for n in (5, 3, 2)}
    wrong = [n for n, chance in got.items() if not _equal(chance, fewer_on(n, 2))]
    if not wrong:
        return None
    both = "Both cases count: in how many patterns is no unit on, and in how many is exactly one?"
    one = "In a pattern with exactly one unit on, which unit is it? There is a pattern for each."
    known: tuple[tuple[Callable[[int], float], str], ...] = (
        (lambda n: n / 2**n, both),
        (lambda n: 1 / 2**n, both),
        (lambda n: 2 / 2**n, one),
        (lambda n: 1 - fewer_on(n, 2), "That is how likely at least two are on."),
        (lambda n: n + 1, "So many patterns there are; the chance is their share of all 2ⁿ."),
        (lambda n: (n + 1) / 4**n, "The number of patterns is divided by 2ⁿ twice."),
        (lambda n: n * (n - 1) / 2 / 2**n, "That is how likely exactly two are on."),
    )
    hints = (words for chance, words in known if all(_equal(got[n], chance(n)) for n in wrong))
    rest = "In how many of the 2ⁿ patterns is at most one unit on?"
    return f"for n = {wrong[0]} you get {got[wrong[0]]:.6g}. {next(hints, rest)}"


def _equal(first: float, second: float) -> bool:
    return abs(first - second) <= 1e-6 * second


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
    for pattern in ("01101", "001010", "11111", "0010", "0000"):  # no slice finds the 1s
        on, n = pattern.count("1"), len(pattern)
        setting = f"with {on} {'unit' if on == 1 else 'units'} on and {n - on} off"
        across = torch.linspace(-1, 1, n, dtype=torch.float64)[:, None]
        # One unit that is on is large, several are small: what counts is how many, not how much.
        least = 3.0 if on == 1 else 0.2
        values = [least + 0.05 * i if bit == "1" else -1.0 for i, bit in enumerate(pattern)]
        if on > 1:
            values[pattern.index("1")] = 0.01
        along = torch.tensor(values, dtype=torch.float64)[:, None]
        matrix = across * side + along * point
        high = (matrix @ point).relu()
        got = called(answer, matrix, high, setting=setting, none=True)
        picked = (high > 0).long()
        known = {
            "you use all units. One that is off outputs 0, not what the matrix gave: leave it out.": (
                torch.linalg.pinv(matrix) @ high
            ),
            "only rows 0 and 1 are used. A mask is made of True and False, not of numbers.": (
                torch.linalg.pinv(matrix[picked]) @ high[picked]
            ),
        }
        if wrong := _returned(got, point, on, known):
            return f"{setting} {wrong}"
    return None


def _returned(got: Any, point: Tensor, on: int, known: dict[str, Tensor]) -> str | None:
    """What is wrong with one answer; `known` is what known mistakes give, by diagnosis."""
    if got is None:
        return "you give None, but the units that are on fix the point." if on >= 2 else None
    if on < 2:
        return "you give something, but more than one point gives these numbers."
    if wrong := no_tensor(got):
        return f"your function {wrong}"
    if got.shape != point.shape:
        return f"you give the shape {tuple(got.shape)}; a point has the shape (2,)."
    otherwise = "you give another point. Which rows of the matrix belong to units that are on?"
    return unlike(got, point, known, otherwise=otherwise)


@checker(
    to_do="write the block: two ConvNormAct in __init__, their order in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.LinearBottleneck.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=...)`."""
    return misbuilt(
        answer,
        LinearBottleneck,
        ("in_channels", "out_channels", "stride"),
        ((8, 8, 1), (8, 12, 1), (12, 8, 2)),
    )


_HIDDEN = {"A": "shortcut added", "B": "activation at the narrow end", "C": "no activation at all"}


def suspects() -> dict[str, nn.Module]:
    """Three broken versions of LinearBottleneck(8, 8) in eval mode, each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.imitates is LinearBottleneck}
    return {letter: wrong[name].build(8, 8).eval() for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: no shape and no count distinguishes them, but signs and steps do.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "look at the last step in `graph(...)`, and at what it reads.",
        "B": "what is the smallest number that it gives?",
        "C": "compare what it makes of -x with what it makes of x.",
    }
    return misnamed(answer, _HIDDEN, hints)
