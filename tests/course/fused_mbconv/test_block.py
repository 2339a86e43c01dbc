"""FusedMBConv equals EfficientNetV2's in torchvision and timm's EdgeResidual."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import FusedMBConv, measure
from course.kit.checks.case import Case
from tests.blocks.equality import (
    assert_equal,
    examples,
    expanding,
    kernels,
    pairs,
    sizes,
    strides,
    torchvision_efficientnet,
)
from tests.course.fused_mbconv.block import timm_fused

drops = st.sampled_from((0.0, 0.2, 0.7))


@examples
@given(expanding=expanding(), kernel_size=kernels, stride=strides, drop=drops, size=sizes)
def test_equals_torchvision_and_timm(expanding, kernel_size, stride, drop, size) -> None:
    arguments = {**expanding, "kernel_size": kernel_size, "stride": stride, "drop_probability": drop}
    assert_equal(Case(FusedMBConv, arguments, size), torchvision_efficientnet, timm_fused)


@examples
@given(pair=pairs(step=8), kernel_size=kernels, stride=strides, drop=drops, size=sizes)
def test_expansion_1_equals_torchvision_and_timm(pair, kernel_size, stride, drop, size) -> None:
    """A single convolution, with its activation."""
    arguments = {
        **pair,
        "kernel_size": kernel_size,
        "stride": stride,
        "drop_probability": drop,
        "expansion": 1,
    }
    assert_equal(Case(FusedMBConv, arguments, size), torchvision_efficientnet, timm_fused)


def test_expansion_1_is_one_convolution() -> None:
    block = FusedMBConv(24, 24, expansion=1)
    assert isinstance(block.project, nn.Identity)
    assert isinstance(block.fused.act, nn.SiLU)
    assert measure.cost(block, (1, 24, 8, 8)).parameters == 5232


def test_shortcut_only_where_it_fits() -> None:
    for o, stride, expected in ((4, 1, True), (4, 2, False), (6, 1, False)):
        block = FusedMBConv(4, o, stride=stride).eval()
        nn.init.zeros_(block.project.norm.weight)
        x = torch.randn(2, 4, 6, 6)
        y = block(x)
        assert torch.equal(y, x if expected else torch.zeros_like(y))
