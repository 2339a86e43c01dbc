"""What a learner's slip is told, whatever the exercise; tried on exercises of notebooks 02 and 09."""

import copy
import functools
import importlib
import linecache
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import BasicBlock, ConvNormAct
from course.kit.checks import running
from course.linear_bottleneck import exercises as linear_bottleneck
from course.residual.exercises import check_block, check_forward, check_suspects
from tests.course.checkers import Exercise, endless, endless_and_deaf, leaves
from tests.course.residual.test_exercises import FAULTS, right
from tests.course.toy_exercises import (
    check_depthwise,
    check_half,
    check_modules,
    check_pools,
    check_product,
    check_raises,
    check_thousands,
)

X = torch.ones(2, 4, 8, 8)
W = torch.ones(4, 4, 3, 3)


class OnlyX(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return self.frist(x)  # type: ignore[operator, no-any-return]


class BeforeSuper(nn.Module):
    def __init__(self, *_: Any) -> None:
        self.to(torch.float64)


def second_first(*_: Any) -> Any:
    if X.ndim == 3:
        early = X
    return early


def again(*_: Any) -> Any:
    return again()


def squeezed(x: Tensor) -> Tensor:
    return x


def no_gpu(*_: Any) -> Any:
    raise AssertionError("Torch not compiled with CUDA enabled")


# What is raised, and below it, what it is told as.
RAISED: dict[str, Callable[..., Any]] = {
    "unbound": second_first,
    "keyword": lambda *_: squeezed(X, dim=1),  # type: ignore[call-arg]
    "missing": lambda *_: squeezed(),  # type: ignore[call-arg]
    "too many": lambda *_: squeezed(X, X),  # type: ignore[call-arg]
    "by position": lambda *_: ConvNormAct(4, 4, 3, stride=2),  # type: ignore[misc]
    "mean": lambda *_: X.mean(2, 3, keepdim=True),  # type: ignore[call-overload]
    "torch.mean": lambda *_: torch.mean(X, 2, 3),  # type: ignore[call-overload]
    "None to conv": lambda *_: F.conv2d(X, None),  # type: ignore[call-overload]
    "None to relu": lambda *_: F.relu(None),  # type: ignore[arg-type]
    "None plus": lambda *_: X + None,  # type: ignore[operator]
    "half a shape": lambda *_: X.shape // 2,  # type: ignore[operator]
    "shape for groups": lambda *_: F.conv2d(X, W, groups=X.shape),  # type: ignore[call-overload]
    "call": lambda x, *_: x(3),
    "capital": lambda *_: F.Relu(X),  # type: ignore[attr-defined]
    "attribute": lambda *_: OnlyX()(X),
    "a class in a Sequential": lambda *_: nn.Sequential(nn.ReLU),  # type: ignore[arg-type]
    "no GPU": no_gpu,
    "sequences": lambda *_: nn.Conv1d(4, 4, 3)(X),
    "norm of sequences": lambda *_: nn.BatchNorm1d(4)(X),
    "minus": lambda *_: 1 - (X > 0),
    "no matrix": lambda *_: torch.mm(X[0, 0], X[0, 0, 0]),
    "several for one": lambda *_: float(X[0, 0, 0]),
    "infinite": lambda *_: int(float("inf")),
    "too large": lambda *_: 2.0 ** (64**2),
    "star": lambda *_: nn.Sequential([nn.ReLU()]),  # type: ignore[arg-type]
    "sizes": lambda *_: X + X[:, :, :4],
    "cat": lambda *_: torch.cat((X, X[:, :, :4])),
    "channels": lambda *_: F.conv2d(X[:, :3], W),
    "groups": lambda *_: F.conv2d(X, W[:, :1], groups=8),
    "layer groups": lambda *_: nn.Conv2d(4, 4, 1, groups=3),
    "small map": lambda *_: F.conv2d(X[:, :, :2], W),
    "small map of a pooling": lambda *_: F.avg_pool2d(X, 9),
    "five dims": lambda *_: F.conv2d(X[None], W),
    "bias": lambda *_: F.conv2d(X, W, torch.ones(5)),
    "norm": lambda *_: nn.BatchNorm2d(3)(X),
    "norm of two": lambda *_: nn.BatchNorm2d(4)(X[:, :, 0, 0]),
    "norm of one": lambda *_: nn.BatchNorm2d(4)(X[:1, :, :1, :1]),
    "matrices": lambda *_: X[0, 0] @ X[0, 0, :3],
    "vector": lambda *_: X[0, 0] @ X[0, 0, 0, :3],
    "truth": lambda x, *_: x or None,
    "view": lambda *_: X.view(3, 5),
    "dimension": lambda *_: X.mean((2, 5)),
    "index": lambda *_: X[0, 0, 0, 9],
    "tuple index": lambda *_: X.shape[7],
    "indices": lambda *_: X[0, 0, 0, 0, 0],
    "types": lambda *_: F.conv2d(X, W.double()),
    "same": lambda *_: F.conv2d(X, W, stride=2, padding="same"),
    "floats as indices": lambda *_: X[X],
    "length": lambda *_: len(2),  # type: ignore[arg-type]
    "twice": lambda *_: X.mean((2, 2)),
    "stride 0": lambda *_: F.conv2d(X, W, stride=0),
    "joined": lambda *_: "1" + 1,  # type: ignore[operator]
    "shape called": lambda *_: X.shape(1),  # type: ignore[operator]
    "item": lambda *_: X.item(),
    "too few names": lambda *_: dict([(1, 2, 3)]),  # type: ignore[list-item]
    "float range": lambda *_: list(range(2.0)),  # type: ignore[call-overload]
    "float channels": lambda *_: nn.Conv2d(4.0, 4, 1),  # type: ignore[arg-type]
    "float channels out": lambda *_: nn.Conv2d(4, 4.0, 1),  # type: ignore[arg-type]
    "zero": lambda *_: 1 // 0,
    "recursion": again,
    "before super": BeforeSuper,
    "a block's own": lambda *_: ConvNormAct(4, 4, kernel_size=2),
    "the library's": lambda *_: Fraction("x"),
    "an import's": lambda *_: importlib.import_module("squeze"),
    "a key": lambda *_: nn.ModuleDict()["proj"],
    "a function for act": lambda *_: ConvNormAct(4, 4, act=F.relu6),  # type: ignore[arg-type]
    "no brackets": lambda *_: nn.Sigmoid(X),  # type: ignore[call-arg]
    "a method compared": lambda *_: X.sum < 2,  # type: ignore[operator]
    "a tuple compared": lambda *_: (1, 2) > 1,  # type: ignore[operator]
    "a power": lambda *_: 2.0 ^ 3,  # type: ignore[operator]
    "a comma": lambda *_: (1,) + 3,  # type: ignore[operator]
    "a comma before": lambda *_: 3 + (1,),  # type: ignore[operator]
    "half a padding": lambda *_: F.conv2d(X, W, padding=3 / 2),  # type: ignore[call-overload]
    "half a padding of a layer": lambda *_: nn.Conv2d(4, 4, 3, padding=3 / 2)(X),  # type: ignore[arg-type]
    "a layer to a norm": lambda *_: nn.BatchNorm2d(4)(nn.ReLU()),
    "a layer to a layer": lambda *_: nn.Conv2d(4, 4, 3)(nn.ReLU()),
    "a layer to a function": lambda *_: torch.sigmoid(nn.ReLU()),  # type: ignore[arg-type]
    "a layer added": lambda *_: X + nn.ReLU(),  # type: ignore[operator]
    "a function in a Sequential": lambda *_: nn.Sequential(F.relu),  # type: ignore[arg-type]
    "a local one in a Sequential": lambda *_: nn.Sequential(lambda x: x),  # type: ignore[arg-type]
    "norm of the last": lambda *_: nn.LayerNorm(4)(X),
    "norm of volumes": lambda *_: nn.BatchNorm3d(4)(X),
    "another device": lambda *_: X.to("meta"),
}
TOLD = {
    "same": "works at stride 1 alone",
    "floats as indices": "must say of each place True or False",
    "length": "a value of type int has no length",
    "twice": "dimension 2 is named twice",
    "stride 0": "a stride is at least 1",
    "joined": "are joined by `\\+`",
    "shape called": "with square brackets, not called",
    "unbound": "`early` is used before it has a value",
    "keyword": r"`squeezed` does not take an argument `dim`",
    "missing": r"`squeezed` is called without its argument 'x'",
    "too many": r"`squeezed` takes 1 positional argument, and gets 2",
    "by position": "takes 3 positional arguments, and gets 4",
    "mean": "the dimensions are one argument: put them in brackets",
    "torch.mean": "the dimensions of `mean` are one argument: put them in",
    "None to conv": r"`conv2d` cannot take .*: Tensor, None\. Which of them",
    "None to relu": "`relu` gets None as its input, which must be Tensor",
    "None plus": "`\\+` stands between Tensor and None",
    "half a shape": "`//` stands between shape and int",
    "shape for groups": "`conv2d` cannot take .*groups=shape",
    "call": "a value of type Tensor is not callable",
    "capital": r"`torch.nn.functional` has no `Relu`\. .* a wrong capital",
    "attribute": r"OnlyX has no `.frist`\. .* was it never set",
    "a class in a Sequential": "the class ReLU stands where a layer belongs. Are its brackets missing",
    "no GPU": "must be on the device of the input",
    "sequences": "`conv1d` is made for sequences",
    "norm of sequences": "this norm is not made for maps",
    "minus": "`-` does not work with True and False",
    "no matrix": "a matrix is needed",
    "several for one": "a tensor of several numbers stands where one",
    "infinite": "a number gets too large",
    "too large": "a number gets too large",
    "star": "a list stands where a layer belongs. Is a `\\*` missing",
    "sizes": r"different sizes meet, 8 and 4 in dimension 2\. Print the shapes",
    "cat": "put together have different sizes, 8 and 4",
    "channels": "made for 4 channels, groups=1, gets 3",
    "groups": "a convolution to 4 channels cannot have groups=8",
    "layer groups": r"of your code, `.*nn\.Conv2d\(.*`: .* cannot be split into so many groups",
    "small map": "a kernel of 3 x 3 does not fit into a map of 2 x 8",
    "small map of a pooling": "a pooling does not fit into a map of 8x8",
    "five dims": r"`conv2d` gets a tensor of shape \[1, 2, 4, 8, 8\]",
    "bias": "to 4 channels has a bias of 5 numbers",
    "norm": "a norm for 3 channels gets 4",
    "norm of two": "a norm gets a tensor of 2 dimensions",
    "norm of one": "cannot be trained on one number per",
    "matrices": "matrices of 8x8 and 3x8 cannot be multiplied",
    "vector": "the sizes of what is multiplied do not fit",
    "truth": "a condition asks whether a whole tensor is true",
    "view": r"512 numbers cannot take the shape \[3, 5\]",
    "dimension": "there is no dimension 5",
    "index": "there is no index 9 among 8",
    "tuple index": "there is no item with this index",
    "indices": "a tensor of 4 dimensions has no more indices",
    "types": "numbers of two types meet",
    "item": "512 numbers cannot become one number",
    "too few names": "it raised ValueError",
    "float range": "a float stands where a whole number belongs",
    "float channels": "a layer gets a float for a number of channels",
    "float channels out": "a layer gets a float for a number of channels",
    "zero": "something is divided by zero",
    "before super": r"`__init__` of BeforeSuper must call `super\(\)",
    "recursion": "a function calls itself without an end",
    "a block's own": r"of your code, `.*ConvNormAct\(.*`: ConvNormAct: kernel_",
    "the library's": r"of your code, `.*Fraction\(.*`: it raised ValueError: Invalid literal",
    "an import's": "of your code, `.*import_module.*`: it raised ModuleNotFoundError",
    "a key": "nothing has the name 'proj'",
    "a function for act": "code: ConvNormAct: act must be .* got `relu6`, which fails",
    "no brackets": "the class Sigmoid stands where a function belongs. Are its brackets missing",
    "a method compared": "`<` compares a method: are its brackets missing",
    "a tuple compared": "`>` compares tuple with int",
    "a power": r"a power is written `\*\*`",
    "a comma": "a tuple stands where a number belongs. Is there a comma",
    "a comma before": "a tuple stands where a number belongs. Is there a comma",
    "half a padding": "`conv2d` gets a float where a whole number belongs",
    "half a padding of a layer": "`conv2d` gets a float where a whole number belongs",
    "a layer to a norm": "a layer itself is handed on",
    "a layer to a layer": "a layer itself is handed on",
    "a layer to a function": "a layer itself is handed on",
    "a layer added": "a layer itself is handed on",
    "a function in a Sequential": "a function stands where a layer belongs",
    "a local one in a Sequential": "a function stands where a layer belongs",
    "norm of the last": "this norm is not made for maps",
    "norm of volumes": "this norm is not made for maps",
    "another device": "gives a tensor on another device",
}


def unpacks(*_: Any) -> Any:
    first, second = X.shape
    return first + second


def unpacks_too_many(*_: Any) -> Any:
    first, second, third, fourth, fifth = X.shape
    return first, second, third, fourth, fifth


def silent(*_: Any) -> Any:
    raise LookupError


def compiled(source: str, name: str) -> Any:
    """A function without source, as one that was typed into a console."""
    made: dict[str, Any] = {"F": F}
    exec(source, made)  # noqa: S102 - our own text
    return made[name]


def cell(source: str, name: str) -> Any:
    """A function from a notebook's cell, whose source Python knows though it stands in no file."""
    file = f"/tmp/ipykernel_1/{abs(hash(source))}.py"  # noqa: S108 - as the kernel calls it; nothing is written
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    made: dict[str, Any] = {
        "F": F,
        "nn": nn,
        "right": right,
        "BasicBlock": BasicBlock,
        "__name__": "__main__",
    }
    exec(compile(source, file, "exec"), made)  # noqa: S102 - our own text
    return made[name]


FOLDED = """
class Block(nn.Module):
    def __init__(self, i, o, *, stride):
        super().__init__()

    def forward(self, x):
        while ...:
            x = F.relu(x)
        return x
"""


KEPT = """
class Block(BasicBlock):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.a: nn.Module = ...
        self.b, self.c = ..., ...
        self.a = self.b = nn.ReLU()
        self.c = {}
        self.c["a"] = ...
        self.c["a"] = 3
"""


class WithBlankProperty(nn.Module):
    @property
    def size(self) -> Any:
        return 3 * ...  # type: ignore[operator]

    def forward(self, x: Tensor) -> Tensor:
        return x


class WithBlankMethod(nn.Module):
    @staticmethod
    def size() -> Any:
        return 3 * ...  # type: ignore[operator]

    def forward(self, x: Tensor) -> Tensor:
        return x


def helper(*_: Any) -> Any:
    return F.relu(...)  # type: ignore[arg-type]


def wrapped(function: Any) -> Any:
    def answer(*given: Any) -> Any:
        return function(*given)

    return answer


def annotated(x: Tensor, first: Tensor, second: Tensor, project: Tensor | None, stride: int) -> Tensor:
    """The right answer, with dots that are no blanks."""
    kept: Callable[..., Any] = right
    shape: tuple[int, ...] = x[...].shape
    return kept(x[..., : shape[-1]], first, second, project, stride)  # type: ignore[no-any-return]


@functools.lru_cache
def cached_blank(*_: Any) -> Any:
    return ...


def local_stub() -> Any:
    def answer(*_: Any) -> Any:
        pass

    return answer


def unfilled() -> Any:
    def answer(*_: Any) -> Any:
        return later

    if X.ndim == 3:
        later = X
    return answer


def adds_to_a_weight(norm: nn.BatchNorm2d, _: Any) -> None:
    norm.weight.add_(1)


def adds_to_a_pair(_: nn.Module, pair: tuple[Tensor, Tensor]) -> None:
    pair[1].add_(1)


def renames(_: nn.Module, pair: tuple[Tensor, Tensor]) -> None:
    pair[0].resize_(1)


class Halves(nn.Module):
    """A depthwise convolution in two halves."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 3, 3))
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.view(4, 1, 3, 3)
        parts = [F.conv2d(x[:, i : i + 2], weight[i : i + 2], padding=1, groups=2) for i in (0, 2)]
        return F.silu(self.norm(torch.cat(parts, 1)))


class ByHand(nn.Module):
    """A norm by hand, with one thing to go wrong in eval mode, where only other weights than 1 show it."""

    def __init__(self, slip: str = "", *, learned: bool = True) -> None:
        super().__init__()
        self.slip = slip
        self.conv = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        if not learned:
            weight = self.conv.weight.detach()
            del self.conv.weight
            self.conv.register_buffer("weight", weight)
        self.register_buffer("mean", torch.zeros(4))
        self.register_buffer("var", torch.ones(4))
        self.scale, self.shift = nn.Parameter(torch.ones(4)), nn.Parameter(torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        if self.training:
            mean, var = y.mean((0, 2, 3)), y.var((0, 2, 3), correction=0)
        else:
            mean, var = self.mean, self.var
            var = var**2 if self.slip == "no root" else var
        scale = self.scale if self.training or self.slip != "no sign" else self.scale.abs()
        mean, root, scale, shift = (
            each.view(-1, 1, 1) for each in (mean, (var + 1e-5).sqrt(), scale, self.shift)
        )
        return F.silu((y - mean) / root * scale + shift)


class Lazy(nn.Module):
    def __init__(self, *, spare: bool = False) -> None:
        super().__init__()
        self.layers = layers(nn.LazyConv2d(4, 3, padding=1, groups=4, bias=False), nn.LazyBatchNorm2d())
        self.spare = nn.LazyLinear(3) if spare else None

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.layers(x))


class NormTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = CONV, NORM

    def forward(self, x: Tensor) -> Tensor:
        print(self.norm(self.conv(x)).mean().item())
        return F.silu(self.norm(self.conv(x)))


class LooksAndDoubles(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = layers(CONV, NORM)

    def forward(self, x: Tensor) -> Tensor:
        print(self.layers(x).mean().item())
        return 2 * F.silu(self.layers(x))  # type: ignore[no-any-return]


class Product(nn.Module):
    """The product in place of nn.SiLU, and another eps in the norm."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = CONV
        self.norm = nn.BatchNorm2d(4, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.conv(x))
        return y * torch.sigmoid(y)  # type: ignore[no-any-return]


class Function(nn.Module):
    """A function of the input, as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Between(nn.Module):
    """A layer, with functions before and after it."""

    def __init__(self, before: Callable[[Tensor], Tensor], after: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.before, self.layers, self.after = before, layers(CONV, NORM, nn.SiLU()), after

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.layers(self.before(x)))


class InPlace(nn.Module):
    """A SiLU by hand that changes what its gradient needs."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = layers(CONV, NORM)

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(x)
        return y.sigmoid().mul_(y)  # type: ignore[no-any-return]


class Doubles(Between):
    """In float64, whatever it gets."""

    def __init__(self) -> None:
        super().__init__(Tensor.double, torch.clone)
        self.layers = copy.deepcopy(self.layers).double()


class Frozen(Between):
    def __init__(self) -> None:
        super().__init__(torch.clone, torch.clone)
        self.layers = copy.deepcopy(self.layers).requires_grad_(False)


def layers(*parts: nn.Module) -> nn.Module:
    return nn.Sequential(*parts)


CONV = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
NORM = nn.BatchNorm2d(4)
EXERCISES = (Exercise(check_product, "count", lambda height, width: height * width),)
RIGHT = [
    (check_forward, annotated, "dots in an index and in an annotation"),
    (check_forward, wrapped(right), "wrapped"),
    (
        check_forward,
        cell("g, f = (lambda x: 2 * ...), (lambda *given: right(*given))", "f"),
        "beside a blank on the same line",
    ),
    (
        check_forward,
        cell("def f(*given):\n    kept = ...\n    kept = right(*given)\n    return kept\n", "f"),
        "a blank kept above",
    ),
    (
        check_forward,
        cell("def f(*given):\n    g = lambda x, k=...: right(*given)\n    return g(0)\n", "f"),
        "a blank as a default",
    ),
    (
        check_forward,
        cell(
            "def f(*given):\n    a: int = ...\n    b, c = ..., ...\n    a = right\n    b = c = given\n"
            "    assert a, ...\n    return a(*c)\n    return ...\n",
            "f",
        ),
        "kept blanks",
    ),
    (check_block, cell(KEPT, "Block"), "kept blanks of a class"),
    (check_modules, lambda *_: None, "anything"),
    (check_product, lambda height, width: sum(height for _ in range(width)), "a sum"),
    (check_product, lambda height, width: 2 * height * width / 2, "halves of twice"),
    (check_thousands, 1000 * torch.ones(3), "thousands"),
    (check_thousands, torch.ones(0), "of nothing"),
    (check_thousands, 1000 * torch.ones(3) + 1e-3, "but for rounding"),
    (check_half, lambda: 0.5, "a float"),
    (check_half, lambda: torch.tensor(0.5), "a tensor"),
    (check_depthwise, Halves(), "in halves"),
    (check_depthwise, ByHand(), "the norm by hand"),
    (check_depthwise, Lazy(), "lazy layers"),
    (check_depthwise, Doubles(), "float64 inside"),
    (check_depthwise, layers(CONV, NORM, nn.SiLU(), nn.Dropout(0.0)), "a dropout of nothing"),
    (check_pools, Function(lambda x: F.max_pool2d(x, 3, 1, 1).mean((2, 3), keepdim=True)), "functions"),
]
TO_DO = [
    (check_forward, cell("def f(x, *_):\n    return x if ... else 2 * x\n", "f"), "a condition in a cell"),
    (check_block, cell(FOLDED, "Block"), "a condition in a cell's class"),
    (check_forward, wrapped(helper), "a blank in what is wrapped"),
    (check_forward, functools.partial(helper, X), "a blank in what a partial holds"),
    (check_forward, cached_blank, "a blank in a cached function"),
    (check_forward, local_stub(), "only pass, in a function"),
    (
        check_forward,
        cell("def f(*given):\n    kept = ...\n    other = right(*given)\n    return other\n", "f"),
        "a blank that nothing replaces",
    ),
    (
        check_forward,
        cell(
            "def f(*v):\n    a: int = ...\n    b, c = ..., ...\n    b = a = 3\n    return right(*v)\n",
            "f",
        ),
        "a blank of two that nothing replaces",
    ),
    (
        check_forward,
        cell("def f(*given):\n    a: int = ...\n    a: int\n    return right(*given)\n", "f"),
        "an annotation replaces no blank",
    ),
    (check_forward, compiled("def f(x): return F.relu(...)", "f"), "no source"),
    (check_forward, compiled("def f(x): return lambda: ...", "f"), "no source, inside"),
    (check_block, WithBlankProperty, "a blank in a property"),
    (check_block, WithBlankMethod, "a blank in a static method"),
    (check_suspects, {**FAULTS, "C": ...}, "one blank name"),
]
WRONG = [
    *((check_forward, answer, kind, TOLD[kind]) for kind, answer in RAISED.items()),
    (check_forward, unpacks, "unpacks", "more values on the right"),
    (check_forward, unpacks_too_many, "unpacks too many", "fewer values on the right"),
    (check_forward, silent, "no message", r"of your code, `raise LookupError`: it raised LookupError\.$"),
    # It fails before any line of the learner's runs.
    (linear_bottleneck.check_share, lambda a, b: a + b, "two arguments", "n = 5: your function is called"),
    (linear_bottleneck.check_share, lambda: 1, "no argument", "for n = 5: your function takes 0 pos"),
    (check_forward, unfilled(), "an empty cell", "`later` is used before it has a value"),
    (
        check_forward,
        compiled("def f(*_): return F.nothing", "f"),
        "no source",
        "line 1 of your code: `torch.nn(?!of your code, `)",
    ),
    (check_forward, np.zeros(3), "an array for a function", "got a numpy array"),
    (check_forward, torch.zeros(3), "a tensor for a function", r"got a tensor of shape \(3,\)"),
    (check_forward, lambda *_: nn.ReLU, "gives a class", "gives the class ReLU where a tensor"),
    (check_forward, lambda x, *_: x[..., 0], "dots in an index, no source", "the shape is"),
    (check_block, lambda *_, **__: None, "builds nothing", r"your function gives None\. Is there a return"),
    (
        check_product,
        lambda height, width: height + width,
        "a sum",
        r"height=3, width=5 you get 8\. That is 3 \+ 5",
    ),
    (
        check_product,
        lambda height, _: height**2,
        "a square",
        r"height=3, width=5 you get 9\. That is 3 by itself",
    ),
    (
        check_product,
        lambda height, _: height,
        "one of them",
        "height=2, width=2 you get 2, which is 2 too few. Multiply",
    ),
    (check_product, lambda *_: 5000, "too many", r"you get 5,000, which is 4,996 too many"),
    (
        check_thousands,
        2000 * torch.ones(3),
        "two each",
        "with 3 channels, a 1x1 kernel, a map of 5x4, reduction ratio 2: twice",
    ),
    (check_thousands, 1000 * torch.ones(1), "too short", "one alone"),
    (check_thousands, torch.ones(2), "two of them", r"the shape is \(2,\), expected \(3,\)"),
    (check_thousands, torch.arange(3), "other numbers", "other numbers"),
    (check_half, lambda: 2, "another number", "that is no half"),
    (check_modules, adds_to_a_weight, "changes a module", "changes its input"),
    (check_modules, adds_to_a_pair, "changes a pair", "changes its input"),
    (check_modules, renames, "changes a shape", "changes its input"),
    (check_raises, leaves, "exit", "it raised SystemExit"),
    (check_depthwise, 3, "a number for a module", "a Module is needed"),
    (check_depthwise, layers(CONV, NORM, nn.SiLU(), nn.Dropout()), "dropout", "changes by chance"),
    (check_depthwise, Between(torch.clone, Tensor.detach), "detached", "its parameters get no gradient"),
    (check_depthwise, Between(Tensor.detach, torch.clone), "x detached", "its input does not get the right"),
    (check_depthwise, Frozen(), "frozen", "its parameters get no gradient: is there a detach or no_grad"),
    (
        check_depthwise,
        copy.deepcopy(layers(CONV, NORM, nn.SiLU())).to("meta"),
        "another device",
        "all tensors must be on the device of the input",
    ),
    (check_depthwise, InPlace(), "in place", "its forward fails: .*no gradient can be computed. Is there a"),
    (
        check_depthwise,
        Between(torch.clone, lambda y: y.view(2, 4, 7, 7)),
        "a batch of two",
        "with one sample its forward fails: .* 196 numbers cannot",
    ),
    (
        check_depthwise,
        Between(torch.clone, torch.squeeze),
        "squeezed",
        "with one sample its output is another",
    ),
    (check_depthwise, Function(torch.clone), "nothing", "it gives its input back unchanged"),
    (
        check_depthwise,
        layers(nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=4, bias=False), NORM, nn.SiLU()),
        "dilated",
        "look at the dilation of 0",
    ),
    (
        check_depthwise,
        layers(nn.ConvTranspose2d(4, 4, 3, padding=1, groups=4, bias=False), NORM, nn.SiLU()),
        "transposed",
        "look at the type of 0, which is ConvTranspose2d",
    ),
    (check_block, lambda *_, **__: right, "builds a function", "got a function. Are its brackets missing"),
    (check_block, lambda *_, **__: "a block", "builds text", "got 'a block'. Look at its return"),
    (check_depthwise, ByHand("no root"), "by hand, no root", r"sub \(sub\), stands where a norm"),
    (check_depthwise, ByHand("no sign"), "by hand, no sign", r"sub \(sub\), stands where a norm"),
    (
        check_depthwise,
        ByHand(learned=False),
        "a buffer for a weight",
        "8 parameters; .* no parameter, or",
    ),
    (check_depthwise, Lazy(spare=True), "a lazy layer unused", "its forward does not use all its layers"),
    (check_depthwise, NormTwice(), "the norm twice", "in training its forward calls norm twice"),
    (
        check_depthwise,
        LooksAndDoubles(),
        "looked at, and wrong",
        "with the same weights its output is another",
    ),
    (check_depthwise, Product(), "a product, and eps", "look at the eps of norm, which is 0.001"),
    (
        check_depthwise,
        layers(nn.Conv2d(4, 4, 3, padding=1, bias=False), NORM, nn.SiLU()),
        "no groups",
        "4.0 times too many weights in the 3x3",
    ),
    (
        check_depthwise,
        layers(nn.Conv2d(4, 4, 1, groups=2, bias=False), NORM, nn.SiLU()),
        "1x1, grouped",
        "a grouped convolution .*, stands where a depthwise",
    ),
    (
        check_depthwise,
        layers(nn.Conv2d(4, 4, 5, padding=2, groups=4, bias=False), NORM, nn.SiLU()),
        "5x5",
        r"\(5x5\), has 100 parameters; expected 36\.$",
    ),
    (
        check_depthwise,
        layers(CONV, nn.GroupNorm(2, 4), nn.SiLU()),
        "another norm",
        r"a norm \(GroupNorm\), stands",
    ),
    (
        check_depthwise,
        layers(CONV, NORM, nn.SiLU(), nn.Linear(7, 7)),
        "a linear end",
        "end, but a linear layer",
    ),
    (
        check_depthwise,
        layers(CONV, NORM),
        "an end too early",
        r"after a norm .*; an activation \(SiLU\) is missing",
    ),
    (
        check_depthwise,
        Function(lambda x: x.sum(0)),
        "no samples",
        r"\(2, 4, 7, 7\) into \(4, 7, 7\); expected",
    ),
    (
        check_pools,
        layers(nn.AvgPool2d(3, 1, 1), nn.AdaptiveAvgPool2d(1)),
        "a mean for a maximum",
        r"an average pooling \(AvgPool2d\), stands where a max pooling \(0\) belongs",
    ),
    (
        check_pools,
        layers(nn.MaxPool2d(3, 1, 1), nn.AdaptiveMaxPool2d(1)),
        "a maximum for a mean",
        r"a max pooling \(1\), stands where a mean over height and width belongs",
    ),
    (
        check_pools,
        Function(lambda x: x.mean((2, 3))[:, :, None, None]),
        "no maximum",
        r"a mean over height and width, stands where a max pooling \(0\)",
    ),
    (
        check_pools,
        Function(lambda x: x.flip(2).mean((2, 3), keepdim=True)),
        "turned upside down",
        r"step 1 of its forward, flip \(flip\), stands where",
    ),
]


def test_nothing_fires_after_an_endless_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LIMIT", 0.05)
    before = threading.active_count()
    for slip in (endless, endless_and_deaf):
        with pytest.raises(running.Slip, match="did not end within"):
            running.within_time(slip)
        assert threading.active_count() == before
        started = time.perf_counter()
        while time.perf_counter() - started < 0.1:
            pass


def test_who_sleeps_in_compiled_code_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LIMIT", 0.05)
    started = time.perf_counter()
    with pytest.raises(running.Slip):
        running.within_time(lambda: time.sleep(5))
    assert time.perf_counter() - started < 4


def test_the_readers_interrupt_ends_the_code_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "join", interrupted(threading.Thread.join))
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        running.within_time(endless)
    assert threading.active_count() == before


def interrupted(join: Callable[..., None]) -> Callable[..., None]:
    """A join that is interrupted the first time."""
    waits = []

    def stand_in(thread: threading.Thread, timeout: float | None = None) -> None:
        waits.append(timeout)
        if len(waits) == 1:
            raise KeyboardInterrupt
        join(thread, timeout)

    return stand_in
