"""Answers to the exercises of notebook 07, and what their checkers must say."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import SqueezeExcitation
from course.kit.checks import running
from course.squeeze_excitation.exercises import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from course.squeeze_excitation.mutants import MUTANTS
from tests.course.checkers import Exercise, endless

Pair = tuple[Tensor, Tensor]


def right(x: Tensor, reduce: Pair, expand: Pair) -> Tensor:
    squeezed = x.mean((2, 3), keepdim=True)
    hidden = F.relu(F.conv2d(squeezed, *reduce))
    gate = torch.sigmoid
    return x * gate(F.conv2d(hidden, *expand))


def as_linear_layers(x: Tensor, reduce: Pair, expand: Pair) -> Tensor:
    (weight, bias), (back, back_bias) = reduce, expand
    hidden = F.linear(torch.flatten(x, 2).mean(-1), weight.flatten(1), bias).clamp(min=0)
    gates = 1 / (1 + torch.exp(-(hidden @ back[..., 0, 0].T + back_bias)))
    return torch.einsum("nchw,nc->nchw", x, gates)


def pooled(x: Tensor, reduce: Pair, expand: Pair) -> Tensor:
    y = nn.AdaptiveAvgPool2d(1)(x)
    y = F.conv2d(y, weight=reduce[0], bias=reduce[1]).relu_()
    return nn.Sigmoid()(F.conv2d(y, weight=expand[0], bias=expand[1])).expand_as(x) * x


def general(
    *,
    over: Any = (2, 3),
    act: Callable[[Tensor], Tensor] = F.relu,
    gate: Callable[..., Tensor] = torch.sigmoid,
    join: Callable[[Tensor, Tensor], Tensor] = torch.mul,
    pool: Callable[..., Tensor] = torch.mean,
    keepdim: bool = True,
) -> Callable[[Tensor, Pair, Pair], Tensor]:
    """The five lines with one fault to choose."""

    def answer(x: Tensor, reduce: Pair, expand: Pair) -> Tensor:
        squeezed = pool(x, over, keepdim=keepdim)
        hidden = act(F.conv2d(squeezed, *reduce))
        return join(x, gate(F.conv2d(hidden, *expand)))

    return answer


def two_dimensions(x: Tensor, reduce: Pair, expand: Pair) -> Tensor:
    squeezed = x.mean(2, 3, keepdim=True)  # type: ignore[call-overload]
    return x * F.conv2d(F.relu(F.conv2d(squeezed, *reduce)), *expand).sigmoid()


def squeezed_away(x: Tensor, reduce: Pair, expand: Pair) -> Tensor:
    """Right, but where a batch has one sample or one channel is left."""
    hidden = F.relu(F.linear(x.mean((2, 3)).squeeze(), reduce[0].squeeze(), reduce[1]))
    return x * F.linear(hidden, expand[0].squeeze(), expand[1]).sigmoid()[..., None, None]


def wrong_pair(x: Tensor, reduce: Pair, expand: Pair) -> Tensor:
    squeezed = x.mean((2, 3), keepdim=True)
    return x * F.conv2d(F.relu(F.conv2d(squeezed, *expand)), *reduce).sigmoid()


def min_max(y: Tensor) -> Tensor:
    return (y - y.min()) / (y.max() - y.min())


class Linear(nn.Module):
    """The way in which most public code writes it, with one fault to choose."""

    act: Callable[[], nn.Module] = nn.ReLU
    gate: Callable[[], nn.Module] = nn.Sigmoid

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        reduced = max(1, channels // reduction)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channels, reduced), self.act(), nn.Linear(reduced, channels), self.gate()
        )

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.size()
        y = self.fc(self.pool(x).view(b, c)).view(b, c, 1, 1)
        return x * y.expand_as(x)


class LinearSiLU(Linear):
    act = nn.SiLU


class LinearSoftmax(Linear):
    gate = partial(nn.Softmax, dim=1)


class SqueezedAway(Linear):
    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc(self.pool(x).squeeze())[:, :, None, None]


class Matrices(nn.Module):
    """Products with matrices, the second of them not turned."""

    def __init__(self, channels: int, reduction: int, act: Callable[[Tensor], Tensor] = F.relu) -> None:
        super().__init__()
        q = max(1, channels // reduction)
        self.act = act
        self.w1, self.b1 = nn.Parameter(torch.empty(channels, q)), nn.Parameter(torch.empty(q))
        self.w2, self.b2 = nn.Parameter(torch.empty(q, channels)), nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.act(x.mean((2, 3)) @ self.w1 + self.b1)
        return x * (hidden @ self.w2 + self.b2).sigmoid()[:, :, None, None]


class Lazy(Linear):
    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__(channels, reduction)
        reduced = max(1, channels // reduction)
        self.fc = nn.Sequential(nn.LazyLinear(reduced), nn.ReLU(), nn.LazyLinear(channels), nn.Sigmoid())


class ExpandFirst(nn.Module):
    """Right: the second convolution stands first in __init__, and the gates have a name."""

    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__()
        reduced = channels // reduction or 1
        self.expand = nn.Conv2d(reduced, channels, kernel_size=1)
        self.reduce = nn.Conv2d(channels, reduced, kernel_size=1)

    def gates(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.expand(input=self.reduce(F.adaptive_avg_pool2d(x, 1)).clamp(min=0)))

    def forward(self, x: Tensor) -> Tensor:
        return self.gates(x) * x


class Built(nn.Module):
    """The block as a learner would write it, with one fault to choose."""

    def __init__(self, fault: str, c: int, r: int) -> None:
        super().__init__()
        self.fault = fault
        q = {
            "width 0": c // r,
            "width rounded": max(1, round(c / r)),
            "reduction 4": max(1, c // 4),
            "half the width": max(1, c // r // 2),
            "width as reduction": r,
        }.get(fault, max(1, c // r))
        if fault == "a float":
            q = max(1, c / r)  # type: ignore[assignment]
        k = 3 if fault == "3x3" else 1
        self.reduce = nn.Conv2d(c, q, k, padding=k // 2, bias=fault != "first bias")
        self.expand = nn.Conv2d(q, c, 1, bias=fault != "second bias")
        self.norm = nn.BatchNorm2d(q) if fault == "normed" else nn.Identity()
        self.spare = nn.Conv2d(c, c, 1) if fault == "unused module" else nn.Identity()

    def forward(self, x: Tensor) -> Any:
        over = {"over columns": (2,), "no mean": ()}.get(self.fault, (2, 3))
        y = x.mean(over, keepdim=True) if over else x
        y = x.amax(over, keepdim=True) if self.fault == "largest" else y
        y = x.sum((2, 3), keepdim=True) / 35 if self.fault == "one size" else y
        y = self.norm(self.reduce(y))
        y = y if self.fault == "no ReLU" else F.relu(y)
        y = self.expand(y)
        gates = {"tanh": y.tanh(), "hard": F.hardsigmoid(y), "no gate": y}
        gate = gates.get(self.fault, y.sigmoid())
        if self.fault == "in place":
            x *= gate
            return x
        if self.fault == "min-max":
            gate = min_max(y)
        made = {"only gates": gate, "added twice": x + x * gate, "nothing": x}
        return made.get(self.fault, x * gate)


def built(fault: str) -> Callable[..., nn.Module]:
    return lambda channels, *, reduction: Built(fault, channels, reduction)


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "squeeze_excitation" and m.name == name)


def count(c: int, r: int) -> int:
    reduced = max(1, c // r)
    return c * reduced + reduced + reduced * c + c


def with_numpy(c: int, r: int) -> np.int64:
    q = np.maximum(1, np.floor_divide(c, r))
    return np.prod([2, c, q]) + c + q  # type: ignore[no-any-return]


FAULTS = {"A": "softmax gate", "B": "squeezed over the batch", "C": "gate added"}
EXERCISES = (
    Exercise(check_forward, "tensor", right),
    Exercise(check_parameters, "count", count),
    Exercise(check_block, "block", SqueezeExcitation),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_forward, general(over=[-1, -2]), "the lines of the notebook, counted from the end"),
    (check_forward, as_linear_layers, "as linear layers, einsum, exp"),
    (check_forward, pooled, "pooled, by keyword, in place of its own"),
    (check_parameters, with_numpy, "numpy"),
    (check_parameters, lambda c, r: (2 * c + 1) * (math.floor(c / r) or 1) + c * 1.0, "a float"),
    (check_block, built(""), "as the solution"),
    (check_block, Linear, "linear layers, view, expand"),
    (check_block, Matrices, "products with matrices"),
    (check_block, Lazy, "lazy layers"),
    (check_block, ExpandFirst, "the second convolution first, a method more"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, {letter: FAULTS[letter] for letter in "BCA"}, "by ease"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (check_forward, two_dimensions, "the dimensions", "are one argument: put them in brackets"),
    (
        check_forward,
        general(over=1),
        "the dimensions",
        "line .*made for 6 channels.* And over which dimensions",
    ),
    (
        check_forward,
        general(over=(1, 2, 3)),
        "all but the samples",
        "gets 1.* And over which dimensions is the m",
    ),
    (
        check_forward,
        general(over=(0, 1)),
        "samples and channels",
        "gets 1.* And over which dimensions is the m",
    ),
    (
        check_forward,
        general(over=2),
        "the dimensions",
        "places of one channel get different gates: over which",
    ),
    (
        check_forward,
        general(over=3),
        "the width alone",
        "places of one channel get different gates: over which",
    ),
    (
        check_forward,
        general(over=(0, 2, 3)),
        "the dimensions",
        "others of the batch: the mean, or",
    ),
    (
        check_forward,
        general(keepdim=False),
        "keepdim",
        r"`conv2d` gets a tensor of shape \[3, 6\], and needs four",
    ),
    (
        check_forward,
        general(gate=min_max),
        "the gate",
        "the batch: the mean, or the gate, sees",
    ),
    (check_forward, general(gate=lambda y: y), "the gate", r"gates go from -\d+\.\d to \d+\.\d: what brings"),
    (
        check_forward,
        general(gate=torch.tanh),
        "a gate from -1",
        r"gates go from -\d\.\d to \d\.\d: what brings",
    ),
    (check_forward, general(gate=F.relu), "a gate without end", r"gates go from 0\.0 to \d\.\d: what brings"),
    (
        check_forward,
        general(gate=partial(torch.softmax, dim=1)),
        "the gate",
        "sum to 1: channels should not co",
    ),
    (
        check_forward,
        general(gate=partial(torch.softmax, dim=2)),
        "the gate",
        "nothing happens: the output is",
    ),
    (
        check_forward,
        general(gate=F.hardsigmoid),
        "the gate",
        "in place, but not the right ones: .* makes the g",
    ),
    (check_forward, general(gate="sigmoid"), "the gate", "a value of type str is not callable"),  # type: ignore[arg-type]
    (check_forward, general(gate=nn.Sigmoid), "no brackets", "class Sigmoid stands where a function b"),
    (check_forward, general(gate=F.dropout), "dropout for a gate", "output changes from call to call"),
    (
        check_forward,
        general(join=lambda x, g: g.expand_as(x)),
        "the gates alone",
        "these are the gates alone. What are",
    ),
    (
        check_forward,
        general(act=F.silu),
        "the activation",
        "in place, but not the right ones: .* between the two",
    ),
    (check_forward, general(act=torch.clone), "the activation", "nothing comes between the two"),
    (
        check_forward,
        general(pool=torch.amax),
        "the largest value",
        "the largest value of each channel is taken",
    ),
    (check_forward, general(pool=torch.sum), "a sum", "in place, but not the right ones: look at the mean"),
    (
        check_forward,
        general(pool=lambda x, *_, **__: x.sum((2, 3), keepdim=True) / 20),
        "one size",
        "a map of 7x3: the gates are in place, .* look at the mean",
    ),
    (
        check_forward,
        general(gate=F.softmax),
        "the gate, without a dimension",
        "sum to 1: channels should not co",
    ),
    (check_forward, general(join=torch.add), "another operation", "the gates are added to the channels"),
    (
        check_forward,
        general(join=lambda x, g: x + x * g),
        "another operation",
        "the right ones plus 1: is x added",
    ),
    (
        check_forward,
        general(join=lambda _, g: g),
        "a part left out",
        r"\(3, 6, 5, 4\) becomes \(3, 6, 1, 1\); the",
    ),
    (
        check_forward,
        general(join=lambda x, g: x.mul_(g)),
        "the input",
        "changes its input, the caller's tensor",
    ),
    (check_forward, general(join=lambda x, g: F.relu(x * g)), "an activation", "the product is activated"),
    (check_forward, lambda x, *_: x, "nothing done", "nothing happens: the output is the input"),
    (check_forward, wrong_pair, "the pairs exchanged", "a convolution made for 3 channels, .* gets 6"),
    (check_forward, squeezed_away, "squeeze()", "with 4 channels, reduced to 1, .* a matrix is needed"),
    (
        check_parameters,
        lambda c, r: 2 * c * max(1, c // r),
        "the biases",
        "1,152. These are the weights alone",
    ),
    (
        check_parameters,
        lambda c, r: (c + 1) * max(1, c // r),
        "a part left out",
        "This is the first convolution",
    ),
    (
        check_parameters,
        lambda c, r: count(c, r) - max(1, c // r),
        "the biases",
        "first convolution is missing",
    ),
    (
        check_parameters,
        lambda c, r: count(c, r) - c,
        "the biases",
        "bias of the second convolution is missing",
    ),
    (
        check_parameters,
        lambda c, r: 2 * c * max(1, c // r) + 2 * c,
        "the biases",
        "Look at the first bias again",
    ),
    (check_parameters, lambda c, r: count(c, r) + 2 * c, "norms", "two numbers per channel are too many"),
    (
        check_parameters,
        lambda c, r: 2 * c * (c // r) + c + c // r,
        "the width",
        "for channels=8, reduction=16 you get 8. 8 // 16 is 0, so nothing is left",
    ),
    (
        check_parameters,
        lambda c, r: 2 * c * c // r + c + c // r,
        "the width",
        "for channels=60, .*Divide first, then multiply",
    ),
    (
        check_parameters,
        lambda c, r: 2 * c * c / r + c + c / r,
        "the width",
        "you get 967.5, .* in place of /",
    ),
    (
        check_parameters,
        lambda c, r: (2 * c + 1) * math.ceil(c / r) + c,
        "the width",
        "for channels=60, reduction=8 you get 1,028. The reduced width is rounded down",
    ),
    (
        check_parameters,
        lambda c, _: count(c, 16),
        "a fixed reduction",
        "for channels=60, .* Count weights and b",
    ),
    (
        check_parameters,
        lambda *_: 1_254,
        "the number by hand",
        "for channels=60, reduction=8 you get 1,254, .* Co",
    ),
    (
        check_block,
        built("width 0"),
        "the width",
        "4 channels, reduction 16, .*: the reduced width is 0: nothing",
    ),
    (check_block, built("width rounded"), "the width", "with 30 channels, .* gives the shape"),
    (check_block, built("reduction 4"), "a fixed reduction", "with 30 channels, .* gives the shape"),
    (check_block, built("half the width"), "the width", "with 16 channels, .* gives the shape"),
    (
        check_block,
        built("width as reduction"),
        "the width",
        "with 30 channels, reduction 8, .*: .* gives the shape",
    ),
    (check_block, built("a float"), "the width", "a float for a number of channels .*: // instead of /"),
    (
        check_block,
        mutant("biases left out"),
        "the biases",
        r"128 parameters; expected 148\. .* keep both biases",
    ),
    (check_block, built("first bias"), "the biases", r"144 parameters; expected 148\. .* keep both biases"),
    (check_block, built("second bias"), "the biases", r"132 parameters; expected 148\. .* keep both biases"),
    (check_block, built("3x3"), "the kernel", r"a full convolution \(3x3\), stands where a 1x1 convolution"),
    (check_block, SqueezedAway, "squeeze()", "with one sample its forward fails: line .*has no more"),
    (check_block, built("normed"), "a part too many", r"a norm \(BatchNorm2d\), stands where an act"),
    (check_block, built("in place"), "the input", r"it changes its input.* `\+=`"),
    (
        check_block,
        built("only gates"),
        "a part left out",
        r"becomes \(2, 16, 1, 1\); the shape must stay. What",
    ),
    (
        check_block,
        built("no mean"),
        "a part left out",
        "places of one channel get different gates: over which",
    ),
    (
        check_block,
        built("over columns"),
        "the dimensions",
        "places of one channel get different gates: over wh",
    ),
    (check_block, mutant("squeezed over the batch"), "the dimensions", "with the others of the batch"),
    (check_block, built("one size"), "one size", "a map of 4x6: the gates are in place, .* look at the mean"),
    (
        check_block,
        partial(Matrices, act=torch.clone),
        "the activation, of matrices",
        "nothing comes between the two",
    ),
    (check_block, built("largest"), "the largest value", "the largest value of each channel is taken"),
    (check_block, built("no ReLU"), "the activation", "nothing comes between the two"),
    (
        check_block,
        mutant("SiLU for ReLU"),
        "the activation",
        "in place, but not the right ones: .* between the two",
    ),
    (check_block, LinearSiLU, "the activation, of linear layers", "in place, but not the right ones"),
    (check_block, built("tanh"), "the gate", r"gates go from -\d\.\d to \d\.\d: what brings"),
    (check_block, built("no gate"), "no gate", r"gates go from -\d\.\d to \d\.\d: what brings"),
    (check_block, mutant("softmax gate"), "the gate", "sum to 1: channels should not compete"),
    (check_block, LinearSoftmax, "the gate, of linear layers", "sum to 1: channels should not compete"),
    (check_block, built("hard"), "the gate", "in place, but not the right ones: .* makes the gates"),
    (check_block, built("min-max"), "the gate", "the batch: the mean, or the gate, sees"),
    (check_block, mutant("gate added"), "another operation", "the gates are added to the channels"),
    (check_block, built("added twice"), "another operation", "the right ones plus 1: is x added"),
    (check_block, built("nothing"), "nothing done", "nothing happens: the output is the input"),
    (check_block, built("unused module"), "a layer too many", "modules that its forward does not use"),
    (check_block, lambda c: Built("", c, 16), "the arguments", "does not take an argument `reduction`"),
    (check_suspects, FAULTS | {"A": FAULTS["B"]}, "A", r"A is not 'squeezed .*: suspect\(x\)\[:1\] equals"),
    (check_suspects, FAULTS | {"B": FAULTS["C"]}, "B", "B is not 'gate added': at a place where x is 0"),
    (
        check_suspects,
        FAULTS | {"B": FAULTS["A"]},
        "B",
        r"B is not 'softmax gate': .* sum to [2-6]\.\d\d; after",
    ),
    (
        check_suspects,
        FAULTS | {"C": FAULTS["A"]},
        "C",
        r"C is not 'softmax gate': .* sum to [2-6]\.\d\d; after",
    ),
]


def test_suspects_are_three_wrong_blocks_which_no_count_distinguishes() -> None:
    assert list(suspects()) == ["A", "B", "C"]
    due = sum(p.numel() for p in SqueezeExcitation(8, reduction=2).parameters())
    assert {sum(p.numel() for p in suspect.parameters()) for suspect in suspects().values()} == {due}
    x = torch.ones(2, 8, 6, 6)
    assert all(suspect(x).shape == x.shape for suspect in suspects().values())


def test_an_endless_forward_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LIMIT", 0.05)
    calls = []

    class Endless(Linear):
        def forward(self, x: Tensor) -> Tensor:
            calls.append(x)
            return endless(x)  # type: ignore[no-any-return]

    check_block(Endless)
    assert len(calls) == 1


@pytest.mark.parametrize("letter", "ABC")
def test_suspects_are_the_same_in_every_call(letter: str) -> None:
    x = torch.ones(2, 8, 6, 6)
    before = torch.get_rng_state()
    assert torch.equal(suspects()[letter](x), suspects()[letter](x))
    assert torch.equal(torch.get_rng_state(), before)
