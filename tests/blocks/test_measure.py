"""The recorder: steps, edges and costs of any module; nothing is allocated, changed or disturbed."""

import array
import copy
import io
import itertools
import pickle
import random
import re
import sys
import threading
import time
import tracemalloc
import warnings
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, prune
from torch.utils import _python_dispatch
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from blocks import (
    BasicBlock,
    Bottleneck,
    FusedMBConv,
    InvertedResidual,
    MBConv,
    Residual,
    SqueezeExcitation,
    measure,
)
from blocks.measure import Graph, Step


def step(graph: Graph, name: str) -> Step:
    (found,) = [step for step in graph.steps if step.name == name]
    return found


def read(graph: Graph, name: str) -> list[str]:
    """The names of the steps that a step reads."""
    return [graph.steps[i].name for i in step(graph, name).inputs]


def counted(module: nn.Module, shape: tuple[int, ...]) -> float:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module.eval()(torch.zeros(shape))
    return counter.get_total_flops() / 2


# Edges


def test_steps_of_an_mbconv() -> None:
    graph = measure.graph(MBConv(8, 8, kernel_size=5, expansion=6), (2, 8, 10, 10))
    kinds = [(step.name, step.kind, step.detail) for step in graph.steps]
    assert kinds == [
        ("input", "input", ""),
        ("expand.conv", "pointwise", "1x1"),
        ("expand.norm", "norm", "BatchNorm2d"),
        ("expand.act", "activation", "SiLU"),
        ("depthwise.conv", "depthwise", "5x5"),
        ("depthwise.norm", "norm", "BatchNorm2d"),
        ("depthwise.act", "activation", "SiLU"),
        ("squeeze_excitation.mean", "pool", "mean"),
        ("squeeze_excitation.reduce", "pointwise", "1x1"),
        ("squeeze_excitation.act", "activation", "SiLU"),
        ("squeeze_excitation.expand", "pointwise", "1x1"),
        ("squeeze_excitation.gate", "activation", "Sigmoid"),
        ("squeeze_excitation.mul", "multiply", "mul"),
        ("project.conv", "pointwise", "1x1"),
        ("project.norm", "norm", "BatchNorm2d"),
        ("add", "add", "add"),
    ]
    assert read(graph, "squeeze_excitation.mul") == ["depthwise.act", "squeeze_excitation.gate"]
    assert read(graph, "add") == ["input", "project.norm"]
    assert graph.consumers(0) == (1, 15)
    assert step(graph, "expand.conv").shape == (2, 48, 10, 10)
    assert step(graph, "squeeze_excitation.gate").shape == (2, 48, 1, 1)


def test_shortcuts() -> None:
    identity, projection = (
        measure.graph(BasicBlock(4, 4), (1, 4, 8, 8)),
        measure.graph(Bottleneck(4, 8), (1, 4, 8, 8)),
    )
    assert read(identity, "add") == ["second.norm", "input"]
    assert read(projection, "add") == ["expand.norm", "shortcut.norm"]
    assert read(projection, "shortcut.conv") == ["input"]
    assert projection.steps[-1].name == "act"
    for block in (InvertedResidual(4, 4), FusedMBConv(4, 4)):
        assert read(measure.graph(block, (1, 4, 8, 8)), "add") == ["input", "project.norm"]
    for block in (InvertedResidual(4, 8), FusedMBConv(4, 4, stride=2)):
        assert "add" not in {step.kind for step in measure.graph(block, (1, 4, 8, 8)).steps}
    gate = measure.graph(SqueezeExcitation(8), (1, 8, 4, 4))
    assert read(gate, "mul") == ["input", "gate"]
    assert read(measure.graph(Residual(nn.Identity()), (1, 4, 2, 2)), "add") == ["input", "input"]


# Other people's modules


