"""Answers to the exercises of notebook 08, and what their checkers must say."""

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct, MBConv, SqueezeExcitation
from blocks.networks import mobilenet
from blocks.stochastic_depth import StochasticDepth
from course.kit.checks.compare import difference
from course.mbconv.exercises import check_block, check_parameters, check_suspects, check_widths, suspects
from course.mbconv.mutants import MUTANTS
from tests.course.checkers import Exercise


def widths(in_channels: int, expanded: int, out_channels: int) -> dict[str, int]:
    return {
        "EfficientNet": max(1, in_channels // 4),
        "MobileNetV3": mobilenet.v3_squeeze_excitation(expanded).reduce.out_channels,
        "SE-ResNet": max(1, out_channels // 16),
    }


def other_widths(**wrong: Callable[[int, int, int], Any]) -> Callable[[int, int, int], Any]:
    """The right widths but for some; SE stands for SE-ResNet."""

    def answer(i: int, h: int, o: int) -> Any:
        named = {rule.replace("SE", "SE-ResNet"): width(i, h, o) for rule, width in wrong.items()}
        return {**widths(i, h, o), **named}

    return answer


def widths_in_numpy(in_channels: int, expanded: int, out_channels: int) -> Any:
    least = np.maximum(np.array([in_channels // 4, out_channels // 16]), 1)
    middle = max(8, int(expanded / 4 + 4) // 8 * 8)
    middle += 8 if middle < 0.9 * expanded / 4 else 0
    return OrderedDict({"SE-ResNet": least[1], "EfficientNet": least[0], "MobileNetV3": float(middle)})


def general(fault: str = "") -> Callable[[int, int, int, int], Any]:
    """The formula with one fault to choose."""

    def answer(in_channels: int, out_channels: int, kernel_size: int, expansion: int) -> Any:
        i, o, k, t = in_channels, out_channels, kernel_size, expansion
        h, q = i * t, max(1, i // 4)
        if fault == "6 for every expansion":
            h = i * 6
        if fault in ("from the expanded", "zero"):
            q = h // 4 if fault == "from the expanded" else i // 4
        if fault == "rounded to 8s":
            q = max(8, (q + 4) // 8 * 8)
        norm = {"weights": 0, "no norms": 0, "one per channel": 1}.get(fault, 2)
        bias = {"weights": 0, "no biases": 0, "norms inside": 2}.get(fault, 1)
        side = {"kernel_size once": k, "3x3": 9}.get(fault, k * k)
        expand = i * h + norm * h if t > 1 or fault == "always expands" else 0
        depthwise = side * h * (h if fault == "dense" else 1) + norm * h
        excite = 2 * h * q + bias * (h + q)
        total = expand + depthwise + excite + h * o + norm * o
        biases = (h if t > 1 else 0) + h + o
        more = {
            "biases everywhere": biases,
            "no excitation": -excite,
            "no last norm": -2 * o,
            "no depthwise norm": -2 * h,
            "running": 2 * o + (4 if t > 1 else 2) * h,
            "no expanding weights": -i * h if t > 1 else 0,
            "no depthwise weights": -k * k * h,
            "no last weights": -h * o,
            "half an excitation": -h * q,
            "no expanding norm": -2 * h if t > 1 else 0,
            "a half": 0.5,
        }
        return total + more.get(fault, 0)

    return answer


def counted_on_layers(i: int, o: int, k: int, t: int) -> int:
    h = i * t
    layers = [nn.Conv2d(h, h, k, groups=h, bias=False), nn.Conv2d(h, o, 1, bias=False)]
    layers += [nn.Conv2d(h, max(1, i // 4), 1), nn.Conv2d(max(1, i // 4), h, 1)]
    layers += [nn.Conv2d(i, h, 1, bias=False)] * (t > 1)
    norms = [h, o] + [h] * (t > 1)
    return sum(p.numel() for layer in layers for p in layer.parameters()) + 2 * sum(norms)


class Built(nn.Module):
    """The block as the solution has it, with one fault to choose."""

    def __init__(
        self, fault: str, i: int, o: int, *, stride: int, expansion: int, drop_probability: float
    ) -> None:
        super().__init__()
        self.fault = fault
        t = {"always 6": 6, "never 1": max(2, expansion)}.get(fault, expansion)
        wide = i * t
        reduced = {
            "from the expanded": wide // 4,
            "rounded up": math.ceil(i / 4),
            "zero": i // 4,
            "a sixteenth": max(1, o // 16),
        }.get(fault, max(1, i // 4))
        act = nn.ReLU if fault == "ReLU" else nn.SiLU
        small = 2 if fault == "expansion 2 as 1" else 1
        expands = t > small or fault == "always expands"
        early = stride if fault == "stride early" and t > 1 else 1
        self.expand = nn.Identity()
        if expands:
            self.expand = ConvNormAct(i, wide, kernel_size=1, stride=early, act=act)
        elif wide != i:
            self.expand = nn.Identity()
            wide = i
        late = 1 if early > 1 or (fault == "no stride at expansion 1" and t == 1) else stride
        size = 5 if fault == "5x5" else 3
        self.depthwise = ConvNormAct(wide, wide, kernel_size=size, stride=late, groups=wide, act=act)
        inside = nn.ReLU if fault == "ReLU inside" else nn.SiLU
        self.excite = SqueezeExcitation(wide, squeezed_channels=reduced, act=inside)
        ends = nn.SiLU if fault == "activation after the projection" else None
        self.project = ConvNormAct(wide, o, kernel_size=1, act=ends)
        depth = {"dropout": nn.Dropout, "dropout of channels": nn.Dropout2d}.get(fault, StochasticDepth)
        self.depth = depth(1 - drop_probability) if fault == "to keep" else depth(drop_probability)
        self.fits = stride == 1 and i == o
        if fault == "fits by stride":
            self.fits = stride == 1
        if fault == "fits by channels":
            self.fits = i == o
        if fault == "fits by fewer channels":
            self.fits = stride == 1 and i >= o
        if fault == "no projection at equal width" and wide == o and t > 1:
            self.project = nn.Identity()  # type: ignore[assignment]
        if fault == "no shortcut at expansion 1":
            self.fits = self.fits and expansion > 1
        if fault == "modules in another order":
            self.expand, self.project = self.project, self.expand  # registered, then put right
            self.expand, self.project = self.project, self.expand

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        if self.fault == "excite first":
            y = self.depthwise(self.excite(y))
        elif self.fault == "no excitation":
            y = self.depthwise(y)
        elif self.fault == "excite last":
            y = self.excite(self.depthwise(y)) * 1.0
        else:
            y = self.excite(self.depthwise(y))
        y = self.project(self.depth(y) if self.fault == "dropped too early" else y)
        if self.fault == "fits by numbers":
            return x + self.depth(y) if x.numel() == y.numel() else y
        if not self.fits and self.fault == "numbers dropped without a shortcut":
            return F.dropout(y, self.depth.drop_probability, self.training)  # type: ignore[arg-type]
        if not self.fits:
            return self.depth(y) if self.fault == "dropped without a shortcut" else y
        if self.fault == "in place":
            x += self.depth(y)
            return x
        if self.fault == "sum dropped":
            return self.depth(x + y)
        if self.fault == "shortcut dropped":
            return self.depth(x) + y
        y = y if self.fault in ("never", "dropped too early") else self.depth(y)
        y = x * y if self.fault == "product" else x + y
        return F.silu(y) if self.fault == "activation after the addition" else y


def built(fault: str) -> Callable[..., nn.Module]:
    return lambda i, o, *, stride, expansion, drop_probability: Built(
        fault, i, o, stride=stride, expansion=expansion, drop_probability=drop_probability
    )


class Depth(nn.Module):
    """Stochastic depth with one fault to choose."""

    def __init__(self, p: float, fault: str) -> None:
        super().__init__()
        self.p, self.fault = p, fault

    def forward(self, x: Tensor) -> Tensor:
        if self.p == 0:
            return x / 2 if self.fault == "by p" and self.training else x
        if self.fault == "in eval mode, too":
            return x * (torch.rand(len(x), 1, 1, 1) >= self.p) / (1 - self.p)
        if self.fault == "as in 2016" and not self.training:
            return x * (1 - self.p)
        if not self.training:
            return x
        if self.fault == "always":
            return 0 * x
        draw = torch.rand(len(x), 1, 1, 1)
        kept = {
            "to keep": draw < self.p,
            "one draw": draw[:1] >= self.p,
            "the same samples": torch.arange(len(x)).view(-1, 1, 1, 1) % 4 > 0,
            "one half": draw >= 0.5,
            "one dimension": draw.flatten() >= self.p,
        }.get(self.fault, draw >= self.p)
        scale = {"not scaled": 1.0, "as in 2016": 1.0, "times": 1 - self.p}.get(self.fault, 1 / (1 - self.p))
        return x * kept * scale


def with_depth(fault: str) -> Callable[..., nn.Module]:
    """The package's block with another stochastic depth."""

    def build(i: int, o: int, *, drop_probability: float, **settings: Any) -> nn.Module:
        block = MBConv(i, o, **settings)
        block.stochastic_depth = Depth(drop_probability, fault)  # type: ignore[assignment]
        return block

    return build


class Functional(nn.Module):
    """Another style: convolutions and norms apart, the projection first, functions, a where for the draw."""

    def __init__(
        self, in_channels: int, out_channels: int, stride: int, expansion: int, drop_probability: float = 0.0
    ) -> None:
        super().__init__()
        i, o, h, q = in_channels, out_channels, in_channels * expansion, max(1, in_channels // 4)
        self.p, self.fits = drop_probability, (stride, i) == (1, o)
        self.bn3, self.conv3 = nn.BatchNorm2d(o), nn.Conv2d(h, o, 1, bias=False)
        self.fc1, self.fc2 = nn.Linear(h, q), nn.Linear(q, h)
        self.conv2 = nn.Conv2d(h, h, 3, stride, 1, groups=h, bias=False)
        self.bn2 = nn.BatchNorm2d(h)
        if expansion > 1:
            self.conv1, self.bn1 = nn.Conv2d(i, h, 1, bias=False), nn.BatchNorm2d(h)
        self.expansion = expansion

    def forward(self, x: Tensor) -> Tensor:
        y = x.clone()
        if self.expansion > 1:
            y = self.bn1(self.conv1(y))
            y = y * y.sigmoid()
        y = F.silu(self.bn2(self.conv2(y)))
        gates = torch.sigmoid(self.fc2(F.silu(self.fc1(y.mean((2, 3))))))
        y = self.bn3(self.conv3(y * gates[:, :, None, None]))
        if not self.fits:
            return y
        if not self.training or self.p == 0:
            return y + x
        left_out = torch.rand(len(x), 1, 1, 1) < self.p
        return torch.where(left_out, x, x + y / (1 - self.p))


class Lazy(Functional):
    """Its convolutions find out their channels themselves."""

    def __init__(self, i: int, o: int, **settings: Any) -> None:
        super().__init__(i, o, **settings)
        self.conv3, self.bn3 = nn.LazyConv2d(o, 1, bias=False), nn.LazyBatchNorm2d()


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is MBConv and m.name == name)


FAULTS = {
    "A": "dropout for stochastic depth",
    "B": "squeezed width from the expanded",
    "C": "SiLU after the addition",
}
EXERCISES = (
    Exercise(check_widths, "function", widths),
    Exercise(check_parameters, "count", general()),
    Exercise(check_block, "block", MBConv),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_widths, other_widths(), "as the solution"),
    (check_widths, widths_in_numpy, "numpy, a float, another order"),
    (check_widths, other_widths(EfficientNet=lambda i, *_: i // 4 or 1), "an `or` for the least"),
    (check_parameters, counted_on_layers, "counted on layers"),
    (check_parameters, lambda *s: general()(*s) + 0.0, "a float"),
    (check_block, built(""), "as the solution"),
    (check_block, built("modules in another order"), "modules in another order"),
    (check_block, with_depth(""), "another draw"),
    (check_block, Functional, "functions, linear layers, a where"),
    (check_block, Lazy, "lazy layers"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, OrderedDict(FAULTS), "another dict"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (check_widths, lambda *_: None, "no return", "gives None. Is there a return"),
    (check_widths, lambda *_: (6, 40, 2), "a tuple", r"a dict with a number for each .*got \(6, 40, 2\)"),
    (check_widths, lambda *_: {"EfficientNet": 6}, "names left out", r"got \{'EfficientNet': 6\}"),
    (check_widths, other_widths(SE=lambda *_: None), "None in the dict", "'SE-ResNet': None}"),
    (
        check_widths,
        other_widths(SE=lambda *_: "2"),
        "text in the dict",
        "for SE-ResNet, in_channels=24, expanded=144, out_channels=240: you get '2' where a number",
    ),
    (
        check_widths,
        other_widths(EfficientNet=lambda _, h, __: h // 4),
        "another width",
        "for EfficientNet, in_channels=24.* get 36. That is the right share, but of the expanded width",
    ),
    (
        check_widths,
        other_widths(EfficientNet=lambda *w: w[2] // 4),
        "another width",
        "for EfficientNet, .* get 60. That is the right share, but of the output",
    ),
    (
        check_widths,
        other_widths(SE=lambda _, h, __: h // 16),
        "another width",
        "for SE-ResNet, .* get 9. That is the right share, but of the expanded width",
    ),
    (
        check_widths,
        other_widths(SE=lambda i, *_: max(1, i // 16)),
        "another width",
        "for SE-ResNet, .* get 1. That is the right share, but of the input",
    ),
    (
        check_widths,
        other_widths(EfficientNet=lambda _, h, __: max(1, h // 24)),
        "a hard-coded expansion",
        "for EfficientNet, in_channels=11, expanded=33, .* get 1, .* Which share",
    ),
    (
        check_widths,
        other_widths(SE=lambda *w: max(1, w[2] // 20)),
        "another share",
        "for SE-ResNet, .* get 12, which is 3 too few",
    ),
    (
        check_widths,
        other_widths(SE=lambda *w: max(1, w[2] // 15)),
        "another share",
        "for SE-ResNet, .* get 16, which is 1 too many",
    ),
    (check_widths, other_widths(SE=lambda *w: w[2] // 4), "another share", "you get 60, .* Which share does"),
    (
        check_widths,
        other_widths(EfficientNet=lambda i, *_: i // 4),
        "the least",
        "for EfficientNet, in_channels=3, .* get 0. Nothing passes",
    ),
    (check_widths, other_widths(SE=lambda *w: w[2] // 16), "the least", "for SE-ResNet, .* get 0. Nothing"),
    (
        check_widths,
        other_widths(EfficientNet=lambda i, *_: max(1, i / 4)),
        "a fraction",
        "in_channels=11.* you get 2.75, and a count is a whole number",
    ),
    (
        check_widths,
        other_widths(EfficientNet=lambda i, *_: max(1, math.ceil(i / 4))),
        "rounded",
        "for EfficientNet, in_channels=11, .* get 3. That is rounded up",
    ),
    (
        check_widths,
        other_widths(SE=lambda *w: max(1, round(w[2] / 16))),
        "rounded",
        "for SE-ResNet, in_channels=11, .* get 2. That is rounded up",
    ),
    (
        check_widths,
        other_widths(MobileNetV3=lambda _, h, __: h // 4),
        "not rounded",
        "for MobileNetV3, .* get 36. This network rounds to a multiple of 8",
    ),
    (check_parameters, general("weights"), "a part left out", "convolutions alone: the norms have"),
    (check_parameters, general("no norms"), "a part left out", "for in_channels=19, .*The norms are missing"),
    (check_parameters, general("no biases"), "a part left out", "The two convolutions of squeeze-.* a bias"),
    (check_parameters, general("no excitation"), "a part left out", "Squeeze-and-excitation is not in it"),
    (check_parameters, general("no last norm"), "a part left out", "norm after the projection is missing"),
    (
        check_parameters,
        general("no depthwise norm"),
        "a part left out",
        "A norm on the expanded channels is missing",
    ),
    (check_parameters, general("no expanding norm"), "a norm left out", "the expanded channels is missing"),
    (check_parameters, general("running"), "a part too many", "running mean and variance"),
    (check_parameters, general("no expanding weights"), "a part left out", "weights of the expanding"),
    (check_parameters, general("no depthwise weights"), "a part left out", "weights of the depthwise"),
    (check_parameters, general("no last weights"), "a part left out", "weights of the last 1x1 are missing"),
    (check_parameters, general("half an excitation"), "half of it", "has two convolutions"),
    (check_parameters, general("one per channel"), "another number", "two numbers for each channel, not one"),
    (check_parameters, general("norms inside"), "another part", "No norm follows the two convolutions of sq"),
    (check_parameters, general("biases everywhere"), "a part too many", "before a norm has no bias"),
    (check_parameters, general("from the expanded"), "another width", "width is a quarter of the expanded"),
    (
        check_parameters,
        general("rounded to 8s"),
        "another width",
        "in_channels=19, .* Count part by part",
    ),
    (
        check_parameters,
        general("zero"),
        "the least",
        "in_channels=2, .*Nothing passes",
    ),
    (check_parameters, general("dense"), "groups", "kernel_size=3, .*Your 3x3 is a full convolution"),
    (check_parameters, general("kernel_size once"), "the kernel", "A filter of 3x3 has more weights than"),
    (
        check_parameters,
        general("3x3"),
        "the kernel",
        "for in_channels=24, .*With a 5x5 kernel too you count 3x3",
    ),
    (
        check_parameters,
        general("6 for every expansion"),
        "the expansion",
        "for in_channels=24, .*expansion=4 you get .* Count part by part",
    ),
    (check_parameters, general("always expands"), "the expansion", "for in_channels=32.* With expansion 1"),
    (check_parameters, general("a half"), "a fraction", "a count is a whole number"),
    (check_block, mutant("groups lost"), "groups", "48.0 times too many weights.*did you pass groups"),
    (
        check_block,
        mutant("activation after the projection"),
        "an activation too many",
        "an activation .*where an addition belongs",
    ),
    (
        check_block,
        built("activation after the projection"),
        "the projection activated",
        "an activation .*where an addition belongs",
    ),
    (
        check_block,
        mutant("SiLU after the addition"),
        "an activation too many",
        "after an addition it should end",
    ),
    (
        check_block,
        built("activation after the addition"),
        "the sum activated",
        "after an addition it should end",
    ),
    (
        check_block,
        mutant("ReLU after the addition"),
        "the sum activated by ReLU",
        "after an addition it should end",
    ),
    (check_block, mutant("ReLU for SiLU"), "another activation", r"\(ReLU\), stands where an activation"),
    (check_block, built("ReLU"), "ReLU", r"\(ReLU\), stands where an activation \(SiLU\) belongs\.$"),
    (check_block, built("ReLU inside"), "another activation", r"step 9 .*\(ReLU\), stands where"),
    (
        check_block,
        mutant("squeeze-and-excitation dropped"),
        "a part left out",
        "where a mean over height",
    ),
    (check_block, built("no excitation"), "a part unused", "where a mean over height and width belongs"),
    (check_block, mutant("squeeze-and-excitation too early"), "the order", "where a depthwise convolution"),
    (check_block, built("excite first"), "excited first", "where a depthwise convolution"),
    (
        check_block,
        mutant("squeezed width from the expanded"),
        "another width",
        r"8 .*\(2, 12, 1, 1\); expected \(2, 2,",
    ),
    (check_block, built("from the expanded"), "another width", r"gives the shape \(2, 12, 1, 1\); expected"),
    (check_block, built("a sixteenth"), "another share", r"gives the shape \(2, 1, 1, 1\); expected \(2, 2,"),
    (
        check_block,
        built("rounded up"),
        "rounded",
        r"with 7 channels in, 7 out, stride 1, expansion 4.*\(2, 2, 1, 1\); expected \(2, 1, 1, 1",
    ),
    (check_block, built("zero"), "the least", "with 3 channels in, 3 out, stride 1, expansion 2"),
    (
        check_block,
        built("always 6"),
        "the expansion",
        r"with 7 channels in, .*expansion 4.*\(2, 42, 9, 9\); expected \(2, 28",
    ),
    (
        check_block,
        built("always expands"),
        "the expansion",
        "8 out, stride 1, expansion 1, ",
    ),
    (
        check_block,
        built("expansion 2 as 1"),
        "the expansion",
        "in, 3 out, stride 1, expansion 2",
    ),
    (
        check_block,
        built("no shortcut at expansion 1"),
        "the shortcut",
        "8 out, stride 1, expansion 1, .*an addition is missing",
    ),
    (
        check_block,
        built("no stride at expansion 1"),
        "the stride",
        "81 out, stride 2, expansion 1, .*it turns",
    ),
    (check_block, built("stride early"), "the stride", r"8 out, stride 2, .*gives the shape \(2, 48, 5, 5\)"),
    (check_block, built("5x5"), "the kernel", "step 4 .*has .* parameters; expected"),
    (
        check_block,
        built("fits by channels"),
        "the shortcut",
        "8 out, stride 2, .*two tensors",
    ),
    (
        check_block,
        built("fits by fewer channels"),
        "the shortcut",
        "12 channels in, 8 out, .*two tensors",
    ),
    (check_block, built("fits by numbers"), "the shortcut", "25 channels in, 81 out, .*two tensors"),
    (check_block, with_depth("by p"), "the scale", "drop probability 0.0: .* At 0.0 nothing is left out"),
    (
        check_block,
        built("no projection at equal width"),
        "the projection",
        "4 channels in, 8 out, .* a 1x1 convolution .*is missing",
    ),
    (check_block, built("fits by stride"), "the shortcut", "12 out, stride 1, .*two tensors"),
    (check_block, mutant("shortcut dropped"), "a part left out", "an addition is missing"),
    (check_block, built("product"), "another operation", "a multiplication, stands where an addition"),
    (check_block, mutant("adds in place"), "the input", r"it changes its input.* `\+=`"),
    (check_block, built("in place"), "the caller's tensor", r"it changes its input.* `\+=`"),
    (check_block, mutant("bias before the norm"), "a bias", "Is there a bias before a norm"),
    (check_block, mutant("dropout for stochastic depth"), "numbers left out", "parts of a sample's branch"),
    (check_block, built("dropout of channels"), "channels left out", "parts of a sample's branch are left"),
    (check_block, with_depth("in eval mode, too"), "eval mode", "in eval mode its output is not that"),
    (check_block, with_depth("as in 2016"), "the scale", "in eval mode its output is not that without"),
    (check_block, built("never"), "nothing left out", "drop probability 0.25: in training nothing is left"),
    (check_block, with_depth("always"), "all left out", "the branch of every sample is left out"),
    (check_block, with_depth("one draw"), "one draw", "all samples of a batch share one fate"),
    (
        check_block,
        with_depth("to keep"),
        "the probability",
        "7.% of the samples lose their branch. drop_probability is 0.25: what",
    ),
    (
        check_block,
        with_depth("one half"),
        "a probability of its own",
        r"5\d% of the samples lose their branch",
    ),
    (check_block, with_depth("the same samples"), "no draw", "the same samples lose their branch in every"),
    (check_block, with_depth("one dimension"), "the mask", "two tensors of different sizes meet, 6 and 8"),
    (check_block, built("dropped too early"), "the place", "no sample comes out as it came in"),
    (check_block, with_depth("not scaled"), "the scale", "what is kept is multiplied by 1.00"),
    (check_block, with_depth("times"), "the scale", "what is kept is multiplied by 0.75"),
    (check_block, built("sum dropped"), "the place", "the shortcut is left out with the branch"),
    (
        check_block,
        built("shortcut dropped"),
        "the shortcut left out",
        "the shortcut of some samples is left out",
    ),
    (
        check_block,
        built("dropped without a shortcut"),
        "the place",
        "8 out, stride 2, expansion 6, drop probability 0.25: .*no shortcut that would carry them",
    ),
    (
        check_block,
        built("numbers dropped without a shortcut"),
        "the place",
        "8 out, stride 2, .*in training its output is another: without a shortcut",
    ),
    (check_suspects, FAULTS | {"A": FAULTS["B"]}, "A", "A is not 'squeezed width from .*: in eval mode it"),
    (check_suspects, FAULTS | {"B": FAULTS["C"]}, "B", "B is not .*: compare its parameters"),
    (check_suspects, FAULTS | {"C": FAULTS["A"]}, "C", "C is not .*: look at the last step"),
    (
        check_suspects,
        dict(zip("ABC", sorted(FAULTS.values()), strict=True)),
        "by the alphabet",
        "A is not 'SiLU",
    ),
]


def test_two_suspects_differ_in_eval_mode_and_the_third_in_training_only() -> None:
    found = {letter: difference(block, MBConv(8, 8), (1, 8, 9, 9)) for letter, block in suspects().items()}
    assert [letter for letter, clue in found.items() if clue and "in training" in clue] == ["A"]
