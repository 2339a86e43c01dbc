"""Answers to the exercises of notebook 03, and what their checkers must say."""

from collections import OrderedDict
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import Bottleneck, ConvNormAct
from course.bottleneck.exercises import check_block, check_forward, check_parameters, check_suspects, suspects
from course.bottleneck.mutants import MUTANTS
from tests.course.checkers import Exercise


def strided(
    x: Tensor, reduce: Tensor, spatial: Tensor, expand: Tensor, shortcut: Tensor, stride: int
) -> Tensor:
    y = F.relu(F.conv2d(x, reduce))
    y = F.relu(F.conv2d(y, spatial, stride=stride, padding=1))
    y = F.conv2d(y, expand)
    return F.relu(y + F.conv2d(x, shortcut, stride=stride))


def otherwise_written(
    x: Tensor, reduce: Tensor, spatial: Tensor, expand: Tensor, shortcut: Tensor, stride: int
) -> Tensor:
    """Pads first, clamps, skips pixels by an index, and multiplies matrices."""
    y = torch.einsum("oi,nihw->nohw", reduce.flatten(1), x).clamp(min=0)
    y = F.conv2d(F.pad(y, (1, 1, 1, 1)), weight=spatial, stride=(stride, stride))
    y = F.conv2d(y.maximum(torch.zeros(())), expand)
    y += F.conv2d(x[..., ::stride, ::stride], shortcut)
    return y.relu_()


def forward(fault: str) -> Callable[..., Tensor]:
    """The block with one fault to choose."""

    def answer(
        x: Tensor, reduce: Tensor, spatial: Tensor, expand: Tensor, shortcut: Tensor, stride: int
    ) -> Tensor:
        where = {"stride on the first": 0, "stride on the last": 2, "no stride": 3}.get(fault, 1)
        strides = [stride if place == where else 1 for place in range(4)]
        acts: list[Callable[[Tensor], Tensor]] = [F.relu, F.relu]
        for place, name in enumerate(("first linear", "second linear")):
            if fault in (name, "both linear"):
                acts[place] = torch.clone
        y = acts[0](F.conv2d(x, reduce, stride=strides[0]))
        y = acts[1](F.conv2d(y, spatial, stride=strides[1], padding=0 if fault == "no padding" else 1))
        y = F.conv2d(y, expand, stride=strides[2])
        beside = {"always 2": 2, "always 1": 1}.get(fault, stride)
        z = F.conv2d(y if fault == "shortcut of the branch" else x, shortcut, stride=beside)
        if fault == "no padding":
            z = z[:, :, : y.shape[2], : y.shape[3]]
        if fault == "x" or (fault == "x where it fits" and x.shape == y.shape):
            z = x
        if fault == "x changed":
            x.mul_(2)
        sums = {
            "no shortcut": y,
            "no branch": z + z,
            "the shortcut alone": z,
            "the branch twice": y + y,
            "branch activated": F.relu(y) + z,
            "shortcut activated": y + F.relu(z),
            "product": y * z if fault == "product" else y,
            "shortcut minus branch": z - y if fault == "shortcut minus branch" else y,
            "branch minus shortcut": y - z if fault == "branch minus shortcut" else y,
            "concatenated": torch.cat([y, z], 1) if fault == "concatenated" else y,
        }
        total = sums[fault] if fault in sums else y + z
        if fault == "early":
            return F.relu(y) + z
        return {"linear": total, "SiLU": F.silu(total), "twice": 2 * F.relu(total)}.get(fault, F.relu(total))

    return answer


def parameters(in_channels: int, out_channels: int, reduction: int) -> int:
    narrow = out_channels // reduction
    branch = in_channels * narrow + 9 * narrow**2 + narrow * out_channels
    norms = 2 * narrow + 2 * narrow + 2 * out_channels
    shortcut = in_channels * out_channels + 2 * out_channels if in_channels != out_channels else 0
    return branch + norms + shortcut


def asked(i: int, o: int, r: int) -> int:
    return sum(p.numel() for p in Bottleneck(i, o, reduction=r).parameters())


