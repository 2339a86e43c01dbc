"""SqueezeExcitation equals torchvision's and timm's; widths, weights and samples."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import SqueezeExcitation
from course.kit.checks.case import Case
from tests.blocks.equality import assert_equal, channels, examples, sizes
from tests.course.squeeze_excitation.block import squeeze_excitation, timm_squeeze_excitation


@examples
@given(
    channels=channels,
    reduction=st.integers(1, 32),
    squeezed=st.none() | st.integers(1, 9),
    act=st.sampled_from((nn.ReLU, nn.SiLU)),
    gate=st.sampled_from((nn.Sigmoid, nn.Hardsigmoid)),
    size=sizes,
)
def test_equals_torchvision_and_timm(channels, reduction, squeezed, act, gate, size) -> None:
    arguments = {
        "channels": channels,
        "reduction": reduction,
        "squeezed_channels": squeezed,
        "act": act,
        "gate": gate,
    }
    assert_equal(Case(SqueezeExcitation, arguments, size), squeeze_excitation, timm_squeeze_excitation)


@pytest.mark.parametrize(
    ("channels", "reduction", "squeezed"), [(256, 16, 16), (4, 8, 1), (1, 16, 1), (40, 16, 2), (7, 2, 3)]
)
def test_squeezed_width(channels: int, reduction: int, squeezed: int) -> None:
    """Never 0, as in the first notebook's SE(4), whose forward failed."""
    block = SqueezeExcitation(channels, reduction=reduction)
    assert block.reduce.out_channels == squeezed
    assert block(torch.zeros(1, channels, 3, 3)).shape == (1, channels, 3, 3)


def test_samples_do_not_mix() -> None:
    block, x = SqueezeExcitation(8, reduction=2), torch.randn(4, 8, 5, 5)
    assert torch.allclose(block(x)[:1], block(x[:1]), atol=1e-6)


def test_output_is_the_input_weighed_by_channel() -> None:
    block, x = SqueezeExcitation(8, reduction=2), torch.randn(4, 8, 5, 5)
    weights = block.channel_weights(x)
    assert weights.shape == (4, 8, 1, 1)
    assert ((weights > 0) & (weights < 1)).all()
    assert torch.equal(block(x), x * weights)


def test_weights_see_the_mean_only() -> None:
    block, x = SqueezeExcitation(8, reduction=2), torch.randn(1, 8, 5, 5)
    turned = block.channel_weights(x.flip(2, 3))
    assert torch.allclose(turned, block.channel_weights(x), atol=1e-6)


def test_biases_and_no_norm() -> None:
    block = SqueezeExcitation(8)
    assert block.reduce.bias is not None
    assert block.expand.bias is not None
    assert not list(block.buffers())
