"""The checkers of notebook 02: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import BasicBlock
from course.kit.checks.checking import checker, described, misnamed, unlike
from course.kit.checks.compare import misbuilt
from course.kit.checks.running import tensor
from course.residual.mutants import MUTANTS

_NAMES = ("in_channels", "out_channels", "stride")


@checker(
    to_do="put the stride of the projection and what is added in place of the two `...`.",
    right="the projection keeps step with the branch, and the activation comes after the addition.",
)
def check_forward(answer: Callable[[Tensor, Tensor, Tensor, Tensor | None, int], Tensor]) -> str | None:
    """`answer(x, first, second, project, stride)`, weights as nn.Conv2d has them; project None: identity."""
    generator = torch.Generator().manual_seed(0)
    for i, o, stride in ((4, 4, 1), (4, 6, 1), (4, 6, 2), (4, 4, 2)):
        setting = described(_NAMES, (i, o, stride))
        shapes = ((2, i, 8, 8), (o, i, 3, 3), (o, o, 3, 3), (o, i, 1, 1))
        x, first, second, project = (torch.randn(*shape, generator=generator) for shape in shapes)
        given = None if stride == 1 and i == o else project
        got = tensor(answer, x, first, second, given, stride, setting=setting)
        y = F.conv2d(F.relu(F.conv2d(x, first, stride=stride, padding=1)), second, padding=1)
        kept = x if given is None else F.conv2d(x, given, stride=stride)
        wrong = unlike(
            got,
            F.relu(y + kept),
            _known(x, first, second, kept, y, stride),
            shape=". Where are the strides, and the padding?",
            otherwise="the numbers are not those of the block: compare with the four lines above.",
        )
        if wrong:
            return f"{setting}: {wrong}"
    return None


def _known(
    x: Tensor, first: Tensor, second: Tensor, kept: Tensor, y: Tensor, stride: int
) -> dict[str, Tensor]:
    """What known mistakes give, by diagnosis; `y` is what the branch should give, `kept` the shortcut."""
    flat = F.conv2d(F.conv2d(x, first, stride=stride, padding=1), second, padding=1)
    late = F.conv2d(F.relu(F.conv2d(x, first, padding=1)), second, stride=stride, padding=1)
    silu = F.conv2d(F.silu(F.conv2d(x, first, stride=stride, padding=1)), second, padding=1)
    return {
        "the shortcut is missing.": F.relu(y),
        "the activation after the addition is missing.": y + kept,
        "the branch is activated before the addition: activate the sum.": F.relu(y) + kept,
        "the branch is activated before the addition, too: activate the sum alone.": F.relu(F.relu(y) + kept),
        "the shortcut is activated before the addition: it hands on what it gets.": F.relu(y + F.relu(kept)),
        "the branch is missing: what did its two convolutions make of x?": F.relu(kept + kept),
        "nothing is added to what was kept.": F.relu(kept),
        "branch and shortcut are multiplied: a shortcut is added.": F.relu(kept * y),
        "the activation between the two convolutions is missing.": F.relu(flat + kept),
        "the stride is on the second convolution: which of the two has it?": F.relu(late + kept),
        "the branch is subtracted: a shortcut is added.": F.relu(kept - y),
        "both activations are SiLU; this block has ReLU.": F.silu(silu + kept),
    }


@checker(
    to_do="write the block: two ConvNormAct and the shortcut in __init__, the addition in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.BasicBlock.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(in_channels, out_channels, stride=...)`."""
    return misbuilt(answer, BasicBlock, _NAMES, ((8, 8, 1), (8, 16, 2), (16, 8, 1), (8, 8, 2)))


_HIDDEN = {"A": "first layer dead", "B": "adds in place", "C": "shortcut dropped"}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of BasicBlock(8, 8), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.imitates is BasicBlock}
    return {letter: wrong[name].build(8, 8) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: by who feeds whom, by what happens to the input, and by the kinds of the steps.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "in `graph(...)`, which step does its second convolution read?",
        "B": "keep a clone of x, run the block in eval mode, and compare x with the clone.",
        "C": "is there an addition among its steps in `graph(...)`?",
    }
    return misnamed(answer, _HIDDEN, hints)
