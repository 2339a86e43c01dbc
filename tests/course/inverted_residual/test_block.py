"""InvertedResidual equals MobileNetV2's in torchvision and timm's."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import InvertedResidual
from course.kit.checks.case import Case
from tests.blocks.equality import (
    assert_equal,
    examples,
    expanding,
    kernels,
    mobilenet_v2,
    pairs,
    sizes,
    strides,
    timm_inverted_residual,
)


@examples
@given(pair=pairs(), expansion=st.sampled_from((1, 1.5, 2.3, 4, 6)), stride=strides, size=sizes)
def test_equals_torchvision(pair, expansion, stride, size) -> None:
    arguments = {**pair, "expansion": expansion, "stride": stride}
    assert_equal(Case(InvertedResidual, arguments, size), mobilenet_v2)


@examples
@given(
    expanding=expanding(),
    kernel_size=kernels,
    stride=strides,
    act=st.sampled_from((nn.ReLU, nn.ReLU6, nn.Hardswish)),
    size=sizes,
)
def test_equals_timm(expanding, kernel_size, stride, act, size) -> None:
    arguments = {**expanding, "kernel_size": kernel_size, "stride": stride, "act": act}
    assert_equal(Case(InvertedResidual, arguments, size), timm_inverted_residual)


def test_expansion_1_leaves_the_expansion_out() -> None:
    block = InvertedResidual(4, 4, expansion=1)
    assert isinstance(block.expand, nn.Identity)
    assert block.depthwise.conv.groups == 4


def test_shortcut_only_where_it_fits_and_never_a_projection() -> None:
    for o, stride, expected in ((4, 1, True), (4, 2, False), (6, 1, False), (6, 2, False)):
        block = InvertedResidual(4, o, stride=stride).eval()
        assert block.has_shortcut == expected
        assert not hasattr(block, "shortcut")
        nn.init.zeros_(block.project.norm.weight)
        x = torch.randn(2, 4, 6, 6)
        y = block(x)
        assert torch.equal(y, x if expected else torch.zeros_like(y))


def test_expanded_width_is_rounded_to_a_whole_number_only() -> None:
    assert InvertedResidual(10, 10, expansion=2.57).depthwise.conv.out_channels == 26
