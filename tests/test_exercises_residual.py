"""The checkers of notebook 02: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import pytest
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import BasicBlock
from blocks.exercises.mutants import MUTANTS
from blocks.exercises.residual import check_block, check_forward, check_suspects, suspects
from tests.checkers import Check, assert_diagnosed, assert_never_raises


def branch(x: Tensor, first: Tensor, second: Tensor, stride: int) -> Tensor:
    return F.conv2d(F.relu(F.conv2d(x, first, stride=stride, padding=1)), second, padding=1)


def kept(x: Tensor, project: Tensor | None, stride: int) -> Tensor:
    return x if project is None else F.conv2d(x, project, stride=stride)


def right(x: Tensor, first: Tensor, second: Tensor, project: Tensor | None, stride: int) -> Tensor:
    return F.relu(branch(x, first, second, stride) + kept(x, project, stride))


def in_place(x: Tensor, first: Tensor, second: Tensor, _: Tensor | None, stride: int) -> Tensor:
    y = branch(x, first, second, stride)
    x += y
    return F.relu(x)


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is BasicBlock and m.name == name)


FAULTS = {"A": "first layer dead", "B": "adds in place", "C": "shortcut dropped"}
CASES: list[tuple[Check, Any, str]] = [
    (check_forward, right, r"Right: the projection"),
    (check_forward, lambda x, a, b, _, s: F.relu(branch(x, a, b, s)), r"Not yet: .*the shortcut is missing"),
    (
        check_forward,
        lambda x, a, b, p, s: branch(x, a, b, s) + kept(x, p, s),
        r"Not yet: .*after the addition is missing",
    ),
    (
        check_forward,
        lambda x, a, b, p, s: F.relu(branch(x, a, b, s)) + kept(x, p, s),
        r"Not yet: .*before the addition",
    ),
    (
        check_forward,
        lambda x, a, b, p, s: F.relu(branch(x, a, b, s) + kept(x, p, 1)),
        r"Not yet: .*stride 2 torch says",
    ),
    (check_forward, in_place, r"Not yet: .*changes x"),
    (check_forward, lambda x, *_: x * 2, r"Not yet: .*not those of the block"),
    (check_forward, lambda x, *_: x[:1], r"Not yet: .*the shape is"),
    (check_block, BasicBlock, r"Right: steps"),
    (check_block, mutant("adds in place"), r"Not yet: .*in place: the caller's tensor"),
    (check_block, mutant("shortcut dropped"), r"Not yet: .*stands where an addition belongs"),
    (check_block, mutant("activation before the addition"), r"Not yet: .*stands where an addition belongs"),
    (check_block, mutant("first layer dead"), r"Not yet: .*does not read what it should"),
    (check_block, mutant("always projected"), r"Not yet: .*a 1x1 convolution .*stands where an addition"),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (check_suspects, FAULTS, r"Right: all three"),
    (check_suspects, FAULTS | {"A": "shortcut dropped"}, r"Not yet: A is not 'shortcut dropped'"),
    (check_suspects, FAULTS | {"B": "shortcut dropped"}, r"Not yet: B is not .* clone"),
    (check_suspects, FAULTS | {"C": "adds in place"}, r"Not yet: C is not .* an addition"),
    (check_suspects, ["adds in place"], r"Not yet: a dict such as"),
]
CHECKS = [check_forward, check_block, check_suspects]


@pytest.mark.parametrize(("check", "answer", "expected"), CASES)
def test_each_answer_gets_its_diagnosis(
    check: Check, answer: Any, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_diagnosed(check, answer, expected, capsys)


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_a_learner_types_raises(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    assert_never_raises(check, capsys)


def test_suspects_are_three_wrong_blocks() -> None:
    assert list(suspects()) == ["A", "B", "C"]