class Functional(nn.Module):
    """An inverted residual of plain functions and parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Parameter(torch.randn(16, 4, 1, 1))
        self.deep = nn.Parameter(torch.randn(16, 1, 3, 3))
        self.narrow = nn.Parameter(torch.randn(4, 16, 1, 1))
        self.full = nn.Parameter(torch.randn(4, 2, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(F.conv2d(x, self.wide))
        y = F.relu6(F.conv2d(y, weight=self.deep, padding=1, groups=16))
        y = F.conv2d(weight=self.narrow, input=y) + x
        return F.conv2d(y, self.full, None, 2, 1, groups=2)


def test_functions_and_bare_parameters() -> None:
    module = Functional()
    graph = measure.graph(module, (1, 4, 6, 6))
    kinds = [(step.kind, step.detail) for step in graph.steps[1:]]
    assert kinds == [
        ("pointwise", "1x1"),
        ("activation", "relu6"),
        ("depthwise", "3x3"),
        ("activation", "relu6"),
        ("pointwise", "1x1"),
        ("add", "add"),
        ("grouped", "3x3, stride 2"),
    ]
    assert sum(step.multiply_adds for step in graph.steps) == counted(module, (1, 4, 6, 6))
    assert sum(step.parameters for step in graph.steps) == sum(p.numel() for p in module.parameters())
    assert graph.steps[6].inputs == (5, 0)


class Various(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.twice = nn.Conv2d(2, 2, 3, padding=1)
        self.rest = nn.Sequential(
            nn.Identity(), nn.Dropout(0.5), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(72, 5)
        )
        self.unused = nn.Linear(3, 3)
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.chunk(2, 1)
        y = torch.cat([self.twice(first), self.twice(second)], dim=1)
        y = F.dropout(y, 0.3, self.training) * self.scale
        y += x
        return self.rest(y[:, :2].contiguous())


def test_containers_a_module_called_twice_and_operations_in_place() -> None:
    module = Various()
    graph = measure.graph(module, (1, 4, 6, 6))
    names = [step.name for step in graph.steps]
    # No step: the identity, both dropouts, contiguous, which has nothing to do.
    assert names == [
        "input",
        "chunk",
        "twice",
        "twice",
        "cat",
        "mul",
        "add",
        "getitem",
        "rest.2",
        "rest.3",
        "rest.4",
    ]
    inputs = [step.inputs for step in graph.steps]
    assert inputs == [(), (0,), (1,), (1,), (2, 3), (4,), (5, 0), (6,), (7,), (8,), (9,)]
    assert [step.parameters for step in graph.steps if step.name == "twice"] == [38, 0]
    assert step(graph, "mul").parameters == 1
    assert sum(step.multiply_adds for step in graph.steps) == counted(module, (1, 4, 6, 6))
    cost = measure.cost(module, (1, 4, 6, 6))
    assert cost.parameters == sum(p.numel() for p in module.parameters())
    assert [part.name for part in cost.parts] == ["chunk", "twice", "cat", "mul", "add", "getitem", "rest"]
    assert next(part for part in cost.parts if part.name == "rest").parameters == 72 * 5 + 5


@pytest.mark.parametrize("in_place", [False, True])
def test_an_activation_in_place_is_known_as_such(in_place: bool) -> None:
    graph = measure.graph(Calls(lambda x: F.relu6(x, inplace=in_place)), (1, 4, 6, 6))
    assert [step.in_place for step in graph.steps] == [False, in_place]


def test_transposed_convolution_and_linear() -> None:
    module = nn.Sequential(nn.ConvTranspose2d(3, 4, 3, stride=2), nn.Conv2d(4, 6, (1, 3), groups=2))
    cost = measure.cost(module, (2, 3, 5, 5))
    assert cost.multiply_adds == counted(module, (2, 3, 5, 5))
    assert measure.cost(nn.Linear(7, 3), (5, 7)).multiply_adds == 5 * 7 * 3


def test_multiply_adds_are_of_the_whole_batch() -> None:
    one, three = (measure.cost(MBConv(8, 8), (n, 8, 6, 6)).multiply_adds for n in (1, 3))
    assert three == 3 * one


# Errors


@pytest.mark.parametrize(
    ("module", "shape", "kind", "message"),
    [
        (nn.ReLU, (1, 3, 4, 4), TypeError, r"^graph: module must be a Module, got <class"),
        (None, (1, 3, 4, 4), TypeError, r"^graph: module must be a Module, got None"),
        (nn.ReLU(), 4, TypeError, r"^graph: input_shape must be whole numbers such as .*, got 4"),
        (nn.ReLU(), (), TypeError, r"^graph: input_shape must be whole numbers"),
        (nn.ReLU(), (1, 3.0), TypeError, r"^graph: input_shape must be whole numbers .* got \(1, 3\.0\)"),
        (nn.ReLU(), (True, 3), TypeError, r"^graph: input_shape must be whole numbers"),
        (nn.ReLU(), "1344", TypeError, r"^graph: input_shape must be whole numbers"),
        (
            nn.ReLU(),
            (1, 0, 4),
            ValueError,
            r"^graph: input_shape must be sizes of at least 1, got \(1, 0, 4\)",
        ),
        (
            nn.Conv2d(3, 4, 1),
            (1, 5, 4, 4),
            ValueError,
            r"^graph: Conv2d refuses the input shape \(1, 5, 4, 4\): ",
        ),
        (
            SqueezeExcitation(4),
            (4, 4),
            ValueError,
            r"^graph: SqueezeExcitation refuses the input shape \(4, 4\)",
        ),
        (Residual(nn.Conv2d(3, 1, 1)), (1, 3, 4, 4), ValueError, r"^Residual: body and shortcut must give"),
    ],
)
def test_errors(module: Any, shape: Any, kind: type[Exception], message: str) -> None:
    for function in (measure.graph, measure.cost):
        with pytest.raises(kind, match=message):
            function(module, shape)


class Calls(nn.Module):
    """A module that calls a function, and nothing else."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def nhwc(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def strides(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """A function that gives a shape made of the strides that `function` gives: what a later view needs."""
    return lambda x: x.sum() + x.new_zeros([1 + stride for stride in function(x).stride()])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + x[:, :1],
        lambda x: x[:, :1, :1] * x,
        lambda x: torch.add(x, x[0], alpha=2),
        lambda x: torch.mul(input=x, other=x[0]),
        lambda x: x * 2,
        lambda x: x + x.double(),
        lambda x: x.long() * x,
        lambda x: x.mean(),
        lambda x: x.mean((2, 3), keepdim=True),
        lambda x: torch.mean(x, dim=-1),
        lambda x: F.adaptive_avg_pool2d(x, (1, 2)),
        lambda x: F.adaptive_avg_pool2d(x, output_size=1),
        lambda x: F.linear(x, torch.ones(2, 4), torch.ones(2)),
        lambda x: F.linear(x, bias=None, weight=torch.ones(2, 4)),
        lambda x: F.hardtanh(x, 0, 6, True),
        lambda x: F.hardswish(x, inplace=True),
        lambda x: F.layer_norm(x, (5, 4), torch.ones(5, 4), torch.ones(5, 4)),
        lambda x: F.conv_transpose2d(x, torch.ones(3, 2, 2, 2), torch.ones(2)),
        lambda x: F.layer_norm(x.transpose(1, 3), (3,)).view(-1, 3),
        strides(lambda x: F.layer_norm(x.mT, (5,))),
        strides(lambda x: F.batch_norm(x.mT, torch.zeros(3), torch.ones(3))),
        strides(lambda x: F.batch_norm(nhwc(x), torch.zeros(3), torch.ones(3))),
        strides(lambda x: F.conv2d(nhwc(x), torch.ones(3, 3, 2, 2))),
        strides(lambda x: x[..., :1].transpose(0, 1) + x[:, :1].transpose(0, 1)),
    ],
)
def test_the_shape_of_a_function(function: Callable[[Tensor], Tensor]) -> None:
    shape = (2, 3, 5, 4)
    assert measure.graph(Calls(function), shape).steps[-1].shape == function(torch.rand(shape)).shape


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + x[:, :2],
        lambda x: x.mean((2, 9)),
        lambda x: x.mean((2, 2)),
        lambda x: x.long().mean(),
        lambda x: F.adaptive_avg_pool2d(x[None], (2, 2)),
        lambda x: F.linear(x, torch.ones(2, 5)),
        lambda x: F.linear(x[0, 0], torch.ones(2, 4), torch.ones(3)),
        lambda x: F.relu6(x.bool(), inplace=True),
        lambda x: x[:, :1].clone().add_(x),
        lambda x: F.layer_norm(x, (3, 4)),
        lambda x: F.layer_norm(x, (5, 4), torch.ones(4), torch.ones(4)),
        lambda x: F.layer_norm(x, (4,), torch.ones(4), torch.ones(1)),
    ],
)
def test_a_function_refuses_in_its_own_words(function: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises((RuntimeError, IndexError)) as real:
        function(torch.rand(2, 3, 5, 4, device="meta"))
    with pytest.raises(ValueError, match=re.escape(str(real.value))):
        measure.graph(Calls(function), (2, 3, 5, 4))


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.ConvTranspose2d(4, 2, 2), r"to have 4 channels"),
        (nn.ConvTranspose1d(4, 2, 2), r"to have 4 channels"),
        (Calls(lambda x: F.conv2d(x, torch.ones(4, 3, 1, 1), torch.ones(3))), r"bias to have 4 elements"),
        (Calls(lambda x: F.conv2d(x, torch.ones(4, 1, 1, 1), groups=3)), r"divided by groups"),
    ],
)
def test_convolutions_refuse_what_they_refuse_with_memory(module: nn.Module, words: str) -> None:
    """Without memory torch takes all of these."""
    shape = (2, 3, 5, 4) if not isinstance(module, nn.ConvTranspose1d) else (2, 3, 5)
    with pytest.raises(RuntimeError):
        module(torch.rand(shape))
    with pytest.raises(ValueError, match=rf"refuses the input shape \(2, 3.*{words}"):
        measure.graph(module, shape)


# Modules as people write them


class Runs(nn.Module):
    """A forward given as a function of the module and the input, with its layers and parameters."""

    def __init__(self, run: Any, **parts: Any) -> None:
        super().__init__()
        self.run = run
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        return self.run(self, *inputs, **named)


IMAGE = (1, 3, 8, 8)
POINT = partial(nn.Conv2d, kernel_size=1)


@pytest.mark.parametrize(
    "module",
    [
        Runs(lambda m, x: m.b(input=m.a(input=x)), a=POINT(3, 4), b=POINT(4, 4)),
        Runs(lambda m, x: m.b.forward(m.a.forward(x)), a=POINT(3, 4), b=POINT(4, 4)),
        Runs(lambda m, x: m.b(m.a(x).T.mT.mT.T), a=nn.Linear(8, 4), b=nn.Linear(4, 4)),
    ],
)
def test_layers_are_followed_however_they_are_called(module: nn.Module) -> None:
    """By keyword, by their forward, through properties that are views."""
    shape = IMAGE if isinstance(module.a, nn.Conv2d) else (2, 8)
    graph = measure.graph(module, shape)
    assert read(graph, "a") == ["input"]
    assert graph.steps[-1].inputs == (len(graph.steps) - 2,)
    assert all(step.inputs for step in graph.steps[1:])


def test_nested_keywords_lists_and_dicts_are_followed() -> None:
    add = Runs(lambda _, *, maps: maps["left"] + maps["right"][0])
    module = Runs(
        lambda m, x: m.add(maps={"left": m.a(x), "right": [m.b(x)]}), add=add, a=POINT(3, 4), b=POINT(3, 4)
    )
    assert read(measure.graph(module, IMAGE), "add.add") == ["a", "b"]


def chunk_in_place(m: Any, x: Tensor) -> Tensor:
    first, second = m.a(x).chunk(2, 1)
    first.relu_()
    return torch.cat([first, second], 1)


def through_a_view(m: Any, x: Tensor) -> Tensor:
    y = m.a(x)
    y[:, :2].mul_(2)
    return m.b(y)


def into_a_buffer(m: Any, x: Tensor) -> Tensor:
    out = torch.empty_like(x)
    out[:, :1] = m.a(x)[:, :1]
    return m.b(out)


def into_views_of_a_buffer(m: Any, x: Tensor) -> Tensor:
    out = torch.zeros(1, 8, 8, 8)
    out[:, :4].copy_(m.a(x))
    torch.add(m.b(x), 1, out=out.narrow(1, 4, 4))
    return out * 2


@pytest.mark.parametrize(
    ("run", "reader", "sources"),
    [
        (chunk_in_place, "cat", ["relu", "chunk"]),  # not relu twice: the second half was not written
        (through_a_view, "b", ["mul"]),  # not a: between them it was written
        (into_a_buffer, "b", ["setitem"]),  # not empty_like, which reads a shape only
        (into_views_of_a_buffer, "mul", ["copy", "add"]),
        (torch.inference_mode()(lambda m, x: m.b(F.relu_(m.a(x))[:, :3])), "getitem", ["relu"]),
    ],
)
def test_writes_are_edges(run: Any, reader: str, sources: list[str]) -> None:
    assert (
        read(
            measure.graph(Runs(run, a=POINT(3, 4), b=POINT(4 if run is through_a_view else 3, 4)), IMAGE),
            reader,
        )
        == sources
    )


def test_what_reads_a_shape_only_is_no_step() -> None:
    graph = measure.graph(Calls(lambda x: torch.rand_like(x).relu() + x.new_ones(1) + x), IMAGE)
    assert [(step.name, step.inputs) for step in graph.steps[1:]] == [("add", (0,))]


def test_outputs_are_known_in_whatever_they_are_returned() -> None:
    @dataclass
    class Found:
        boxes: Tensor
        masks: Tensor | None = None

    parts = {"a": POINT(3, 4), "b": POINT(3, 4)}
    for run, due in (
        (lambda m, x: {"a": m.a(x), "b": (m.b(x), None)}, (1, 2)),
        (lambda m, x: [Found(m.a(x)), m.b(x)][0], (1,)),
        (lambda m, x: (m.b(x), None)[1], ()),
    ):
        assert measure.graph(Runs(run, **parts), IMAGE).outputs == due


@pytest.mark.parametrize(("stride", "detail"), [((2, 1), "3x3, stride 2x1"), ([2, 2], "3x3, stride 2")])
def test_strides_with_two_numbers(stride: Any, detail: str) -> None:
    function = Calls(lambda x: F.conv2d(x, torch.ones(4, 3, 3, 3), stride=stride))
    for module in (nn.Conv2d(3, 4, 3, stride=tuple(stride)), function):
        assert measure.graph(module, IMAGE).steps[1].detail == detail


@pytest.mark.parametrize(
    "sizes",
    [tuple(np.array(IMAGE)), np.array(IMAGE), [*IMAGE], torch.Size(IMAGE), [torch.tensor(n) for n in IMAGE]],
)
def test_sizes_of_other_integer_types(sizes: Any) -> None:
    assert measure.cost(POINT(3, 4), sizes).multiply_adds == 3 * 4 * 64


# What is counted: layers wherever they are computed; other products apart


def linear(size: int, out: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(out, size))


COUNTED: dict[str, tuple[nn.Module, tuple[int, ...], int]] = {
    "transposed, by keyword": (
        Runs(lambda m, x: m.up(input=x), up=nn.ConvTranspose2d(3, 4, 2, stride=2)),
        IMAGE,
        3 * 64 * 16,
    ),
    "transposed, a function": (
        Calls(lambda x: F.conv_transpose2d(x, torch.ones(3, 4, 2, 2), stride=2)),
        IMAGE,
        3 * 64 * 16,
    ),
    "conv1d, unbatched": (Calls(lambda x: F.conv1d(x, torch.ones(4, 3, 3))), (3, 9), 7 * 4 * 9),
    "conv3d": (Calls(lambda x: F.conv3d(x, torch.ones(2, 3, 2, 2, 2))), (1, 3, 3, 3, 3), 8 * 2 * 24),
    "an operator": (Runs(lambda m, x: x @ m.w.T, w=linear(8, 4)), (2, 3, 8), 6 * 32),
    "einsum": (Runs(lambda m, x: torch.einsum("bti,oi->bto", x, m.w), w=linear(8, 4)), (2, 3, 8), 6 * 32),
    "addmm": (Calls(lambda x: torch.addmm(torch.zeros(4), x, torch.ones(8, 4))), (2, 8), 64),
    "tensordot": (Calls(lambda x: torch.tensordot(x, torch.ones(8, 4), 1)), (2, 8), 64),
    "made weights": (
        Runs(lambda m, x: F.linear(x, m.h(m.c).view(4, 8)), c=linear(2, 1), h=nn.Linear(2, 32)),
        (3, 8),
        2 * 32 + 3 * 32,
    ),
    "LSTM": (nn.LSTM(8, 16, batch_first=True), (2, 5, 8), 10 * 64 * (8 + 16)),
    "GRU": (nn.GRU(8, 16), (5, 2, 8), 10 * 48 * (8 + 16)),
    "attention": (
        Runs(lambda m, x: m.a(x, x, x)[0], a=nn.MultiheadAttention(16, 4, batch_first=True)),
        (1, 5, 16),
        4 * 5 * 16 * 16,
    ),
    "vmap": (Runs(lambda m, x: torch.func.vmap(m.a)(x), a=nn.Linear(8, 4)), (5, 8), 5 * 32),
    "inference mode": (Runs(torch.inference_mode()(lambda m, x: m.a(x)), a=POINT(3, 4)), IMAGE, 768),
    "spectral norm": (nn.Sequential(parametrizations.spectral_norm(POINT(3, 4))), IMAGE, 768),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_layers_are_counted_wherever_they_are_computed(name: str) -> None:
    module, shape, due = COUNTED[name]
    assert measure.cost(module, shape).multiply_adds == due


def test_a_compiled_module_is_the_module_itself() -> None:
    part, whole = nn.Sequential(torch.compile(POINT(3, 4), backend="eager")), POINT(3, 4)
    whole.compile(backend="eager")
    for module in (part, whole, torch.compile(whole, backend="eager")):
        assert measure.cost(module, IMAGE).multiply_adds == 768


class Lora(nn.Linear):
    def __init__(self) -> None:
        super().__init__(16, 16)
        self.down, self.up = nn.Linear(16, 4, bias=False), nn.Linear(4, 16, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + self.up(self.down(x))


class Standardized(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight - self.weight.mean((1, 2, 3), keepdim=True), self.bias)


def test_subclasses_that_do_more_are_looked_into() -> None:
    for module, shape in ((Lora(), (2, 16)), (Standardized(3, 4, 3), IMAGE)):
        cost = measure.cost(nn.Sequential(module), shape)
        assert cost.multiply_adds == counted(module, shape)
        names = [step.name for step in measure.graph(nn.Sequential(module), shape).steps[1:]]
        assert names in (["0.linear", "0.down", "0.up", "0.add"], ["0.conv2d"])
        assert sum(part.parameters for part in cost.parts) == cost.parameters


@pytest.mark.parametrize(
    ("function", "shape", "due"),
    [
        (lambda x: x @ x.mT, (2, 3, 8), 2 * 9 * 8),
        (lambda x: torch.inner(x, x), (2, 8), 32),
        (lambda x: torch.linalg.multi_dot([x, x.T, x]), (2, 8), 64),
        (lambda x: torch.einsum("bti,bsi->bts", x, x), (2, 3, 8), 2 * 9 * 8),
        (lambda x: torch.baddbmm(torch.zeros(1), x, x.mT), (2, 3, 8), 2 * 9 * 8),
        (lambda x: F.scaled_dot_product_attention(x, x, x), (2, 4, 5, 8), 2 * 2 * 4 * 25 * 8),
        (lambda x: torch.mv(x, x[0]).dot(x[:, 0]), (3, 8), 24 + 3),
    ],
)
def test_other_products_are_named_and_counted_apart(function: Any, shape: Any, due: int) -> None:
    cost = measure.cost(Calls(function), shape)
    assert (cost.multiply_adds, cost.products) == (0, due)
    assert cost.uncounted
    assert f"products={due}" in repr(cost)


@pytest.mark.parametrize(
    "function", [lambda x: torch.cdist(x, x), lambda x: F.bilinear(x, x, torch.ones(4, 8, 8))]
)
def test_operators_that_are_not_known_are_named(function: Any) -> None:
    assert measure.cost(Calls(function), (3, 8)).uncounted


def test_a_vision_transformer_as_published() -> None:
    """torchvision publishes 17.56 G: 16.87 of layers, 0.70 of attention."""
    with torch.device("meta"):
        network = models.vit_b_16()
    cost = measure.cost(network, (1, 3, 224, 224))
    products = 12 * 2 * 197 * 197 * 768
    assert cost.products == products
    assert round((cost.multiply_adds + products) / 1e9, 2) == 17.56
    assert sum(part.parameters for part in cost.parts) == cost.parameters == 86_567_656


def test_work_after_an_error_that_the_forward_catches_is_recorded() -> None:
    def run(m: Any, x: Tensor) -> Tensor:
        with suppress(RuntimeError):
            x = m.bad(x)
        return m.good(x)

    wrong = nn.Sequential(nn.Sequential(nn.Conv2d(5, 4, 1)))
    graph = measure.graph(Runs(run, bad=wrong, good=POINT(3, 4)), IMAGE)
    assert [step.name for step in graph.steps] == ["input", "good"]  # not "bad.0.good"
    assert graph.steps[1].multiply_adds == 768


def test_a_caught_error_leaves_nothing_to_the_next_step() -> None:
    def run(m: Any, x: Tensor) -> Tensor:
        with suppress(RuntimeError):
            m.many(m.bad, x)
        return x.relu()

    def many(weight: Tensor, x: Tensor) -> Tensor:
        return torch.einsum("ok,nk,nj->oj", weight, x, torch.ones(3, 3))  # the last factor does not fit

    cost = measure.cost(Runs(run, many=many, bad=linear(8, 4)), (2, 8))
    assert [(part.name, part.parameters) for part in cost.parts] == [("relu", 0)]
    assert cost.unused == ("bad",)
    layer = nn.LSTM(8, 4)

    def wrong_state(m: Any, x: Tensor) -> Tensor:
        with suppress(RuntimeError):
            m.lstm(x, (torch.zeros(1, 2, 4), torch.zeros(1, 2, 5)))
        return x.relu()

    assert measure.graph(Runs(wrong_state, lstm=layer), (5, 2, 8)).steps[-1].parameters == 0


# Parameters: each in the step that uses it, the others by name


class Token(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token, self.place = nn.Parameter(torch.zeros(1, 1, 8)), nn.Parameter(torch.zeros(1, 9, 8))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1)
        return x + self.place[:, : x.shape[1]]


def joined(m: Any, x: Tensor) -> Tensor:
    weight = torch.zeros(4, 8)
    weight[:, :4] = m.a
    weight[:, 4:].copy_(m.b)
    return F.linear(x, weight)


def old_weight_norm() -> nn.Module:
    with warnings.catch_warnings(action="ignore"):  # it is deprecated, and still there
        return nn.Sequential(torch.nn.utils.weight_norm(nn.Conv2d(3, 4, 3)))


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (Token(), (2, 5, 8)),
        (Runs(lambda m, x: m.c(x) * m.s[:, None, None], c=POINT(3, 4), s=nn.Parameter(torch.ones(4))), IMAGE),
        (Runs(lambda m, x: x + torch.sigmoid(m.a) * x, a=nn.Parameter(torch.zeros(1))), IMAGE),
        (Runs(joined, a=linear(4, 4), b=linear(4, 4)), (2, 8)),
        (Runs(lambda m, x: x + m.e(torch.arange(5)), e=nn.Embedding(5, 8)), (2, 5, 8)),
        (nn.Sequential(parametrizations.weight_norm(nn.Conv2d(3, 4, 3))), IMAGE),
        (nn.Sequential(parametrizations.orthogonal(nn.Linear(8, 8))), (2, 8)),
        (old_weight_norm(), IMAGE),
        (nn.Sequential(prune.random_unstructured(nn.Linear(8, 8), "weight", 0.5)), (2, 8)),
    ],
)  # fmt: skip
def test_parameters_met_through_functions_belong_to_a_step(module: nn.Module, shape: Any) -> None:
    cost = measure.cost(module, shape)
    assert sum(part.parameters for part in cost.parts) == cost.parameters > 0
    assert cost.unused == ()


def test_unused_and_unregistered_parameters_are_named() -> None:
    module = Runs(
        lambda m, x: m.layers[0](m.head(x)), head=POINT(3, 4), spare=POINT(3, 4), layers=[POINT(4, 2)]
    )
    cost = measure.cost(module, IMAGE)
    assert cost.unused == ("spare.weight", "spare.bias")
    assert (cost.parameters, cost.unregistered) == (32, 10)
    assert cost.multiply_adds == 64 * (12 + 8)


# The private copy


class Holder:
    """An object with a lock, which cannot be copied as a whole, that has the module."""

    def __init__(self, module: nn.Module) -> None:
        self.module, self.lock = module, threading.Lock()
        self.seen: list[Any] = []

    def run(self, _: Any, x: Tensor) -> Tensor:
        self.seen.append(x)
        return self.module(x)


def body() -> nn.Sequential:
    return nn.Sequential(POINT(3, 3), nn.BatchNorm2d(3))


def with_a_lambda() -> nn.Module:
    module = Runs(None, body=body())
    module.run = lambda _, x: module.body(x)
    return module


def with_a_partial() -> nn.Module:
    module = Runs(None, body=body())
    module.run = partial(lambda part, _, x: part(x), module.body)
    return module


def with_a_holder() -> nn.Module:
    module = Runs(None, body=body())
    module.run = Holder(module.body).run
    return module


def with_a_weak_reference() -> nn.Module:
    module = Runs(None, body=body())
    parent = weakref.ref(module)
    module.child = Runs(lambda _, x: parent().body(x))  # type: ignore[union-attr]
    module.run = lambda m, x: m.child(x)
    return module


def with_a_patched_forward() -> nn.Module:
    module = body()
    before = module.forward
    module.forward = lambda x: before(x) * 2  # type: ignore[method-assign]
    return module


def with_a_kept_map() -> nn.Module:
    def run(m: Any, x: Tensor) -> Tensor:
        m.last = m.body(x)
        m.kept.append(m.last)
        return m.last.relu()

    module = Runs(run, body=body(), kept=[])
    module(torch.zeros(IMAGE))
    return module


NOTHING = object()


def with_what_cannot_be_copied() -> nn.Module:
    held = {"lock": threading.Lock(), "numbers": (n for n in range(3)), "file": sys.stdout, "mark": NOTHING}
    return Runs(lambda m, x: m.body(x) if m.mark is NOTHING else x, body=body(), **held)


class Attributes(dict[str, Any]):
    """Keys that are attributes too."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.__dict__ = self


