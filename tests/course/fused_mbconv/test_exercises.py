"""Answers to the exercises of notebook 09, and what their checkers must say."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct, FusedMBConv, MBConv
from course.fused_mbconv.exercises import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from course.fused_mbconv.mutants import MUTANTS
from course.kit.checks.compare import difference
from tests.course.checkers import Exercise


def parameters(i: int, o: int, k: int, t: int) -> int:
    if t == 1:
        return k * k * i * o + 2 * o
    return k * k * i * i * t + 2 * i * t + i * t * o + 2 * o


def by_parts(in_channels: int, out_channels: int, kernel_size: int, expansion: int) -> int:
    wide = np.where(expansion > 1, in_channels * expansion, out_channels)
    fused = np.prod([kernel_size, kernel_size, in_channels, wide]) + 2 * wide
    return fused + (wide * out_channels + 2 * out_channels) * (expansion > 1)  # type: ignore[no-any-return]


def off(slip: str) -> Callable[[int, int, int, int], int]:
    """The right count with one slip."""

    def answer(i: int, o: int, k: int, t: int) -> int:
        single, wide = t == 1, o if t == 1 else i * t
        added = {
            "no norms": -2 * wide - (0 if single else 2 * o),
            "one number a norm": -wide - (0 if single else o),
            "no first norm": -2 * wide,
            "no second norm": 0 if single else -2 * o,
            "biases": wide + (0 if single else o),
            "always projected": k * k * i * (i - o) + 2 * i + i * o if single else 0,
            "depthwise": 0 if single else k * k * i * t * (1 - i),
            "expanded before": 0 if single else i * i * t + 2 * i * t,
            "k, not k * k": (k - k * k) * i * wide,
            "3x3": (9 - k * k) * i * wide,
            "1x1": (1 - k * k) * i * wide,
            "back to the input at 1": k * k * i * (i - o) + 2 * (i - o) if single else 0,
            "always 4": parameters(i, o, k, 4) - parameters(i, o, k, t),
            "single up to 2": parameters(i, o, k, 1) - parameters(i, o, k, t) if t <= 2 else 0,
        }
        return parameters(i, o, k, t) + added[slip]

    return answer


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "fused_mbconv" and m.name == name)


def right(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
    y = F.silu(F.conv2d(x, fused, stride=stride, padding=1))
    if project is not None:
        y = F.conv2d(y, project)
    return x + y if stride == 1 and x.shape[1] == y.shape[1] else y


def otherwise_written(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
    y = F.conv2d(x, fused, None, (stride, stride), (1, 1))
    y = y * torch.sigmoid(y)
    if isinstance(project, Tensor):
        y = torch.einsum("oi,nihw->nohw", project.flatten(1), y)
    if y.shape == x.shape:
        y += x
    return y


def worked(
    joins: Callable[[Tensor, Tensor, int], bool] = lambda x, y, stride: stride == 1 and x.shape == y.shape,
    projects: Callable[[Any, int], bool] = lambda project, _: project is not None,
    after: Callable[[Tensor], Tensor] = torch.clone,
    last: Callable[[Tensor], Tensor] = torch.clone,
    act: Callable[[Tensor], Tensor] = F.silu,
    strides: tuple[bool, bool] = (True, False),
    join: Callable[[Tensor, Tensor], Tensor] = torch.add,
) -> Any:
    """Exercise 1 with one thing wrong."""

    def answer(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
        first, second = (stride if there else 1 for there in strides)
        y = act(F.conv2d(x, fused, stride=first, padding=1))
        y = after(F.conv2d(y, project, stride=second)) if projects(project, stride) else y  # type: ignore[arg-type]
        return last(join(x, y) if joins(x, y, stride) else y)

    return answer


def no_shortcut_at_1(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
    y = F.silu(F.conv2d(x, fused, stride=stride, padding=1))
    if project is None:
        return y
    y = F.conv2d(y, project)
    return x + y if x.shape == y.shape else y


def always_joined_at_1(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
    y = F.silu(F.conv2d(x, fused, stride=stride, padding=1))
    if project is None and stride == 1:
        return x + y
    y = y if project is None else F.conv2d(y, project)
    return x + y if x.shape == y.shape else y


def in_place(x: Tensor, fused: Tensor, project: Tensor | None, stride: int) -> Tensor:
    y = right(x, fused, project, stride)
    if y.shape == x.shape:
        x += y - x
        return x
    return y


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


class ProjectedShortcut(Own):
    def __init__(self, i: int, o: int, *, stride: int, expansion: int) -> None:
        super().__init__(i, o, stride=stride, expansion=expansion)
        fitting = ConvNormAct(i, o, kernel_size=1, stride=stride, act=None)
        self.shortcut = nn.Identity() if self.fits else fitting

    def forward(self, x: Tensor) -> Tensor:
        return self.project(self.fused(x)) + self.shortcut(x)  # type: ignore[no-any-return]


class NormsLast(nn.Module):
    """Convolutions and norms of torch's own, the norms last; the product in place of nn.SiLU."""

    def __init__(self, i: int, o: int, stride: int = 1, expansion: int = 4) -> None:
        super().__init__()
        wide = o if expansion == 1 else i * expansion
        self.pointwise = None if expansion == 1 else nn.Conv2d(wide, o, 1, bias=False)
        self.spatial = nn.Conv2d(i, wide, 3, stride, 1, bias=False)
        self.bn2 = None if expansion == 1 else nn.BatchNorm2d(o)
        self.bn1 = nn.BatchNorm2d(wide)
        self.joins = stride == 1 and i == o

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn1(self.spatial(x))
        y = y * torch.sigmoid(y)
        if self.pointwise is not None and self.bn2 is not None:
            y = self.bn2(self.pointwise(y))
        return y.add(x) if self.joins else y  # type: ignore[no-any-return]


