"""The checkers of notebook 01: each says what is wrong and where to look."""

import copy
import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct
from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS


@checker(
    to_do="put what spreads the window, and what the windows move by, in place of the two `...`.",
    right="your size and that of torch's own convolution agree for every setting tried.",
)
def check_out_size(answer: Callable[[int, int, int, int, int], int]) -> str | None:
    """`answer(size, kernel_size, stride, padding, dilation)`: the height of the output."""
    for n, k, s, p, d in (
        (7, 3, 1, 1, 1),
        (6, 3, 1, 0, 1),
        (224, 7, 2, 3, 1),
        (9, 3, 1, 1, 2),
        (8, 5, 3, 4, 2),
    ):
        conv = nn.Conv2d(1, 1, k, stride=s, padding=p, dilation=d, device="meta")
        right = conv(torch.empty(1, 1, n, n, device="meta")).shape[-1]
        got = answer(n, k, s, p, d)
        setting = f"for size={n}, kernel_size={k}, stride={s}, padding={p}, dilation={d} you get {got!r}"
        if isinstance(got, bool) or not isinstance(got, int):
            return f"{setting}; a whole number is needed: // divides and rounds down."
        if got == right:
            continue
        free = n + 2 * p - d * (k - 1) - 1
        known = {
            n: "this is the input's size; only padding that fits, at stride 1, keeps it.",
            free + 1: f"the window does not stop at every place, it moves by {s}.",
            math.ceil(free / s) + 1: "a last window that does not fit is left out: round down.",
            (n + 2 * p - k) // s + 1: "the dilation moves the weights apart: how far does the window reach?",
            (free - p) // s + 1: "padding stands on both sides.",
        }
        return f"{setting}, torch {right}: {known.get(got, 'how many places are there for the window?')}"
    return None


@checker(
    to_do="return the weight and the bias of one convolution that does what both did.",
    right="one convolution gives what both gave: a network in use needs no norms.",
)
def check_fold(answer: Callable[[nn.Conv2d, nn.BatchNorm2d], tuple[Tensor, Tensor]]) -> str | None:
    """`answer(conv, norm)`: weight and bias that give, as a convolution, what norm(conv(x)) gives in eval."""
    conv, norm, x = _trained()
    kept = copy.deepcopy((conv.state_dict(), norm.state_dict()))
    got = answer(conv, norm)
    for before, module in zip(kept, (conv, norm), strict=True):
        if any(not torch.equal(value, module.state_dict()[name]) for name, value in before.items()):
            return "your function changes the modules that it was given; make new tensors."
    if not isinstance(got, tuple | list) or len(got) != 2:
        return f"two tensors are needed, weight and bias, got {type(got).__name__}."
    for name, tensor, shape in zip(("weight", "bias"), got, ((6, 4, 3, 3), (6,)), strict=True):
        if not isinstance(tensor, Tensor):
            return f"the {name} must be a Tensor, got {type(tensor).__name__}."
        if tensor.shape != shape:
            return (
                f"the {name} has the shape {tuple(tensor.shape)}, expected {shape}."
                " One factor per output channel: the first dimension of the weight."
            )
    weight, bias = (tensor.detach().double() for tensor in got)
    mean, variance, scale, shift = _state(norm)
    factor = scale / torch.sqrt(variance + norm.eps)
    right = conv.weight.detach() * factor.view(-1, 1, 1, 1), shift - mean * factor
    if not torch.allclose(weight, right[0], rtol=1e-6):
        return _wrong_weight(weight / conv.weight.detach(), variance, scale, norm.eps)
    if not torch.allclose(bias, right[1], rtol=1e-6):
        return _wrong_bias(bias, right[1], mean, shift, factor)
    with torch.no_grad():
        same = torch.allclose(F.conv2d(x, weight, bias, padding=1), norm(conv(x)), rtol=1e-6)
    return None if same else "the numbers look right, but the outputs differ."