class Closed(OrderedDict[str, Any]):
    """Takes nothing new, once it is closed."""

    closed = False

    def __setitem__(self, key: str, value: Any) -> None:
        if self.closed:
            raise TypeError("closed")
        super().__setitem__(key, value)


HELD: dict[str, tuple[Callable[[], Any], Callable[[Any], object], Callable[[Any], Any]]] = {
    "set": (lambda: {1}, lambda held: held.add(2), sorted),
    "deque": (lambda: deque([1, 2], maxlen=2), lambda held: held.append(3), list),
    "bytearray": (bytearray, lambda held: held.append(1), bytes),
    "array": (lambda: array.array("i"), lambda held: held.append(1), list),
    "numpy": (lambda: np.zeros(3), lambda held: held.__setitem__(0, 1), list),
    "numpy's random": (
        lambda: np.random.default_rng(0),
        lambda held: held.random(),
        lambda held: held.random(),
    ),
    "random": (lambda: random.Random(0), lambda held: held.random(), lambda held: held.random()),  # noqa: S311
    "bytes": (io.BytesIO, lambda held: held.write(b"1"), lambda held: held.getvalue()),
    "list iterator": (lambda: iter([1, 2]), next, next),
    "zip": (lambda: zip([1, 2], [3, 4], strict=True), next, next),
    "cycle": (lambda: itertools.cycle([1, 2]), next, next),
    "attributes": (lambda: Attributes(a=1), lambda held: setattr(held, "b", held.a + held["a"]), dict),
    "subclass": (lambda: Closed(a=1), lambda held: held.pop("a"), dict),
}


