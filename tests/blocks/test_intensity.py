"""Bytes moved and sweeps: counted here in another way, and measured without a number that is compared."""

from typing import Any

import pytest
import torch
from torch import nn

from blocks import ConvNormAct, DepthwiseSeparable, FusedMBConv, MBConv
from blocks.measure import Intensity, intensity, latency, machine, sweep
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


def test_the_machine_names_itself() -> None:
    assert torch.__version__ in machine()
    assert "cores" in machine()
    assert "\n" not in machine()
