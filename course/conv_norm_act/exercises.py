"""The checkers of notebook 01: each says what is wrong and where to look."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from blocks import ConvNormAct
from course.conv_norm_act.mutants import MUTANTS
from course.kit.checks.checking import checker, described, miscounted, misnamed, unlike
from course.kit.checks.compare import misbuilt
from course.kit.checks.matching import fill
from course.kit.checks.running import called, no_tensor


@checker(
    to_do="put how many pixels the window spans, and how many it moves over, in place of the two `...`.",
    right="your size and that of PyTorch's own convolution agree for every setting tried.",
)
def check_out_size(answer: Callable[[int, int, int, int, int], int]) -> str | None:
    """`answer(size, kernel_size, stride, padding, dilation)`: the height of the output."""
    return miscounted(
        answer,
        ("size", "kernel_size", "stride", "padding", "dilation"),
        (
            (7, 4, 1, 0, 1),
            (224, 7, 2, 3, 1),
            (9, 3, 1, 2, 2),
            (8, 5, 3, 3, 2),
            (11, 3, 3, 1, 1),
            (9, 3, 2, 1, 1),
        ),
        _height,
        _missized,
        otherwise="How many places are there for the window?",
    )


def _height(n: int, k: int, s: int, p: int, d: int) -> int:
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def _missized(n: int, k: int, s: int, p: int, d: int) -> dict[str, int]:
    """What known mistakes give, by diagnosis."""
    return {
        "The padding is given. It need not be half the kernel.": _height(n, k, s, k // 2, d),
        "Half a kernel need not be a whole number of pixels, and the padding is given.": _height(
            n + k, k, s, 0, d
        ),
        "The dilation moves the weights apart, not the padding.": _height(n, k, s, p * d, d),
        "The first place of the window is no move: which part is divided by {2}?": (n + 2 * p - d * (k - 1))
        // s,
        "Is the padding there before the window moves, or after?": _height(n, k, s, 0, d) + 2 * p // s,
        "This is the input's size; only padding that fits, at stride 1, keeps it.": n,
        "The window does not stop at every place; it moves by {2}.": _height(n, k, 1, p, d),
        "A last window that does not fit is left out: round down.": math.ceil(
            (_height(n, k, 1, p, d) - 1) / s + 1
        ),
        "The dilation moves the weights apart: how far does the window reach?": _height(n, k, s, p, 1),
        "How many pixels does the window span if the kernel is even?": _height(n, k // 2 * 2 + 1, s, p, d),
        "How many gaps are there between {1} weights?": _height(n + 1 - d, k, s, p, d),
        "How many pixels does a window of one weight span?": _height(n + 1, k, s, p, d),
        "Padding stands on both sides.": _height(n - p, k, s, p, d),
        "The padding is missing.": _height(n, k, s, 0, d),
        "Which of stride and dilation moves the window?": _height(n, k, d, p, s),
        "Before it moves, the window stands at its first place.": _height(n, k, s, p, d) - 1,
    }


@checker(
    to_do="return the weight and the bias of one convolution that does what both did.",
    right="one convolution gives what both gave: a network in eval mode needs no norms.",
)
def check_fold(answer: Callable[[nn.Conv2d, nn.BatchNorm2d], tuple[Tensor, Tensor]]) -> str | None:
    """`answer(conv, norm)`: weight and bias that give, as a convolution, what norm(conv(x)) gives in eval."""
    for i, o, k, groups in ((6, 6, 3, 1), (4, 6, 1, 1), (4, 8, 3, 4)):
        setting = described(("in_channels", "out_channels", "kernel_size", "groups"), (i, o, k, groups))
        conv, norm = _trained(i, o, k, groups)
        got = called(answer, conv, norm, setting=setting)
        if not isinstance(got, tuple | list) or len(got) != 2:
            return f"{setting}: two tensors are needed, the weight and the bias. What do you return?"
        weight, bias = got
        for name, part in (("weight", weight), ("bias", bias)):
            if wrong := no_tensor(part):
                return f"{setting}: for the {name} your function {wrong}"
        if wrong := _unfolded(weight, bias, conv.weight.detach(), norm):
            return f"{setting}, {wrong}"
    return None


def _trained(i: int, o: int, k: int, groups: int) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """A convolution and a norm in eval mode, as training might leave them; eps is not the default."""
    conv = nn.Conv2d(i, o, k, padding=k // 2, groups=groups, bias=False, device="meta", dtype=torch.float64)
    conv.to_empty(device="cpu")
    norm = nn.BatchNorm2d(o, eps=1e-3).double().eval()
    fill(conv)
    fill(norm)
    norm.state_dict()["running_var"][0] = 1e-3
    return conv, norm


def _unfolded(weight: Tensor, bias: Tensor, plain: Tensor, norm: nn.BatchNorm2d) -> str | None:
    """What is wrong with the folded weight and bias; `plain` is the convolution's own weight."""
    state = norm.state_dict()
    mean, variance, scale, shift = (state[n] for n in ("running_mean", "running_var", "weight", "bias"))
    factor = scale / (variance + norm.eps).sqrt()
    known = {
        "eps is left out, which the norm adds to the variance before the root.": scale / variance.sqrt(),
        "eps is 1e-05, the default; this norm has its own.": scale / (variance + 1e-5).sqrt(),
        "eps belongs under the root, added to the variance.": scale / (variance.sqrt() + norm.eps),
        "the norm's own weight is left out.": factor / scale,
        "it is divided by the variance; the standard deviation is its root.": scale / (variance + norm.eps),
        "it is multiplied by the standard deviation. What does the norm do with it?": scale**2 / factor,
        "it is the convolution's own. By what does the norm divide it?": torch.ones_like(factor),
    }
    across = "its input channels are multiplied. Which ones does the norm see?"
    by_inputs = plain * factor[: plain.shape[1]].view(1, -1, 1, 1)
    wrong = unlike(
        weight,
        plain * factor.view(-1, 1, 1, 1),
        {words: plain * each.view(-1, 1, 1, 1) for words, each in known.items()} | {across: by_inputs},
        shape=". The weight is the first of the two, in the shape of the convolution's own.",
        otherwise="each output channel is multiplied by one factor, made of three numbers.",
    )
    if wrong:
        return f"the weight: {wrong}"
    wrong = unlike(
        bias,
        shift - mean * factor,
        {
            "the mean that the norm subtracts is left out.": shift,
            "the norm's own bias is left out.": -mean * factor,
            "the mean is subtracted before the factor, so it is multiplied, too.": shift - mean,
            "the mean has the wrong sign. Put y = 0 into the norm's formula.": shift + mean * factor,
            "it is zero. What does the norm make of y = 0?": torch.zeros_like(shift),
            "the norm's own bias is multiplied, too. When does the norm add it?": (shift - mean) * factor,
        },
        otherwise="the numbers are others. Put y = 0 into the norm's formula.",
    )
    return f"the weight is right; the bias: {wrong}" if wrong else None


@checker(
    to_do="write the unit: convolution, norm and activation in __init__, their order in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.ConvNormAct.",
)
def check_unit(answer: Any) -> str | None:
    """A Module class: `answer(in_channels, out_channels, kernel_size=..., stride=..., groups=...)`."""
    return misbuilt(
        answer,
        ConvNormAct,
        ("in_channels", "out_channels", "kernel_size", "stride", "groups"),
        ((8, 12, 3, 1, 1), (8, 12, 7, 2, 1), (8, 6, 1, 1, 1), (6, 6, 3, 1, 6), (8, 12, 3, 2, 4)),
    )


_HIDDEN = {"A": "norm after the activation", "B": "bias before the norm", "C": "norm forgotten"}


def suspects() -> dict[str, nn.Module]:
    """Three broken versions of ConvNormAct(8, 8), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.imitates is ConvNormAct}
    return {letter: wrong[name].build(8, 8) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: by the order of the steps, by counting, and by a step that is not there.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "look at the order of its steps in `graph(...)`.",
        "B": "count its parameters. Which of them are neither weights of a convolution nor a norm's?",
        "C": "list its steps with `graph(...)`. Which ones does a unit have?",
    }
    return misnamed(answer, _HIDDEN, hints)
