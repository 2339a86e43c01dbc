"""Answers to the exercises of notebook 02, and what their checkers must say."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import BasicBlock, ConvNormAct
from course.residual.exercises import check_block, check_forward, check_suspects, suspects
from course.residual.mutants import MUTANTS
from tests.course.checkers import Exercise


def right(x: Tensor, first: Tensor, second: Tensor, project: Tensor | None, stride: int) -> Tensor:
    y = F.conv2d(F.relu(F.conv2d(x, first, stride=stride, padding=1)), second, padding=1)
    return F.relu(y + (x if project is None else F.conv2d(x, project, stride=stride)))


def otherwise_written(
    x: Tensor, first: Tensor, second: Tensor, project: Tensor | None, stride: int
) -> Tensor:
    y = F.conv2d(x, weight=first, padding="same" if stride == 1 else 1, stride=stride).clamp(min=0)
    y = nn.functional.conv2d(F.pad(y, (1, 1, 1, 1)), second)
    y += (
        x
        if project is None
        else torch.einsum("oi,nihw->nohw", project[..., 0, 0], x[..., ::stride, ::stride])
    )
    return torch.maximum(y, torch.zeros(()))


def general(
    fault: str,
) -> Callable[[Tensor, Tensor, Tensor, Tensor | None, int], Tensor]:
    """The three lines with one fault to choose."""

    def answer(x: Tensor, first: Tensor, second: Tensor, project: Tensor | None, stride: int) -> Tensor:
        early, late = (1, stride) if fault == "stride late" else (stride, 1)
        act = {"flat": torch.clone, "SiLU": F.silu, "GELU": F.gelu}.get(fault, F.relu)
        around = 0 if fault == "no padding" else 1
        y = act(F.conv2d(x, first, stride=early, padding=around))
        y = F.conv2d(y, second, stride=late, padding=around)
        steps = {"always 1": 1, "always 2": 2}.get(fault, stride)
        z = x if project is None else F.conv2d(x, project, stride=steps)
        if fault == "no padding":
            z = z[:, :, : y.shape[2], : y.shape[3]]
        if fault == "identity at stride 1" and stride == 1:
            z = x
        if fault == "identity at equal channels" and x.shape[1] == y.shape[1]:
            z = x
        if fault == "shortcut activated":
            z = F.relu(z)
        if fault == "branch activated, too":
            y = F.relu(y)
        if fault == "no shortcut":
            z = torch.zeros_like(z)
        added = {"kept twice": z, "nothing": torch.zeros_like(z), "the input": x}.get(fault, y)
        if fault == "branch activated":
            return z + F.relu(y)
        if fault == "in place":
            z += added
            return F.relu(z)
        total = {"product": z * y, "difference": z - y, "twice": 2 * (z + y)}.get(fault, z + added)
        return (
            total if fault == "no activation at the end" else act(total) if fault == "SiLU" else F.relu(total)
        )

    return answer


class Built(nn.Module):
    """The block written from ConvNormAct as a learner would, with one fault to choose."""

    def __init__(self, fault: str, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.fault = fault
        early, late = (1, stride) if fault == "stride late" else (stride, 1)
        late = stride if fault == "stride twice" else late
        inner = nn.SiLU if fault == "SiLU" else nn.ReLU
        beside = 1 if fault == "projection at stride 1" else stride
        ends = nn.ReLU if fault == "shortcut activated" else None
        size = 3 if fault == "3x3 projection" else 1
        projection = ConvNormAct(i, o, kernel_size=size, stride=beside, act=ends)
        fits = i == o and (fault == "stride forgotten" or stride == 1)
        fits = fits or (fault == "identity at stride 1" and stride == 1)
        if fault == "modules in another order":
            self.shortcut = nn.Identity() if fits else projection
        self.first = ConvNormAct(i, o, stride=early, act=inner, norm=None if fault == "no norm" else _NORM)
        if fault == "bias kept":
            self.first.conv.bias = nn.Parameter(torch.zeros(o))
        self.second = ConvNormAct(
            o,
            o,
            kernel_size=1 if fault == "second 1x1" else 3,
            stride=late,
            act=nn.ReLU if fault == "branch activated" else None,
        )
        if fault == "eps":
            self.first.norm.eps = 1e-3  # type: ignore[assignment]
        if fault == "one layer twice" and i == o and stride == 1:
            self.first.conv = self.second.conv
        if fault == "depthwise":
            self.second = ConvNormAct(o, o, groups=o, act=None)
        self.shortcut = nn.Identity() if fits else projection
        self.spare = ConvNormAct(o, o) if fault == "unused module" else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = y if self.fault == "second forgotten" else self.second(y)
        z = self.shortcut(y if self.fault == "shortcut of the branch" else x)
        z = z.detach() if self.fault == "shortcut detached" else z
        y = y * z if self.fault == "product" else y + z
        return y if self.fault == "no activation at the end" else F.relu(y)


def built(fault: str) -> Callable[..., nn.Module]:
    return lambda i, o, *, stride: Built(fault, i, o, stride)


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is BasicBlock and m.name == name)


class ResNetStyle(nn.Module):
    """Convolutions first, then norms, and an empty Sequential for the identity: a common style."""

    def __init__(self, i: int, o: int, stride: int = 1, eps: float = 1e-5) -> None:
        super().__init__()
        self.down = nn.Sequential()
        if stride != 1 or i != o:
            self.down = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))
        self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.conv1 = nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.bn2, self.bn1 = nn.BatchNorm2d(o), nn.BatchNorm2d(o, eps=eps)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        identity = self.down(x.clone())
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + identity)  # type: ignore[no-any-return]


class Functional(nn.Module):
    """No module inside: parameters and running numbers of its own, and functions."""

    def __init__(self, in_channels: int, out_channels: int, *, stride: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        i, o, self.stride = in_channels, out_channels, stride
        self.weights = nn.ParameterList([torch.rand(o, i, 3, 3), torch.rand(o, o, 3, 3)])
        self.scales = nn.ParameterList([torch.ones(o), torch.ones(o), torch.zeros(o), torch.zeros(o)])
        for index in (0, 1):
            self.register_buffer(f"mean{index}", torch.zeros(o))
            self.register_buffer(f"var{index}", torch.ones(o))
        fits = stride == 1 and i == o
        self.down = None if fits else ConvNormAct(i, o, kernel_size=1, stride=stride, act=None)

    def norm(self, x: Tensor, index: int) -> Tensor:
        mean, var = getattr(self, f"mean{index}"), getattr(self, f"var{index}")
        scale, shift = self.scales[index], self.scales[index + 2]
        return F.batch_norm(x, mean, var, scale, shift, training=self.training, eps=self.eps)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm(F.conv2d(x, self.weights[0], stride=self.stride, padding=1), 0))
        y = self.norm(F.conv2d(y, self.weights[1], padding=1), 1)
        kept = x if self.down is None else self.down(x)
        return (kept + y).clamp(min=0)


_NORM = nn.BatchNorm2d
FAULTS = {"A": "first layer dead", "B": "adds in place", "C": "shortcut dropped"}
EXERCISES = (
    Exercise(check_forward, "tensor", right),
    Exercise(check_block, "block", BasicBlock),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_forward, general(""), "the lines of the notebook"),
    (check_forward, otherwise_written, "clamp, pad, einsum, an index with dots"),
    (check_block, built(""), "as the solution"),
    (check_block, built("modules in another order"), "the shortcut first"),
    (check_block, ResNetStyle, "convolutions first, then norms"),
    (check_block, Functional, "functions and parameters of its own"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, OrderedDict(FAULTS), "another dict"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (check_forward, general("no shortcut"), "a part left out", "the shortcut is missing"),
    (check_forward, general("no activation at the end"), "a part left out", "after the addition is missing"),
    (check_forward, general("flat"), "a part left out", "between the two convolutions is missing"),
    (check_forward, general("nothing"), "a part left out", "nothing is added to what was kept"),
    (
        check_forward,
        general("the input"),
        "another tensor",
        "4 out, stride 1: the branch is missing",
    ),
    (
        check_forward,
        general("kept twice"),
        "the shortcut twice",
        "6 out, .*two tensors|the branch is missing: what did",
    ),
    (
        check_forward,
        general("branch activated"),
        "an activation moved",
        "before the addition: activate the sum",
    ),
    (
        check_forward,
        general("branch activated, too"),
        "an activation too many",
        "addition, too: activate the sum",
    ),
    (
        check_forward,
        general("shortcut activated"),
        "an activation too many",
        "the shortcut is activated before",
    ),
    (check_forward, general("product"), "another operation", "are multiplied: a shortcut is added"),
    (check_forward, general("difference"), "another operation", "the branch is subtracted"),
    (check_forward, general("SiLU"), "another activation", "both activations are SiLU"),
    (check_forward, general("GELU"), "another activation", "the numbers are not those of the block"),
    (check_forward, general("twice"), "another number", "compare with the four lines above"),
    (
        check_forward,
        general("stride late"),
        "the stride",
        "stride 2: the stride is on the second convolution",
    ),
    (
        check_forward,
        general("always 1"),
        "the stride",
        "6 out, stride 2: line .*Print the shapes of both",
    ),
    (
        check_forward,
        general("always 2"),
        "the stride",
        "6 out, stride 1: line .*Print the shapes of both",
    ),
    (
        check_forward,
        general("no padding"),
        "the padding",
        r"the shape is \(2, 4, 4, 4\), expected \(2, 4, 8, 8\)",
    ),
    (
        check_forward,
        general("identity at stride 1"),
        "the condition",
        "with 4 channels in, 6 out, stride 1: line",
    ),
    (check_forward, general("identity at equal channels"), "the condition", "in, 4 out, stride 2: line"),
    (check_forward, general("in place"), "the input", "changes its input, the caller's tensor"),
    (check_block, built("shortcut detached"), "a detach", "its input does not get the right gradient"),
    (check_block, mutant("adds in place"), "the input", r"it changes its input.* `\+=`"),
    (check_block, mutant("shortcut dropped"), "a part left out", "stands where an addition belongs"),
    (
        check_block,
        mutant("first layer dead"),
        "another tensor",
        "does not read what it should: which tensor must",
    ),
    (
        check_block,
        mutant("always projected"),
        "the condition",
        "a 1x1 convolution .*stands where an addition",
    ),
    (check_block, built("stride late"), "the stride", "stride 2: step 1 .* gives the shape"),
    (
        check_block,
        built("stride twice"),
        "the stride",
        "stride 2: its forward fails: .*two tensors of different",
    ),
    (
        check_block,
        built("stride forgotten"),
        "the stride",
        "with 8 channels in, 8 out, stride 2: its forward fails",
    ),
    (
        check_block,
        built("identity at stride 1"),
        "the condition",
        "with 16 channels in, 8 out, stride 1: its forw",
    ),
    (check_block, built("projection at stride 1"), "the stride", "in, 16 out, stride 2: its forward fails"),
    (check_block, built("3x3 projection"), "the kernel", "a full convolution .*where a 1x1 convolution"),
    (check_block, built("second 1x1"), "the kernel", "a 1x1 convolution .*stands where a full convolution"),
    (
        check_block,
        built("shortcut activated"),
        "an activation too many",
        "an activation .*where an addition belo",
    ),
    (
        check_block,
        built("branch activated"),
        "an activation moved",
        "an activation .*where an addition belongs",
    ),
    (
        check_block,
        built("no activation at the end"),
        "a part left out",
        "ends after an addition; an activation",
    ),
    (check_block, built("SiLU"), "another activation", r"\(SiLU\), stands where an activation \(ReLU\)"),
    (
        check_block,
        built("no norm"),
        "a part left out",
        "step 1 .*Is there a bias before a norm, or is the norm",
    ),
    (check_block, built("bias kept"), "a bias", "step 1 .*Is there a bias before a norm, or is the norm"),
    (check_block, built("depthwise"), "groups", "a depthwise convolution .*stands where a full"),
    (
        check_block,
        built("second forgotten"),
        "a part left out",
        "an addition, stands where a full convolution",
    ),
    (
        check_block,
        built("shortcut of the branch"),
        "another tensor",
        "an addition, does not read .*two tensors",
    ),
    (
        check_block,
        built("product"),
        "another operation",
        "a multiplication, stands where an addition belongs",
    ),
    (check_block, built("unused module"), "a layer too many", "modules that its forward does not use"),
    (check_block, built("eps"), "a setting", "look at the eps of first.norm, which is 0.001"),
    (
        check_block,
        built("one layer twice"),
        "a layer used twice",
        r"once more\. Is one layer used twice",
    ),
    (check_block, partial(ResNetStyle, eps=1e-3), "a setting", "look at the eps of bn1, which is 0.001"),
    (check_block, partial(Functional, eps=1e-3), "a setting", "and at the settings of its other functions"),
    (check_block, lambda _: BasicBlock(8, 8), "the arguments", "does not take an argument `stride`"),
    (check_suspects, FAULTS | {"A": "shortcut dropped"}, "A", "A is not 'shortcut dropped'.* read"),
    (check_suspects, FAULTS | {"B": "shortcut dropped"}, "B", "B is not .* clone"),
    (check_suspects, FAULTS | {"C": "adds in place"}, "C", "C is not .* an addition"),
    (
        check_suspects,
        dict(zip("ABC", sorted(FAULTS.values()), strict=True)),
        "by the alphabet",
        "A is not 'adds",
    ),
]


def test_suspects_are_three_wrong_blocks() -> None:
    assert list(suspects()) == ["A", "B", "C"]
