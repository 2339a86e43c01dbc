"""Answers to the exercises of notebook 06, and what their checkers must say."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct, InvertedResidual
from course.inverted_residual.exercises import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from course.inverted_residual.mutants import MUTANTS
from tests.course.checkers import Exercise


def right(x: Tensor, expand: Tensor, depthwise: Tensor, project: Tensor, stride: int) -> Tensor:
    y = F.relu6(F.conv2d(x, expand))
    padding = depthwise.shape[-1] // 2
    y = F.relu6(F.conv2d(y, depthwise, stride=stride, padding=padding, groups=y.shape[1]))
    y = F.conv2d(y, project)
    return x + y if stride == 1 and x.shape[1] == y.shape[1] else y


def otherwise_written(x: Tensor, expand: Tensor, depthwise: Tensor, project: Tensor, stride: int) -> Tensor:
    y = torch.einsum("nihw,ci->nchw", x, expand.flatten(1)).clamp(0, 6)
    hidden, _, height, width = depthwise.size()
    y = F.pad(y, (width // 2, width // 2, height // 2, height // 2))
    y = F.hardtanh(F.conv2d(y, weight=depthwise, stride=stride, groups=hidden), 0.0, 6.0)
    y = F.conv2d(y, project)
    if x.shape == y.shape:
        y += x
    return y


def general(fault: str) -> Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor]:
    """The five lines with one fault to choose."""

    def answer(x: Tensor, expand: Tensor, depthwise: Tensor, project: Tensor, stride: int) -> Tensor:
        k, i, o = depthwise.shape[-1], x.shape[1], project.shape[0]
        padding = {
            "padding 1": 1,
            "no padding": 0,
            "padding k": k,
            "padding from a list": {3: 1, 5: 2}.get(k, 3),
        }.get(fault, k // 2)
        act = {"ReLU": F.relu, "bounded above": lambda y: y.clamp(max=6), "SiLU": F.silu}.get(fault, F.relu6)
        y = F.conv2d(x, expand) if fault == "flat after the first" else act(F.conv2d(x, expand))
        step = 1 if fault == "stride forgotten" else stride
        groups = 6 * i if fault == "groups 6i" else y.shape[1]
        y = F.conv2d(y, depthwise, stride=step, padding=padding, groups=groups)
        y = y if fault == "flat middle" else act(y)
        y = F.conv2d(y, project)
        if fault == "end activated":
            y = act(y)
        fits = {
            "never": False,
            "always": True,
            "stride alone": stride == 1,
            "channels alone": i == o,
            "either": stride == 1 or i == o,
            "enough channels": stride == 1 and i >= o,
            "as many numbers": x.numel() == y.numel(),
        }.get(fault, stride == 1 and i == o)
        if not fits:
            return y
        if fault == "in place":
            x += y
            return x
        total = {"product": x * y, "difference": y - x, "sum activated": act(x + y)}
        return total.get(fault, x + y)

    return answer


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "inverted_residual" and m.name == name)


class Built(nn.Module):
    """The block written from ConvNormAct as a learner would, with one fault to choose."""

    def __init__(self, fault: str, i: int, o: int, stride: int, t: int) -> None:
        super().__init__()
        self.fault = fault
        h = {"width from out": o * t, "always 6": 6 * i if t > 1 else i}.get(fault, i * t)
        single = {"always expanded": False, "t <= 2 is 1": t <= 2}.get(fault, t == 1)
        h = i if single else h
        act = nn.ReLU if fault == "ReLU" else nn.ReLU6
        k = 3 if fault == "3x3 to expand" else 1
        self.expand = nn.Identity() if single else ConvNormAct(i, h, kernel_size=k, act=act)
        first = stride if fault != "stride forgotten at 1" or t > 1 else 1
        self.depthwise = ConvNormAct(
            h,
            h,
            stride=1 if fault in ("stride forgotten", "stride late") else first,
            padding=0 if fault == "no padding" else None,
            groups=8 * t if fault == "groups 8t" else h,
            act=act,
        )
        late = stride if fault == "stride late" else 1
        end = act if fault == "end activated" and t == 1 else None
        self.project = ConvNormAct(h, o, kernel_size=1, stride=late, act=end)
        self.fits = {
            "never": False,
            "stride alone": stride == 1,
            "channels alone": i == o,
            "both or neither": (stride == 1) == (i == o),
            "never at 1": stride == 1 and i == o and t > 1,
            "channels alone at 1": i == o and (stride == 1 or t == 1),
            "stride alone at 1": stride == 1 and (i == o or t == 1),
        }.get(fault, stride == 1 and i == o)

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = y if self.fault == "no depthwise" else self.depthwise(y)
        y = self.project(y)
        if not (x.numel() == y.numel() if self.fault == "as many numbers" else self.fits):
            return y
        if self.fault == "in place":
            x += y
            return x
        return x * y if self.fault == "product" else x + y


def built(fault: str) -> Callable[..., nn.Module]:
    return lambda i, o, *, stride, expansion: Built(fault, i, o, stride, expansion)


class TorchvisionStyle(nn.Module):
    """One nn.Sequential, made from a list that grows: torchvision's style."""

    def __init__(self, inp: int, oup: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = round(inp * expansion)
        self.use_res_connect = stride == 1 and inp == oup
        layers: list[nn.Module] = []
        if expansion != 1:
            layers += [nn.Conv2d(inp, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True)]
        layers += [
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, oup, 1, bias=False),
            nn.BatchNorm2d(oup),
        ]
        self.conv = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class NormsFirst(nn.Module):
    """The layers one by one, in another order than they run; the shape decides about the shortcut."""

    def __init__(self, in_channels: int, out_channels: int, *, stride: int, expansion: int) -> None:
        super().__init__()
        i, o, h = in_channels, out_channels, in_channels * expansion
        self.norms = nn.ModuleDict({"end": nn.BatchNorm2d(o), "middle": nn.BatchNorm2d(h)})
        self.project = nn.Conv2d(h, o, 1, bias=False)
        self.depthwise = nn.Conv2d(h, h, 3, stride=stride, padding=1, groups=h, bias=False)
        self.expand = None
        if h > i:
            self.norms["wide"] = nn.BatchNorm2d(h)
            self.expand = nn.Conv2d(i, h, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        identity = x.clone()
        if self.expand is not None:
            x = self.norms["wide"](self.expand(x)).clamp(0, 6)
        x = F.relu6(self.norms["middle"](self.depthwise(x)))
        x = self.norms["end"](self.project(input=x))
        return identity.add(x) if identity.shape == x.shape else x


def count(i: int, o: int, k: int, t: int) -> int:
    wide = i * t
    expand = i * wide + 2 * wide if t > 1 else 0
    return expand + k**2 * wide + 2 * wide + wide * o + 2 * o


def with_numpy(i: int, o: int, k: int, t: int) -> np.int64:
    shapes = [(i * t, k, k), (o, i * t), (2, i * t), (2, o)] + [(i, i * t), (2, i * t)] * (t != 1)
    return np.sum([np.prod(shape) for shape in shapes])  # type: ignore[no-any-return]


def narrow(i: int, o: int, k: int, t: int) -> int:
    return count(i, o, k, t) - (2 * i * t * (1 + (t > 1)) + 2 * o)


FAULTS = {"A": "wide ends joined", "B": "activation after the projection", "C": "groups lost"}
EXERCISES = (
    Exercise(check_forward, "tensor", right),
    Exercise(check_parameters, "count", count),
    Exercise(check_block, "block", InvertedResidual),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_forward, general(""), "the lines of the notebook"),
    (check_forward, otherwise_written, "einsum, clamp, pad, shapes compared"),
    (check_parameters, with_numpy, "numpy"),
    (
        check_parameters,
        lambda i, o, k, t: (t > 1) * i * t * (i + 2) + i * t * (k * k + 2 + o) + 2 * o,
        "one line",
    ),
    (check_block, built(""), "as the solution"),
    (check_block, TorchvisionStyle, "one nn.Sequential from a list"),
    (check_block, NormsFirst, "norms first, shapes compared"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, {letter: FAULTS[letter] for letter in "CBA"}, "by ease"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (check_forward, general("never"), "the condition", "4 out, .*: the shortcut is missing"),
    (
        check_forward,
        general("always"),
        "the condition",
        "6 out, .* stride 1, .*two tensors of different sizes",
    ),
    (
        check_forward,
        general("stride alone"),
        "the condition",
        "6 out, .*`return .*`: two tensors|6 out, .*two ten",
    ),
    (
        check_forward,
        general("channels alone"),
        "the condition",
        "4 out, a 3x3 kernel, stride 2, .*two tensors",
    ),
    (check_forward, general("either"), "the condition", "4 channels in, 6 out, a 3x3 kernel, stride 1"),
    (check_forward, general("enough channels"), "the condition", "6 channels in, 4 out, .*two tensors"),
    (check_forward, general("as many numbers"), "the condition", "5 channels in, 18 out, .*two tensors"),
    (check_forward, general("padding 1"), "the padding", r"a 5x5 .*\(2, 4, 7, 6\), .*Look at the padding"),
    (check_forward, general("no padding"), "the padding", r"a 3x3 .*\(2, 6, 7, 6\), expected \(2, 6, 9, 8\)"),
    (check_forward, general("padding k"), "the padding", r"a 3x3 .*\(2, 6, 13, 12\), expected"),
    (check_forward, general("padding from a list"), "the padding", r"a 9x9 .*\(2, 5, 4, 3\), expected"),
    (check_forward, general("stride forgotten"), "the stride", "stride 2, expansion 3: .*at the stride"),
    (check_forward, general("groups 6i"), "the groups", "expansion 3: line .*cannot have groups=24"),
    (check_forward, general("flat after the first"), "a part left out", "after the first 1x1 is missing"),
    (check_forward, general("flat middle"), "a part left out", "after the depthwise convolution is missing"),
    (check_forward, general("end activated"), "an activation too many", "follows the last 1x1, where"),
    (check_forward, general("sum activated"), "an activation too many", "the sum is activated"),
    (check_forward, general("ReLU"), "another activation", "the activations are ReLU; this block"),
    (check_forward, general("bounded above"), "another activation", "make of numbers below 0"),
    (check_forward, general("SiLU"), "another activation", "compare with the five lines above"),
    (check_forward, general("product"), "another operation", "are multiplied. A shortcut is added"),
    (check_forward, general("difference"), "another operation", "4 out, .* the numbers are not those of the"),
    (check_forward, general("in place"), "the input", "changes its input, the caller's tensor"),
    (
        check_parameters,
        narrow,
        "the norms",
        "you get 10,680. These are the weights of the convolutions alone",
    ),
    (
        check_parameters,
        lambda *s: (count(*s) + narrow(*s)) // 2,
        "the norms",
        "have no bias; each norm has two parameters per channel",
    ),
    (
        check_parameters,
        lambda *s: count(*s) + (count(*s) - narrow(*s)) // 2,
        "the norms",
        "Norms and biases: a convolution before a norm",
    ),
    (
        check_parameters,
        lambda *s: 2 * count(*s) - narrow(*s),
        "the norms",
        "running mean and variance of a norm",
    ),
    (
        check_parameters,
        lambda i, o, k, t: count(i, o, k, t) + 2 * (i * t - o),
        "the norms",
        "does the norm of the last 1x1 see",
    ),
    *(
        (
            check_parameters,
            lambda i, o, k, t, part=part: count(i, o, k, t) - part(i, o, k, t),
            "a part left out",
            phrase,
        )
        for part, phrase in (
            (lambda i, o, k, t: 2 * o, "The norm of the last 1x1 is missing"),  # noqa: ARG005
            (lambda i, o, k, t: 2 * i * t, "norm of the depthwise convolution is missing"),  # noqa: ARG005
            (lambda i, o, k, t: 2 * i * t * (t > 1), "norm of the expanding convolution"),  # noqa: ARG005
            (lambda i, o, k, t: i * i * t * (t > 1), "weights of the expanding convolution"),  # noqa: ARG005
            (lambda i, o, k, t: k * k * i * t, "weights of the depthwise convolution"),  # noqa: ARG005
            (lambda i, o, k, t: i * t * o, "weights of the last 1x1 are missing"),  # noqa: ARG005
        )
    ),
    (
        check_parameters,
        lambda i, o, k, t: count(i, o, k, t) - k * k * i * (t - 1),
        "the channels",
        "How many channels does the depthwise convolution see",
    ),
    (
        check_parameters,
        lambda i, o, k, t: count(i, o, k, t) + k * k * i * t * (i * t - 1),
        "groups",
        "5x5 is a full convolution: how many channels does one",
    ),
    (
        check_parameters,
        lambda i, o, k, t: count(i, o, k, t) + (k - k * k) * i * t,
        "k for k*k",
        "A 5x5 filter has",
    ),
    (
        check_parameters,
        lambda i, o, k, t: count(i, o, k, t) + (i * i + 2 * i) * (t == 1),
        "expansion 1",
        "in_channels=28, .*With expansion 1 there is no expanding conv",
    ),
    (
        check_parameters,
        lambda i, o, k, t: count(i, o, k, t) + 2 * i * (t == 1),
        "expansion 1",
        "in_channels=28, .*With expansion 1 the norm of",
    ),
    (
        check_parameters,
        lambda i, o, k, _: count(i, o, k, 3),
        "a fixed expansion",
        "in_channels=24, .*, expansion=6 ",
    ),
    (
        check_parameters,
        lambda i, o, _, t: count(i, o, 5 if t == 3 else 3, t),
        "a fixed kernel",
        "kernel_size=7, expansion=2 you get 1,744. You count 3x3",
    ),
    (
        check_parameters,
        lambda i, o, k, t: count(i, o, k, t) - (i * i * t + 2 * i * t) * (t == 2),
        "t <= 2 is 1",
        "in_channels=16, .*, expansion=2 you get",
    ),
    (
        check_parameters,
        lambda *_: 11_208,
        "the number by hand",
        "for in_channels=24, .* you get 11,208, .* Count",
    ),
    (
        check_block,
        mutant("groups lost"),
        "groups",
        r"48\.0 times too many weights in the 3x3.*did you pass gr",
    ),
    (
        check_block,
        built("3x3 to expand"),
        "the kernel",
        r"a full convolution \(3x3\), stands where a 1x1 convolution \(1x1\) belongs",
    ),
    (check_block, built("groups 8t"), "groups", "with 12 channels in, .*groups=8"),
    (
        check_block,
        mutant("activation after the projection"),
        "an activation too many",
        r"\(ReLU6\), stands where",
    ),
    (
        check_block,
        mutant("ReLU after the addition"),
        "an activation too many",
        "an addition it should end, but",
    ),
    (
        check_block,
        built("end activated"),
        "an activation too many",
        "expansion 1: .*where an addition belongs",
    ),
    (check_block, built("ReLU"), "another activation", r"\(ReLU\), stands where an activation \(ReLU6\)"),
    (
        check_block,
        mutant("wide ends joined"),
        "another tensor",
        "an addition, stands where a 1x1 convolution",
    ),
    (check_block, mutant("shortcut projected"), "a layer too many", "8 out, stride 2, .* it should end, but"),
    (check_block, built("never"), "the condition", "stride 1, expansion 6: .* an addition is missing"),
    (
        check_block,
        built("channels alone"),
        "the condition",
        "8 out, stride 2, expansion 6: its forward fails",
    ),
    (
        check_block,
        built("stride alone"),
        "the condition",
        "12 out, stride 1, .*its forward fails: .*two tensors",
    ),
    (check_block, built("never at 1"), "the condition", "stride 1, expansion 1: .* an addition is missing"),
    (
        check_block,
        built("channels alone at 1"),
        "the condition",
        "8 out, stride 2, expansion 1: its forward f",
    ),
    (check_block, built("stride alone at 1"), "the condition", "12 channels in, 8 out, .*its forward fails"),
    (check_block, built("as many numbers"), "the condition", "25 channels in, 81 out, .*two tensors"),
    (
        check_block,
        built("both or neither"),
        "the condition",
        "12 out, stride 2, .*two tensors|81 out, stride 2, .*two tensors",
    ),
    (check_block, built("stride forgotten"), "the stride", "stride 2, expansion 6: .*expected"),
    (
        check_block,
        built("stride forgotten at 1"),
        "the stride",
        r"stride 2, expansion 1: it turns .*\(2, 8, 9, 9\)",
    ),
    (check_block, built("stride late"), "the stride", r"stride 2, .* gives the shape \(2, 48, 9, 9\)"),
    (check_block, built("always 6"), "the width", "12 out, stride 1, expansion 2: .*expected"),
    (check_block, built("width from out"), "the width", "12 out, .*24 channels|12 out, .*shape"),
    (
        check_block,
        built("t <= 2 is 1"),
        "expansion 1",
        "expansion 2: .*stands where a 1x1 conv",
    ),
    (
        check_block,
        built("always expanded"),
        "expansion 1",
        "expansion 1: .*where a depthwise conv",
    ),
    (check_block, built("no padding"), "the padding", "its forward fails: .*two tensors of different sizes"),
    (check_block, built("no depthwise"), "a part left out", "stands where a depthwise convolution"),
    (
        check_block,
        built("product"),
        "another operation",
        "a multiplication, stands where an addition belongs",
    ),
    (check_block, built("in place"), "the input", r"it changes its input.* `\+=`"),
    (
        check_block,
        lambda i, o, stride: InvertedResidual(i, o, stride=stride),
        "the arguments",
        "argument `expansion`",
    ),
    (check_suspects, FAULTS | {"A": "groups lost"}, "A", "A is not 'groups lost': compare the inputs"),
    (check_suspects, FAULTS | {"B": "groups lost"}, "B", "B is not .* last steps"),
    (check_suspects, FAULTS | {"C": "wide ends joined"}, "C", "C is not .* compare its parameters"),
    (
        check_suspects,
        dict(zip("ABC", sorted(FAULTS.values()), strict=True)),
        "by the alphabet",
        "A is not 'activation after the projection': compare",
    ),
]


def test_suspects_are_three_wrong_blocks() -> None:
    assert list(suspects()) == ["A", "B", "C"]
