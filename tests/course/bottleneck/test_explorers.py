"""What notebook 03's explorers say are the counts of the modules, counted here in another way."""

import itertools
import re

import pytest
import torch
from torch import nn

from blocks import BasicBlock, Bottleneck
from blocks.measure import graph
from course.bottleneck import _bottleneck_reduction as bottleneck
from course.bottleneck._stride_position import PLACES, SIDE, STAGES, compute, draw, say, unread
from course.bottleneck.predictions import predict_output
from course.kit.drawing.style import COLORS
from course.kit.panel.layers import streets
from tests.course.diagram_faults import parts
from tests.course.test_explorers_numbers import multiply_adds, numbers, parameters


@pytest.mark.parametrize(("i", "o", "r"), [(256, 256, 4), (64, 256, 4), (32, 32, 16), (8, 4, 1)])
def test_bottleneck_reduction(i: int, o: int, r: int) -> None:
    text = bottleneck.say(bottleneck.compute(i, o, r, 7)).heard
    found = re.findall(r"([\d,]+) parameters.*? ([\d,]+) multiply-adds", text)
    modules: list[nn.Module] = [Bottleneck(i, o, reduction=r), BasicBlock(i, o)]
    wanted = [[float(parameters(m)), float(multiply_adds(m, i, 7))] for m in modules]
    assert [numbers(" ".join(pair)) for pair in found] == wanted


@pytest.mark.parametrize(
    ("reduction", "words"), [(4, "the most of these in spatial."), (16, "in reduce and expand.")]
)
def test_the_dearest_layer_is_not_always_the_3x3(reduction: int, words: str) -> None:
    assert words in bottleneck.say(bottleneck.compute(256, 256, reduction, 56)).heard


def test_the_prediction_states_the_counts() -> None:
    bottleneck, basic = parameters(Bottleneck(256, 256)), parameters(BasicBlock(256, 256))
    asked = predict_output()
    assert f"{bottleneck:,} against {basic:,}" in asked.options[asked.right].reason
    assert round(basic / bottleneck) == 17  # a seventeenth


@pytest.mark.parametrize("stage", STAGES)
def test_both_versions_have_the_same_parameters_and_other_multiply_adds(stage: int) -> None:
    i, o, size = STAGES[stage]
    text = say(compute(PLACES[1], stage, 2)).heard
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
    assert "of 64 pixels the branch never reads 48, the shortcut 48" in text


def test_at_stride_1_nothing_differs() -> None:
    data = compute(PLACES[1], 2, 1)
    assert data.versions[0] == data.versions[1]
    assert "more" not in say(data).heard
    assert unread(data.branch) == unread(data.shortcut) == 0


@pytest.mark.parametrize("place", PLACES)
def test_the_crossed_out_pixels_are_those_that_change_nothing(place: str) -> None:
    """Here one pixel after the other is changed, in a block with random weights."""
    data = compute(place, 2, 2)
    block = Bottleneck(4, 8, stride=2, stride_first=place == PLACES[1], norm=None, act=nn.Sigmoid).double()
    branch = nn.Sequential(block.reduce, block.spatial, block.expand)
    for part, read in ((branch, data.branch), (block.shortcut, data.shortcut)):
        x = torch.zeros(1, 4, SIDE, SIDE, dtype=torch.float64)
        with torch.no_grad():
            before = part(x)
            for row, column in itertools.product(range(SIDE), range(SIDE)):
                changed = x.clone()
                changed[..., row, column] = 1
                assert read[row][column] == bool((part(changed) != before).any()), (row, column)
    assert unread(data.branch) == (48 if place == PLACES[1] else 0)
    assert unread(data.shortcut) == 48


def test_as_many_crosses_are_drawn_as_pixels_are_unread() -> None:
    for place, crosses in ((PLACES[0], 48), (PLACES[1], 96)):
        picture = draw(compute(place, 2, 2), "words")[1]
        assert isinstance(picture, str)
        assert picture.count("m0 ") == crosses
        assert picture.count(f'fill="{COLORS["pointwise"].fill}"') == 2 * SIDE * SIDE - crosses


def test_a_basic_block_a_quarter_as_wide_stands_beside_it_in_one_scale() -> None:
    """The paper's trade: two 3x3 on 64 channels, or 256 with a bottleneck, for about the same work."""
    data = bottleneck.compute(256, 256, 4, 56, bottleneck.QUARTER)
    block, basic, costs = bottleneck.draw(data, "words")
    assert isinstance(block, str)
    assert isinstance(basic, str)
    assert isinstance(costs, str)
    scales = {
        round((box.right - box.left) / count, 3) for one in (block, basic) for box, count in parts(one).slabs
    }
    assert len(scales) == 1
    assert max(count for _, count in parts(basic).slabs) == 64
    wanted = multiply_adds(Bottleneck(256, 256), 256, 56), multiply_adds(BasicBlock(64, 64), 64, 56)
    assert [round(n / 1e6) for n in wanted] == [218, 231]
    found = [tower.total for tower in streets(bottleneck.compared(data))[1].towers]
    assert found == list(wanted)
    assert ">218 M<" in costs
    assert ">231 M<" in costs


def test_what_is_compared_is_not_there_before_it_is_chosen() -> None:
    explorer = bottleneck.bottleneck_reduction()
    shown = explorer.picture.value + explorer.message.value
    assert "1,180,672" not in shown
    assert "16.8" not in shown
    explorer.controls["compare"].value = bottleneck.TWO
    assert "16.8 times" in explorer.picture.value


def test_the_hourglass_is_true() -> None:
    for reduction in bottleneck.REDUCTIONS:
        data = bottleneck.compute(256, 256, reduction, 56, bottleneck.NOTHING)
        picture = bottleneck.draw(data, "words")[0]
        assert isinstance(picture, str)
        widths = [box.right - box.left for box, _ in parts(picture).slabs]
        assert widths[0] / min(widths) == pytest.approx(reduction, rel=1e-3)
