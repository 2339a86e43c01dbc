"""The numbers that notebook 09's predictions state are those of the modules."""

import torch
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.experiments import grids, runs
from blocks.experiments.fused_mbconv import network
from blocks.experiments.on_digits import parameters
from blocks.explorers.predictions.fused_mbconv import predict_digits, predict_parameters, predict_time
from blocks.measure import graph, intensity


def ratios(channels: int, resolution: int) -> tuple[float, float]:
    """Fused-MBConv's parameters and multiply-adds, divided by MBConv's."""
    shape = (1, channels, resolution, resolution)
    with torch.device("meta"):
        pair: tuple[nn.Module, nn.Module] = (
            FusedMBConv(channels, channels, expansion=4),
            MBConv(channels, channels, expansion=4),
        )
    fused, mbconv = (graph(block, shape).steps for block in pair)
    parameters = sum(step.parameters for step in fused) / sum(step.parameters for step in mbconv)
    return parameters, sum(s.multiply_adds for s in fused) / sum(s.multiply_adds for s in mbconv)


def test_the_question_on_time_states_the_counted_ratio() -> None:
    assert f"{ratios(24, 112)[1]:.1f} times the multiply-adds" in predict_time().question


def test_the_question_on_parameters_states_the_counted_ratios() -> None:
    asked = predict_parameters()
    assert f"{ratios(24, 56)[0]:.1f} times the parameters" in asked.question
    assert asked.options[asked.right].answer == f"{ratios(256, 7)[0]:.1f} times as many"
    assert ratios(2048, 7)[0] < 4


def test_the_reasons_on_time_state_the_counted_bytes() -> None:
    mbconv, fused = (
        intensity(block(24, 24, expansion=4), (1, 24, 112, 112)).bytes_moved
        for block in (MBConv, FusedMBConv)
    )
    assert 2 < mbconv / fused < 2.5  # "more than twice", "less than half"


def test_the_question_on_digits_is_what_the_stored_runs_say() -> None:
    assert "about 41,000" in predict_digits().question
    pair = ("MBConv, t=4", "fused, t=1.3")
    assert [round(parameters(network(name)), -3) for name in pair] == [41_000, 41_000]
    assert not runs.verdict(grids.grid("fused_mbconv.comparison"), *pair).larger
