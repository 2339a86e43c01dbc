"""MBConv equals EfficientNet's in torchvision and timm's; squeezed width and stochastic depth."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.stochastic_depth import StochasticDepth
from course.kit.checks.case import Case
from tests.blocks.equality import (
    assert_equal,
    examples,
    expanding,
    kernels,
    sizes,
    strides,
    timm_inverted_residual,
    torchvision_efficientnet,
)

drops = st.sampled_from((0.0, 0.2, 0.7))


@examples
@given(expanding=expanding(), kernel_size=kernels, stride=strides, drop=drops, size=sizes)
def test_equals_torchvision(expanding, kernel_size, stride, drop, size) -> None:
    """In training with stochastic depth too: the same random numbers drop the same samples."""
    arguments = {**expanding, "kernel_size": kernel_size, "stride": stride, "drop_probability": drop}
    assert_equal(Case(MBConv, arguments, size), torchvision_efficientnet)


@examples
@given(
    expanding=expanding(),
    kernel_size=kernels,
    stride=strides,
    drop=drops,
    se_reduction=st.integers(1, 9),
    act=st.sampled_from((nn.SiLU, nn.ReLU)),
    size=sizes,
)
def test_equals_timm(expanding, kernel_size, stride, drop, se_reduction, act, size) -> None:
    arguments = {
        **expanding,
        "kernel_size": kernel_size,
        "stride": stride,
        "drop_probability": drop,
        "se_reduction": se_reduction,
        "act": act,
    }
    assert_equal(Case(MBConv, arguments, size), timm_inverted_residual)


@pytest.mark.parametrize(
    ("i", "squeezed"),
    [(16, 4), (24, 6), (32, 8), (40, 10), (80, 20), (112, 28), (192, 48), (320, 80), (10, 2), (3, 1), (1, 1)],
)
def test_squeezed_width_is_a_quarter_of_the_input(i: int, squeezed: int) -> None:
    for expansion in (1, 4, 6):
        with torch.device("meta"):
            block = MBConv(i, 24, expansion=expansion)
        assert block.squeeze_excitation.reduce.out_channels == squeezed
        assert block.squeeze_excitation.reduce.in_channels == expansion * i


def test_no_expansion_where_the_width_stays() -> None:
    assert isinstance(MBConv(4, 4, expansion=1).expand, nn.Identity)
    assert isinstance(MBConv(4, 4, expansion=1.1).expand, nn.Identity)


def test_stochastic_depth_drops_whole_samples() -> None:
    torch.manual_seed(0)
    x = torch.ones(4000, 2, 3, 3)
    y = StochasticDepth(0.3).train()(x)
    values = y.flatten(1)
    assert (values == values[:, :1]).all()
    assert sorted(values.unique().tolist()) == pytest.approx([0, 1 / 0.7])
    assert y.mean().item() == pytest.approx(1, abs=0.05)  # 5 standard deviations
    assert (values[:, 0] == 0).float().mean().item() == pytest.approx(0.3, abs=0.036)


def test_stochastic_depth_is_the_identity_in_eval_mode() -> None:
    x = torch.randn(3, 2, 4, 4)
    assert StochasticDepth(0.9).eval()(x) is x
    assert StochasticDepth(0).train()(x) is x


@pytest.mark.parametrize("block", [MBConv, FusedMBConv])
def test_stochastic_depth_only_where_there_is_a_shortcut(block: type[MBConv | FusedMBConv]) -> None:
    torch.manual_seed(0)
    x = torch.randn(64, 4, 4, 4)
    with_shortcut = block(4, 4, drop_probability=0.5).train()
    left = (with_shortcut(x) == x).flatten(1).all(1)
    assert 10 < left.sum() < 54
    for without in (block(4, 6, drop_probability=0.5), block(4, 4, stride=2, drop_probability=0.5)):
        assert without.train()(x).flatten(1).any(1).all()
