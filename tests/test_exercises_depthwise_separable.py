"""The checkers of notebook 04: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct, DepthwiseSeparable
from blocks.exercises.depthwise_separable import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from blocks.exercises.mutants import MUTANTS
from blocks.measure import cost
from tests.checkers import Check

CHECKS = [check_forward, check_parameters, check_block, check_suspects]


def forward(
    padding: str = "k // 2",
    groups: str = "i",
    middle: Callable[[Tensor], Tensor] = F.relu,
    end: Callable[[Tensor], Tensor] = F.relu,
) -> Callable[[Tensor, Tensor, Tensor, int], Tensor]:
    """The right answer to the first exercise, or one with a fault to choose."""

    def answer(x: Tensor, depthwise: Tensor, project: Tensor, stride: int) -> Tensor:
        i, o, k = x.shape[1], project.shape[0], depthwise.shape[-1]
        paddings = {"k // 2": k // 2, "1": 1, "0": 0, "k": k}
        splits = {"i": i, "o": o, "1": 1, "4": 4}
        y = F.conv2d(x, depthwise, stride=stride, padding=paddings[padding], groups=splits[groups])
        return end(F.conv2d(middle(y), project))

    return answer


def same(x: Tensor) -> Tensor:
    return x


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "depthwise_separable" and m.name == name)


class Mine(nn.Module):
    """A learner's block, written as asked; the sub-classes have one fault each."""

    act: type[nn.Module] | None = nn.ReLU
    norm: type[nn.Module] | None = nn.BatchNorm2d
    padding: int | None = None

    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.filter = ConvNormAct(
            i,
            i,
            kernel_size=kernel_size,
            stride=stride,
            padding=self.padding,
            groups=i,
            norm=self.norm,
            act=self.act,
        )
        self.mix = ConvNormAct(i, o, kernel_size=1, norm=self.norm, act=self.act)

    def forward(self, x: Tensor) -> Tensor:
        return self.mix(self.filter(x))


class DefaultAct(Mine):
    act = nn.SiLU


class NoNorm(Mine):
    norm = None


class NoPadding(Mine):
    padding = 0


class Shortcut(Mine):
    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return x + y if x.shape == y.shape else y


class NoMixing(Mine):
    def forward(self, x: Tensor) -> Tensor:
        return self.filter(x)


class MixedFirst(nn.Module):
    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.mix = ConvNormAct(i, o, kernel_size=1, act=nn.ReLU)
        self.filter = ConvNormAct(o, o, kernel_size=kernel_size, stride=stride, groups=o, act=nn.ReLU)

    def forward(self, x: Tensor) -> Tensor:
        return self.filter(self.mix(x))


class StrideOnPointwise(nn.Module):
    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.filter = ConvNormAct(i, i, kernel_size=kernel_size, groups=i, act=nn.ReLU)
        self.mix = ConvNormAct(i, o, kernel_size=1, stride=stride, act=nn.ReLU)

    def forward(self, x: Tensor) -> Tensor:
        return self.mix(self.filter(x))


class AlwaysThree(Mine):
    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int) -> None:
        super().__init__(i, o, kernel_size=3, stride=stride)


RIGHT = {"A": "linear middle", "B": "nothing wrong", "C": "groups lost", "D": "linear end"}