@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("place", ["self", "class", "closure", "hook"])
def test_what_a_module_holds_is_not_changed(name: str, place: str) -> None:
    make, change, state = HELD[name]
    held, layer = make(), POINT(3, 4)
    if place == "self":
        module: nn.Module = Runs(lambda m, x: (change(m.held), m.c(x))[1], c=layer, held=held)
    elif place == "class":
        kind = type("Of", (Runs,), {"held": held})
        module = kind(lambda m, x: (change(m.held), m.c(x))[1], c=layer)
    elif place == "closure":
        module = Runs(lambda m, x: (change(held), m.c(x))[1], c=layer)
    else:
        module = nn.Sequential(layer)
        layer.register_forward_hook(lambda *_: change(held) and None)
    for _ in range(2):
        assert measure.cost(module, IMAGE).multiply_adds == 768
    assert state(held) == state(make())


def test_a_dict_with_attributes_stays_what_it_is_and_its_layers_are_not_run() -> None:
    layer, calls = POINT(3, 4), []
    layer.register_forward_hook(lambda *_: calls.append(1))
    closed = Closed(layer=layer)
    closed.closed = True
    for held in (Attributes(layer=layer), closed):
        module = Runs(lambda m, x: getattr(m.held, "layer", m.held["layer"])(x), held=held)
        assert measure.cost(module, IMAGE).unregistered == 16
    assert calls == []


