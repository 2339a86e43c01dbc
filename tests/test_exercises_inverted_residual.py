"""The checkers of notebook 06: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from blocks import InvertedResidual
from blocks.exercises.inverted_residual import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from blocks.exercises.mutants import MUTANTS
from tests.checkers import Check


def forward(
    x: Tensor,
    expand: Tensor,
    depthwise: Tensor,
    project: Tensor,
    stride: int,
    *,
    half: bool,
    always: bool | None,
) -> Tensor:
    """The block with one fault to choose: a fixed padding of 1, or a shortcut always or never."""
    padding = depthwise.shape[-1] // 2 if half else 1
    y = F.relu6(F.conv2d(x, expand))
    y = F.relu6(F.conv2d(y, depthwise, stride=stride, padding=padding, groups=y.shape[1]))
    y = F.conv2d(y, project)
    fits = (stride == 1 and x.shape == y.shape) if always is None else always
    return x + y if fits else y


def parameters(i: int, o: int, k: int, t: int) -> int:
    return sum(p.numel() for p in InvertedResidual(i, o, kernel_size=k, expansion=t).parameters())


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "inverted_residual" and m.name == name)


CASES: list[tuple[Check, Any, str]] = [
    (check_forward, lambda *a: forward(*a, half=True, always=None), r"Right: any odd kernel"),
    (
        check_forward,
        lambda *a: forward(*a, half=False, always=None),
        r"Not yet: .*5x5.*look at the padding\.$",
    ),
    (
        check_forward,
        lambda *a: forward(*a, half=True, always=False),
        r"Not yet: .* the shortcut is missing\.$",
    ),
    (check_forward, lambda *a: forward(*a, half=True, always=True), r"Not yet: .*6 out.* torch says: "),
    (check_forward, lambda x, *_: x, r"Not yet: .* the numbers are not those of the block\.$"),
    (check_parameters, parameters, r"Right: your formula"),
    (
        check_parameters,
        lambda i, o, k, t: i * i * t + k * k * i * t + i * t * o,
        r"Not yet: .*the convolutions alone",
    ),
    (
        check_parameters,
        lambda i, o, k, t: parameters(i, o, k, t) + k * k * i * t * (i * t - 1),
        r"Not yet: .*is a full",
    ),
    (
        check_parameters,
        lambda i, o, k, t: parameters(i, o, k, t) + (i * i + 2 * i if t == 1 else 0),
        r"Not yet: for in_channels=32.* with expansion 1 there is no",
    ),
    (check_parameters, lambda *_: 1, r"Not yet: .* Count convolution by convolution"),
    (check_parameters, lambda *_: "many", r"Not yet: .* a whole number is needed\.$"),
    (check_block, InvertedResidual, r"Right: steps, parameters"),
    (
        check_block,
        mutant("groups lost"),
        r"Not yet: .*48\.0 times too many weights in the 3x3.*did you pass groups\?$",
    ),
    (
        check_block,
        mutant("activation after the projection"),
        r"Not yet: .*an activation \(ReLU6\), stands where",
    ),
    (
        check_block,
        mutant("ReLU after the addition"),
        r"Not yet: .*after an addition it should end, but an activation",
    ),
    (check_block, mutant("wide ends joined"), r"Not yet: .* stands where a 1x1 convolution"),
    (
        check_block,
        mutant("shortcut projected"),
        r"Not yet: with 8 channels in, 8 out, stride 2.* it should end, but",
    ),
    (check_block, lambda *_, **__: nn.Identity(), r"Not yet: .*its forward ends after"),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (
        check_suspects,
        {"A": "wide ends joined", "B": "activation after the projection", "C": "groups lost"},
        r"Right: all",
    ),
    (
        check_suspects,
        {"A": "groups lost", "B": "wide ends joined", "C": "groups lost"},
        r"Not yet: A is not 'groups lost'",
    ),
    (
        check_suspects,
        {"A": "wide ends joined", "B": "groups lost", "C": "groups lost"},
        r"Not yet: B is not .* last steps",
    ),
    (
        check_suspects,
        {"A": "wide ends joined", "B": "activation after the projection"},
        r"Not yet: C is not None",
    ),
    (check_suspects, ["groups lost"], r"Not yet: a dict such as .* got list\.$"),
]


CHECKS = [check_forward, check_parameters, check_block, check_suspects]


def test_suspects_are_three_wrong_blocks() -> None:
    assert list(suspects()) == ["A", "B", "C"]
