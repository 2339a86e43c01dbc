"""The checkers of notebook 02: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import BasicBlock, ConvNormAct
from blocks.exercises.mutants import MUTANTS
from blocks.exercises.residual import check_block, check_forward, check_suspects, suspects
from tests.checkers import Check


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


def general(
    fault: str,
) -> Callable[[Tensor, Tensor, Tensor, Tensor | None, int], Tensor]:
    """The three lines with one fault to choose."""

    def answer(x: Tensor, first: Tensor, second: Tensor, project: Tensor | None, stride: int) -> Tensor:
        early, late = (1, stride) if fault == "stride late" else (stride, 1)
        y = F.conv2d(x, first, stride=early, padding=1)
        y = F.conv2d(y if fault == "flat" else F.relu(y), second, stride=late, padding=1)
        steps = {"always 1": 1, "always 2": 2}.get(fault, stride)
        z = x if project is None else F.conv2d(x, project, stride=steps)
        if fault == "shortcut activated":
            z = F.relu(z)
        if fault == "branch activated, too":
            y = F.relu(y)
        added = {"kept twice": z, "nothing": torch.zeros_like(z), "the input": x}.get(fault, y)
        return F.relu(z * y if fault == "product" else z + added)

    return answer


class Built(nn.Module):
    """The block written from ConvNormAct as a learner would, with one fault to choose."""

    def __init__(self, fault: str, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.fault = fault
        early, late = (1, stride) if fault == "stride late" else (stride, 1)
        late = stride if fault == "stride twice" else late
        inner = nn.SiLU if fault == "SiLU" else nn.ReLU
        beside = 1 if fault == "projection at stride 1" else stride
        ends = nn.ReLU if fault == "shortcut activated" else None
        size = 3 if fault == "3x3 projection" else 1
        projection = ConvNormAct(i, o, kernel_size=size, stride=beside, act=ends)
        fits = i == o and (fault == "stride forgotten" or stride == 1)
        if fault == "modules in another order":
            self.shortcut = nn.Identity() if fits else projection
        self.first = ConvNormAct(i, o, stride=early, act=inner, norm=None if fault == "no norm" else _NORM)
        if fault == "bias kept":
            self.first.conv.bias = nn.Parameter(torch.zeros(o))
        self.second = ConvNormAct(
            o,
            o,
            kernel_size=1 if fault == "second 1x1" else 3,
            stride=late,
            act=nn.ReLU if fault == "branch activated" else None,
        )
        if fault == "depthwise":
            self.second = ConvNormAct(o, o, groups=o, act=None)
        self.shortcut = nn.Identity() if fits else projection
        self.spare = ConvNormAct(o, o) if fault == "unused module" else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = y if self.fault == "second forgotten" else self.second(y)
        z = self.shortcut(y if self.fault == "shortcut of the branch" else x)
        y = y * z if self.fault == "product" else y + z
        return y if self.fault == "no activation at the end" else F.relu(y)


def built(fault: str) -> Callable[..., nn.Module]:
    return lambda i, o, *, stride: Built(fault, i, o, stride)


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is BasicBlock and m.name == name)


_NORM = nn.BatchNorm2d
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
    (check_forward, general(""), r"Right: the projection"),
    (check_forward, general("always 1"), r"Not yet: .*stride 2 torch says: .* end with the same shape\?$"),
    (check_forward, general("always 2"), r"Not yet: .*stride 1 torch says: .* end with the same shape\?$"),
    (check_forward, general("the input"), r"Not yet: .*the branch is missing: what did its two"),
    (check_forward, general("kept twice"), r"Not yet: .*the branch is missing: what did its two"),
    (check_forward, general("nothing"), r"Not yet: .*nothing is added to what was kept"),
    (check_forward, general("product"), r"Not yet: .*are multiplied: a shortcut is added"),
    (check_forward, general("flat"), r"Not yet: .*between the two convolutions is missing"),
    (check_forward, general("stride late"), r"Not yet: .*stride 2 the stride is on the second convolution"),
    (check_forward, general("shortcut activated"), r"Not yet: .*the shortcut is activated before"),
    (check_forward, general("branch activated, too"), r"Not yet: .*the branch is activated .* the sum alone"),
    (check_forward, lambda *_: None, r"Not yet: .*gives NoneType, not a tensor"),
    (check_forward, lambda x: x, r"Not yet: your answer raised TypeError"),
    (check_block, BasicBlock, r"Right: steps"),
    (check_block, mutant("adds in place"), r"Not yet: .*in place: the caller's tensor"),
    (check_block, mutant("shortcut dropped"), r"Not yet: .*stands where an addition belongs"),
    (check_block, mutant("activation before the addition"), r"Not yet: .*stands where an addition belongs"),
    (check_block, mutant("first layer dead"), r"Not yet: .*does not read what it should: which tensor must"),
    (check_block, mutant("always projected"), r"Not yet: .*a 1x1 convolution .*stands where an addition"),
    (check_block, built(""), r"Right: steps"),
    (check_block, built("stride late"), r"Not yet: .*stride 2: step 1 .* gives the shape"),
    (check_block, built("stride twice"), r"Not yet: .*stride 2: its forward fails"),
    (check_block, built("stride forgotten"), r"Not yet: with 8 channels in, 8 out, stride 2: its forward"),
    (
        check_block,
        built("projection at stride 1"),
        r"Not yet: with 8 .*stride 2: its forward fails",
    ),
    (check_block, built("3x3 projection"), r"Not yet: .*a full convolution .*where a 1x1 convolution"),
    (check_block, built("shortcut activated"), r"Not yet: .*an activation .*where an addition belongs"),
    (check_block, built("branch activated"), r"Not yet: .*an activation .*where an addition belongs"),
    (check_block, built("no activation at the end"), r"Not yet: .*ends after an addition; an activation"),
    (check_block, built("SiLU"), r"Not yet: .*an activation \(SiLU\), stands where an activation \(ReLU\)"),
    (check_block, built("no norm"), r"Not yet: .*step 1 .*Is there a bias before a norm, or is the norm"),
    (check_block, built("bias kept"), r"Not yet: .*step 1 .*Is there a bias before a norm, or is the norm"),
    (check_block, built("second 1x1"), r"Not yet: .*a 1x1 convolution .*stands where a full convolution"),
    (check_block, built("depthwise"), r"Not yet: .*a depthwise convolution .*stands where a full"),
    (check_block, built("second forgotten"), r"Not yet: .*an addition, stands where a full convolution"),
    (check_block, built("shortcut of the branch"), r"Not yet: .*an addition, does not read .*two tensors"),
    (check_block, built("product"), r"Not yet: .*a multiplication, stands where an addition belongs"),
    (check_block, built("unused module"), r"Not yet: .*weights that its forward does not use"),
    (check_block, built("modules in another order"), r"Not yet: .*stand in another order in __init__"),
    (check_block, lambda *_, **__: nn.Identity(), r"Not yet: .*it should|Not yet: .*ends after"),
    (check_block, lambda _: BasicBlock(8, 8), r"Not yet: your answer raised TypeError"),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (check_suspects, FAULTS, r"Right: all three"),
    (check_suspects, FAULTS | {"A": "shortcut dropped"}, r"Not yet: A is not 'shortcut dropped'"),
    (check_suspects, FAULTS | {"B": "shortcut dropped"}, r"Not yet: B is not .* clone"),
    (check_suspects, FAULTS | {"C": "adds in place"}, r"Not yet: C is not .* an addition"),
    (
        check_suspects,
        FAULTS | {"A": "adds in place", "B": "first layer dead"},
        r"Not yet: A is not .* read",
    ),
    (check_suspects, FAULTS | {"C": "always projected"}, r"Not yet: C is not 'always projected'"),
    (check_suspects, {"A": "first layer dead"}, r"Not yet: B is not None"),
    (check_suspects, ["adds in place"], r"Not yet: a dict such as"),
]
CHECKS = [check_forward, check_block, check_suspects]


def test_suspects_are_three_wrong_blocks() -> None:
    assert list(suspects()) == ["A", "B", "C"]
