"""The numbers that notebook 09's predictions state are those of the modules."""

import torch
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.explorers.predictions.fused_mbconv import predict_parameters, predict_time
from blocks.measure import graph


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