def test_a_generator_is_refused_and_not_changed() -> None:
    held = (n for n in range(3))
    with pytest.raises(ValueError, match=r"^graph: a forward that takes from a generator cannot be recorded"):
        measure.graph(Runs(lambda m, x: x + next(m.held), held=held), IMAGE)
    assert next(held) == 0


class Cached(nn.Module):
    """Shares a cache with all modules of its kind."""

    places: dict[int, Tensor] = {}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.body = body()

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-1] not in self.places:
            self.places[x.shape[-1]] = torch.zeros(x.shape[-1])
        return self.body(x) + self.places[x.shape[-1]]


def test_a_cache_of_the_class_is_not_filled() -> None:
    assert measure.cost(Cached(), IMAGE).multiply_adds == 9 * 64
    assert Cached.places == {}


def with_writes() -> nn.Module:
    constant = torch.zeros(3, 1, 1)

    def run(m: Any, x: Tensor) -> Tensor:
        m.body[0].weight.data.clamp_(0, 0)
        m.body[0].weight.requires_grad = False
        m.body[1].running_mean += 1
        noise = torch.randn(3, 1, 1, generator=m.generator)
        return m.body(x) + constant.add_(1) + noise + m.plain

    return Runs(run, body=body(), generator=torch.Generator(), plain=torch.ones(3, 1, 1), constant=constant)