CASES: list[tuple[Check, Any, str]] = [
    (check_forward, forward(), r"Right: each channel meets its own filter"),
    (
        check_forward,
        forward(groups="1"),
        r"Not yet: with 4 channels in, 4 out.* torch says: .*\(4, 1, 3, 3\): into how many groups .*\?$",
    ),
    (check_forward, forward(groups="4"), r"Not yet: with 6 channels in.*into how many groups"),
    (check_forward, forward(groups="o"), r"Not yet: with 6 channels in.*into how many groups"),
    (
        check_forward,
        forward(padding="1"),
        r"Not yet: with 4 channels in, 6 out, a 5x5 .*, 6, 6\), expected .*, 8, 8\): look at the padding\.$",
    ),
    (
        check_forward,
        forward(padding="0"),
        r"Not yet: with 4 channels in, 4 out, a 3x3 .*the padding\.$",
    ),
    (
        check_forward,
        forward(padding="k"),
        r"Not yet: with 4 channels in, 4 out, a 3x3 .*the padding\.$",
    ),
    (check_forward, forward(end=same), r"Not yet: .* the activation after the 1x1 is missing\.$"),
    (check_forward, forward(middle=same), r"Not yet: .* the activation between the two .* is missing\.$"),
    (check_forward, lambda x, *_: x, r"Not yet: .* the numbers are not those of the block\.$"),
    (
        check_forward,
        lambda *_: None,
        r"Not yet: .* you get NoneType, a Tensor is needed: is there a return\?$",
    ),
    (check_parameters, lambda i, o, k: k * k * i + 2 * i + i * o + 2 * o, r"Right: your formula"),
    (check_parameters, lambda i, o, k: k * k * i + i * o, r"Not yet: .*2336\. .*the convolutions alone"),
    (check_parameters, lambda i, o, k: k * k * i + i * o + 2 * o, r"Not yet: .* The norm between the two"),
    (
        check_parameters,
        lambda i, o, k: k * k * i + i * o + i + o,
        r"Not yet: .* The convolutions have no bias",
    ),
    (check_parameters, lambda i, o, k: k * k * i + i * o + 3 * (i + o), r"Not yet: .* Norms and biases"),
    (
        check_parameters,
        lambda i, o, k: k * k * i * o,
        r"Not yet: .* 18432\. This is one full 3x3 convolution\.",
    ),
    (check_parameters, lambda i, o, k: k * k * i * o + 2 * o, r"Not yet: .* one full 3x3 .* with its norm"),
    (
        check_parameters,
        lambda i, o, k: k * k * i * i + i * o + 2 * (i + o),
        r"Not yet: .* Your 3x3 has 32 times too many weights",
    ),
    (
        check_parameters,
        lambda i, o, k: k * k * i * o + i * o + 2 * (i + o),
        r"Not yet: .* Your 3x3 has 64 times too many weights",
    ),
    (check_parameters, lambda i, o, k: k * k * o + i * o + 2 * (i + o), r"Not yet: .* comes first: it has a"),
    (check_parameters, lambda i, o, k: k * k * i * i * o, r"Not yet: .* their weights add, they do not"),
    (check_parameters, lambda *_: 1, r"Not yet: for in_channels=32.* you get 1\. Count convolution by"),
    (check_parameters, lambda *_: "many", r"Not yet: .* you get 'many'; a whole number is needed\.$"),
    (check_parameters, lambda i, _, k: float(k * k * i), r"Not yet: .* you get 288\.0; a whole number"),
    (check_block, DepthwiseSeparable, r"Right: steps, parameters"),
    (check_block, Mine, r"Right: steps, parameters"),
    (
        check_block,
        mutant("groups lost"),
        r"Not yet: .*: 8\.0 times too many weights in the 3x3 \(depthwise\.conv\): did you pass groups\?$",
    ),
    (check_block, mutant("linear end"), r"Not yet: .*ends after a norm.*an activation \(ReLU\) is missing"),
    (
        check_block,
        mutant("linear middle"),
        r"Not yet: .*a 1x1 convolution.* stands where an activation \(ReLU\)",
    ),
    (check_block, DefaultAct, r"Not yet: .*an activation \(SiLU\), stands where an activation \(ReLU\)"),
    (
        check_block,
        NoNorm,
        r"Not yet: .* 80 parameters; expected 72\. Is there a bias before a norm, or is the norm missing\?$",
    ),
    (check_block, NoPadding, r"Not yet: .*into \(1, 8, 7, 7\); expected \(1, 8, 9, 9\)"),
    (
        check_block,
        Shortcut,
        r"Not yet: .*after an activation \(ReLU\) it should end, but an addition follows",
    ),
    (
        check_block,
        NoMixing,
        r"Not yet: .*ends after an activation \(ReLU\); a 1x1 convolution \(1x1\) is missing",
    ),
    (
        check_block,
        MixedFirst,
        r"Not yet: .*step 1 .*a 1x1 convolution.* stands where a depthwise convolution",
    ),
    (
        check_block,
        StrideOnPointwise,
        r"Not yet: with 8 channels in, 12 out.*\(1, 8, 9, 9\); expected \(1, 8, 5, 5\)",
    ),
    (check_block, AlwaysThree, r"Not yet: with 6 channels in, 4 out, a 5x5.*has 54 parameters; expected 150"),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (check_suspects, RIGHT, r"Right: all four"),
    (check_suspects, {**RIGHT, "A": "linear end"}, r"Not yet: A is not 'linear end': count the activations"),
    (check_suspects, {**RIGHT, "B": "groups lost"}, r"Not yet: B is not 'groups lost': hold its steps"),
    (
        check_suspects,
        {**RIGHT, "C": "nothing wrong"},
        r"Not yet: C is not 'nothing wrong': compare its param",
    ),
    (check_suspects, {**RIGHT, "D": "linear middle"}, r"Not yet: D is not 'linear middle': look at the kind"),
    (check_suspects, {"A": "linear middle"}, r"Not yet: B is not None: "),
    (check_suspects, ["groups lost"], r"Not yet: a dict such as .* got list\.$"),
]


def test_the_suspects_can_be_told_apart_only_as_the_exercise_says() -> None:
    shape = (1, 8, 9, 9)
    parameters = {letter: cost(suspect, shape).parameters for letter, suspect in suspects().items()}
    right = cost(DepthwiseSeparable(8, 8), shape).parameters
    assert [letter for letter, count in parameters.items() if count != right] == ["C"]
