"""The checkers of notebook 04: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import DepthwiseSeparable
from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS


@checker(
    to_do="put the padding and the number of groups in place of the two `...`.",
    right="each channel meets its own filter, and any odd kernel keeps the size.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, int], Tensor]) -> str | None:
    """`answer(x, depthwise, project, stride)`, weights as nn.Conv2d has them, without norms."""
    generator = torch.Generator().manual_seed(0)
    for i, o, k, stride in ((4, 4, 3, 1), (6, 4, 3, 1), (4, 6, 5, 1), (3, 5, 7, 2)):
        setting = f"with {i} channels in, {o} out, a {k}x{k} kernel and stride {stride}"
        x, depthwise, project = (
            torch.randn(*shape, generator=generator) for shape in ((2, i, 8, 8), (i, 1, k, k), (o, i, 1, 1))
        )
        filtered = F.conv2d(x, depthwise, stride=stride, padding=k // 2, groups=i)
        right = F.relu(F.conv2d(F.relu(filtered), project))
        try:
            got = answer(x, depthwise, project, stride)
        except RuntimeError as error:
            return (
                f"{setting} torch says: {error}. The depthwise weight has the shape {tuple(depthwise.shape)}:"
                " into how many groups must the channels of x be split?"
            )
        if not isinstance(got, Tensor):
            return f"{setting} you get {type(got).__name__}, a Tensor is needed: is there a return?"
        if got.shape != right.shape:
            shapes = f"{tuple(got.shape)}, expected {tuple(right.shape)}"
            return f"{setting} the shape is {shapes}: look at the padding."
        if not torch.allclose(got, right, atol=1e-5):
            return f"{setting} {_lost(got, filtered, project)}"
    return None


def _lost(got: Tensor, filtered: Tensor, project: Tensor) -> str:
    """Which activation is missing, if that is what is wrong with the numbers."""
    if torch.allclose(got, F.conv2d(F.relu(filtered), project), atol=1e-5):
        return "the activation after the 1x1 is missing."
    if torch.allclose(got, F.relu(F.conv2d(filtered, project)), atol=1e-5):
        return "the activation between the two convolutions is missing."
    return "the numbers are not those of the block."


@checker(
    to_do="write the function: two convolutions without bias, two norms with two parameters a channel.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size)`, for the block with its default norm."""
    for i, o, k in ((32, 64, 3), (512, 512, 3), (3, 3, 3), (16, 24, 5)):
        block = DepthwiseSeparable(i, o, kernel_size=k)
        right = sum(p.numel() for p in block.parameters())
        got = answer(i, o, k)
        setting = f"for in_channels={i}, out_channels={o}, kernel_size={k} you get {got!r}"
        if isinstance(got, bool) or not isinstance(got, int):
            return f"{setting}; a whole number is needed."
        if got != right:
            return f"{setting}. {_miscount(got, right, i, o, k)}"
    return None


def _miscount(got: int, right: int, i: int, o: int, k: int) -> str:
    """What a wrong count has counted."""
    full, norms = k * k * i * o, 2 * i + 2 * o
    known = {
        right - norms: "These are the weights of the convolutions alone; each norm has two more per channel.",
        right - 2 * i: "The norm between the two convolutions is missing: it has two parameters per channel.",
        right - norms + i + o: "The convolutions have no bias; each norm has two parameters per channel.",
        right + i + o: "Norms and biases: a convolution before a norm has no bias.",
        full: f"This is one full {k}x{k} convolution. Count the two convolutions of the block, and add.",
        full + 2 * o: f"This is one full {k}x{k} convolution with its norm. Count the block's two, and add.",
        right + k * k * i * (i - 1): f"Your {k}x{k} has {i} times too many weights:"
        " a depthwise filter sees one channel, not all.",
        right + k * k * i * (o - 1): f"Your {k}x{k} has {o} times too many weights:"
        " there is one filter per channel in, however many go out.",
        right + k * k * (o - i): "The depthwise convolution comes first: it has a filter per channel in.",
        k * k * i * i * o: "The two convolutions follow each other: their weights add, they do not multiply.",
    }
    return known.get(got, "Count convolution by convolution: depthwise, then 1x1; then the norm of each.")


@checker(
    to_do="write the block: the two ConvNormAct in __init__, their order in forward.",
    right="steps, parameters and, with the same weights, outputs equal those of blocks.DepthwiseSeparable.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, kernel_size=..., stride=...)`."""
    for i, o, k, stride in ((8, 8, 3, 1), (8, 12, 3, 2), (6, 4, 5, 1)):
        wrong = difference(
            answer(i, o, kernel_size=k, stride=stride),
            DepthwiseSeparable(i, o, kernel_size=k, stride=stride),
            (1, i, 9, 9),
        )
        if wrong is not None:
            return f"with {i} channels in, {o} out, a {k}x{k} kernel and stride {stride}: {wrong}"
    return None


SOUND = "nothing wrong"
_HIDDEN = {"A": "linear middle", "B": SOUND, "C": "groups lost", "D": "linear end"}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of DepthwiseSeparable(8, 8), each with one fault, and the right block."""
    build = {mutant.name: mutant.build for mutant in MUTANTS if mutant.concept == "depthwise_separable"}
    build[SOUND] = DepthwiseSeparable
    return {letter: build[name](8, 8) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault, or 'nothing wrong', in place of each of the four `...`.",
    right="all four: one by its cost, two by the kinds of their steps, and one acquitted.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B, C and D to the names of their faults."""
    hints = {
        "A": "count the activations among its steps, and say between which convolutions one is missing.",
        "B": "hold its steps and its cost beside those of DepthwiseSeparable(8, 8).",
        "C": "compare its parameters with those of the right block.",
        "D": "look at the kind of its last step.",
    }
    return misnamed(answer, _HIDDEN, hints)
