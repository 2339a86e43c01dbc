"""How long a forward takes, here and now: never a number that a test compares."""

import os
import platform
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.utils import benchmark

from blocks import _arguments
from blocks.measure._graph import input_dtype, whole_sizes

Setting = TypeVar("Setting")
Case = tuple[Sequence[nn.Module], Sequence[int]]  # modules to compare, and the shape of their input
_TURNS = 5
_NEAR = 1.1  # ratios from 1 / 1.1 to 1.1: about as fast
_WIDE = 1.5  # the largest ratio over the smallest: if it is more, something disturbed the machine


@dataclass(frozen=True)
class Latency:
    """Seconds of one forward: median and interquartile range, of how many runs, and where.

    Attributes:
        turns: the median of each turn, in seconds; `speedup` compares them. Empty where nobody kept them.
    """

    median: float
    iqr: float
    runs: int
    threads: int
    device: str
    turns: tuple[float, ...] = ()

    def __str__(self) -> str:
        plural = "thread" if self.threads == 1 else "threads"
        return (
            f"{self.median * 1e3:.2f} ms (IQR {self.iqr * 1e3:.2f}, {self.threads} {plural}, {self.device})"
        )


@dataclass(frozen=True)
class Speedup:
    """How many times as fast one module is as another, turn by turn; see `speedup`.

    Attributes:
        ratios: one for each turn, seconds of the slower module over seconds of the faster one, without unit.
    """

    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def about_equal(self) -> bool:
        """Whether all ratios are from 1 / 1.1 to 1.1."""
        return all(1 / _NEAR <= ratio <= _NEAR for ratio in self.ratios)

    @property
    def clear(self) -> bool:
        """Whether one module is faster in all turns, and the largest ratio at most 1.5 times the smallest.

        Two modules that are about equally fast give no clear ratio.
        """
        low, high = min(self.ratios), max(self.ratios)
        return not self.about_equal and (low > 1 or high < 1) and high / low <= _WIDE

    def __str__(self) -> str:
        turns = f"over {len(self.ratios)} turns"
        ends = f"{_short(min(self.ratios))} to {_short(max(self.ratios))}"
        if self.clear:
            return f"{_short(self.median)} times as fast ({ends} {turns})"
        if self.about_equal:
            return f"about as fast ({ends} times {turns})"
        return f"can't tell: {ends} times {turns}. Is the machine busy?"


def speedup(slow: Latency, fast: Latency) -> Speedup:
    """How many times as fast `fast` is as `slow`, where both were measured in turns, by one call of `sweep`.

    Each turn times both modules one right after the other and gives one ratio. What slows the machine down
    for a while changes some of the ratios and not the others, and that shows.

    Args:
        slow, fast: two latencies of one case. If the order is wrong, the ratios are below 1.

    Raises:
        ValueError: the turns are missing or differ in number, or threads or devices differ.
    """
    if not slow.turns or len(slow.turns) != len(fast.turns):
        raise ValueError(
            "speedup: slow and fast must have been timed in turns, by one call of sweep,"
            f" got {len(slow.turns)} and {len(fast.turns)} turns."
        )
    places = [(each.threads, each.device) for each in (slow, fast)]
    if places[0] != places[1]:
        raise ValueError(
            f"speedup: slow and fast must have the same threads and device, got {places[0]} and {places[1]}."
        )
    return Speedup(tuple(before / after for before, after in zip(slow.turns, fast.turns, strict=True)))


def latency(
    module: nn.Module,
    input_shape: Sequence[int],
    *,
    threads: int = 1,
    seconds: float = 0.5,
    device: str = "cpu",
) -> Latency:
    """Time the forward of `module`, as it is, on random input of `input_shape`, without gradients.

    The input has the dtype of the module's weights. In training mode batch norm and dropout work as there;
    buffers, such as running means, and the CPU's random numbers are afterward as before.

    Args:
        threads: of torch, for this measurement; the setting before is restored.
        seconds: how long to measure, at least.
        device: where the input is made; the module must be there.

    Raises:
        TypeError: module is not a Module, input_shape or threads not whole numbers, or seconds not a number.
        ValueError: a size or threads is below 1, seconds is not positive, torch does not have the device
            here, or the forward raises an error.
    """
    (found,) = _in_turns((module,), input_shape, threads, seconds, device)
    return found


