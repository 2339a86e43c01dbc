"""Bottleneck equals torchvision's and timm's, v1.5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import Bottleneck, ConvNormAct, SqueezeExcitation, measure
from course.kit.checks.case import Case
from tests.blocks.equality import assert_equal, channels, examples, sizes, strides
from tests.course.bottleneck.block import bottleneck, timm_bottleneck


@examples
@given(
    i=channels,
    planes=st.sampled_from((2, 4, 6)),
    same=st.booleans(),
    reduction=st.sampled_from((1, 2, 4, 8)),
    stride=strides,
    size=sizes,
)
def test_equals_torchvision_and_timm(i, planes, same, reduction, stride, size) -> None:
    o = 4 * planes
    arguments = {
        "in_channels": o if same else i,
        "out_channels": o,
        "reduction": reduction,
        "stride": stride,
    }
    assert_equal(Case(Bottleneck, arguments, size), bottleneck, timm_bottleneck)


@pytest.mark.parametrize("i", [16, 32])
def test_with_squeeze_excitation_equals_timm(i: int) -> None:
    arguments = {"in_channels": i, "out_channels": 32, "squeeze_excitation": SqueezeExcitation}
    assert_equal(Case(Bottleneck, arguments), timm_bottleneck)


@pytest.mark.parametrize(("i", "parameters"), [(256, 70_400), (64, 75_008)])
def test_counts_of_the_first_notebook(i: int, parameters: int) -> None:
    assert measure.cost(Bottleneck(i, 256), (1, i, 8, 8)).parameters == parameters


def test_stride_sits_on_the_3x3() -> None:
    block = Bottleneck(8, 8, stride=2)
    strides = [part.conv.stride for part in (block.reduce, block.spatial, block.expand, block.shortcut)]
    assert strides == [(1, 1), (2, 2), (1, 1), (2, 2)]


def test_width_is_a_part_of_the_output() -> None:
    assert Bottleneck(6, 16).reduce.conv.out_channels == 4
    assert Bottleneck(6, 16, reduction=8).reduce.conv.out_channels == 2


def test_a_projection_only_where_needed() -> None:
    assert isinstance(Bottleneck(8, 8).shortcut, nn.Identity)
    for block in (Bottleneck(4, 8), Bottleneck(8, 8, stride=2)):
        assert isinstance(block.shortcut, ConvNormAct)
        assert isinstance(block.shortcut.act, nn.Identity)
