"""The numbers that notebook 09's predictions state are those of the modules."""

import math

import torch
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.measure import Graph, graph
from course.fused_mbconv.experiment import network
from course.fused_mbconv.predictions import predict_digits, predict_parameters, predict_time
from course.kit.training import grids, runs
from course.kit.training.on_digits import parameters


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
    assert "about 41,000" in predict_digits().question
    pair = ("MBConv, t=4", "fused, t=1.3")
    assert [round(parameters(network(name)), -3) for name in pair] == [41_000, 41_000]
    assert not runs.verdict(grids.grid("fused_mbconv.comparison"), *pair).larger
