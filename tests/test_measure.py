"""The recorder: steps, edges and costs of any module; nothing is allocated, changed or disturbed."""

import re
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

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
    ],
)
def test_a_function_refuses_in_its_own_words(function: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises((RuntimeError, IndexError)) as real:
        function(torch.rand(2, 3, 5, 4, device="meta"))
    with pytest.raises(ValueError, match=re.escape(str(real.value))):
        measure.graph(Calls(function), (2, 3, 5, 4))


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
    assert calls == []  # the private copy keeps nobody's hooks
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


def test_torch_fx_beside_a_training_harms_it() -> None:
    """Why the recorder is what it is: fx patches nn.Module.__call__ for the whole process."""
    _, _, faults = faults_while(fx.symbolic_trace, times=400)
    assert faults


# Latency


def test_latency() -> None:
    threads = torch.get_num_threads()
    measured = measure.latency(nn.ReLU(), (1, 3, 8, 8), seconds=0.01, threads=2)
    assert measured.median > 0
    assert measured.iqr >= 0
    assert measured.runs >= 1
    assert (measured.threads, measured.device) == (2, "cpu")
    assert re.fullmatch(r"\d+\.\d\d ms \(IQR \d+\.\d\d, 2 threads, cpu\)", str(measured))
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threads": 0}, r"^latency: threads must be at least 1, got 0\.$"),
        ({"seconds": 0}, r"^latency: seconds must be positive, got 0\.$"),
        ({"seconds": float("nan")}, r"^latency: seconds must be positive, got nan\.$"),
    ],
)
def test_latency_refuses(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measure.latency(nn.ReLU(), (1, 3), **arguments)