class Built(nn.Module):
    """The block written from ConvNormAct as a learner would, with one fault to choose."""

    fault = ""

    def __init__(self, i: int, o: int, *, stride: int, reduction: int) -> None:
        super().__init__()
        n = {"always a quarter": o // 4, "from the input": i // reduction, "wide": o}.get(
            self.fault, o // reduction
        )
        where = {"stride on the first": 0, "stride on the last": 2, "no stride": 3}.get(self.fault, 1)
        strides = [stride if place == where else 1 for place in range(4)]
        self.reduce = ConvNormAct(
            i, n, kernel_size=1, stride=strides[0], act=nn.SiLU if self.fault == "SiLU" else nn.ReLU
        )
        self.spatial = ConvNormAct(
            n, n, kernel_size=5 if self.fault == "5x5" else 3, stride=strides[1], act=nn.ReLU
        )
        if self.fault == "depthwise":
            self.spatial = ConvNormAct(n, n, stride=stride, groups=n, act=nn.ReLU)
        self.expand = ConvNormAct(
            n,
            o,
            kernel_size=1,
            stride=strides[2],
            act=nn.ReLU if self.fault == "branch activated" else None,
        )
        fits = {
            "identity at stride 1": stride == 1,
            "identity at equal channels": i == o,
            "always projected": False,
            "never projected": True,
        }.get(self.fault, stride == 1 and i == o)
        ends = nn.ReLU if self.fault == "shortcut activated" else None
        beside = 1 if self.fault == "shortcut without stride" else stride
        project = ConvNormAct(
            i, o, kernel_size=3 if self.fault == "3x3 shortcut" else 1, stride=beside, act=ends
        )
        if self.fault == "no norm on the shortcut":
            project = ConvNormAct(i, o, kernel_size=1, stride=stride, norm=None, act=None)
        self.shortcut = nn.Identity() if fits else project
        self.dead = project if self.fault == "projection kept" else nn.Identity()
        if self.fault == "one act":
            self.spatial.act = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.spatial(self.reduce(x))
        if self.fault == "3x3 twice":
            y = self.spatial(y)
        y = self.expand(y)
        if self.fault == "no shortcut":
            return F.relu(y)
        y = y * self.shortcut(x) if self.fault == "product" else y + self.shortcut(x)
        return y if self.fault == "linear" else F.relu(y)


def built(fault: str) -> type[nn.Module]:
    return type("Built", (Built,), {"fault": fault})