def with_hooks() -> nn.Module:
    module, seen = body(), []
    module[0].register_forward_hook(lambda *given: seen.append(given[2]))
    module[1].register_forward_hook(Holder(module).run)
    module.seen = seen  # type: ignore[assignment]
    module[1]._forward_hooks.clear()
    return module


@pytest.mark.parametrize(
    "make",
    [
        with_a_lambda,
        with_a_partial,
        with_a_holder,
        with_a_weak_reference,
        with_a_patched_forward,
        with_a_kept_map,
        with_what_cannot_be_copied,
        with_writes,
        with_hooks,
    ],
)
def test_whatever_a_module_holds_it_is_neither_run_nor_changed(make: Callable[[], nn.Module]) -> None:
    module = make().train()
    calls: list[int] = []
    for part in module.modules():
        part.register_forward_pre_hook(lambda *_: calls.append(1))
    tensors = {**module.state_dict(), **{k: v for k, v in vars(module).items() if isinstance(v, Tensor)}}
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    held = [dict(vars(part)) for part in module.modules()]
    lists = {name: list(value) for name, value in vars(module).items() if isinstance(value, list)}
    random = module.generator.get_state() if hasattr(module, "generator") else None
    assert measure.cost(module, IMAGE).multiply_adds == 9 * 64
    assert calls == []
    assert all(torch.equal(tensor, before[name]) for name, tensor in tensors.items())
    assert [dict(vars(part)) for part in module.modules()] == held
    assert all(list(vars(module)[name]) == value for name, value in lists.items())
    assert all(part.training for part in module.modules())
    assert all(parameter.requires_grad for parameter in module.parameters())
    assert random is None or torch.equal(module.generator.get_state(), random)


def test_a_hook_that_changes_shapes_is_part_of_the_forward() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3))
    module[0].register_forward_pre_hook(lambda _, given: (F.pad(given[0], (1, 1, 1, 1)),))
    module[0].register_forward_hook(lambda *given: given[2][:, :, ::2, ::2])
    assert measure.cost(module, IMAGE).multiply_adds == 64 * 4 * 27 + 4 * 4 * 36


def test_a_hook_that_removes_itself_stays_on_the_readers_module() -> None:
    module = nn.Conv2d(3, 4, 3)
    handle = module.register_forward_pre_hook(lambda *_: handle.remove())
    assert measure.cost(module, IMAGE).multiply_adds > 0
    assert len(module._forward_pre_hooks) == 1
    module(torch.zeros(IMAGE))
    assert len(module._forward_pre_hooks) == 0


