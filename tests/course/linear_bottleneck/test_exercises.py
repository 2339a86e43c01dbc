"""Answers to the exercises of notebook 05, and what their checkers must say."""

import itertools
import math
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from blocks import ConvNormAct, DepthwiseSeparable, LinearBottleneck
from course.linear_bottleneck.exercises import check_back, check_block, check_share, check_suspects, suspects
from course.linear_bottleneck.mutants import MUTANTS
from tests.course.checkers import Exercise


def share(n: int) -> float:
    none = 1
    one = n
    return (none + one) / 2**n


def counted(n: int) -> float:
    """Every pattern looked at."""
    patterns = list(itertools.product((0, 1), repeat=n))
    return sum(sum(pattern) < 2 for pattern in patterns) / len(patterns)


def back(matrix: Tensor, high: Tensor) -> Tensor | None:
    on = high > 0
    if on.sum() < 2:
        return None
    return torch.linalg.pinv(matrix[on]) @ high[on]


def least(count: int) -> Callable[[Tensor, Tensor], Tensor | None]:
    """It asks for another number of units on."""
    return lambda matrix, high: (
        torch.linalg.pinv(matrix[high > 0]) @ high[high > 0] if (high > 0).sum() >= count else None
    )


def by_rank(matrix: Tensor, high: Tensor) -> Tensor | None:
    """As many equations as fix a point, in float32."""
    rows = torch.nonzero(high).flatten()
    if len(rows) == 0 or torch.linalg.matrix_rank(matrix[rows]) < 2:
        return None
    return torch.linalg.lstsq(matrix[rows].float(), high[rows, None].float()).solution[:, 0]


def by_two(matrix: Tensor, high: Tensor) -> Tensor | None:
    """The first two rows are enough."""
    on = [n for n in range(len(high)) if high[n] != 0][:2]
    return torch.linalg.solve(matrix[on], high[on]) if len(on) == 2 else None


def all_units(matrix: Tensor, high: Tensor) -> Tensor | None:
    return torch.linalg.pinv(matrix) @ high if (high > 0).sum() > 1 else None


def only_if_all(matrix: Tensor, high: Tensor) -> Tensor | None:
    return torch.linalg.pinv(matrix) @ high if (high > 0).all() else None


def the_half(matrix: Tensor, high: Tensor) -> Tensor | None:
    return back(matrix, high) if (high > 0).sum() >= len(high) / 2 else None


def changes_high(matrix: Tensor, high: Tensor) -> Tensor | None:
    point = back(matrix, high)
    high[high == 0] = -1
    return point


