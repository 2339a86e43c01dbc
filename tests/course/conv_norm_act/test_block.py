"""ConvNormAct equals torchvision's and timm's; padding and bias are as derived."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import ConvNormAct
from course.kit.checks.case import Case
from tests.blocks.equality import assert_equal, channels, examples, kernels, sizes
from tests.course.conv_norm_act.block import conv_norm_act, timm_conv_norm_act


@examples
@given(
    group=st.tuples(channels, channels, st.integers(1, 4)),
    kernel_size=kernels,
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    norm=st.sampled_from((nn.BatchNorm2d, None)),
    act=st.sampled_from((nn.ReLU, nn.SiLU, nn.ReLU6, None)),
    size=sizes,
)
def test_equals_torchvision_and_timm(group, kernel_size, stride, dilation, norm, act, size) -> None:
    i, o, groups = group
    arguments = {
        "in_channels": i * groups,
        "out_channels": o * groups,
        "kernel_size": kernel_size,
        "stride": stride,
        "dilation": dilation,
        "groups": groups,
        "norm": norm,
        "act": act,
    }
    case = Case(ConvNormAct, arguments, size)
    assert_equal(case, conv_norm_act)
    if norm:  # timm's has no activation without a norm
        assert_equal(case, timm_conv_norm_act)


def test_padding_as_given_equals_both() -> None:
    for padding in range(4):
        arguments = {"in_channels": 3, "out_channels": 4, "padding": padding}
        assert_equal(Case(ConvNormAct, arguments), conv_norm_act, timm_conv_norm_act)


def test_bias_only_without_norm() -> None:
    assert ConvNormAct(3, 4).conv.bias is None
    assert ConvNormAct(3, 4, norm=None).conv.bias is not None
    assert ConvNormAct(3, 4, norm=nn.InstanceNorm2d).conv.bias is None


@pytest.mark.parametrize("kernel_size", range(1, 12, 2))
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_keeps_the_size_at_stride_1(kernel_size: int, dilation: int) -> None:
    unit = ConvNormAct(2, 3, kernel_size=kernel_size, dilation=dilation)
    assert unit(torch.zeros(2, 2, 7, 10)).shape == (2, 3, 7, 10)


def test_never_works_in_place() -> None:
    """torchvision's does, by default."""
    for act in (nn.ReLU, nn.ReLU6, nn.SiLU, nn.Hardswish):
        assert not ConvNormAct(3, 4, act=act).act.inplace
    x = torch.randn(2, 3, 5, 5)
    unit = ConvNormAct(3, 3, norm=None)
    z = unit.conv(x)
    before = z.clone()
    unit.act(z)
    assert torch.equal(z, before)
