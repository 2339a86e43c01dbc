"""Exercises that no notebook has, for the tests of what all checkers share."""

from typing import Any

import torch
from torch import nn

from course.kit.checks.checking import checker, described, miscounted, unlike
from course.kit.checks.compare import difference
from course.kit.checks.running import called, no_tensor, number


@checker(to_do="write it.", right="both are left alone.")
def check_modules(answer: Any) -> str | None:
    """`answer(conv, pair)`: a module, and a pair of tensors."""
    called(answer, nn.BatchNorm2d(2), (torch.ones(2), torch.zeros(3)), setting="with a pair", none=True)
    return None


@checker(to_do="write it.", right="a half.")
def check_half(answer: Any) -> str | None:
    """`answer()` is one half."""
    return None if number(answer, setting="for nothing") == 0.5 else "that is no half."


@checker(to_do="write it.", right="the same.")
def check_depthwise(answer: Any) -> str | None:
    """`answer` is a module, built, that does what a depthwise convolution with a norm and a SiLU does."""
    conv = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
    return difference(answer, nn.Sequential(conv, nn.BatchNorm2d(4), nn.SiLU()), (1, 4, 7, 7))


@checker(to_do="write it.", right="the same.")
def check_pools(answer: Any) -> str | None:
    """`answer` is a module, built: the mean of a max pooling."""
    return difference(answer, nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.AdaptiveAvgPool2d(1)), (1, 4, 7, 7))


@checker(to_do="write it.", right="no slip.")
def check_raises(answer: Any) -> str | None:
    """A checker that itself lets an exception through."""
    answer()
    return None


@checker(to_do="write it.", right="a product.")
def check_product(answer: Any) -> str | None:
    """`answer(height, width)` is their product."""
    return miscounted(
        answer,
        ("height", "width"),
        ((2, 2), (3, 5), (700, 2)),
        lambda height, width: height * width,
        lambda height, width: {"That is {0} + {1}.": height + width, "That is {0} by itself.": height**2},
        otherwise="Multiply.",
    )


@checker(to_do="write it.", right="thousands.")
def check_thousands(answer: Any) -> str | None:
    """`answer` is a tensor of thousands, or of nothing."""
    if wrong := no_tensor(answer):
        return f"it {wrong}"
    due = 1000 * torch.ones(answer.numel() and 3)
    setting = described(("channels", "kernel_size", "size", "reduction_ratio"), (3, 1, (5, 4), 2))
    wrong = unlike(answer, due, {"twice that.": 2 * due, "one alone.": due[:1]}, otherwise="other numbers.")
    return f"{setting}: {wrong}" if wrong else None