def sweep(
    cases: Mapping[Setting, Case],
    *,
    threads: int = 1,
    seconds: float = 0.1,
    progress: Callable[[int, int], None] | None = None,
) -> dict[Setting, tuple[Latency, ...]]:
    """Time the modules of each case, as they are, on the CPU.

    The modules of one case take turns: what slows the machine down for a while slows all of them, and
    they can still be compared, see `speedup`.

    Args:
        seconds: how long to measure each module, at least.
        progress: called as progress(done, total) after each case.

    Raises:
        ValueError: as `latency`.
    """
    found = {}
    for done, (setting, (modules, shape)) in enumerate(cases.items(), 1):
        found[setting] = _in_turns(modules, shape, threads, seconds, "cpu")
        if progress is not None:
            progress(done, len(cases))
    return found


def machine() -> str:
    """This machine, as far as it names itself: what stands beside a measured time."""
    file = Path("/proc/cpuinfo")  # on Linux; platform.processor() is empty there
    named = re.search(r"model name\s*: (.+)", file.read_text(encoding="utf-8")) if file.exists() else None
    processor = named[1] if named else platform.processor() or platform.machine()
    vectors = torch.backends.cpu.get_cpu_capability()
    return f"{processor}, {os.cpu_count()} cores, vectors: {vectors}, torch {torch.__version__}"


def _in_turns(
    modules: Sequence[nn.Module], input_shape: Sequence[int], threads: int, seconds: float, device: str
) -> tuple[Latency, ...]:
    for module in modules:
        _arguments.module("latency", "module", module)
    shape = whole_sizes("latency", input_shape)
    threads = _arguments.whole("latency", "threads", threads)
    seconds = _arguments.positive("latency", "seconds", seconds)
    try:
        device = str(torch.device(device))
        own = torch.Generator(device)  # the reader's random numbers stay as they are
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"latency: device must be one that torch has here, got {device!r}: {error}"
        ) from error
    x = torch.randn(shape, device=device, generator=own)
    given: list[dict[str, Any]] = [{"module": module, "x": x.to(input_dtype(module))} for module in modules]
    timers = [benchmark.Timer("module(x)", globals=each, num_threads=threads) for each in given]
    buffers = [buffer for module in modules for buffer in module.buffers() if not is_lazy(buffer)]
    before = [buffer.clone() for buffer in buffers]
    # Not in inference mode: a map that the module keeps could no longer be trained with.
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        try:
            for each in given:
                _try(**each)
            turns = [
                [timer.blocked_autorange(min_run_time=seconds / _TURNS) for timer in timers]
                for _ in range(_TURNS)
            ]
        finally:
            for buffer, value in zip(buffers, before, strict=True):
                buffer.copy_(value)
    found = []
    for measured in zip(*turns, strict=True):
        (merged,) = benchmark.Measurement.merge(measured)
        medians = tuple(turn.median for turn in measured)
        found.append(Latency(merged.median, merged.iqr, len(merged.times), threads, device, medians))
    return tuple(found)


def _short(ratio: float) -> str:
    """With as many digits as tell it from 1: 0.85, 1.04, 2.2, 12."""
    return f"{ratio:.{2 if ratio < 1.195 else 1 if ratio < 9.95 else 0}f}"


def _try(module: nn.Module, x: torch.Tensor) -> None:
    try:
        module(x)
    except Exception as error:
        name, words = type(module).__name__, f"{type(error).__name__}: {error}"
        raise ValueError(
            f"latency: {name} does not run on an input of {tuple(x.shape)}: its forward raises {words}"
        ) from error
