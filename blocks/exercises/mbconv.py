"""The checkers of notebook 08: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from blocks import MBConv
from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS
from blocks.networks.make_divisible import make_divisible

_RULES = ("EfficientNet", "MobileNetV3", "SE-ResNet")


@checker(
    to_do="put what EfficientNet and SE-ResNet squeeze to in place of the two `...`.",
    right="a quarter of the input, a quarter of the expanded rounded to 8s, a sixteenth of the output.",
)
def check_widths(answer: Callable[[int, int, int], dict[str, int]]) -> str | None:
    """`answer(in_channels, expanded, out_channels)`: the squeezed width by each network's rule."""
    for i, expanded, o in ((24, 144, 40), (112, 672, 192), (64, 72, 256), (3, 18, 8)):
        got = answer(i, expanded, o)
        if not isinstance(got, dict) or set(got) != set(_RULES):
            return f"a dict with the keys {', '.join(map(repr, _RULES))} is needed, got {got!r}."
        right = max(1, i // 4), make_divisible(expanded / 4), max(1, o // 16)
        for rule, width in zip(_RULES, right, strict=True):
            if wrong := _width(rule, got[rule], width, (i, expanded, o)):
                return f"{rule}, for {i} channels in, {expanded} expanded, {o} out: {wrong}"
    return None


def _width(rule: str, got: Any, right: int, channels: tuple[int, int, int]) -> str | None:
    """What is wrong with one width."""
    if isinstance(got, bool) or not isinstance(got, int):
        return f"you get {got!r}; a number of channels is whole: // instead of /."
    if got == right:
        return None
    if rule == "MobileNetV3" and abs(got - channels[1] / 4) < 1:
        return f"you get {got}; this network rounds to a multiple of 8."
    if got == 0:
        return "you get 0, and nothing passes through a layer of no channels. How many at least?"
    ratio = 16 if rule == "SE-ResNet" else 4
    names = ("the input", "the expanded width", "the output")
    for name, width in zip(names, channels, strict=True):
        if got == width // ratio:
            return f"you get {got}, the right share, but of {name}. Of which width does this network take it?"
    return f"you get {got}. Which share does this network take, and of which of the three widths?"


@checker(
    to_do="write the function: three convolutions without bias, three norms, and squeeze-and-excitation.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size, expansion)`, expansion a whole number."""
    for i, o, k, t in ((24, 24, 3, 6), (24, 40, 5, 6), (32, 16, 3, 1)):
        block = MBConv(i, o, kernel_size=k, expansion=t)
        right = sum(p.numel() for p in block.parameters())
        got = answer(i, o, k, t)
        setting = f"for in_channels={i}, out_channels={o}, kernel_size={k}, expansion={t}"
        if isinstance(got, bool) or not isinstance(got, int):
            return f"{setting} you get {got!r}; a whole number is needed."
        if got != right:
            return f"{setting} you get {got!r}. {_known(block, right, got)}"
    return None


def _known(block: MBConv, right: int, got: int) -> str:
    """What a wrong count comes from, where that can be told."""
    convs = [part for part in block.modules() if isinstance(part, nn.Conv2d)]
    h, k = block.depthwise.conv.out_channels, block.depthwise.conv.kernel_size[0]
    excite = sum(p.numel() for p in block.squeeze_excitation.parameters())
    biases = sum(conv.bias.numel() for conv in convs if conv.bias is not None)
    known = {
        sum(conv.weight.numel() for conv in convs): "These are the weights of the convolutions alone: the"
        " norms have two numbers per channel, and two of the convolutions have a bias.",
        right - excite: "Squeeze-and-excitation is not in it.",
        right - biases: "No norm follows the two convolutions of squeeze-and-excitation: they have a bias.",
        right
        - excite
        + 2 * h * (h // 4)
        + h
        + h // 4: "Your squeezed width is a quarter of the expanded one.",
        right + k * k * h * (h - 1): f"Your {k}x{k} is a full convolution; the depthwise one has one filter"
        " per channel.",
        right + h * h + 2 * h: "With expansion 1 there is no expanding convolution to count.",
    }
    hint = "Count part by part: expand, depthwise, squeeze-and-excitation, project."
    return known.get(got, hint)


@checker(
    to_do="write the block: its parts in __init__, their order and the shortcut in forward.",
    right="steps, parameters, outputs, and what is left out in training, are those of blocks.MBConv.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(i, o, stride=..., expansion=..., drop_probability=...)`."""
    for i, o, stride, t in ((8, 8, 1, 6), (8, 8, 2, 6), (8, 12, 1, 6), (8, 8, 1, 1)):
        built = answer(i, o, stride=stride, expansion=t, drop_probability=0.5)
        right = MBConv(i, o, stride=stride, expansion=t)
        setting = f"with {i} channels in, {o} out, stride {stride}, expansion {t}"
        plain = answer(i, o, stride=stride, expansion=t, drop_probability=0.0)
        if wrong := difference(plain, right, (1, i, 9, 9)):
            return f"{setting}: {wrong}"
        if wrong := _training(built, right):
            return f"{setting}, in training with drop probability 0.5, {wrong}"
    return None


def _training(built: nn.Module, right: MBConv) -> str | None:
    """What is wrong with what is left out in training; `right` leaves out nothing."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        x = torch.randn(64, 8, 6, 6)
        for own, given in zip(right.state_dict().values(), built.state_dict().values(), strict=True):
            own.copy_(given)
        whole, y = right.train()(x), built.train()(x)
    zero = (y == 0).flatten(1).all(1)
    if not right.has_shortcut:
        return (
            "pictures come out as zeros: there is no shortcut that would carry them." if zero.any() else None
        )
    if zero.any():
        return "pictures come out as zeros: the shortcut is left out with the branch."
    left = torch.isclose(y, x, atol=1e-6).flatten(1)
    if left.all():
        return "the branch of every picture is left out."
    if not left.all(1).any():
        scattered = left.float().mean() > 0.2
        return "single values are left out, not whole pictures." if scattered else "nothing is left out."
    kept = ~left.all(1)
    scale = ((y - x)[kept].abs().sum() / (whole - x)[kept].abs().sum()).item()
    if abs(scale - 2) > 0.01:
        return f"what is kept is multiplied by {scale:.2f}; the mean over many steps should stay the branch."
    return None


_HIDDEN = {
    "A": "dropout for stochastic depth",
    "B": "squeezed width from the expanded",
    "C": "SiLU after the addition",
}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of MBConv(8, 8, drop_probability=0.5), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.concept == "mbconv"}
    return {letter: wrong[name].build(8, 8, drop_probability=0.5) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: one by counting, one by its steps, and one in training mode only.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "in eval mode it equals the right block. Where in training mode is `suspect(x)` equal to `x`?",
        "B": "compare its parameters with those of the right block: in which part are the others?",
        "C": "look at the last step in `graph(...)`, or at its smallest output.",
    }
    return misnamed(answer, _HIDDEN, hints)
