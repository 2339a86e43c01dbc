"""The checkers of notebook 09: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import pytest
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import FusedMBConv, MBConv
from blocks.exercises.compare import difference
from blocks.exercises.fused_mbconv import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from blocks.exercises.mutants import MUTANTS
from tests.checkers import Check, assert_diagnosed, assert_never_raises


def parameters(i: int, o: int, k: int, t: int) -> int:
    return sum(p.numel() for p in FusedMBConv(i, o, kernel_size=k, expansion=t).parameters())


def depthwise(i: int, o: int, k: int, t: int) -> int:
    return parameters(i, o, k, t) - k * k * i * i * t + k * k * i * t


def weights(i: int, o: int, k: int, t: int) -> int:
    return k * k * i * i * t + i * t * o if t > 1 else k * k * i * o


def projected(i: int, o: int, k: int, t: int) -> int:
    return parameters(i, o, k, t) + (i * o + 2 * o if t == 1 else 0)


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "fused_mbconv" and m.name == name)


def forward(stride_at: str = "fused", *, always: bool = False, act: Any = F.silu, joins: bool = True) -> Any:
    """The functional block, with one thing wrong."""

    def answer(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
        y = act(F.conv2d(x, fused, stride=stride if stride_at == "fused" else 1, padding=1))
        if always or project is not None:
            y = F.conv2d(y, project, stride=stride if stride_at == "project" else 1)  # type: ignore[arg-type]
        return x + y if joins and x.shape == y.shape else y

    return answer


FAULTS = {
    "A": "squeeze-and-excitation added",
    "B": "single convolution linear",
    "C": "SiLU after the addition",
}
CASES: list[tuple[Check, Any, str]] = [
    (check_forward, forward(), r"Right: the stride sits"),
    (check_forward, forward("nowhere"), r"Not yet: .*stride 2.* shape is \(2, 4, 8, 8\).*look at the stride"),
    (
        check_forward,
        forward("project"),
        r"Not yet: .*stride 2 and expansion 1 the shape is .*: look at the stride",
    ),
    (check_forward, forward(always=True), r"Not yet: .*expansion 1 torch says: conv2d"),
    (check_forward, forward(act=F.relu), r"Not yet: .* the numbers are not those"),
    (check_forward, forward(joins=False), r"Not yet: with 4 channels in, 4 out, stride 1 .* the numbers"),
    (check_parameters, parameters, r"Right: your formula"),
    (check_parameters, weights, r"Not yet: .*the convolutions alone"),
    (check_parameters, depthwise, r"Not yet: .*Your 3x3 is depthwise; the fused one joins all 48"),
    (check_parameters, projected, r"Not yet: for in_channels=24.* no 1x1 follows it\.$"),
    (check_parameters, lambda *_: 1, r"Not yet: .* Count convolution by convolution"),
    (check_parameters, lambda *_: "many", r"Not yet: .* a whole number is needed\.$"),
    (check_block, FusedMBConv, r"Right: steps, parameters"),
    (check_block, MBConv, r"Not yet: with 8 channels in, 8 out, stride 1, expansion 4: "),
    (check_block, mutant("SiLU after the addition"), r"Not yet: .*after an addition it should end, but an"),
    (check_block, mutant("projection kept"), r"Not yet: with .* expansion 1: "),
    (check_block, mutant("single convolution linear"), r"Not yet: with .* expansion 1: "),
    (check_block, mutant("squeeze-and-excitation added"), r"Not yet: with .* expansion 4: "),
    (check_block, mutant("stride on the projection"), r"Not yet: with 8 channels in, 8 out, stride 2"),
    (check_block, lambda *_, **__: nn.Identity(), r"Not yet: .*its forward ends after"),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (check_suspects, FAULTS, r"Right: all three"),
    (check_suspects, {**FAULTS, "A": "groups lost"}, r"Not yet: A is not 'groups lost': compare its param"),
    (check_suspects, {**FAULTS, "B": "projection kept"}, r"Not yet: B is not 'projection kept': compare its"),
    (check_suspects, {**FAULTS, "C": "projection kept"}, r"Not yet: C is not .* last step"),
    (check_suspects, ["groups lost"], r"Not yet: a dict such as .* got list\.$"),
]


@pytest.mark.parametrize(("check", "answer", "expected"), CASES)
def test_each_answer_gets_its_diagnosis(
    check: Check, answer: Any, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_diagnosed(check, answer, expected, capsys)


@pytest.mark.parametrize("check", [check_forward, check_parameters, check_block, check_suspects])
def test_nothing_a_learner_types_raises(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    assert_never_raises(check, capsys)


@pytest.mark.parametrize(("letter", "expansion"), [("A", 4), ("B", 1), ("C", 4)])
def test_suspects_differ_from_the_right_block(letter: str, expansion: int) -> None:
    right = FusedMBConv(8, 8, expansion=expansion)
    assert difference(suspects()[letter], right, (1, 8, 9, 9)) is not None