class Built(nn.Module):
    """The block as a learner would write it, with one fault to choose."""

    fault = ""

    def __init__(self, i: int, o: int, *, stride: int) -> None:
        super().__init__()
        fault = self.fault
        act = {"ReLU": nn.ReLU, "SiLU": nn.SiLU, "no act": None}.get(fault, nn.ReLU6)
        late = fault == "stride on the 1x1"
        first = {"no stride": 1, "always 2": 2}.get(fault, 1 if late else stride)
        groups = {"no groups": 1, "always 8": 8, "groups of two": i // 2}.get(fault, i)
        end = {"activated": nn.ReLU6, "activated at equal channels": nn.ReLU6 if i == o else None}.get(fault)
        self.depthwise = ConvNormAct(
            i, i, kernel_size=5 if fault == "5x5" else 3, stride=first, groups=groups, act=act
        )
        self.project = ConvNormAct(
            i,
            i if fault == "channels kept" else o,
            kernel_size=3 if fault == "3x3 at the end" else 1,
            stride=stride if late else 1,
            norm=None if fault == "no norm" else nn.BatchNorm2d,
            act=end,
        )
        if fault == "a bias":
            self.project.conv.bias = nn.Parameter(torch.zeros(o))
        if fault == "momentum":
            self.project.norm.eps = 1e-3  # type: ignore[assignment]
        self.fits = {
            "shortcut": i == o and stride == 1,
            "shortcut at equal channels": i == o,
            "shortcut at stride 1": stride == 1,
        }.get(fault, False)

    def forward(self, x: Tensor) -> Tensor:
        if self.fault == "projected alone":
            return self.project(x)  # type: ignore[no-any-return]
        y = self.project(self.depthwise(x))
        return x + y if self.fits else y  # type: ignore[no-any-return]


def built(fault: str) -> type[nn.Module]:
    return type("Built", (Built,), {"fault": fault})


class Swapped(nn.Module):
    """The 1x1 first, then the depthwise convolution."""

    def __init__(self, i: int, o: int, *, stride: int) -> None:
        super().__init__()
        self.project = ConvNormAct(i, o, kernel_size=1, act=None)
        self.depthwise = ConvNormAct(o, o, stride=stride, groups=o, act=nn.ReLU6)

    def forward(self, x: Tensor) -> Tensor:
        return self.depthwise(self.project(x))


class TorchvisionStyle(nn.Module):
    """Convolutions and norms apart, the last one first, ReLU6 as a clamp."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.bn2, self.bn1 = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(in_channels)
        self.pw = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.dw = nn.Conv2d(in_channels, in_channels, 3, stride, padding=1, groups=in_channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.dw(x)).clamp(0, 6)
        return self.bn2(self.pw(x))  # type: ignore[no-any-return]


class AsAMatrix(nn.Module):
    """The 1x1 as a product with a matrix, turned or not."""

    def __init__(self, i: int, o: int, *, stride: int, turned: bool) -> None:
        super().__init__()
        self.dw = ConvNormAct(i, i, stride=stride, groups=i, act=nn.ReLU6)
        self.turned, self.norm = turned, nn.BatchNorm2d(o)
        self.weight = nn.Parameter(torch.empty(i, o) if turned else torch.empty(o, i))

    def forward(self, x: Tensor) -> Tensor:
        y = self.dw(x).movedim(1, -1) @ (self.weight if self.turned else self.weight.T)
        return self.norm(y.movedim(-1, 1))  # type: ignore[no-any-return]


class Clamped(TorchvisionStyle):
    """Without the lower bound."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.dw(x)).clamp(max=6)
        return self.bn2(self.pw(x))  # type: ignore[no-any-return]


class InOne(nn.Sequential):
    """Without a forward of its own."""

    def __init__(self, i: int, o: int, **named: Any) -> None:
        super().__init__(
            ConvNormAct(i, i, groups=i, act=None, **named),
            nn.ReLU6(inplace=True),
            ConvNormAct(i, o, kernel_size=1, act=nn.Identity),
        )


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is LinearBottleneck and m.name == name)