def _trained() -> tuple[nn.Conv2d, nn.BatchNorm2d, Tensor]:
    """A convolution and a norm in eval mode, as training might leave them: one variance is tiny."""
    generator = torch.Generator().manual_seed(0)
    conv = nn.Conv2d(4, 6, 3, padding=1, bias=False, device="meta").to_empty(device="cpu").double()
    norm = nn.BatchNorm2d(6).double().eval()
    x = torch.randn(2, 4, 8, 8, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        conv.weight.copy_(torch.rand(6, 4, 3, 3, generator=generator, dtype=torch.float64) + 0.1)
        for tensor in _state(norm):
            tensor.copy_(torch.rand(6, generator=generator, dtype=torch.float64) + 0.5)
        _state(norm)[1][0] = 1e-5
    return conv, norm, x


def _state(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Running mean, running variance, weight, bias."""
    state = norm.state_dict()
    return state["running_mean"], state["running_var"], state["weight"], state["bias"]


def _wrong_weight(ratio: Tensor, variance: Tensor, scale: Tensor, eps: float) -> str:
    """Which factor the learner's weight has instead of the right one."""
    found = ratio[:, 0, 0, 0]
    known = {
        "the weight leaves out eps, which the norm adds to the variance before the root.": scale
        / variance.sqrt(),
        "the weight leaves out the norm's own weight.": (variance + eps) ** -0.5,
        "the weight is divided by the variance; the deviation is its root.": scale / (variance + eps),
        "the weight is the convolution's own: by what does the norm divide it?": torch.ones_like(scale),
        "eps belongs under the root, added to the variance.": scale / (variance.sqrt() + eps),
    }
    for words, factor in known.items():
        if torch.allclose(found, factor, rtol=1e-6):
            return words
    return "the weight is not right: each output channel is multiplied by one factor, made of three numbers."


def _wrong_bias(bias: Tensor, right: Tensor, mean: Tensor, shift: Tensor, factor: Tensor) -> str:
    """What the learner's bias leaves out."""
    known = {
        "the weight is right; the bias leaves out the mean that the norm takes off.": shift,
        "the weight is right; the bias leaves out the norm's own bias.": -mean * factor,
        "the weight is right; the mean is taken off before the factor, so it is multiplied too.": shift
        - mean,
        "the weight is right; the mean is taken off, not added.": shift + mean * factor,
        "the weight is right; a bias is missing.": torch.zeros_like(right),
    }
    for words, wrong in known.items():
        if torch.allclose(bias, wrong, rtol=1e-6):
            return words
    return "the weight is right, the bias is not: put y = 0 into the norm's formula."


@checker(
    to_do="write the unit: convolution, norm and activation in __init__, their order in forward.",
    right="steps, parameters and, with the same weights, outputs equal those of blocks.ConvNormAct.",
)
def check_unit(answer: Any) -> str | None:
    """A Module class: `answer(in_channels, out_channels, kernel_size=..., stride=..., groups=...)`."""
    for i, o, k, s, g in (
        (8, 12, 3, 1, 1),
        (8, 12, 3, 2, 1),
        (8, 6, 5, 1, 1),
        (8, 12, 1, 1, 1),
        (8, 8, 3, 1, 8),
    ):
        wrong = difference(
            answer(i, o, kernel_size=k, stride=s, groups=g),
            ConvNormAct(i, o, kernel_size=k, stride=s, groups=g),
            (1, i, 9, 9),
        )
        if wrong is not None:
            return f"with {i} channels in, {o} out, a {k}x{k} kernel, stride {s}, groups {g}: {wrong}"
    return None


_HIDDEN = {"A": "norm after the activation", "B": "bias before the norm", "C": "norm forgotten"}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of ConvNormAct(8, 8), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.imitates is ConvNormAct}
    return {letter: wrong[name].build(8, 8) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: by the order of the steps, by counting, and by a step that is not there.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "look at the order of its steps.",
        "B": "count the parameters of its convolution: are there more than weights?",
        "C": "which steps has it, and which is missing?",
    }
    return misnamed(answer, _HIDDEN, hints)
