"""LinearBottleneck equals timm's block without the last activation, and torchvision's at expansion 1."""

import pytest
import torch
from hypothesis import given
from torch import nn

from blocks import DepthwiseSeparable, InvertedResidual, LinearBottleneck
from course.kit.checks.case import Case
from tests.blocks.equality import (
    assert_equal,
    copy_by_position,
    examples,
    kernels,
    mobilenet_v2,
    pairs,
    sizes,
    strides,
    timm_depthwise_separable,
)


@examples
@given(pair=pairs(), kernel_size=kernels, stride=strides, size=sizes)
def test_equals_the_references(pair, kernel_size, stride, size) -> None:
    case = Case(LinearBottleneck, {**pair, "kernel_size": kernel_size, "stride": stride}, size)
    assert_equal(case, timm_depthwise_separable)
    if kernel_size == 3:
        assert_equal(case, mobilenet_v2)


def test_no_shortcut_where_one_would_fit() -> None:
    block = LinearBottleneck(4, 4).eval()
    nn.init.zeros_(block.project.norm.weight)
    assert not block(torch.randn(2, 4, 6, 6)).any()


@pytest.mark.parametrize("stride", [1, 2])
def test_one_change_to_the_neighbors(stride: int) -> None:
    """With the same weights: an activation less than the separable one, a shortcut less than the next."""
    x = torch.randn(2, 4, 6, 6)
    block = LinearBottleneck(4, 4, stride=stride, act=nn.ReLU6).eval()
    before = DepthwiseSeparable(4, 4, stride=stride, act=nn.ReLU6).eval()
    after = InvertedResidual(4, 4, stride=stride, expansion=1).eval()
    for other in (before, after):
        assert copy_by_position(block, other) is None
    assert torch.equal(nn.ReLU6()(block(x)), before(x))
    assert torch.equal(block(x) + x if stride == 1 else block(x), after(x))
