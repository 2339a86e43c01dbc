"""The checkers of notebook 05: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

from blocks import LinearBottleneck
from blocks.exercises.checking import checker
from blocks.exercises.compare import difference
from blocks.experiments.linear_bottleneck import fewer_than_two


@checker(
    to_do="put numbers or formulas in place of the two dots (...).",
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
        if abs(got - n / 2**n) < 1e-12 or abs(got - 1 / 2**n) < 1e-12:
            return f"for n = {n} you get {got!r}. Both cases count: no unit on, and exactly one on."
        return f"for n = {n} you get {got!r}. In how many of the 2ⁿ patterns is at most one unit on?"
    return None


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