FAULTS = {"A": "shortcut added", "B": "activation at the narrow end", "C": "no activation at all"}
EXERCISES = (
    Exercise(check_share, "number", share),
    Exercise(check_back, "function", back),
    Exercise(check_block, "block", LinearBottleneck),
    Exercise(check_suspects, "names", FAULTS),
)
RIGHT = [
    (check_share, counted, "counted"),
    (check_share, lambda n: 0.5**n + math.comb(n, 1) * 0.5**n, "a sum of two chances"),
    (check_share, lambda n: torch.tensor([n + 1.0]).squeeze() / 2**n, "a number of torch in float32"),
    (check_back, by_rank, "the rank, float32, lstsq"),
    (check_back, by_two, "the first two"),
    (check_block, Built, "as the solution"),
    (check_block, TorchvisionStyle, "as torchvision writes it"),
    (check_block, InOne, "a Sequential"),
    (check_block, partial(AsAMatrix, turned=True), "x @ weight"),
    (check_block, partial(AsAMatrix, turned=False), "x @ weight.T"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, OrderedDict(FAULTS), "another dict"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (check_share, lambda n: n / 2**n, "a case left out", "Both cases count"),
    (check_share, lambda n: 1 / 2**n, "the other case left out", "n = 5 you get 0.03125. Both cases count"),
    (check_share, lambda n: (1 + n - 1) / 2**n, "one too few", "in how many is exactly one"),
    (check_share, lambda n: 2 / 2**n, "another count", r"There is a pattern for each\.$"),
    (check_share, lambda n: (n * n - n) / 2 ** (n + 1), "another count", "how likely exactly two are on"),
    (check_share, lambda n: 1 - (n + 1) / 2**n, "the opposite", r"how likely at least two are on\.$"),
    (check_share, lambda n: n + 1, "no chance", "their share of all"),
    (check_share, lambda n: (1 / 2**n + n / 2**n) / 2**n, "no count", "divided by 2ⁿ twice"),
    (check_share, lambda _: 0.5, "a guess", r"for n = 5 you get 0\.5\..* at most one unit on\?$"),
    (check_share, lambda n: 1 / n, "a guess", "for n = 5 you get 0.2"),
    (check_share, lambda n: (n + 1) / n**2, "another total", "for n = 5 you get 0.24. In how many"),
    (check_share, lambda n: (n + 1) / 2**5, "one n only", "for n = 3 you get 0.125"),
    (check_share, lambda n: 6 / 32 if n == 5 else 0.5, "two n only", "for n = 2 you get 0.5"),
    (check_share, lambda n: n / 0, "an error", "something is divided by zero"),
    (
        check_back,
        lambda matrix, high: torch.linalg.pinv(matrix) @ high,
        "all units",
        "with 3 units on and 2 off you",
    ),
    (check_back, all_units, "all units, with a condition", "you use all units"),
    (
        check_back,
        lambda m, h: None if h.sum() <= 1 else back(m, h),
        "the sum",
        "3 units on and 2 off you give None",
    ),
    (check_back, lambda m, h: None if h.max() < 1 else back(m, h), "the largest", "3 units on .* give None"),
    (
        check_back,
        lambda m, h: None if h.max() < 0.35 else torch.linalg.pinv(m[h > 0]) @ h[h > 0],
        "a bound",
        "with 1 unit on and 3 off you give something",
    ),
    (
        check_back,
        lambda m, h: None if (h > 0.1).sum() < 2 else torch.linalg.pinv(m[h > 0.1]) @ h[h > 0.1],
        "a bound for all",
        "with 2 units on and 4 off you give None",
    ),
    (
        check_back,
        lambda m, h: torch.linalg.lstsq(m[(h > 0).int()], h[(h > 0).int()]).solution,
        "a mask of numbers",
        "only rows 0 and 1 are used. A mask is",
    ),
    *(
        (
            check_back,
            lambda m, h, part=part: torch.linalg.pinv(m[part]) @ h[part] if (h > 0).sum() >= 2 else None,
            f"the units {part}",
            "only rows 0 and 1 are used|you give another point. Which rows",
        )
        for part in (slice(2), slice(-2, None), slice(1, 3), slice(None, None, 2))
    ),
    (check_back, lambda *_: None, "never", "with 3 units on .*fix the point"),
    (check_back, least(3), "the condition", "with 2 units on and 4 off you give None"),
    (check_back, the_half, "the condition", "with 2 units on and 4 off you give .*fix the point"),
    (check_back, only_if_all, "the condition", "with 3 units on and 2 off you give None"),
    (
        check_back,
        lambda m, h: None if (h > 0).all() else back(m, h),
        "the condition",
        "with 5 units on and 0 off you give None",
    ),
    (check_back, least(1), "the condition", "with 1 unit on and 3 off you give something, but more"),
    (check_back, least(0), "the condition, forgotten", "with 1 unit on and 3 off you give something"),
    (
        check_back,
        lambda matrix, high: (
            None if (high > 0).sum() == 1 else torch.linalg.pinv(matrix[high > 0]) @ high[high > 0]
        ),
        "the condition",
        "with 0 units on and 4 off you give something",
    ),
    (
        check_back,
        lambda m, h: None if len(h) == 4 else m[h > 0].T @ h[h > 0],
        "another operation",
        "another point",
    ),
    (
        check_back,
        lambda matrix, _: matrix[0],
        "another tensor",
        "with 3 units on and 2 off you give another point",
    ),
    (check_back, lambda m, h: m[h == 0].sum(0), "the units that are off", "you give another point"),
    (
        check_back,
        lambda matrix, high: (torch.linalg.pinv(matrix) @ high)[:, None],
        "the shape",
        r"the shape \(2, 1\); a point has the shape \(2,\)\.$",
    ),
    (check_back, lambda matrix, high: (matrix, high), "what is returned", "gives a tuple where one tensor"),
    (check_back, lambda *_: [0.6, -0.8], "what is returned", "gives a list where one tensor is needed"),
    (check_back, lambda matrix, _: matrix[0] / 0 * 0, "what is returned", "gives NaN"),
    (check_back, changes_high, "the input", "changes its input, the caller's tensor"),
    (
        check_back,
        lambda matrix, high: matrix @ high,
        "an error",
        "the sizes of what is multiplied do not fit",
    ),
    (
        check_back,
        torch.linalg.solve,
        "an error",
        "`solve` needs a square matrix, .* 5 by 2",
    ),
    (
        check_back,
        lambda m, h: torch.linalg.pinv(m[m > 0]) @ h,
        "an error",
        "`pinv` needs a matrix, with rows",
    ),
    (check_back, lambda m, h: m[m.sum(0) > 0] @ h, "an error", r"a mask of shape \[2\] cannot pick"),
    (check_back, lambda m, h: torch.linalg.inv(m.T @ m * 0) @ h, "an error", "`inv` gets equations that do"),
    (check_back, lambda m, h: m[0] if h > 0 else None, "an error", "whether a whole tensor is true"),
    (
        check_block,
        mutant("activation at the narrow end"),
        "an activation too many",
        r"it should end, but an activation \(ReLU6\) follows\.$",
    ),
    (
        check_block,
        mutant("no activation at all"),
        "a part left out",
        r"stands where an activation \(ReLU6\) belongs",
    ),
    (check_block, mutant("shortcut added"), "a shortcut", r"it should end, but an addition follows\.$"),
    (check_block, built("activated"), "an activation, as a setting", r"an activation \(ReLU6\) follows"),
    (check_block, built("activated at equal channels"), "the condition", "8 out, stride 1: after a norm"),
    (check_block, built("no act"), "a part left out", "step 3 .*, a 1x1 convolution"),
    (check_block, built("ReLU"), "another activation", r"\(ReLU\), stands where an activation"),
    (check_block, built("SiLU"), "another activation", r"\(SiLU\), stands where an activation"),
    (check_block, Clamped, "another activation", "look at the bounds of its clamp"),
    (check_block, DepthwiseSeparable, "another block", r"an activation \(ReLU\), stands where an activation"),
    (check_block, Swapped, "the order", r"a 1x1 convolution \(1x1\), stands where a depthwise"),
    (
        check_block,
        built("no groups"),
        "groups",
        r"8\.0 times too many weights in the 3x3.*did you pass groups\?$",
    ),
    (check_block, built("groups of two"), "groups", r"times too many weights|a grouped convolution"),
    (check_block, built("always 8"), "groups", "with 12 channels in.*groups"),
    (check_block, built("5x5"), "the kernel", r"has 200 parameters; expected 72"),
    (check_block, built("3x3 at the end"), "the kernel", "a full convolution .*where a 1x1"),
    (check_block, built("no stride"), "the stride", r"8 out, stride 2: it turns .* into \(2, 8, 9, 9\)"),
    (check_block, built("always 2"), "the stride", r"8 out, stride 1: it turns .* into \(2, 8, 5, 5\)"),
    (check_block, built("stride on the 1x1"), "the stride", "stride 2: step 1 .*gives the shape"),
    (check_block, built("channels kept"), "the channels", r"12 out, stride 1: it turns .* expected \(2, 12,"),
    (check_block, built("no norm"), "a part left out", "step 4 .*is the norm missing"),
    (check_block, built("a bias"), "a bias", "step 4 .*a bias before a norm"),
    (check_block, built("momentum"), "a setting", "look at the eps of project.norm, which is 0.001"),
    (check_block, built("shortcut"), "a shortcut, as torchvision's", "an addition follows"),
    (check_block, built("shortcut at equal channels"), "a shortcut", "8 out, stride 1: after a norm"),
    (
        check_block,
        built("shortcut at stride 1"),
        "a shortcut, the condition",
        "8 out, stride 1: .*an addition",
    ),
    (check_block, built("projected alone"), "a part left out", "a 1x1 convolution .*where a depthwise"),
    (check_suspects, FAULTS | {"A": FAULTS["C"]}, "A", "A is not 'no activation at all': .*last step"),
    (check_suspects, FAULTS | {"B": FAULTS["C"], "C": FAULTS["B"]}, "B", "B is not .*smallest number"),
    (check_suspects, FAULTS | {"C": FAULTS["A"]}, "C", "C is not 'shortcut added': .*-x"),
    (
        check_suspects,
        dict(zip("ABC", sorted(FAULTS.values()), strict=True)),
        "by the alphabet",
        "A is not 'activation at",
    ),
]


def test_the_suspects_show_their_faults_where_the_hints_look() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 8, 9, 9)
    right = LinearBottleneck(8, 8).eval()
    found = suspects()
    assert list(found) == ["A", "B", "C"]
    assert found["B"](x).min() == 0 > right(x).min()
    assert torch.allclose(found["C"](-x), -found["C"](x), atol=1e-6)
    assert not torch.allclose(right(-x), -right(x), atol=1e-2)
