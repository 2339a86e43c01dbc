"""The checkers of notebook 09: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct, FusedMBConv, MBConv
from blocks.exercises.compare import difference
from blocks.exercises.fused_mbconv import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from blocks.exercises.mutants import MUTANTS
from tests.checkers import Check


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


def worked(
    joins: Callable[[Tensor, Tensor, int], bool] = lambda x, y, stride: stride == 1 and x.shape == y.shape,
    projects: Callable[[Any, int], bool] = lambda project, _: project is not None,
    after: Callable[[Tensor], Tensor] = torch.clone,
    last: Callable[[Tensor], Tensor] = torch.clone,
) -> Any:
    """Exercise 1 with other conditions, or with something after the projection or at the end."""

    def answer(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
        y = F.silu(F.conv2d(x, fused, stride=stride, padding=1))
        y = after(F.conv2d(y, project)) if projects(project, stride) else y  # type: ignore[arg-type]
        return last(x + y if joins(x, y, stride) else y)

    return answer


class Own(nn.Module):
    """Right, as a learner writes it; each argument makes one thing wrong."""

    def __init__(
        self,
        i: int,
        o: int,
        *,
        stride: int,
        expansion: int,
        joins: Callable[[int, int, int], bool] = lambda i, o, stride: stride == 1 and i == o,
        strides: tuple[bool, bool] = (True, False),
        linear: Any = None,
        **fused: Any,
    ) -> None:
        super().__init__()
        wide = i * expansion if expansion > 1 else o
        first, second = (stride if there else 1 for there in strides)
        self.fused = ConvNormAct(i, wide, stride=first, **fused)
        project = ConvNormAct(wide, o, kernel_size=1, stride=second, act=linear)
        self.project = project if expansion > 1 else nn.Identity()
        self.fits = joins(i, o, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.fused(x))
        return x + y if self.fits else y


class InPlace(Own):
    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.fused(x))
        if self.fits:
            x += y
            return x
        return y  # type: ignore[no-any-return]


class OtherOrder(Own):
    def __init__(self, i: int, o: int, **settings: Any) -> None:
        super().__init__(i, o, **settings)
        fused = self.fused
        del self.fused
        self.fused = fused


class ProjectedShortcut(Own):
    def __init__(self, i: int, o: int, *, stride: int, expansion: int) -> None:
        super().__init__(i, o, stride=stride, expansion=expansion)
        fitting = ConvNormAct(i, o, kernel_size=1, stride=stride, act=None)
        self.shortcut = nn.Identity() if self.fits else fitting

    def forward(self, x: Tensor) -> Tensor:
        return self.project(self.fused(x)) + self.shortcut(x)  # type: ignore[no-any-return]


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
    (check_forward, worked(), r"Right: the stride sits"),
    (check_forward, forward(act=F.relu), r"Not yet: .* that is ReLU; the block has SiLU"),
    (check_forward, forward(act=lambda y: y), r"Not yet: .* the SiLU after the fused convolution is missing"),
    (check_forward, forward(act=F.gelu), r"Not yet: .* the numbers are not those"),
    (check_forward, forward(joins=False), r"Not yet: with 4 channels in, 4 out, stride 1 .* the shortcut is"),
    (check_forward, worked(joins=lambda *_: True), r"Not yet: with 4 channels in, 6 out, .* torch says: "),
    (check_forward, worked(joins=lambda *a: a[2] == 1), r"Not yet: with 4 channels in, 6 out, .* torch says"),
    (check_forward, worked(projects=lambda *_: False), r"Not yet: .* 16 channels come out, expected 4: when"),
    (check_forward, worked(projects=lambda p, _: p is None), r"Not yet: .* 16 channels come out, expected 4"),
    (
        check_forward,
        worked(projects=lambda p, _: bool(p)),
        r"Not yet: .* torch says: Boolean value of Tensor .* is ambiguous$",
    ),
    (check_forward, worked(projects=lambda _, s: s == 1), r"Not yet: .* stride 2 .* 16 channels come out"),
    (check_forward, worked(after=F.silu), r"Not yet: .* should end linear: no activation follows it"),
    (check_forward, worked(last=F.silu), r"Not yet: .* no activation follows the addition"),
    (
        check_forward,
        lambda *_: None,
        r"Not yet: .* you give NoneType; a tensor is needed\. Is there a return",
    ),
    (check_parameters, parameters, r"Right: your formula"),
    (check_parameters, weights, r"Not yet: .*the convolutions alone"),
    (check_parameters, depthwise, r"Not yet: .*Your 3x3 is depthwise; the fused one joins all 48"),
    (check_parameters, projected, r"Not yet: for in_channels=24.* no 1x1 follows it\.$"),
    (
        check_parameters,
        lambda i, o, k, t: parameters(i, o, k, t) + (i * i * t + 2 * i * t if t > 1 else 0),
        r"Not yet: .* no expanding 1x1 any more",
    ),
    (
        check_parameters,
        lambda i, o, k, t: parameters(i, o, k, t) - (k * k - 1) * i * i * t * (t > 1),
        r"Not yet: .* The fused convolution is no 1x1",
    ),
    (
        check_parameters,
        lambda i, o, _, t: parameters(i, o, 3, t),
        r"Not yet: for in_channels=16.* With a 5x5 kernel too you count 3x3",
    ),
    (check_parameters, lambda i, *a: parameters(i, *a) - 2 * i * a[2], r"Not yet: .* One of the norms is"),
    (check_parameters, lambda i, o, *a: parameters(i, o, *a) - 2 * o, r"Not yet: .* One of the norms is"),
    (
        check_parameters,
        lambda *a: (parameters(*a) + weights(*a)) // 2,
        r"Not yet: .* A norm has two numbers for each channel, not one",
    ),
    (
        check_parameters,
        lambda i, o, k, t: parameters(i, o, k, t) + (i * t + o if t > 1 else o),
        r"Not yet: .* A convolution before a norm has no bias",
    ),
    (check_parameters, lambda *a: float(parameters(*a)), r"Not yet: .* a whole number is needed\.$"),
    (check_parameters, lambda *_: 1, r"Not yet: .* Count convolution by convolution"),
    (check_parameters, lambda *_: "many", r"Not yet: .* a whole number is needed\.$"),
    (check_block, FusedMBConv, r"Right: steps, parameters"),
    (check_block, Own, r"Right: steps, parameters"),
    (
        check_block,
        partial(Own, act=nn.ReLU),
        r"Not yet: .*step 3 .*\(ReLU\), stands where .*\(SiLU\) belongs",
    ),
    (check_block, partial(Own, act=None), r"Not yet: .*step 3 .*a 1x1 convolution .*where an activation"),
    (check_block, partial(Own, linear=nn.SiLU), r"Not yet: .*step 6 .*\(SiLU\), stands where an addition"),
    (check_block, partial(Own, groups=8), r"Not yet: .*step 1 .*a depthwise .*where a full convolution"),
    (check_block, partial(Own, kernel_size=1), r"Not yet: .*step 1 .*a 1x1 .*where a full convolution"),
    (
        check_block,
        partial(Own, kernel_size=5),
        r"Not yet: .*step 1 .*\(5x5\), has 6,400 parameters; expected",
    ),
    (check_block, partial(Own, strides=(False, False)), r"Not yet: .*stride 2.*expected \(1, 8, 5, 5\)\.$"),
    (check_block, partial(Own, strides=(True, True)), r"Not yet: .*stride 2.*\(1, 8, 3, 3\); expected"),
    (check_block, partial(Own, strides=(False, True)), r"Not yet: .*stride 2.*step 1 .*\(1, 32, 9, 9\); exp"),
    (check_block, partial(Own, joins=lambda *_: False), r"Not yet: .*an addition is missing"),
    (check_block, partial(Own, joins=lambda *_: True), r"Not yet: .*a shortcut where the shapes differ\?$"),
    (check_block, partial(Own, joins=lambda *a: a[2] == 1), r"Not yet: .*12 out.*the shapes differ\?$"),
    (check_block, partial(Own, joins=lambda i, o, _: i == o), r"Not yet: .*stride 2.*the shapes differ\?$"),
    (
        check_block,
        partial(Own, norm=partial(nn.BatchNorm2d, eps=1e-3)),
        r"Not yet: .*look at the eps of fused\.norm, which is 0\.001",
    ),
    (check_block, partial(Own, norm=None), r"Not yet: .*step 1 .*2,336 parameters.*is the norm missing\?$"),
    (check_block, ProjectedShortcut, r"Not yet: .*stride 2.*it should end, but a 1x1 convolution .*follows"),
    (check_block, InPlace, r"Not yet: .*changes its input in place.*\+=\?$"),
    (check_block, OtherOrder, r"Right: "),
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
CHECKS = [check_forward, check_parameters, check_block, check_suspects]


@pytest.mark.parametrize(("letter", "expansion"), [("A", 4), ("B", 1), ("C", 4)])
def test_suspects_differ_from_the_right_block(letter: str, expansion: int) -> None:
    right = FusedMBConv(8, 8, expansion=expansion)
    assert difference(suspects()[letter], right, (1, 8, 9, 9)) is not None
