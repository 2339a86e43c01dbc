"""The checkers of notebook 06: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import InvertedResidual
from blocks.exercises.checking import checker
from blocks.exercises.compare import difference


@checker(
    to_do="put the number of groups and the condition of the shortcut in place of the two dots (...).",
    right="each of the wide channels has its own filter, and the shortcut exists only where it fits.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> str | None:
    """`answer(x, expand, depthwise, project)` at stride 1, weights as nn.Conv2d has them, without
    norms."""
    generator = torch.Generator().manual_seed(0)
    for channels, hidden, out in ((4, 24, 4), (4, 24, 6), (3, 6, 3)):
        x = torch.randn(2, channels, 5, 5, generator=generator)
        expand, depthwise, project = (
            torch.randn(*shape, generator=generator)
            for shape in ((hidden, channels, 1, 1), (hidden, 1, 3, 3), (out, hidden, 1, 1))
        )
        y = F.relu6(F.conv2d(F.relu6(F.conv2d(x, expand)), depthwise, padding=1, groups=hidden))
        y = F.conv2d(y, project)
        right = x + y if channels == out else y
        try:
            got = answer(x, expand, depthwise, project)
        except RuntimeError as error:
            return f"with {channels} channels in and {out} out torch says: {error}"
        if got.shape != right.shape:
            return f"with {channels} channels in and {out} out the shape is {tuple(got.shape)}."
        if channels == out and torch.allclose(got, y):
            return f"with {channels} channels in and {out} out the shortcut is missing."
        if not torch.allclose(got, right):
            return f"with {channels} channels in and {out} out the numbers are not those of the block."
    return None


@checker(
    to_do="write the function: three convolutions without bias, three norms with two parameters a channel.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size, expansion)`, expansion a whole number."""
    for i, o, k, t in ((24, 24, 3, 6), (24, 32, 3, 6), (16, 24, 5, 4), (32, 16, 3, 1)):
        block = InvertedResidual(i, o, kernel_size=k, expansion=t)
        right = sum(p.numel() for p in block.parameters())
        weights = sum(m.weight.numel() for m in block.modules() if isinstance(m, nn.Conv2d))
        wide = i * t
        dense = right + k * k * wide * (wide - 1)
        got = answer(i, o, k, t)
        setting = f"in_channels={i}, out_channels={o}, kernel_size={k}, expansion={t}"
        if got == right:
            continue
        known = {
            weights: "these are the weights of the convolutions alone; each norm has two more per channel.",
            dense: f"your {k}x{k} is a full convolution; the depthwise one has one filter per channel.",
            right + i * wide + 2 * wide: "with expansion 1 there is no expanding convolution to count.",
        }
        return f"for {setting} you get {got!r}. " + known.get(
            got, "Count convolution by convolution: expand, depthwise, project."
        )
    return None


@checker(
    to_do="write the block: the three ConvNormAct in __init__, their order and the shortcut in forward.",
    right="steps, parameters and, with the same weights, outputs equal those of blocks.InvertedResidual.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=..., expansion=...)`."""
    for i, o, stride, t in ((8, 8, 1, 6), (8, 8, 2, 6), (8, 12, 1, 6), (8, 8, 1, 1)):
        wrong = difference(
            answer(i, o, stride=stride, expansion=t),
            InvertedResidual(i, o, stride=stride, expansion=t),
            (1, i, 9, 9),
        )
        if wrong is not None:
            return f"with {i} channels in, {o} out, stride {stride}, expansion {t}: {wrong}"
    return None
