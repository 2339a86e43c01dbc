"""How long a forward takes, here and now: never a number that a test compares."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils import benchmark


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

    Args:
        threads: of torch, for this measurement; the setting before is restored.
        seconds: how long to measure, at least.
        device: where the input is made; the module must be there.

    Raises:
        ValueError: threads is below 1, or seconds is not positive.
    """
    if threads < 1:
        raise ValueError(f"latency: threads must be at least 1, got {threads!r}.")
    if not seconds > 0:
        raise ValueError(f"latency: seconds must be positive, got {seconds!r}.")
    x = torch.randn(tuple(input_shape), device=device)
    timer = benchmark.Timer("module(x)", globals={"module": module, "x": x}, num_threads=threads)
    with torch.inference_mode():
        measured = timer.blocked_autorange(min_run_time=seconds)
    return Latency(measured.median, measured.iqr, len(measured.times), threads, device)
