"""What notebook 03's explorers say are the counts of the modules, counted here in another way."""

import re

import pytest
from torch import nn

from blocks import BasicBlock, Bottleneck
from blocks.measure import graph
from course.bottleneck import _bottleneck_reduction as bottleneck
from course.bottleneck._stride_position import PLACES, STAGES, compute, say
from course.bottleneck.predictions import predict_output
from tests.course.test_explorers_numbers import multiply_adds, numbers, parameters


@pytest.mark.parametrize(("i", "o", "r"), [(256, 256, 4), (64, 256, 4), (32, 32, 16), (8, 4, 1)])
def test_bottleneck_reduction(i: int, o: int, r: int) -> None:
    text = bottleneck.say(bottleneck.compute(i, o, r, 7))
    found = re.findall(r"([\d,]+) parameters.*? ([\d,]+) multiply-adds", text)
    modules: list[nn.Module] = [Bottleneck(i, o, reduction=r), BasicBlock(i, o)]
    wanted = [[float(parameters(m)), float(multiply_adds(m, i, 7))] for m in modules]
    assert [numbers(" ".join(pair)) for pair in found] == wanted


@pytest.mark.parametrize(
    ("reduction", "words"), [(4, "the most of these in spatial."), (16, "in reduce and expand.")]
)
def test_the_dearest_layer_is_not_always_the_3x3(reduction: int, words: str) -> None:
    assert words in bottleneck.say(bottleneck.compute(256, 256, reduction, 56))


def test_the_prediction_states_the_counts() -> None:
    bottleneck, basic = parameters(Bottleneck(256, 256)), parameters(BasicBlock(256, 256))
    asked = predict_output()
    assert f"{bottleneck:,} against {basic:,}" in asked.options[asked.right].reason
    assert round(basic / bottleneck) == 17  # a seventeenth


@pytest.mark.parametrize("stage", STAGES)
def test_both_versions_have_the_same_parameters_and_other_multiply_adds(stage: int) -> None:
    i, o, size = STAGES[stage]
    text = say(compute(PLACES[1], stage, 2))
    found = re.findall(r"([\d,]+) parameters and ([\d,]+) multiply-adds", text)
    versions = [Bottleneck(i, o, stride=2, stride_first=first) for first in (True, False)]
    graphs = [graph(block, (1, i, size, size)) for block in versions]
    wanted = [
        [float(sum(s.parameters for s in g.steps)), float(sum(s.multiply_adds for s in g.steps))]
        for g in graphs
    ]
    assert [numbers(" ".join(pair)) for pair in found] == wanted
    assert wanted[0][0] == wanted[1][0]
    assert wanted[0][1] < wanted[1][1]
    assert "one of 4 places" in text


def test_at_stride_1_nothing_differs() -> None:
    data = compute(PLACES[1], 2, 1)
    assert data.versions[0] == data.versions[1]
    assert "more" not in say(data)
