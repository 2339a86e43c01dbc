"""Answers to the exercises of notebook 01, and what their checkers must say."""

import copy
import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct
from course.conv_norm_act.exercises import check_fold, check_out_size, check_suspects, check_unit, suspects
from course.conv_norm_act.mutants import MUTANTS
from tests.course.checkers import Exercise


def size(n: int, k: int, s: int, p: int, d: int) -> int:
    reach = d * (k - 1) + 1
    places = n + 2 * p - reach
    return places // s + 1


def counted(size: int, kernel_size: int, stride: int, padding: int, dilation: int) -> int:
    """One place after the other."""
    places, first = 0, -padding
    while first + dilation * (kernel_size - 1) < size + padding:
        places, first = places + 1, first + stride
    return places


def asked(n: int, k: int, s: int, p: int, d: int) -> int:
    return F.conv2d(torch.zeros(1, 1, n, n), torch.zeros(1, 1, k, k), None, s, p, d).size(-1)


def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> Any:
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)  # type: ignore[operator]
    return conv.weight * factor.view(-1, 1, 1, 1), norm.bias - norm.running_mean * factor


def probed(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> Any:
    """The bias is what comes out of zeros; a list, of Parameters."""
    bias = norm(torch.zeros(1, conv.out_channels, 1, 1, dtype=norm.weight.dtype)).flatten()
    weight = norm(conv.weight.transpose(0, 1)).transpose(0, 1) - bias[:, None, None, None]
    return [nn.Parameter(weight), nn.Parameter(bias)]


def in_loops(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> Any:
    """Channel by channel, in float32."""
    weight, bias = conv.weight.clone().float(), torch.zeros(conv.out_channels)
    for c in range(conv.out_channels):
        weight[c] *= norm.weight[c] / (norm.running_var[c] + norm.eps) ** 0.5  # type: ignore[index, operator]
        bias[c] = norm.bias[c] - norm.weight[c] * norm.running_mean[c] / math.sqrt(  # type: ignore[index]
            norm.running_var[c] + norm.eps  # type: ignore[index, operator]
        )
    return weight, bias


def folded(fault: str) -> Callable[[nn.Conv2d, nn.BatchNorm2d], Any]:
    """The folded weight and bias with one fault to choose."""

    def answer(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> Any:
        state = norm.state_dict()
        mean, variance, scale, shift = (state[n] for n in ("running_mean", "running_var", "weight", "bias"))
        right = scale / (variance + norm.eps).sqrt()
        factor = {
            "no eps": scale / variance.sqrt(),
            "the default eps": scale / (variance + 1e-5).sqrt(),
            "no scale": right / scale,
            "no root": scale / (variance + norm.eps),
            "eps outside": scale / (variance.sqrt() + norm.eps),
            "no factor": torch.ones_like(scale),
            "times the deviation": scale * (variance + norm.eps).sqrt(),
            "twice": 2 * right,
        }.get(fault, right)
        bias = {
            "no mean": shift,
            "no shift": -mean * factor,
            "plain mean": shift - mean,
            "mean added": shift + mean * factor,
            "no bias": torch.zeros_like(shift),
            "shift multiplied": (shift - mean) * factor,
            "strange bias": shift + 7,
            "a bias with four dimensions": (shift - mean * factor).view(1, -1, 1, 1),
        }.get(fault, shift - mean * factor)
        axis = {"across": (1, -1, 1, 1), "no view": (-1,)}.get(fault, (-1, 1, 1, 1))
        if fault == "all inputs":
            factor = factor.view(-1, 1, 1, 1).expand(-1, conv.in_channels, 1, 1)
            axis = tuple(factor.shape)
        if fault == "by the inputs":
            factor = factor[: conv.in_channels].repeat(conv.out_channels // conv.in_channels + 1)
            factor = factor[: conv.out_channels]
        weight = conv.weight * factor.view(axis)
        if fault == "in place":
            conv.weight.data.copy_(weight)
        if fault == "norm changed":
            norm.reset_running_stats()
        return {
            "the weight alone": weight,
            "three": (weight, bias, factor),
            "a layer": conv,
            "the other way round": (bias, weight),
            "a number": (weight, 0.0),
            "None": (weight, None),
            "None for the weight": (None, bias),
            "NaN": (weight, bias / 0 * 0),
        }.get(fault, (weight, bias))

    return answer


class Unit(nn.Module):
    """The right unit, with one fault to choose."""

    fault = ""

    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int, groups: int) -> None:
        super().__init__()
        padding = {
            "no padding": 0,
            "fixed padding": 1,
            "a padding too many": kernel_size // 2 + 1,
            "padding at 1x1": max(1, kernel_size // 2),
        }
        grouped = {"no groups": 1, "depthwise or not": i if groups > 1 else 1}
        if self.fault == "groups for channels" and groups > 1:
            i, o = i // groups * groups, i
        self.conv = nn.Conv2d(
            i,
            o,
            3 if self.fault == "always 3x3" else kernel_size,
            {"no stride": 1, "always 2": 2}.get(self.fault, stride),
            padding.get(self.fault, kernel_size // 2),
            groups=grouped.get(self.fault, groups),
            bias=self.fault == "bias",
            padding_mode="reflect" if self.fault == "reflected" else "zeros",
        )
        self.norm = nn.BatchNorm2d(o, affine=self.fault != "affine")
        if self.fault == "GroupNorm":
            self.norm = nn.GroupNorm(1, o)  # type: ignore[assignment]
        self.act = {"ReLU": nn.ReLU(), "SiLU twice": nn.Sequential(nn.SiLU(), nn.SiLU())}.get(
            self.fault, nn.SiLU()
        )
        if self.fault == "eps":
            self.norm.eps = 1e-3

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        if self.fault == "act first":
            return self.norm(self.act(y))  # type: ignore[no-any-return]
        y = y if self.fault == "no norm" else self.norm(y)
        if self.fault == "gate of the convolution":
            return y * torch.sigmoid(self.conv(x))
        return y if self.fault == "no act" else self.act(y)  # type: ignore[no-any-return]


def unit(fault: str) -> type[nn.Module]:
    return type("Unit", (Unit,), {"fault": fault})


class Swish(nn.Module):
    """Other names, another order, "same" padding where PyTorch has it, and SiLU by hand."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, groups: int
    ) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(num_features=out_channels)
        padding: Any = "same" if stride == 1 else (kernel_size - 1) // 2
        self.layer = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride, padding=padding, groups=groups, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer(x)
        x = self.bn(x)
        return x * x.sigmoid()


class InOne(nn.Sequential):
    """Without a forward of its own."""

    def __init__(self, i: int, o: int, **settings: int) -> None:
        k = settings["kernel_size"]
        conv = nn.Conv2d(i, o, padding=k // 2, bias=False, **settings)  # type: ignore[arg-type]
        super().__init__(OrderedDict(c=conv, n=nn.BatchNorm2d(o), a=nn.SiLU(inplace=True)))


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is ConvNormAct and m.name == name)


FAULTS = {"A": "norm after the activation", "B": "bias before the norm", "C": "norm forgotten"}
EXERCISES = (
    Exercise(check_out_size, "count", size),
    Exercise(check_fold, "function", fold),
    Exercise(check_unit, "block", ConvNormAct),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_out_size, counted, "a loop"),
    (check_out_size, asked, "PyTorch asked"),
    (check_out_size, lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) + s - 1) // s, "another formula"),
    (check_out_size, lambda n, k, s, p, d: math.floor((n + 2 * p - d * (k - 1) - 1) / s + 1), "floor"),
    (check_fold, probed, "the norm asked"),
    (check_fold, in_loops, "loops in float32"),
    (check_unit, Unit, "as the solution"),
    (check_unit, Swish, "y * sigmoid(y), 'same' padding, the norm first"),
    (check_unit, InOne, "a Sequential"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, OrderedDict(FAULTS), "another dict"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (
        check_out_size,
        lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1 + 1) // s,
        "the first place, divided",
        "is no move: which part is divided by 3",
    ),
    (
        check_out_size,
        lambda n, k, s, p, _: (n + 2 * p - k) // s + 1,
        "a part left out",
        "dilation=2 you get 11. The dilation moves the weights apart",
    ),
    (
        check_out_size,
        lambda n, k, _, p, d: size(n, k, 1, p, d),
        "a part left out",
        "The window does not stop at every place; it moves by 2",
    ),
    (check_out_size, lambda n, k, s, _, d: size(n, k, s, 0, d), "a part left out", "The padding is missing"),
    (check_out_size, lambda n, k, s, p, d: size(n - p, k, s, p, d), "half of it", "Padding stands on both"),
    (
        check_out_size,
        lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1,
        "rounded up",
        "A last window that does not fit is left out",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: round((n + 2 * p - d * (k - 1) - 1) / s) + 1,
        "rounded",
        "A last window that does not fit",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1,
        "not rounded",
        "you get 112.5, and a count is a whole",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1,
        "one too few",
        "How many gaps are there between 3 weights",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
        "one too few",
        "the window stands at its first place",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s + 1,
        "one too many",
        "How many pixels does a window of one weight span",
    ),
    (check_out_size, lambda n, *_: n, "another question", "This is the input's size"),
    (
        check_out_size,
        lambda n, k, s, p, d: size(n, k, d, p, s),
        "two changed places",
        "Which of stride and dilation moves",
    ),
    (check_out_size, lambda *a: size(*a) + 30, "another number", "How many places are there"),
    (
        check_out_size,
        lambda n, k, s, _, d: size(n, k, s, k // 2, d),
        "a guess",
        "need not be half the kernel",
    ),
    (
        check_out_size,
        lambda n, k, s, _, d: (n + k - d * (k - 1) - 1) / s // 1 + 1,
        "half a kernel",
        "Half a kernel need not be a whole number of pixels",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: size(n, k, s, p, d if s == 1 else 1),
        "at stride 1 alone",
        "size=8, .* The dilation moves the weights apart",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: (n + 2 * p * d - d * (k - 1) - 1) // s + 1,
        "the padding dilated",
        "The dilation moves the weights apart, not the padding",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: size(n, k, s, 0, d) + 2 * p // s,
        "padded too late",
        "size=11, .* Is the padding there before the window moves",
    ),
    (
        check_out_size,
        lambda n, k, s, p, d: size(n, k // 2 * 2 + 1, s, p, d),
        "an even kernel",
        "kernel_size=4, .* span if the kernel is even",
    ),
    (check_fold, folded("no eps"), "a part left out", "the weight: eps is left out"),
    (check_fold, folded("no scale"), "a part left out", "the weight: the norm's own weight is left out"),
    (check_fold, folded("no root"), "a part left out", "divided by the variance; the standard deviation is"),
    (check_fold, folded("no factor"), "a part left out", "the convolution's own. By what does the norm"),
    (check_fold, folded("no mean"), "a part left out", "right; the bias: the mean that the norm subtracts"),
    (check_fold, folded("no shift"), "a part left out", "right; the bias: the norm's own bias is left out"),
    (check_fold, folded("no bias"), "a part left out", "right; the bias: it is zero"),
    (check_fold, folded("the default eps"), "another number", "the weight: eps is 1e-05"),
    (check_fold, folded("eps outside"), "another place", "the weight: eps belongs under the root"),
    (
        check_fold,
        folded("times the deviation"),
        "another operation",
        "the weight: it is multiplied by the standard deviation",
    ),
    (check_fold, folded("twice"), "another number", "the weight: each output channel"),
    (check_fold, folded("across"), "another dimension", "the weight: its input channels are multiplied"),
    (check_fold, folded("no view"), "another dimension", "of different sizes meet, 3 and 6 in dimension 3"),
    (check_fold, folded("all inputs"), "groups", "groups 4, the weight: the shape is"),
    (
        check_fold,
        folded("by the inputs"),
        "another dimension",
        "with 4 channels in, 6 out.*, the weight: each",
    ),
    (check_fold, folded("plain mean"), "another place", "right; the bias: the mean is subtracted before"),
    (
        check_fold,
        folded("shift multiplied"),
        "another place",
        "right; the bias: the norm's own bias is multi",
    ),
    (check_fold, folded("mean added"), "another operation", "right; the bias: the mean has the wrong sign"),
    (check_fold, folded("strange bias"), "another number", "right; the bias: the numbers are others"),
    (
        check_fold,
        folded("a bias with four dimensions"),
        "the shape",
        r"the bias: the shape is \(1, 6, 1, 1\), expected \(6,\)",
    ),
    (check_fold, folded("in place"), "the input", "changes its input"),
    (check_fold, folded("norm changed"), "the input, the other one", "changes its input"),
    (check_fold, folded("the weight alone"), "what is returned", "two tensors are needed"),
    (check_fold, folded("three"), "three returned", "two tensors are needed"),
    (check_fold, folded("a layer"), "a layer returned", "two tensors are needed"),
    (check_fold, lambda *_: None, "no return", r"your function gives None\. Is there a return"),
    (
        check_fold,
        folded("the other way round"),
        "what is returned",
        "the weight: .*The weight is the first of the two",
    ),
    (check_fold, folded("a number"), "what is returned", r"for the bias your function gives 0\.0 where"),
    (
        check_fold,
        folded("None for the weight"),
        "what is returned",
        "for the weight your function gives None",
    ),
    (check_fold, folded("None"), "what is returned", "for the bias your function gives None"),
    (check_fold, folded("NaN"), "what is returned", "for the bias your function gives NaN"),
    (check_unit, unit("bias"), "a bias", "step 1 .*a bias before a norm"),
    (check_unit, mutant("bias before the norm"), "a bias, by its setting", "step 1 .*a bias before a norm"),
    (check_unit, unit("no norm"), "a part left out", "an activation .*stands where a norm"),
    (check_unit, mutant("norm forgotten"), "a part left out", "step 1 .* is the norm missing"),
    (check_unit, unit("no act"), "a part left out", "an activation .*is missing"),
    (check_unit, unit("ReLU"), "another activation", r"an activation \(ReLU\), stands where"),
    (check_unit, unit("SiLU twice"), "an activation too many", r"it should end, but an activation"),
    (check_unit, unit("GroupNorm"), "another norm", r"a norm \(GroupNorm\), stands where a norm"),
    (check_unit, unit("affine"), "a setting", r"step 2 .* a norm .*has 0 parameters"),
    (check_unit, unit("no groups"), "groups", r"6\.0 times too many weights"),
    (check_unit, unit("depthwise or not"), "groups", r"12 out, a 3x3 kernel, stride 2, groups 4:"),
    (check_unit, unit("no stride"), "the stride", r"stride 2.*expected \(2, 12, 5, 5\)"),
    (check_unit, unit("always 2"), "the stride", r"stride 1.*expected \(2, 12, 9, 9\)"),
    (check_unit, unit("no padding"), "the padding", r"a 3x3 kernel.*it turns .* expected"),
    (check_unit, unit("fixed padding"), "the padding", "a 7x7 kernel.*it turns"),
    (check_unit, unit("a padding too many"), "the padding", r"into \(2, 12, 11, 11\)"),
    (check_unit, unit("padding at 1x1"), "the padding", r"a 1x1 kernel.*into \(2, 6, 11, 11\)"),
    (check_unit, unit("reflected"), "the padding", "padding"),
    (check_unit, unit("always 3x3"), "the kernel", "a 7x7 kernel.*"),
    (check_unit, unit("groups for channels"), "the channels", r"12 out.*groups 4: it turns .* into \(2, 8"),
    (check_unit, unit("act first"), "the order", "an activation .*stands where a norm"),
    (check_unit, mutant("norm after the activation"), "the order, of another", "stands where a norm"),
    (check_unit, unit("eps"), "a setting", "look at the eps of norm, which is 0.001"),
    (check_unit, unit("gate of the convolution"), "another tensor", "step "),
    (check_unit, lambda i, o, kernel_size: ConvNormAct(i, o), "the arguments", "take an argument `stride`"),  # noqa: ARG005
    (check_suspects, FAULTS | {"A": "norm forgotten"}, "A", "A is not .*order of its steps"),
    (check_suspects, FAULTS | {"B": "norm forgotten"}, "B", "B is not .*count its parameters"),
    (check_suspects, FAULTS | {"C": "bias before the norm"}, "C", "C is not .*Which ones does a unit have"),
    (
        check_suspects,
        dict(zip("ABC", sorted(FAULTS.values()), strict=True)),
        "by the alphabet",
        "A is not 'bias",
    ),
]


def test_checking_moves_no_random_numbers() -> None:
    state = torch.get_rng_state()
    check_fold(copy.copy(fold))
    assert torch.equal(state, torch.get_rng_state())


def test_suspects_are_three_wrong_units() -> None:
    assert list(suspects()) == ["A", "B", "C"]
