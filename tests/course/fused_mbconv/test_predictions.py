"""The numbers that notebook 09's predictions state are those of the modules."""

import math

import torch
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.measure import Graph, graph
from course.fused_mbconv._fused_crossover import SIZES, cell
from course.fused_mbconv._stored_times import MEMORY, stored_times
from course.fused_mbconv.experiment import network
from course.fused_mbconv.predictions import predict_digits, predict_parameters, predict_time
from course.kit.training import grids, runs
from course.kit.training.experiments import parameters
from tests import ROOT


def pair_at(channels: int, resolution: int, kernel_size: int = 3) -> tuple[Graph, Graph]:
    """MBConv and Fused-MBConv with expansion 4, recorded."""
    shape = (1, channels, resolution, resolution)
    with torch.device("meta"):
        pair: tuple[nn.Module, nn.Module] = (
            MBConv(channels, channels, expansion=4, kernel_size=kernel_size),
            FusedMBConv(channels, channels, expansion=4, kernel_size=kernel_size),
        )
    return graph(pair[0], shape), graph(pair[1], shape)


def parameters_of(recorded: Graph) -> int:
    return sum(step.parameters for step in recorded.steps)


def test_the_question_on_time_states_the_counted_ratio() -> None:
    mbconv, fused = (sum(step.multiply_adds for step in one.steps) for one in pair_at(24, 112))
    assert f"{fused / mbconv:.1f} times the multiply-adds" in predict_time().question


def test_the_question_on_parameters_states_the_counted_ratios() -> None:
    asked = predict_parameters()
    (mbconv, fused), (larger_mbconv, larger_fused) = (
        tuple(map(parameters_of, pair_at(256, 7, kernel_size))) for kernel_size in (3, 5)
    )
    assert f"{fused / mbconv:.1f} times the parameters" in asked.question
    assert asked.options[asked.right].answer == f"{larger_fused / larger_mbconv:.1f} times as many"
    reasons = " ".join(option.reason for option in asked.options)
    assert f"{larger_mbconv - mbconv:,} parameters more" in reasons
    assert f"{larger_fused - fused:,} more" in reasons


def test_the_reason_on_time_counts_the_wide_maps() -> None:
    asked, wide = predict_time(), (1, 4 * 24, 112, 112)
    made = [sum(step.shape == wide for step in one.steps) for one in pair_at(24, 112)]
    assert made == [7, 3]
    assert (
        f"MBConv makes seven maps of {4 * math.prod(wide) / 1e6:.1f} MB each, Fused-MBConv three"
        in asked.options[asked.right].reason
    )


def test_the_question_on_digits_is_what_the_stored_runs_say() -> None:
    asked = predict_digits()
    assert "about 41,000" in asked.question
    pair = ("MBConv, t=4", "fused, t=1.3")
    counts = [parameters(network(name)) for name in pair]
    assert [round(count, -3) for count in counts] == [41_000, 41_000]
    found = runs.verdict(grids.grid("fused_mbconv.comparison"), *pair)
    assert not found.clear
    fused = sum(difference < 0 for difference in found.differences)
    mbconv = sum(difference > 0 for difference in found.differences)
    assert f"better in {fused} of {len(found.differences)} runs: that is not clear" in asked.options[0].reason
    assert f"better in only {mbconv} of {len(found.differences)} runs" in asked.options[2].reason


def test_how_far_the_controls_are_off_is_on_the_page() -> None:
    """Equal within 1 %, or the page says how far they are not."""
    text = (ROOT / "notebooks" / "09_fused_mbconv.ipynb").read_text(encoding="utf-8")
    off = [
        1 - parameters(network(control)) / parameters(network(name))
        for name, control in (("MBConv, t=4", "fused, t=1.3"), ("fused, t=4", "MBConv, t=12"))
    ]
    assert off[0] > 0.01 > abs(off[1])
    assert f"{100 * off[0]:.1f} % fewer parameters" in text


def less(memory: str, channels: int, size: int) -> int | None:
    """Which block is faster by the stored times: 0 for MBConv, 1 for the fused one."""
    found = cell(stored_times(memory).times, (channels, size), "time")  # type: ignore[arg-type]
    assert found is not None
    return found.less


def test_what_the_page_says_of_times_is_what_was_stored() -> None:
    assert predict_time().options[predict_time().right].answer == "At most 1.5 times as long"
    for memory in MEMORY:
        mbconv, fused = stored_times(memory).times[24, 112]
        pairs = zip(mbconv.turns, fused.turns, strict=True)
        assert max(second / first for first, second in pairs) <= 1.5
        assert {less(memory, 16, size) for size in SIZES} - {None} == {1}  # None: it can't be told
        many = {less(memory, *setting) for setting in ((128, 28), (128, 14), (256, 14), (256, 7))}
        assert many - {None} == {0}
