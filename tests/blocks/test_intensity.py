"""Bytes moved and sweeps: counted here in another way, and measured without a number that is compared."""

import functools
import statistics
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils import benchmark

from blocks import ConvNormAct, DepthwiseSeparable, FusedMBConv, MBConv
from blocks.measure import Intensity, Latency, intensity, latency, machine, speedup, sweep
from blocks.stochastic_depth import StochasticDepth


def bytes_by_hooks(module: nn.Module, shape: tuple[int, ...]) -> int:
    """What the leaf modules of a real forward read and write; functions such as an addition are not seen."""
    total = 0

    def count(part: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        nonlocal total
        numbers = inputs[0].numel() + output.numel() + sum(p.numel() for p in part.parameters())
        total += numbers * output.element_size()

    for part in module.modules():
        if not list(part.children()) and not isinstance(part, nn.Identity | StochasticDepth):
            part.register_forward_hook(count)
    with torch.inference_mode():
        module.eval()(torch.zeros(shape))
    return total


@pytest.mark.parametrize("make", [ConvNormAct, DepthwiseSeparable, lambda i, o: FusedMBConv(i, o, stride=2)])
def test_bytes_are_those_that_each_layer_reads_and_writes(make: Any) -> None:
    assert intensity(make(8, 8), (2, 8, 9, 9)).bytes_moved == bytes_by_hooks(make(8, 8), (2, 8, 9, 9))


def test_functions_count_what_they_read_and_write() -> None:
    """MBConv's mean reads the wide map; its product reads that and the gates; the sum reads two maps."""
    wide, narrow = 4 * 32 * 81, 4 * 8 * 81
    functions = (wide + 4 * 32) + (wide + 4 * 32 + wide) + 3 * narrow
    block = MBConv(8, 8, expansion=4)
    assert intensity(block, (1, 8, 9, 9)).bytes_moved == bytes_by_hooks(block, (1, 8, 9, 9)) + functions


def test_intensity_of_single_convolutions_by_hand() -> None:
    full, depthwise = (nn.Conv2d(16, 16, 3, padding=1, groups=g, bias=False) for g in (1, 16))
    places = 14 * 14
    assert intensity(full, (1, 16, 14, 14)) == Intensity(
        9 * 16 * 16 * places, 4 * (2 * 16 * places + 9 * 16 * 16)
    )
    assert intensity(depthwise, (1, 16, 14, 14)).per_byte == pytest.approx(
        9 * places / (4 * (2 * places + 9))
    )


def test_a_view_moves_nothing_and_every_output_counts() -> None:
    flat = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    assert intensity(flat, (1, 3, 8, 8)).bytes_moved == 4 * (192 + 2 + 2 * 192 + 2)
    pool = nn.MaxPool2d(2, return_indices=True)
    assert intensity(pool, (1, 1, 4, 4)).bytes_moved == 4 * (16 + 4 + 4)


class Runs(nn.Module):
    def __init__(self, run: Any, **parts: nn.Module) -> None:
        super().__init__()
        self.run = run
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.run(self, x)


@pytest.mark.parametrize(
    ("module", "numbers"),
    [
        (Runs(lambda _, x: x * x), 8 + 8),  # the input once
        (Runs(lambda _, x: torch.cat([x, x, x[:, :2]], 1)), 8 + 2 + 18),
        (Runs(lambda _, x: x.split([2, 6], 1)[1] * 2), 6 + 6),  # a view moves nothing; its reader reads six
        (Runs(lambda _, x: x.relu().split([2, 6], 1)[0] * 2), 8 + 8 + 2 + 2),
        (Runs(lambda m, x: m.twice(m.twice(x)), twice=nn.Linear(8, 8)), 2 * (8 + 72 + 8)),
        (nn.Identity(), 0),
    ],
)
def test_what_a_step_reads_counts_once_and_in_its_own_size(module: nn.Module, numbers: int) -> None:
    found = intensity(module, (1, 8))
    assert found.bytes_moved == 4 * numbers
    assert found.per_byte == (found.multiply_adds / found.bytes_moved if numbers else 0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_latency_gives_a_module_its_own_dtype(dtype: torch.dtype) -> None:
    assert latency(nn.Linear(4, 4).to(dtype), (1, 4), seconds=0.01).median > 0


def test_a_sweep_times_every_case_in_turn_and_says_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    cases = {size: ((nn.ReLU(), nn.SiLU()), (1, 2, size, size)) for size in (4, 8)}
    found = sweep(cases, seconds=0.005, progress=lambda done, total: seen.append((done, total)))
    assert list(found) == [4, 8]
    assert all(len(times) == 2 and min(time.median for time in times) > 0 for times in found.values())
    assert seen == [(1, 2), (2, 2)]


def test_a_sweep_gives_each_time_to_its_module() -> None:
    class Slow(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for _ in range(200):
                x = x + 1
            return x

    cases: dict[str, Any] = {
        "slow first": ((Slow(), nn.ReLU()), (1, 2)),
        "slow last": ((nn.ReLU(), Slow()), (1, 2)),
    }
    found = sweep(cases, seconds=0.02)
    assert found["slow first"][0].median > 3 * found["slow first"][1].median
    assert found["slow last"][1].median > 3 * found["slow last"][0].median


def test_a_sweep_without_time_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^latency: seconds must be a positive number, got 0\.$"):
        sweep({0: ((nn.ReLU(),), (1, 2))}, seconds=0)


# Two measured times, compared


def in_turns(*turns: float, threads: int = 1) -> Latency:
    return Latency(statistics.median(turns), 0, 50, threads, "cpu", turns)


@pytest.mark.parametrize(
    ("slow", "fast", "says", "clear"),
    [
        ((2.2, 2.1, 2.3), (1, 1, 1), "2.2 times as fast (2.1 to 2.3 over 3 turns)", True),
        ((1, 1, 1), (2.2, 2.1, 2.0), "0.48 times as fast (0.45 to 0.50 over 3 turns)", True),
        ((11.6, 12.2, 12.4), (1, 1, 1), "12 times as fast (12 to 12 over 3 turns)", True),
        (
            (4.4, 2.1, 8.4),
            (2, 1, 4),
            "2.1 times as fast (2.1 to 2.2 over 3 turns)",
            True,
        ),  # slow turns, for both
        ((1.05, 0.98, 1), (1, 1, 1), "about as fast (0.98 to 1.05 times over 3 turns)", False),
        ((1.02, 1.04, 1.03), (1, 1, 1), "about as fast (1.02 to 1.04 times over 3 turns)", False),
        (
            (1.2, 0.95, 1),
            (1, 1, 1),
            "can't tell: 0.95 to 1.2 times over 3 turns. Is the machine busy?",
            False,
        ),
        (
            (2.2, 2.1, 3.3),
            (1, 1, 1),
            "can't tell: 2.1 to 3.3 times over 3 turns. Is the machine busy?",
            False,
        ),
    ],
)
def test_a_speedup_says_how_sure_it_is(
    slow: tuple[float, ...], fast: tuple[float, ...], says: str, clear: bool
) -> None:
    found = speedup(in_turns(*slow), in_turns(*fast))
    assert (str(found), found.clear) == (says, clear)
    assert found.ratios == tuple(before / after for before, after in zip(slow, fast, strict=True))


def test_what_was_not_measured_in_turns_together_is_not_compared() -> None:
    one = in_turns(1, 1)
    for other in (Latency(1, 0, 50, 1, "cpu"), in_turns(1, 1, 1)):
        with pytest.raises(ValueError, match=r"^speedup: .* by one call of sweep, got \d and \d turns\.$"):
            speedup(one, other)
    with pytest.raises(ValueError, match=r"^speedup: .* same threads and device, got \(1, 'cpu'\) and "):
        speedup(one, in_turns(1, 1, threads=2))


class Clock:
    """Of a machine that is four times slower while the module of a given name runs in a given turn."""

    def __init__(self, busy: set[tuple[str, int]]) -> None:
        self.now, self.turn, self.last, self.busy = 0.0, 0, "slow", busy

    def __call__(self) -> float:
        return self.now

    def run(self, name: str, seconds: float) -> None:
        self.turn += (self.last, name) == ("fast", "slow")  # turn 0 is before the measurement
        self.last = name
        self.now += seconds * (4 if (name, self.turn) in self.busy else 1)


class Takes(nn.Module):
    def __init__(self, clock: Clock, name: str, seconds: float) -> None:
        super().__init__()
        self.clock, self.name, self.seconds = clock, name, seconds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.clock.run(self.name, self.seconds)
        return x


@pytest.mark.parametrize(
    ("busy", "says"),
    [
        (set(), "2.0 times as fast (2.0 to 2.0 over 5 turns)"),
        ({("slow", 2), ("fast", 2)}, "2.0 times as fast (2.0 to 2.0 over 5 turns)"),
        ({("fast", 3)}, "can't tell: 0.50 to 2.0 times over 5 turns. Is the machine busy?"),
        ({("slow", 3)}, "can't tell: 2.0 to 8.0 times over 5 turns. Is the machine busy?"),
    ],
)
def test_a_busy_machine_is_seen(
    busy: set[tuple[str, int]], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(busy)
    monkeypatch.setattr(benchmark, "Timer", functools.partial(benchmark.Timer, timer=clock))
    modules = Takes(clock, "slow", 0.02), Takes(clock, "fast", 0.01)
    slow, fast = sweep({0: (modules, (1, 2))}, seconds=0.4)[0]
    assert (slow.median, fast.median) == pytest.approx((0.02, 0.01))
    assert (len(slow.turns), clock.turn) == (5, 5)
    assert str(speedup(slow, fast)) == says


def test_the_machine_names_itself() -> None:
    assert torch.__version__ in machine()
    assert "cores" in machine()
    assert "\n" not in machine()