class InPlace(Own):
    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.fused(x))
        if self.fits:
            x += y
            return x
        return y  # type: ignore[no-any-return]


def widths(wide: Callable[[int, int, int], int], single: Callable[[int], bool] = lambda t: t == 1) -> Any:
    """A block with another width in the middle, or another condition for the single convolution."""

    class Block(nn.Module):
        def __init__(self, i: int, o: int, *, stride: int, expansion: int) -> None:
            super().__init__()
            middle = wide(i, o, expansion)
            self.fused = ConvNormAct(i, middle, stride=stride)
            project = ConvNormAct(middle, o, kernel_size=1, act=None)
            self.project = nn.Identity() if single(expansion) else project
            self.fits = stride == 1 and i == o

        def forward(self, x: Tensor) -> Tensor:
            y = self.project(self.fused(x))
            return x + y if self.fits else y

    return Block


class JoinedByNumbers(Own):
    """As many numbers are not always of one shape."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.fused(x))
        return x + y if x.numel() == y.numel() else y  # type: ignore[no-any-return]


class NoProjectionAtEqualWidth(Own):
    def __init__(self, i: int, o: int, *, stride: int, expansion: int) -> None:
        super().__init__(i, o, stride=stride, expansion=expansion)
        if i * expansion == o:
            self.project = nn.Identity()


class NoStrideAtOne(Own):
    def __init__(self, i: int, o: int, *, stride: int, expansion: int) -> None:
        super().__init__(i, o, stride=1 if expansion == 1 else stride, expansion=expansion)
        self.fits = stride == 1 and i == o


class NoShortcutAtOne(Own):
    def __init__(self, i: int, o: int, *, stride: int, expansion: int) -> None:
        super().__init__(i, o, stride=stride, expansion=expansion)
        self.fits = self.fits and expansion > 1


FAULTS = {
    "A": "squeeze-and-excitation added",
    "B": "single convolution linear",
    "C": "SiLU after the addition",
}
EXERCISES = (
    Exercise(check_forward, "tensor", right),
    Exercise(check_parameters, "count", parameters),
    Exercise(check_block, "block", FusedMBConv),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_forward, worked(), "two conditions"),
    (check_forward, otherwise_written, "a product for SiLU, einsum, a shape for the condition"),
    (check_parameters, by_parts, "numpy"),
    (
        check_parameters,
        lambda i, o, k, t: sum(p.numel() for p in FusedMBConv(i, o, kernel_size=k, expansion=t).parameters()),
        "counted",
    ),
    (check_block, Own, "as the solution"),
    (check_block, NormsLast, "the norms last"),
    (check_block, widths(lambda i, o, t: o if t == 1 else i * t), "the width first"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, OrderedDict(FAULTS), "another dict"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (
        check_forward,
        worked(strides=(False, False)),
        "the stride",
        r"stride 2, .*\(2, 4, 8, 8\), .*: look at the stride",
    ),
    (
        check_forward,
        worked(strides=(False, True)),
        "the stride",
        r"8 out, stride 2, expansion 1: the shape is .* stride",
    ),
    (
        check_forward,
        worked(projects=lambda *_: True),
        "the condition",
        "expansion 1: line .*Tensor, None.* when must it project",
    ),
    (
        check_forward,
        worked(projects=lambda *_: False),
        "the condition",
        "16 channels come out, expected 4: when must",
    ),
    (
        check_forward,
        worked(projects=lambda _, s: s == 1),
        "the condition",
        "stride 2, .* 16 channels come out",
    ),
    (
        check_forward,
        worked(projects=lambda p, _: bool(p)),
        "the condition",
        "a condition asks whether a whole tensor",
    ),
    (
        check_forward,
        worked(joins=lambda *_: True),
        "the shortcut",
        r"6 out, .*two tensors of .* Print the shapes of both\.$",
    ),
    (
        check_forward,
        worked(joins=lambda x, y, _: x.shape[1] == y.shape[1]),
        "the shortcut",
        "in, 4 out, stride 2, expansion 4: line .*two tensors of different sizes meet",
    ),
    (
        check_forward,
        worked(joins=lambda *_: False),
        "the shortcut",
        "stride 1, expansion 4: the shortcut is missing",
    ),
    (
        check_forward,
        worked(joins=lambda x, y, s: (x.shape == y.shape and bool(x.sum() < 0)) or s == 3),
        "the shortcut at random",
        "the shortcut is missing",
    ),
    (
        check_forward,
        worked(joins=lambda x, y, _: x.numel() == y.numel()),
        "the shortcut",
        "2 channels in, 8 out, stride 2, .*two tensors",
    ),
    (check_forward, no_shortcut_at_1, "expansion 1", "4 out, stride 1, expansion 1: the shortcut is missing"),
    (
        check_forward,
        always_joined_at_1,
        "expansion 1",
        "8 out, stride 1, expansion 1: line .*different sizes",
    ),
    (check_forward, worked(act=F.relu), "the activation", "that is ReLU; the block has SiLU"),
    (check_forward, worked(act=torch.sigmoid), "the activation", "that is a sigmoid; the block has SiLU"),
    (
        check_forward,
        worked(act=torch.clone),
        "the activation",
        "the SiLU after the fused convolution is missing",
    ),
    (
        check_forward,
        worked(act=F.gelu),
        "the activation",
        "the numbers are not those of the block: compare with",
    ),
    (
        check_forward,
        worked(after=F.silu),
        "an activation too many",
        "should end linear: no activation follows it",
    ),
    (check_forward, worked(last=F.silu), "an activation too many", "no activation follows the addition"),
    (check_forward, worked(join=torch.mul), "another operation", "are multiplied: a shortcut is added"),
    (check_forward, in_place, "the input", "changes its input"),
    (check_forward, worked(last=lambda y: y[0]), "another shape", r"the shape is \(4, 8, 8\), expected"),
    (check_parameters, off("no norms"), "the norms", "convolutions alone; each norm has two more"),
    (check_parameters, off("one number a norm"), "the norms", "two numbers for each channel, not one"),
    (check_parameters, off("no first norm"), "the norms", "after the fused convolution is missing"),
    (check_parameters, off("no second norm"), "the norms", "after the projection is missing"),
    (check_parameters, off("biases"), "a bias", "has no bias: the norm shifts"),
    (check_parameters, off("always projected"), "expansion 1", "=1 you .* no 1x1 follows it"),
    (
        check_parameters,
        off("back to the input at 1"),
        "expansion 1",
        "out_channels=12, kernel_size=5, expansion=1 you .* straight to the channels out",
    ),
    (check_parameters, off("depthwise"), "the kernel", "Your 3x3 is depthwise; the fused one joins all 48"),
    (check_parameters, off("expanded before"), "a part too many", "no expanding 1x1 any more"),
    (check_parameters, off("1x1"), "the kernel", "is no 1x1: .* it has 3x3 weights"),
    (
        check_parameters,
        off("k, not k * k"),
        "the kernel",
        "has 3x3 weights for each channel in and out, not 3",
    ),
    (
        check_parameters,
        off("3x3"),
        "the kernel",
        "out_channels=24, kernel_size=5.* With a 5x5 kernel too you",
    ),
    (check_parameters, off("always 4"), "the expansion", "=6 you .*expansion 4, whatever"),
    (
        check_parameters,
        off("single up to 2"),
        "the expansion",
        "expansion=2 you .*convolution by convolution",
    ),
    (check_parameters, lambda *_: 1, "another number", "Count convolution by convolution"),
    (check_block, partial(Own, act=nn.ReLU), "the activation", r"\(ReLU\), stands where .*\(SiLU\) belongs"),
    (check_block, partial(Own, act=None), "the activation", "a 1x1 convolution .*where an activation"),
    (
        check_block,
        partial(Own, linear=nn.SiLU),
        "an activation too many",
        r"\(SiLU\), stands where an addition",
    ),
    (check_block, partial(Own, groups=8), "groups", "a depthwise .*where a full convolution"),
    (check_block, partial(Own, groups=4), "groups", "a grouped .*where a full convolution"),
    (check_block, partial(Own, kernel_size=1), "the kernel", "a 1x1 .*where a full convolution"),
    (check_block, partial(Own, kernel_size=5), "the kernel", r"\(5x5\), has 6,400 parameters; expected"),
    (
        check_block,
        partial(Own, strides=(False, False)),
        "the stride",
        r"stride 2, .*expected \(2, 8, 5, 5\)\.$",
    ),
    (check_block, partial(Own, strides=(True, True)), "the stride", r"stride 2.*\(2, 8, 3, 3\); expected"),
    (check_block, partial(Own, strides=(False, True)), "the stride", r"step 1 .*\(2, 32, 9, 9\); exp"),
    (check_block, partial(Own, joins=lambda *_: False), "the shortcut", "an addition is missing"),
    (
        check_block,
        partial(Own, joins=lambda *_: True),
        "the shortcut",
        "stride 2, .*two tensors of different sizes",
    ),
    (
        check_block,
        partial(Own, joins=lambda *a: a[2] == 1),
        "the shortcut",
        "12 out, stride 1, expansion 4: its fo",
    ),
    (
        check_block,
        partial(Own, joins=lambda i, o, stride: stride == 1 and i >= o),
        "the shortcut",
        "12 channels in, 8 out, .*two tensors",
    ),
    (check_block, JoinedByNumbers, "the shortcut", "25 channels in, 81 out, .*two tensors"),
    (
        check_block,
        NoProjectionAtEqualWidth,
        "the projection",
        "4 channels in, 8 out, .*a 1x1 convolution .*is missing",
    ),
    (
        check_block,
        partial(Own, norm=partial(nn.BatchNorm2d, eps=1e-3)),
        "a setting",
        "look at the eps of fused.norm, which is 0.001",
    ),
    (check_block, partial(Own, norm=None), "the norms", "step 1 .*2,336 parameters.*is the norm missing"),
    (check_block, ProjectedShortcut, "the shortcut", "it should end, but a 1x1 convolution .*follows"),
    (check_block, InPlace, "the input", "it changes its input"),
    (check_block, MBConv, "another block", "expansion 4: step 1 .*a 1x1 .*where a full"),
    (
        check_block,
        mutant("SiLU after the addition"),
        "an activation too many",
        "after an addition it should end, but",
    ),
    (
        check_block,
        mutant("projection kept"),
        "expansion 1",
        "8 out, stride 1, expansion 1: .*where an addition",
    ),
    (
        check_block,
        mutant("single convolution linear"),
        "the activation",
        "expansion 1: .*an addition, stands where",
    ),
    (check_block, mutant("squeeze-and-excitation added"), "a part too many", "a mean over height and width"),
    (
        check_block,
        mutant("stride on the projection"),
        "the stride",
        "8 out, stride 2, expansion 4: step 1 .*gives",
    ),
    (
        check_block,
        widths(lambda i, _, t: i * t),
        "expansion 1",
        "12 out, stride 1, expansion 1: it turns .*expected",
    ),
    (check_block, NoStrideAtOne, "expansion 1", "stride 2, expansion 1: it turns .*expected"),
    (check_block, NoShortcutAtOne, "expansion 1", "stride 1, expansion 1: .*an addition is missing"),
    (
        check_block,
        widths(lambda i, o, t: o if t == 1 else i * 4),
        "the expansion",
        r"expansion 2: step 1 .*\(2, 100, 5, 5\); exp",
    ),
    (
        check_block,
        widths(lambda i, o, t: o if t <= 2 else i * t, lambda t: t <= 2),
        "the expansion",
        "81 out, stride 2, expansion 2: ",
    ),
    (
        check_block,
        widths(lambda i, o, t: o if t == 1 else i * min(t, 4)),
        "the expansion",
        r"expansion 6: step 1 .*\(2, 32, 9, 9\); exp",
    ),
    (check_block, lambda *_, **__: nn.Identity(), "another block", "gives its input back|is missing"),
    (check_suspects, {**FAULTS, "A": FAULTS["B"]}, "A", "A is not 'single .*': compare its parameters"),
    (check_suspects, {**FAULTS, "B": FAULTS["C"]}, "B", "B is not .*: compare its steps"),
    (check_suspects, {**FAULTS, "C": FAULTS["A"]}, "C", "C is not .* last step"),
    (
        check_suspects,
        dict(zip("ABC", list(FAULTS.values())[::-1], strict=True)),
        "the wrong way round",
        "A is not 'SiLU",
    ),
]


@pytest.mark.parametrize(("letter", "expansion"), [("A", 4), ("B", 1), ("C", 4)])
def test_suspects_differ_from_the_right_block(letter: str, expansion: int) -> None:
    right = FusedMBConv(8, 8, expansion=expansion)
    assert difference(suspects()[letter], right, (1, 8, 9, 9)) is not None
