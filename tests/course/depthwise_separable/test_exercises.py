"""Answers to the exercises of notebook 04, and what their checkers must say."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct, DepthwiseSeparable
from blocks.measure import cost
from course.depthwise_separable.exercises import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from course.depthwise_separable.mutants import MUTANTS
from tests.course.checkers import Exercise


def right(x: Tensor, depthwise: Tensor, project: Tensor, stride: int) -> Tensor:
    padding = depthwise.shape[-1] // 2
    y = F.relu(F.conv2d(x, depthwise, stride=stride, padding=padding, groups=x.shape[1]))
    return F.relu(F.conv2d(y, project))


def channel_by_channel(x: Tensor, depthwise: Tensor, project: Tensor, stride: int) -> Tensor:
    x = nn.ZeroPad2d((depthwise.size(2) - 1) // 2)(x)
    maps = [
        F.conv2d(x[:, [c]], weight=depthwise[c : c + 1], stride=(stride, stride)) for c in range(x.size(1))
    ]
    y = torch.cat(maps, dim=1).relu()
    return torch.einsum("nihw,oi->nohw", y, project[..., 0, 0]).clamp_(min=0)


def general(fault: str) -> Callable[[Tensor, Tensor, Tensor, int], Tensor]:
    """The three lines with one fault to choose."""

    def answer(x: Tensor, depthwise: Tensor, project: Tensor, stride: int) -> Tensor:
        i, o, k = x.shape[1], project.shape[0], depthwise.shape[-1]
        padding: int | str = {
            "padding 1": 1,
            "no padding": 0,
            "padding k": k,
            "padding from a list": {3: 1, 5: 2, 7: 3}.get(k, 1),
        }.get(fault, k // 2)
        groups = {"groups 1": 1, "groups o": o, "groups 4": 4}.get(fault, i)
        step = 1 if fault == "stride forgotten" else stride
        if fault == "padding same":
            padding = "same"
        if fault == "half a shape":
            padding = depthwise.shape // 2  # type: ignore[operator]
        if fault == "a shape for the groups":
            groups = x.shape  # type: ignore[assignment]
        y = F.conv2d(x, depthwise, stride=step, padding=padding, groups=groups)
        y = F.silu(y) if fault == "SiLU" else y if fault in ("flat middle", "flat") else F.relu(y)
        if fault == "no 1x1":
            return y
        if fault == "1x1 alone":
            y = x
        y = F.conv2d(y, project)
        y = y if fault in ("flat end", "flat") else F.relu(y)
        if fault == "input changed":
            x.relu_()
        return x + y if fault == "shortcut" and x.shape == y.shape else y

    return answer


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "depthwise_separable" and m.name == name)


class Built(nn.Module):
    """The block written from ConvNormAct as a learner would, with one fault to choose."""

    def __init__(self, fault: str, i: int, o: int, k: int, stride: int) -> None:
        super().__init__()
        self.fault = fault
        first = 1 if fault in ("stride on the 1x1", "stride forgotten") else stride
        first = 1 if fault == "stride only with other channels" and i == o else first
        self.filter = ConvNormAct(
            i,
            i,
            kernel_size=3 if fault == "kernel 3" else k,
            stride=first,
            padding=0 if fault == "no padding" else None,
            groups={"groups lost": 1, "groups 8": 8}.get(fault, i),
            norm=None if fault == "no norm" else nn.BatchNorm2d,
            act=nn.SiLU if fault == "SiLU" else None if fault == "linear middle" else nn.ReLU,
        )
        self.mix = ConvNormAct(
            i,
            i if fault == "channels in" else o,
            kernel_size=3 if fault == "second 3x3" else 1,
            stride=stride if fault in ("stride on the 1x1", "stride twice") else 1,
            act=None if fault == "linear end" else nn.ReLU,
        )
        if fault == "eps":
            self.mix.norm.eps = 0.1  # type: ignore[assignment]
        if fault == "one norm twice" and i == o:
            self.mix.norm = self.filter.norm
        self.spare = ConvNormAct(i, o) if fault == "unused module" else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        if self.fault == "no 1x1":
            return self.filter(x)
        y = self.mix(x if self.fault == "the 1x1 reads x" else self.filter(x))
        return x + y if self.fault == "shortcut" and x.shape == y.shape else y


def built(fault: str) -> Callable[..., nn.Module]:
    return lambda i, o, *, kernel_size, stride: Built(fault, i, o, kernel_size, stride)


class MixedFirst(nn.Module):
    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.mix = ConvNormAct(i, o, kernel_size=1, act=nn.ReLU)
        self.filter = ConvNormAct(o, o, kernel_size=kernel_size, stride=stride, groups=o, act=nn.ReLU)

    def forward(self, x: Tensor) -> Tensor:
        return self.filter(self.mix(x))


class ConvolutionsThenNorms(nn.Module):
    """The layers one by one, in another order than they run, called by keyword."""

    def __init__(self, in_channels: int, out_channels: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        i, o, k = in_channels, out_channels, kernel_size
        self.pointwise = nn.Conv2d(i, o, 1, bias=False)
        self.depthwise = nn.Conv2d(i, i, k, stride, k // 2, groups=i, bias=False)
        self.bn2, self.bn1 = nn.BatchNorm2d(o), nn.BatchNorm2d(i)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu_(self.bn1(self.depthwise(input=x)))
        return torch.relu(self.bn2(self.pointwise(y)))


def in_a_sequential(i: int, o: int, kernel_size: int = 3, stride: int = 1) -> nn.Module:
    k = kernel_size
    return nn.Sequential(
        nn.Conv2d(i, i, k, stride=stride, padding=(k - 1) // 2, groups=i, bias=False),
        nn.BatchNorm2d(i),
        nn.ReLU(inplace=True),
        nn.Conv2d(i, o, 1, bias=False),
        nn.BatchNorm2d(o),
        nn.ReLU(inplace=True),
    )


def lazy(i: int, o: int, kernel_size: int = 3, stride: int = 1) -> nn.Module:
    k = kernel_size
    return nn.Sequential(
        nn.LazyConv2d(i, k, stride=stride, padding=k // 2, groups=i, bias=False),
        nn.LazyBatchNorm2d(),
        nn.ReLU(),
        nn.LazyConv2d(o, 1, bias=False),
        nn.LazyBatchNorm2d(),
        nn.ReLU(),
    )


class WithEinsum(nn.Module):
    """The 1x1 as a sum of products, with weights that nothing has initialized."""

    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.depthwise = ConvNormAct(i, i, kernel_size=kernel_size, stride=stride, groups=i, act=nn.ReLU)
        self.weight, self.norm = nn.Parameter(torch.full((i, o), float("nan"))), nn.BatchNorm2d(o)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.einsum("nihw,io->nohw", self.depthwise(x), self.weight)
        return F.relu(self.norm(y))


def count(i: int, o: int, k: int) -> int:
    depthwise = k**2 * i + 2 * i
    return depthwise + i * o + 2 * o


def asked(i: int, o: int, k: int) -> int:
    return sum(p.numel() for p in in_a_sequential(i, o, k).parameters())


FAULTS = {"A": "linear middle", "B": "nothing wrong", "C": "groups lost", "D": "linear end"}
EXERCISES = (
    Exercise(check_forward, "tensor", right),
    Exercise(check_parameters, "count", count),
    Exercise(check_block, "block", DepthwiseSeparable),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_forward, general(""), "the lines of the notebook"),
    (check_forward, channel_by_channel, "channel by channel, einsum, clamp"),
    (check_parameters, asked, "asked of a module"),
    (check_parameters, lambda i, o, k: np.prod([k, k, i]) + 2 * np.sum([i, o]) + i * o, "numpy"),
    (check_parameters, lambda i, o, k: i * (k**2.0 + 2.0) + o * (i + 2.0), "floats"),
    (check_block, built(""), "as the solution"),
    (check_block, ConvolutionsThenNorms, "convolutions first, then norms"),
    (check_block, in_a_sequential, "a function, one nn.Sequential"),
    (check_block, lazy, "lazy layers"),
    (check_block, WithEinsum, "einsum, weights of torch.empty"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, {letter: FAULTS[letter] for letter in "CADB"}, "by ease"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (check_forward, general("groups 1"), "the groups", "in, 4 out, a 3x3 .*channels, groups=1, gets 4"),
    (check_forward, general("groups o"), "the groups", "in, 6 out, .* to 4 channels cannot have groups=6"),
    (check_forward, general("groups 4"), "the groups", "in, 4 out, a 5x5 .* to 6 channels cannot have gro"),
    (
        check_forward,
        general("a shape for the groups"),
        "the groups",
        "these kinds: .*groups=shape, padding=int",
    ),
    (check_forward, general("half a shape"), "the padding", "`//` stands between shape and int"),
    (check_forward, general("padding 1"), "the padding", r"a 5x5 .*\(2, 4, 7, 6\), .*at the padding"),
    (check_forward, general("no padding"), "the padding", r"a 3x3 .*\(2, 4, 7, 6\), expected \(2, 4, 9, 8\)"),
    (check_forward, general("padding k"), "the padding", r"a 3x3 .*\(2, 4, 13, 12\), expected"),
    (check_forward, general("padding from a list"), "the padding", "a 9x9 .*a kernel of 9x9|a 9x9 .*shape"),
    (check_forward, general("padding same"), "the padding", "stride 2: .*works at stride 1 alone"),
    (
        check_forward,
        general("stride forgotten"),
        "the stride",
        r"stride 2: .*\(2, 6, 9, 8\), .*at the stride",
    ),
    (check_forward, general("flat end"), "a part left out", "the activation after the 1x1 is missing"),
    (check_forward, general("flat middle"), "a part left out", "between the two convolutions is missing"),
    (check_forward, general("flat"), "a part left out", "both activations are missing"),
    (check_forward, general("no 1x1"), "a part left out", "the 1x1 is missing: what mixes"),
    (check_forward, general("1x1 alone"), "a part left out", "the depthwise convolution is missing: what"),
    (check_forward, general("shortcut"), "a part too many", "x is added. This block has no shortcut"),
    (check_forward, general("SiLU"), "another activation", "compare with the three lines above"),
    (check_forward, general("input changed"), "the input", "changes its input, the caller's tensor"),
    (check_forward, lambda x, *_: x, "nothing done", "the numbers are not those of the block"),
    (
        check_parameters,
        lambda i, o, k: k * k * i + i * o,
        "the norms",
        "5,040. These are the weights of the c",
    ),
    (check_parameters, lambda i, o, k: k * k * i + i * o + 2 * o, "the norms", "norm between .* is missing"),
    (
        check_parameters,
        lambda i, o, k: k * k * i + i * o + 2 * i,
        "the norms",
        "norm after the 1x1 is missing",
    ),
    (
        check_parameters,
        lambda i, o, k: k * k * i + i * o + 4 * i,
        "the norms",
        "does the norm after the 1x1 see",
    ),
    (
        check_parameters,
        lambda i, o, k: k * k * i + i * o + 4 * o,
        "the norms",
        "does the norm between the two",
    ),
    (
        check_parameters,
        lambda i, o, k: k * k * i + i * o + i + o,
        "the norms",
        "have no bias; each norm has two",
    ),
    (
        check_parameters,
        lambda i, o, k: count(i, o, k) + i + o,
        "biases",
        "Norms and biases: a convolution bef",
    ),
    (
        check_parameters,
        lambda i, o, k: count(i, o, k) + 2 * (i + o),
        "the norms",
        "running mean and variance",
    ),
    (
        check_parameters,
        lambda i, o, k: k * k * i * o,
        "a full one",
        "96,000. This is one full 5x5 conv.*of the",
    ),
    (
        check_parameters,
        lambda i, o, k: k * k * i * o + 2 * o,
        "a full one",
        "one full 5x5 conv.* with its norm",
    ),
    (
        check_parameters,
        lambda i, o, k: count(i, o, k) + k * k * (i * i - i),
        "groups",
        "5x5 has 48 times too",
    ),
    (
        check_parameters,
        lambda i, o, k: count(i, o, k) + k * k * (i * o - i),
        "groups",
        "5x5 has 80 times too",
    ),
    (
        check_parameters,
        lambda i, o, k: count(i, o, k) + k * k * (o - i),
        "the channels",
        "convolution comes first",
    ),
    (
        check_parameters,
        lambda i, o, k: k * i + 2 * i + i * o + 2 * o,
        "k for k*k",
        "A 5x5 filter has more than 5",
    ),
    (
        check_parameters,
        lambda i, o, k: k * k * i * (i * o),
        "a product",
        "their weights add, they do not mult",
    ),
    (
        check_parameters,
        lambda i, o, _: 25 * i + 2 * i + i * o + 2 * o,
        "a fixed kernel",
        "in_channels=32, .*Count con",
    ),
    (
        check_parameters,
        lambda i, o, k: (9 if k < 5 else 25) * i + 2 * i + i * o + 2 * o,
        "a fixed kernel",
        "in_channels=5, out_channels=7, kernel_size=7 you get 184, .* Count",
    ),
    (check_parameters, lambda i, o, _: count(i, o, 3), "a fixed kernel", "4,528. You count 3x3, whatever"),
    (
        check_parameters,
        lambda *_: 5_296,
        "the number by hand",
        "for in_channels=32, .* you get 5,296, .* Count",
    ),
    (
        check_block,
        mutant("groups lost"),
        "groups",
        r"8\.0 times too many weights in the 3x3 \(depthwise.conv",
    ),
    (check_block, built("groups 8"), "groups", "with 6 channels in, 4 out, .*got groups=8 for 6 and 6"),
    (check_block, mutant("linear end"), "a part left out", r"an activation \(ReLU\) is missing"),
    (check_block, mutant("linear middle"), "a part left out", "a 1x1 conv.* stands where an activation"),
    (check_block, built("no 1x1"), "a part left out", r"after an activation \(ReLU\); a 1x1 .* is missing"),
    (check_block, built("no norm"), "a part left out", "Is there a bias before a norm, or is the norm miss"),
    (check_block, built("SiLU"), "another activation", r"\(SiLU\), stands where an activation \(ReLU\)"),
    (check_block, built("shortcut"), "a part too many", "it should end, but an addition follows"),
    (check_block, built("no padding"), "the padding", r"into \(2, 8, 7, 7\); expected \(2, 8, 9, 9\)"),
    (check_block, built("second 3x3"), "the kernel", "a full convolution .*stands where a 1x1"),
    (check_block, built("kernel 3"), "the kernel", "a 7x7 kernel, stride 1: .*54 parameters; expected 294"),
    (check_block, built("stride forgotten"), "the stride", r"12 out, .*into \(2, 12, 9, 9\)"),
    (check_block, built("stride on the 1x1"), "the stride", r"12 out, .* gives the shape \(2, 8, 9, 9\)"),
    (check_block, built("stride twice"), "the stride", r"12 out, .*into \(2, 12, 3, 3\)"),
    (
        check_block,
        built("stride only with other channels"),
        "the stride",
        "with 8 channels in, 8 out, a 3x3 kernel, stride 2: it turns",
    ),
    (check_block, built("channels in"), "the channels", r"12 out, .*expected \(2, 12, 5, 5\)"),
    (
        check_block,
        lambda i, o, kernel_size, **_: ConvNormAct(i, o, kernel_size),
        "the arguments",
        "and gets 4",
    ),
    (check_block, MixedFirst, "the order", "step 1 .*a 1x1 conv.* stands where a depthwise convolution"),
    (check_block, built("the 1x1 reads x"), "another tensor", "step 1 .*a 1x1 convolution.* stands where"),
    (check_block, built("eps"), "a setting", r"look at the eps of mix.norm, which is 0\.1"),
    (
        check_block,
        built("one norm twice"),
        "a layer used twice",
        r"is filter\.norm once more\. Is one layer used twice",
    ),
    (check_block, built("unused module"), "a layer too many", "modules that its forward does not use"),
    (
        check_block,
        lambda i, o: Built("", i, o, 3, 1),
        "the arguments",
        "does not take an argument `kernel_",
    ),
    (check_suspects, FAULTS | {"A": "linear end"}, "A", "A is not 'linear end': read the kinds"),
    (check_suspects, FAULTS | {"B": "groups lost"}, "B", "B is not 'groups lost': hold its steps"),
    (check_suspects, FAULTS | {"C": "nothing wrong"}, "C", "C is not 'nothing wrong': compare its param"),
    (check_suspects, FAULTS | {"D": "linear middle"}, "D", "D is not 'linear middle': look at the kind"),
]


def test_the_suspects_can_be_distinguished_only_as_the_exercise_says() -> None:
    shape = (1, 8, 9, 9)
    parameters = {letter: cost(suspect, shape).parameters for letter, suspect in suspects().items()}
    expected = cost(DepthwiseSeparable(8, 8), shape).parameters
    assert [letter for letter, counted in parameters.items() if counted != expected] == ["C"]
