"""How long a forward takes, here and now: never a number that a test compares."""

import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn
from torch.utils import benchmark

from blocks.measure._graph import input_dtype

Setting = TypeVar("Setting")
Case = tuple[Sequence[nn.Module], Sequence[int]]  # modules to compare, and the shape of their input
_TURNS = 5


@dataclass(frozen=True)
class Latency:
    """Seconds of one forward: median and interquartile range, of how many runs, and where."""

    median: float
    iqr: float
    runs: int
    threads: int
    device: str

    def __str__(self) -> str:
        plural = "thread" if self.threads == 1 else "threads"
        return (
            f"{self.median * 1e3:.2f} ms (IQR {self.iqr * 1e3:.2f}, {self.threads} {plural}, {self.device})"
        )


def latency(
    module: nn.Module,
    input_shape: Sequence[int],
    *,
    threads: int = 1,
    seconds: float = 0.5,
    device: str = "cpu",
) -> Latency:
    """Time the forward of `module`, as it is, on random input of `input_shape`, without gradients.

    The input has the dtype of the module's weights.

    Args:
        threads: of torch, for this measurement; the setting before is restored.
        seconds: how long to measure, at least.
        device: where the input is made; the module must be there.

    Raises:
        ValueError: threads is below 1, or seconds is not positive.
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
    they can still be compared.

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
    if threads < 1:
        raise ValueError(f"latency: threads must be at least 1, got {threads!r}.")
    if not seconds > 0:
        raise ValueError(f"latency: seconds must be positive, got {seconds!r}.")
    own = torch.Generator(device)  # the reader's random numbers stay as they are
    x = torch.randn(tuple(input_shape), device=device, generator=own)
    timers = [
        benchmark.Timer(
            "module(x)", globals={"module": module, "x": x.to(input_dtype(module))}, num_threads=threads
        )
        for module in modules
    ]
    with torch.inference_mode():
        turns = [
            [timer.blocked_autorange(min_run_time=seconds / _TURNS) for timer in timers]
            for _ in range(_TURNS)
        ]
    found = []
    for measured in zip(*turns, strict=True):
        (merged,) = benchmark.Measurement.merge(measured)
        found.append(Latency(merged.median, merged.iqr, len(merged.times), threads, device))
    return tuple(found)