class TorchvisionStyle(nn.Module):
    """Convolutions and norms apart, one ReLU for all, the shortcut first, `+=`, numbers by keyword."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, reduction: int = 4) -> None:
        super().__init__()
        width = int(out_channels / reduction)
        self.downsample = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, stride=stride, padding=1, bias=False)
        self.conv3 = nn.Conv2d(width, out_channels, kernel_size=1, bias=False)
        self.bn3, self.bn2, self.bn1 = (nn.BatchNorm2d(each) for each in (out_channels, width, width))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += identity
        return self.relu(out)  # type: ignore[no-any-return]


class InASequential(nn.Module):
    """The branch as a Sequential, the shortcut added first, a clamp for the last ReLU."""

    def __init__(self, i: int, o: int, **settings: int) -> None:
        super().__init__()
        s, n = settings["stride"], o // settings["reduction"]
        self.branch = nn.Sequential(
            OrderedDict(
                a=ConvNormAct(i, n, kernel_size=1, act=nn.ReLU),
                b=ConvNormAct(n, n, stride=s, act=nn.ReLU),
                c=ConvNormAct(n, o, kernel_size=1, act=None),
            )
        )
        self.side = nn.ModuleList()
        if (i, 1) != (o, s):
            self.side.append(ConvNormAct(i, o, kernel_size=1, stride=s, act=None))

    def forward(self, x: Tensor) -> Tensor:
        kept = x.clone()
        for layer in self.side:
            kept = layer(kept)
        return torch.clamp(kept + self.branch(x), min=0)


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is Bottleneck and m.name == name)


FAULTS = {"A": "stride on the first 1x1", "B": "activation before the addition", "C": "width from the input"}
EXERCISES = (
    Exercise(check_forward, "tensor", strided),
    Exercise(check_parameters, "count", parameters),
    Exercise(check_block, "block", Bottleneck),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_forward, forward(""), "with a list of strides"),
    (check_forward, forward("stride on the last"), "the stride on the second 1x1: dearer, and the same"),
    (check_forward, otherwise_written, "einsum, pad, clamp, an index with dots"),
    (check_parameters, asked, "the module asked"),
    (
        check_parameters,
        lambda i, o, r: i * o / r + 9 * (o / r) ** 2 + o * o / r + 4 * o / r + 2 * o + (i != o) * (i + 2) * o,
        "/ for //, a truth value as a factor",
    ),
    (check_block, Built, "as the solution"),
    (check_block, TorchvisionStyle, "as torchvision writes it"),
    (check_block, InASequential, "a Sequential, a ModuleList, a clamp"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, OrderedDict(FAULTS), "another dict"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (check_forward, forward("no shortcut"), "a part left out", "the shortcut is missing"),
    (check_forward, forward("no branch"), "a part left out", "the branch is missing"),
    (
        check_forward,
        forward("the shortcut alone"),
        "a part left out",
        "nothing is added to what the shortcut",
    ),
    (check_forward, forward("the branch twice"), "a part left out", "the branch is added to itself"),
    (check_forward, forward("linear"), "a part left out", "the ReLU after the addition is missing"),
    (
        check_forward,
        forward("first linear"),
        "a part left out",
        "the ReLU after the first convolution is miss",
    ),
    (check_forward, forward("second linear"), "a part left out", "the ReLU after the 3x3 is missing"),
    (check_forward, forward("both linear"), "a part left out", "the ReLUs between the convolutions are miss"),
    (check_forward, forward("early"), "an activation moved", "the ReLU comes before the addition"),
    (
        check_forward,
        forward("branch activated"),
        "an activation too many",
        "addition, too: activate the sum alone",
    ),
    (
        check_forward,
        forward("shortcut activated"),
        "an activation too many",
        "the shortcut is activated before",
    ),
    (check_forward, forward("product"), "another operation", "are multiplied: a shortcut is added"),
    (check_forward, forward("shortcut minus branch"), "another operation", "the branch is subtracted"),
    (check_forward, forward("branch minus shortcut"), "another operation", "the shortcut is subtracted"),
    (check_forward, forward("concatenated"), "another operation", r"the shape is \(2, 24, 9, 9\)"),
    (check_forward, forward("SiLU"), "another activation", "compare with the five lines above"),
    (check_forward, forward("twice"), "another number", "the numbers are not those of the block"),
    (check_forward, forward("stride on the first"), "the stride", "stride 2: the stride is on the first 1x1"),
    (check_forward, forward("no stride"), "the stride", "stride 2: line .*Print the shapes of both"),
    (check_forward, forward("always 1"), "the stride", r"stride 2: line .*sizes meet, 5 and 9"),
    (check_forward, forward("always 2"), "the stride", r"stride 1: line .*sizes meet, 9 and 5"),
    (check_forward, forward("no padding"), "the padding", r"the shape is \(2, 12, 7, 7\).*and the padding\?"),
    (check_forward, forward("x"), "another tensor", "with 8 channels in, 12 out, stride 1: line .*12 and 8"),
    (check_forward, forward("x where it fits"), "another tensor", "8 out, stride 1: x itself is added"),
    (check_forward, forward("shortcut of the branch"), "another tensor", "made for 8 channels.* gets 12"),
    (check_forward, forward("x changed"), "the input", "changes its input, the caller's tensor"),
    (check_parameters, lambda *_: 1, "a guess", "Count convolution by convolution"),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - 4 * (o // r) - 2 * o - (i != o) * 2 * o,
        "a part left out",
        "Only the convolutions are counted",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - (i != o) * (i * o + 2 * o),
        "a part left out",
        "in_channels=64, out_channels=256.* The channels differ",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - (i != o) * 2 * o,
        "a part left out",
        "The shortcut's convolution has a norm",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - (i < o) * 2 * o,
        "the condition, of the norm",
        "in_channels=64.*The shortcut's convolution has a norm",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - 4 * (o // r),
        "a part left out",
        "The middle has norms, too",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - 2 * (o // r),
        "a part left out",
        "How many norms does the middle have",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - 2 * o,
        "a part left out",
        "What follows the last 1x1",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - i * (o // r),
        "a part left out",
        "weights of the first 1x1 are missing",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - o * (o // r),
        "a part left out",
        "weights of the last 1x1 are missing",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) + 4 * (o // r) + 2 * o + (i != o) * 2 * o,
        "a part too many",
        "running mean and variance",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - 9 * (o // r) * (o // r - 1),
        "groups",
        "The 3x3 is not depthwise",
    ),
    (check_parameters, lambda i, o, r: i**o, "a power", "more than 15 digits"),  # noqa: ARG005
    (
        check_parameters,
        lambda i, o, r: float(i**o) / r,
        "a power of floats",
        "a number gets too large",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - 2 * (o // r) - o - (i != o) * o,
        "half of it",
        "A norm has more than one parameter",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) - 6 * (o // r) ** 2,
        "half of it",
        "How many weights does a 3x3 have for each",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) + 2 * (o // r) + o + (i != o) * o,
        "a part too many",
        "No convolution has a bias here",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) + (i == o) * (i * o + 2 * o),
        "a part too many",
        "=256, reduction=4.*The shortcut is the identity here",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) + 9 * (o * o - (o // r) ** 2),
        "another width",
        "Which channels does the 3x3 join",
    ),
    (
        check_parameters,
        lambda i, o, r: (
            parameters(i, o, r) + (i // r - o // r) * (i + o + 4) + 9 * ((i // r) ** 2 - (o // r) ** 2)
        ),
        "another width",
        "From which end is the width",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, 4),  # noqa: ARG005
        "another width",
        "reduction=2 you get",
    ),
    (
        check_parameters,
        lambda i, o, r: parameters(i, o, r) if i <= o else parameters(i, o, r) - i * o - 2 * o,
        "the condition",
        "in_channels=96.* The channels differ",
    ),
    (
        check_block,
        mutant("activation before the addition"),
        "an activation moved",
        "an activation .*stands where",
    ),
    (check_block, mutant("stride on the first 1x1"), "the stride", "stride 2.* gives the shape "),
    (
        check_block,
        mutant("width from the input"),
        "the width",
        "with 32 channels in, 16 out.* gives the shape ",
    ),
    (check_block, mutant("projection shortcut activated"), "an activation too many", "an activation"),
    (
        check_block,
        built("from the input"),
        "the width",
        r"32 channels in, 16 out, stride 1, reduction 4: step 1 .*\(2, 4, 9, 9\)",
    ),
    (check_block, built("always a quarter"), "the width", r"reduction 3: step 1 .*\(2, 6, 9, 9\)"),
    (check_block, built("wide"), "the width", r"16 out, stride 1, reduction 4: step 1 .*\(2, 16, 9, 9\)"),
    (check_block, built("stride on the last"), "the stride", "step 4 .* gives the shape"),
    (check_block, built("no stride"), "the stride", "16 out, stride 2.*: its forward fails: .*two tensors"),
    (check_block, built("shortcut without stride"), "the stride", "sizes meet, 5 and 9"),
    (
        check_block,
        built("identity at stride 1"),
        "the condition",
        "32 channels in, 16 out, stride 1.*: its forward fails",
    ),
    (
        check_block,
        built("identity at equal channels"),
        "the condition",
        "16 out, stride 2.*: its forward fails",
    ),
    (check_block, built("never projected"), "a part left out", "32 channels in, 16 out, stride 1.*16 and 32"),
    (
        check_block,
        built("always projected"),
        "a part too many",
        "16 out, stride 1.*a 1x1 convolution .*an addition",
    ),
    (check_block, built("projection kept"), "a part too many", "modules that its forward does not use"),
    (check_block, built("3x3 shortcut"), "the kernel", "it turns|a full convolution"),
    (check_block, built("5x5"), "the kernel", "step 4 .* has 400 parameters; expected 144"),
    (check_block, built("depthwise"), "groups", "a depthwise convolution .*stands where a full"),
    (
        check_block,
        built("no norm on the shortcut"),
        "a part left out",
        "32 channels in, 16 out.* is the norm missing",
    ),
    (
        check_block,
        built("shortcut activated"),
        "an activation too many",
        "32 channels in, 16 out.*an activation .*where an addition",
    ),
    (
        check_block,
        built("branch activated"),
        "an activation too many",
        "16 out.*an activation .*where an addition",
    ),
    (check_block, built("one act"), "a part left out", "stands where an activation"),
    (
        check_block,
        built("SiLU"),
        "another activation",
        r"an activation \(SiLU\), stands where an activation \(R",
    ),
    (check_block, built("linear"), "a part left out", "ends after an addition"),
    (check_block, built("no shortcut"), "a part left out", "an activation .*stands where an addition"),
    (check_block, built("product"), "another operation", "a multiplication, stands where an addition"),
    (check_block, built("3x3 twice"), "a layer used twice", "is spatial.conv once more. Is one layer"),
    (
        check_block,
        lambda i, o, *, stride: Bottleneck(i, o, stride=stride),
        "the arguments",
        "does not take an argument `reduction`",
    ),
    (check_suspects, FAULTS | {"A": FAULTS["C"]}, "A", "A is not .*shapes of its first steps"),
    (check_suspects, FAULTS | {"B": FAULTS["C"]}, "B", r"B is not .*what follows the addition\?$"),
    (check_suspects, FAULTS | {"C": FAULTS["A"]}, "C", "C is not .*compare its parameters"),
    (
        check_suspects,
        dict(zip("ABC", sorted(FAULTS.values()), strict=True)),
        "by the alphabet",
        "A is not 'activation before",
    ),
]


def test_suspects_are_three_wrong_blocks() -> None:
    assert list(suspects()) == ["A", "B", "C"]
