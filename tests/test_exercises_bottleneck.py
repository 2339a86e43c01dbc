"""The checkers of notebook 03: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from blocks import Bottleneck
from blocks.exercises.bottleneck import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from blocks.exercises.mutants import MUTANTS
from tests.checkers import Check


def forward(fault: str = "") -> Callable[..., Tensor]:
    """The block with one fault to choose."""

    def answer(
        x: Tensor, reduce: Tensor, spatial: Tensor, expand: Tensor, shortcut: Tensor, stride: int
    ) -> Tensor:
        first, second = (stride, 1) if fault == "v1" else (1, 1 if fault == "no stride" else stride)
        y = F.relu(F.conv2d(x, reduce, stride=first))
        y = F.relu(F.conv2d(y, spatial, stride=second, padding=1))
        y = F.conv2d(y, expand)
        if fault == "no shortcut":
            return F.relu(y)
        carried = F.conv2d(x, shortcut, stride=1 if fault == "sizes differ" else stride)
        if fault == "early":
            return F.relu(y) + carried
        return y + carried if fault == "linear" else F.relu(y + carried)

    return answer


def parameters(i: int, o: int, r: int) -> int:
    return sum(p.numel() for p in Bottleneck(i, o, reduction=r).parameters())


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "bottleneck" and m.name == name)


FAULTS = {"A": "stride on the first 1x1", "B": "activation before the addition", "C": "width from the input"}
CASES: list[tuple[Check, Any, str]] = [
    (check_forward, forward(), r"Right: the stride sits"),
    (check_forward, forward("v1"), r"Not yet: .*stride 2 the stride is on the first 1x1"),
    (check_forward, forward("no stride"), r"Not yet: .*stride 2 torch says: "),
    (check_forward, forward("sizes differ"), r"Not yet: .*stride 2 torch says: "),
    (check_forward, forward("early"), r"Not yet: .* the ReLU comes before the addition"),
    (check_forward, forward("linear"), r"Not yet: .* the ReLU after the addition is missing\.$"),
    (check_forward, forward("no shortcut"), r"Not yet: .* the shortcut is missing\.$"),
    (check_forward, lambda x, *_: x, r"Not yet: .* the shape is .* look at the stride\.$"),
    (check_forward, lambda *a: 2 * forward()(*a), r"Not yet: .* the numbers are not those of the block\.$"),
    (check_parameters, parameters, r"Right: your formula"),
    (
        check_parameters,
        lambda i, o, r: i * (o // r) + 9 * (o // r) ** 2 + (o // r) * o + (i * o if i != o else 0),
        r"Not yet: .*the convolutions alone",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - (i * o + 2 * o if i != o else 0),
        r"Not yet: for in_channels=64, out_channels=256.* what does the shortcut need\?$",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) + (i * o + 2 * o if i == o else 0),
        r"Not yet: .*The shortcut is the identity here",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) + 9 * (o * o - (o // r) ** 2),
        r"Not yet: .*your 3x3 joins the wide channels",
    ),
    (check_parameters, lambda *_: 1, r"Not yet: .* Count convolution by convolution"),
    (check_parameters, lambda *_: "many", r"Not yet: .* a whole number is needed\.$"),
    (check_block, Bottleneck, r"Right: steps, parameters"),
    (check_block, mutant("activation before the addition"), r"Not yet: .* stands where "),
    (check_block, mutant("stride on the first 1x1"), r"Not yet: .*stride 2.* gives the shape "),
    (check_block, mutant("width from the input"), r"Not yet: with 16 channels in, 32 out.* gives the shape "),
    (check_block, mutant("projection shortcut activated"), r"Not yet: .* an activation"),
    (check_block, lambda *_, **__: nn.Identity(), r"Not yet: "),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (check_suspects, FAULTS, r"Right: all three"),
    (check_suspects, FAULTS | {"A": FAULTS["C"]}, r"Not yet: A is not .*shapes of its first steps"),
    (check_suspects, FAULTS | {"B": FAULTS["C"]}, r"Not yet: B is not .*what follows the addition\?$"),
    (check_suspects, FAULTS | {"C": FAULTS["A"]}, r"Not yet: C is not .*compare its parameters"),
    (check_suspects, ["stride"], r"Not yet: a dict such as .* got list\.$"),
]
CHECKS = [check_forward, check_parameters, check_block, check_suspects]


def test_suspects_are_three_wrong_blocks() -> None:
    assert list(suspects()) == ["A", "B", "C"]
