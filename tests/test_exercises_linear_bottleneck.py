"""The checkers of notebook 05: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from blocks import ConvNormAct, DepthwiseSeparable, LinearBottleneck
from blocks.exercises.linear_bottleneck import (
    check_back,
    check_block,
    check_share,
    check_suspects,
    suspects,
)
from blocks.exercises.mutants import MUTANTS
from tests.checkers import Check


def back(matrix: Tensor, high: Tensor, *, least: int = 2) -> Tensor | None:
    """The right answer; with another `least` it gives a point too early, or not even where it could."""
    on = high > 0
    return torch.linalg.pinv(matrix[on]) @ high[on] if on.sum() >= least else None


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "linear_bottleneck" and m.name == name)


class Swapped(nn.Module):
    """The 1x1 first, then the depthwise convolution."""

    def __init__(self, i: int, o: int, *, stride: int) -> None:
        super().__init__()
        self.project = ConvNormAct(i, o, kernel_size=1, act=None)
        self.depthwise = ConvNormAct(o, o, stride=stride, groups=o, act=nn.ReLU6)

    def forward(self, x: Tensor) -> Tensor:
        return self.depthwise(self.project(x))


CASES: list[tuple[Check, Any, str]] = [
    (check_share, lambda n: (n + 1) / 2**n, r"Right: no unit on"),
    (check_share, lambda n: n / 2**n, r"Not yet: .*Both cases count"),
    (check_share, lambda n: 1 / 2**n, r"Not yet: .*Both cases count"),
    (check_share, lambda n: 2 / 2**n, r"Not yet: .*There is a pattern for each\.$"),
    (check_share, lambda n: 1 - (n + 1) / 2**n, r"Not yet: .*at least two are on\.$"),
    (check_share, lambda n: n + 1, r"Not yet: .*their share of all"),
    (check_share, lambda _: 0.5, r"Not yet: .*at most one unit on\?$"),
    (check_share, lambda n: n * (n - 1) / 2**n, r"Not yet: .*at most one unit on\?$"),
    (check_share, lambda _: "half", r"Not yet: .*a number is needed\.$"),
    (check_share, lambda n: n / 0, r"Not yet: your answer raised ZeroDivisionError"),
    (check_back, back, r"Right: two units that are on"),
    (
        check_back,
        lambda matrix, high: torch.linalg.pinv(matrix) @ high,
        r"Not yet: with 3 units on and 2 off you use all units\.",
    ),
    (
        check_back,
        lambda matrix, high: back(matrix, high, least=3),
        r"Not yet: with 2 units on and 4 off you give None",
    ),
    (
        check_back,
        lambda matrix, high: back(matrix, high, least=1),
        r"Not yet: with 1 units on and 3 off .*give None\.$",
    ),
    (check_back, lambda *_: None, r"Not yet: with 3 units on .*fix the point\.$"),
    (
        check_back,
        lambda matrix, high: (torch.linalg.pinv(matrix) @ high)[:, None],
        r"Not yet: .*the shape \(2, 1\); a point has the shape \(2,\)\.$",
    ),
    (check_back, lambda *_: [0.6, -0.8], r"Not yet: .*you give list; a Tensor or None is needed\.$"),
    (check_back, lambda matrix, _: matrix[0], r"Not yet: .*which is not the point"),
    (check_back, lambda matrix, high: matrix @ high, r"Not yet: your answer raised RuntimeError"),
    (check_block, LinearBottleneck, r"Right: steps, parameters"),
    (
        check_block,
        mutant("activation at the narrow end"),
        r"Not yet: .*it should end, but an activation \(ReLU6\) follows\.$",
    ),
    (check_block, mutant("no activation at all"), r"Not yet: .*stands where an activation \(ReLU6\) belongs"),
    (check_block, mutant("shortcut added"), r"Not yet: .*it should end, but an addition follows\.$"),
    (check_block, DepthwiseSeparable, r"Not yet: .*an activation \(ReLU\), stands where an activation"),
    (check_block, Swapped, r"Not yet: .*a 1x1 convolution \(1x1\), stands where a depthwise"),
    (
        check_block,
        lambda i, o, *, stride: nn.Sequential(  # the groups forgotten
            ConvNormAct(i, i, stride=stride, act=nn.ReLU6), ConvNormAct(i, o, kernel_size=1, act=None)
        ),
        r"Not yet: .*8\.0 times too many weights in the 3x3.*did you pass groups\?$",
    ),
    (
        check_block,
        lambda i, o, *, stride: LinearBottleneck(i, o, stride=1),  # noqa: ARG005
        r"Not yet: with 8 channels in, 12 out and stride 2: it turns",
    ),
    (
        check_block,
        lambda i, o, *, stride: LinearBottleneck(i, i, stride=stride),  # noqa: ARG005
        r"Not yet: with 8 channels in, 12 out .*expected \(1, 12,",
    ),
    (check_block, lambda *_, **__: nn.Identity(), r"Not yet: .*its forward ends after"),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (
        check_suspects,
        {"A": "shortcut added", "B": "activation at the narrow end", "C": "no activation at all"},
        r"Right: all three",
    ),
    (check_suspects, {"A": "no activation at all"}, r"Not yet: A is not 'no activation at all': .*last step"),
    (
        check_suspects,
        {"A": "shortcut added", "B": "no activation at all", "C": "activation at the narrow end"},
        r"Not yet: B is not .*smallest number",
    ),
    (
        check_suspects,
        {"A": "shortcut added", "B": "activation at the narrow end", "C": "nothing"},
        r"Not yet: C is not 'nothing': .*-x",
    ),
    (check_suspects, ["shortcut added"], r"Not yet: a dict such as .* got list\.$"),
]

CHECKS = [check_share, check_back, check_block, check_suspects]


def test_the_suspects_show_their_faults_where_the_hints_look() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 8, 9, 9)
    right = LinearBottleneck(8, 8).eval()
    found = suspects()
    assert list(found) == ["A", "B", "C"]
    assert found["B"](x).min() == 0 > right(x).min()
    assert torch.allclose(found["C"](-x), -found["C"](x), atol=1e-6)
    assert not torch.allclose(right(-x), -right(x), atol=1e-2)