class FloatAdd(nn.Module):
    """As torchvision's networks that are yet to be quantized; it also asks what an optimizer would."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.add = nn.Conv2d(3, 3, 1), torch.ao.nn.quantized.FloatFunctional()

    def forward(self, x: Tensor) -> Tensor:
        assert self.conv.weight.requires_grad
        return self.add.add(self.conv(x), x)


def test_an_addition_that_waits_for_its_quantization_is_an_addition() -> None:
    assert [step.kind for step in measure.graph(FloatAdd(), IMAGE).steps] == ["input", "pointwise", "add"]


# Refusals name their cause


class Small(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if torch.equal(x, x * 1) else x


class Forgets(nn.Module):
    def __init__(self) -> None:
        pass


def raises(*_: Any) -> Tensor:
    raise RuntimeError("no license for channel 5")


def looks_and_catches(_: Any, x: Tensor) -> Tensor:
    try:
        return x * x.sum().item()
    except RuntimeError:
        return x


def quantized() -> nn.Module:
    with warnings.catch_warnings(action="ignore"):  # it is deprecated, and still there
        return torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(8, 8)), {nn.Linear})


def hooked() -> nn.Module:
    module = nn.Sequential(nn.Linear(8, 8))
    module[0].register_forward_hook(lambda *given: print(given[2].mean().item()))
    return module


CAUSES: list[tuple[Callable[[], nn.Module], str]] = [
    (lambda: Calls(lambda x: x * x.mean().item()), r"needs the values of a tensor \(item\)"),
    (lambda: Calls(lambda x: x if x.sum() > 0 else -x), r"needs the values of a tensor \(bool\)"),
    (lambda: Calls(lambda x: x[x > 0]), r"needs the values of a tensor \(getitem\)"),
    (lambda: Calls(lambda x: torch.from_numpy(x.numpy())), r"needs the values of a tensor \(numpy\)"),
    (lambda: Calls(lambda x: x.flatten()[int(f"{x.mean():.0f}")]), r"needs the values .* \(format\)"),
    (lambda: Runs(looks_and_catches), r"needs the values of a tensor \(item\)"),
    (hooked, r"its forward, or a hook of it, needs the values"),
    (Small, "needs the values"),
    # Pickle reads the memory itself: at address 0 the process would end.
    (lambda: Calls(lambda x: (pickle.dumps(x * 2), x)[1]), r"needs the values .* \(untyped_storage\)"),
    (lambda: Runs(lambda m, x: (pickle.dumps(m.w), x)[1], w=linear(8, 8)), "needs the values"),
    (lambda: Calls(lambda x: (torch.save(x, io.BytesIO()), x)[1]), "needs the values"),
    (lambda: Calls(lambda x: (bytes(x.untyped_storage()), x)[1]), "needs the values"),
    (lambda: Calls(lambda x: torch.from_numpy(x.numpy(force=True))), r"needs the values .* \(numpy\)"),
    (lambda: Calls(lambda x: x * (x.data_ptr() > 0)), r"needs the values .* \(data_ptr\)"),
    (lambda: Calls(lambda x: F.linear(x.half(), torch.ones(8, 8))), "factors of the same type, got"),
    (lambda: Calls(lambda x: [x][x.ndim]), "its forward raises IndexError: list index out of range"),
    (lambda: Runs(raises), "its forward raises RuntimeError: no license for channel 5"),
    (lambda: Calls(lambda x: torch.autograd.grad((x * 2).sum(), x)[0]), "its forward needs gradients"),
    (lambda: Runs(lambda m, x: torch.sparse.mm(m.w, x.T), w=torch.eye(8).to_sparse()), "its forward raises"),
    (Forgets, r"Forgets cannot be recorded: its __init__ must call super\(\).__init__\(\) first"),
    (lambda: Runs(None, held=reduce(lambda x, _: [x], range(3000), [])), "a copy of it raises"),
    (lambda: torch.jit.script(nn.Linear(8, 8)), "a TorchScript module"),
    (lambda: torch.jit.trace(nn.Linear(8, 8), torch.zeros(1, 8)), "a TorchScript module"),
    (lambda: nn.Sequential(torch.jit.script(nn.Linear(8, 8))), r"has a part \(0\) that is a TorchScript"),
    (lambda: nn.Sequential(nn.LazyLinear(8)), r"has a part \(0\) that is lazy"),
    (quantized, r"has a part \(0\) that is quantized"),
    (lambda: Runs(lambda m, x: m.a(x.double()), a=nn.Conv1d(1, 1, 1)), "cannot be recorded: .*type"),
    (lambda: Calls(lambda x: {}[x.ndim, "key"]), "its forward raises KeyError: .*'key'"),
    (lambda: Runs(lambda _, x, y: x + y), "its forward raises TypeError: .*argument: 'y'"),
    (nn.Module, "its forward raises NotImplementedError"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # TorchScript's
@pytest.mark.parametrize(("make", "cause"), CAUSES)
def test_a_refusal_names_its_cause_and_not_the_shape(make: Callable[[], nn.Module], cause: str) -> None:
    with pytest.raises(ValueError, match=cause) as refusal:
        measure.graph(make(), (1, 8))
    assert "input shape" not in str(refusal.value)


def autocast(m: Any, x: Tensor) -> Tensor:
    with torch.autocast(device_type=x.device.type, dtype=torch.bfloat16):
        return m.c(x.bfloat16())


def looks_at_a_constant(m: Any, x: Tensor) -> Tensor:
    return m.c(x)[:, : int(m.k)] * m.k.item() if m.on else x


@pytest.mark.parametrize(
    "module",
    [
        Runs(lambda m, x: m.c(x - m.mean), c=POINT(3, 4), mean=torch.ones(3, 1, 1)),
        Runs(lambda m, x: m.c(x.to(m.device) + torch.ones(1, device=m.device)), c=POINT(3, 4), device="cpu"),
        Runs(lambda m, x: m.c(x.cpu() + torch.tensor([1.0], device=x.device)), c=POINT(3, 4)),
        Runs(autocast, c=POINT(3, 4)),
        Runs(looks_at_a_constant, c=POINT(3, 4), k=torch.tensor(2), on=torch.tensor(True)),
    ],
)
def test_devices_autocast_and_known_values_are_no_hindrance(module: nn.Module) -> None:
    assert measure.cost(module, IMAGE).multiply_adds == 768


def test_autocast_sets_the_dtype() -> None:
    """Of what layers and products give: a layer of that dtype takes it, and one of another does not."""

    def run(m: Any, x: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = m.first(x)
            z = y @ y.mT + x.softmax(-1)
        return m.second(y) * (y.dtype == torch.bfloat16) * (z.dtype == torch.float32)

    for dtype in (torch.bfloat16, torch.float32):
        module = Runs(run, first=nn.Linear(8, 8), second=nn.Linear(8, 8, dtype=dtype))
        with suppress(RuntimeError):
            module(torch.rand(8, 8))
            assert measure.cost(module, (8, 8)).multiply_adds == 2 * 8 * 64
            continue
        with pytest.raises(ValueError, match="same type"):
            measure.cost(module, (8, 8))


def test_copies_of_a_map_are_recorded() -> None:
    module = Calls(lambda x: copy.deepcopy(x * 2).share_memory_().pin_memory() * 2)
    assert [step.name for step in measure.graph(module, (1, 8)).steps[1:]] == ["mul", "deepcopy", "mul"]


def test_the_input_is_real_where_any_parameter_is() -> None:
    weight = nn.Parameter(torch.ones(5, dtype=torch.cfloat))
    module = Runs(lambda m, x: torch.fft.irfft(torch.fft.rfft(m.a(x)) * m.w), w=weight, a=nn.Linear(8, 8))
    assert measure.cost(module, (2, 8)).parameters == 5 + 72
    assert measure.cost(nn.Linear(8, 8, dtype=torch.cfloat), (2, 8)).multiply_adds == 128


def test_strides_are_kept_so_that_a_view_is_no_fault() -> None:
    """x + 1 keeps the order of x in memory; with an order of its own, view would refuse."""
    module = Calls(lambda x: F.gelu((x.transpose(1, 2) + 1) * 2).transpose(1, 2).view(2, -1))
    assert measure.graph(module, (2, 5, 8)).steps[-1].shape == (2, 40)


def test_no_flag_of_torch_stays_set() -> None:
    """TorchDispatchMode writes flags for all threads, which two recordings at once would leave behind."""
    before = vars(_python_dispatch)["_is_in_torch_dispatch_mode"]
    seen = []
    module = Calls(lambda x: (seen.append(vars(_python_dispatch)["_is_in_torch_dispatch_mode"]), x * 2)[1])
    measure.graph(module, (1, 2))
    assert (before, vars(_python_dispatch)["_is_in_torch_dispatch_mode"]) == (False, False)


# Nothing allocated, nothing changed


def test_2048_channels_cost_no_more_than_16() -> None:
    """On meta tensors: 75 million parameters, a map of 1.6 GB."""
    with torch.device("meta"):
        small, large = Bottleneck(16, 16), Bottleneck(2048, 8192)
    seconds = []
    for block, channels in ((small, 16), (large, 2048)):
        measure.graph(block, (1, channels, 224, 224))
        runs = []
        for _ in range(15):
            begin = time.perf_counter()
            measure.graph(block, (1, channels, 224, 224))
            runs.append(time.perf_counter() - begin)
        seconds.append(min(runs))
    assert seconds[1] < 5 * seconds[0] + 0.005


def test_no_memory() -> None:
    """Of a real module of 340 MB, not a megabyte is copied, and no map of 400 MB appears."""
    resource = pytest.importorskip("resource")  # not on Windows
    block = nn.Conv2d(2048, 4608, 3, padding=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    cost = measure.cost(block, (1, 2048, 224, 224))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert cost.multiply_adds == 224 * 224 * 9 * 2048 * 4608
    assert peak < 1e6
    assert grown < 50_000  # kB on Linux; on macOS bytes, where this can only pass


def test_what_the_forward_makes_has_no_memory_either() -> None:
    """40 TB of zeros, on the device of the input and on the one that is asked for."""
    far = 10**13
    for make in (lambda _: torch.zeros(far), lambda x: torch.ones(far, device=x.device)):
        module = Calls(lambda x, make=make: x + make(x)[:2])
        assert measure.graph(module, (1, 2)).steps[-1].name == "add"


def test_the_module_is_unchanged() -> None:
    due = measure.graph(MBConv(8, 8), (1, 8, 6, 6))
    block = MBConv(8, 8, drop_probability=0.5)
    block.train()
    block.depthwise.eval()
    calls: list[int] = []
    block.expand.register_forward_hook(lambda *_: calls.append(1))
    modes = [part.training for part in block.modules()]
    state = {name: tensor.clone() for name, tensor in block.state_dict().items()}
    random = torch.get_rng_state()
    recorded = measure.graph(block, (1, 8, 6, 6))
    assert recorded == due  # in eval mode: nothing is dropped
    assert calls == []  # the hook of the private copy has a list of its own
    assert [part.training for part in block.modules()] == modes
    hooks = [len(part._forward_hooks) + len(part._forward_pre_hooks) for part in block.modules()]
    assert sum(hooks) == 1
    assert all(torch.equal(tensor, state[name]) for name, tensor in block.state_dict().items())
    assert not any(tensor.is_meta for tensor in block.state_dict().values())
    assert torch.equal(torch.get_rng_state(), random)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_follows_the_dtype(dtype: torch.dtype) -> None:
    assert measure.graph(MBConv(8, 8).to(dtype), (1, 8, 6, 6)) == measure.graph(MBConv(8, 8), (1, 8, 6, 6))


def test_in_inference_mode() -> None:
    block = MBConv(8, 8)
    due = measure.graph(block, (1, 8, 6, 6))
    with torch.inference_mode():
        assert measure.graph(block, (1, 8, 6, 6)) == due


# Beside a training


def faults_while(record: Any, *, times: int) -> tuple[int, int, list[BaseException]]:
    """Record in one thread, train the same module and another in a second: recordings, steps, faults."""
    shared, other = MBConv(4, 4), BasicBlock(4, 4)
    ready, stop = threading.Event(), threading.Event()
    faults: list[BaseException] = []
    steps = 0

    def train() -> None:
        nonlocal steps
        optimizer = torch.optim.SGD([*shared.parameters(), *other.parameters()], lr=1e-3)
        while not stop.is_set():
            try:
                optimizer.zero_grad()
                other(shared(torch.randn(2, 4, 5, 5))).square().mean().backward()
                optimizer.step()
                steps += 1
            except BaseException as error:  # noqa: BLE001 - whatever the recording does to it
                faults.append(error)
            ready.set()

    trainer = threading.Thread(target=train)
    trainer.start()
    ready.wait(30)
    recordings = 0
    for _ in range(times):
        try:
            record(shared)
            recordings += 1
        except BaseException as error:  # noqa: BLE001
            faults.append(error)
    stop.set()
    trainer.join(30)
    return recordings, steps, faults


def test_recording_beside_a_training_harms_neither() -> None:
    due = measure.graph(MBConv(4, 4), (1, 4, 5, 5))
    wrong = []

    def record(module: nn.Module) -> None:
        if measure.graph(module, (1, 4, 5, 5)) != due:
            wrong.append(module)

    recordings, steps, faults = faults_while(record, times=400)
    assert (recordings, wrong, faults) == (400, [], [])
    assert steps > 10


@pytest.mark.slow
def test_torch_fx_beside_a_training_harms_it() -> None:
    """Why the recorder is what it is: fx patches nn.Module.__call__ for the whole process."""
    _, _, faults = faults_while(fx.symbolic_trace, times=400)
    assert faults


# Latency


def test_latency() -> None:
    threads, numbers = torch.get_num_threads(), torch.get_rng_state()
    measured = measure.latency(nn.ReLU(), (1, 3, 8, 8), seconds=0.01, threads=2)
    assert torch.equal(torch.get_rng_state(), numbers)
    assert measured.median > 0
    assert measured.iqr >= 0
    assert measured.runs >= 1
    assert (measured.threads, measured.device) == (2, "cpu")
    assert re.fullmatch(r"\d+\.\d\d ms \(IQR \d+\.\d\d, 2 threads, cpu\)", str(measured))
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"threads": 0}, ValueError, r"threads must be a whole number from 1 to \d+, got 0\.$"),
        ({"threads": "2"}, TypeError, r"threads must be a whole number from 1 to \d+, got '2'\.$"),
        ({"seconds": 0}, ValueError, r"seconds must be a positive number, got 0\.$"),
        ({"seconds": float("nan")}, ValueError, r"seconds must be a positive number, got nan\.$"),
        ({"seconds": float("inf")}, ValueError, r"seconds must be a positive number, got inf\.$"),
        ({"seconds": None}, TypeError, r"seconds must be a positive number, got None\.$"),
        ({"device": "moon"}, ValueError, r"device must be one that torch has here, got 'moon': "),
        ({"device": None}, ValueError, r"device must be one that torch has here, got None: "),
        ({"input_shape": (1, 0)}, ValueError, r"input_shape must be sizes of at least 1, got \(1, 0\)\.$"),
        ({"input_shape": 3}, TypeError, r"input_shape must be whole numbers such as .*, got 3\.$"),
        ({"input_shape": (1, 4)}, ValueError, r"Linear does not run on .* \(1, 4\): .* RuntimeError: "),
        ({"module": nn.ReLU}, TypeError, r"module must be a Module, got <class"),
    ],
)
def test_latency_refuses(arguments: dict[str, Any], kind: type[Exception], message: str) -> None:
    given = {"module": nn.Linear(3, 3), "input_shape": (1, 3), "seconds": 0.01, **arguments}
    with pytest.raises(kind, match=rf"^latency: {message}"):
        measure.latency(**given)


def test_a_timed_module_and_the_random_numbers_are_as_before() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())  # in training mode
    before, state = copy.deepcopy(module.state_dict()), torch.get_rng_state()
    measure.latency(module, (2, 3, 8, 8), seconds=0.01)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


def test_what_a_timed_module_keeps_can_be_trained_with() -> None:
    class Keeps(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            self.kept = getattr(self, "kept", torch.ones(4))
            return x * self.kept

    module = Keeps()
    measure.latency(module, (2, 4), seconds=0.01)
    module(torch.ones(2, 4, requires_grad=True)).sum().backward()


@pytest.mark.parametrize("name", ["fft.rfft", "linalg.inv", "linalg.svdvals", "linalg.matrix_exp"])
def test_transforms_and_decompositions_are_named(name: str) -> None:
    class Calls(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return reduce(getattr, name.split("."), torch)(x)  # type: ignore[no-any-return]

    assert measure.cost(Calls(), (2, 4, 4)).uncounted
