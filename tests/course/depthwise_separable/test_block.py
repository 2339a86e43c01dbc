"""DepthwiseSeparable equals timm's DepthwiseSeparableConv; the first notebook's four numbers."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from blocks import DepthwiseSeparable, measure
from course.kit.checks.case import Case
from tests.blocks.equality import (
    assert_equal,
    examples,
    kernels,
    pairs,
    sizes,
    strides,
    timm_depthwise_separable,
)


@examples
@given(
    pair=pairs(), kernel_size=kernels, stride=strides, act=st.sampled_from((nn.ReLU, nn.ReLU6)), size=sizes
)
def test_equals_timm(pair, kernel_size, stride, act, size) -> None:
    arguments = {**pair, "kernel_size": kernel_size, "stride": stride, "act": act}
    assert_equal(Case(DepthwiseSeparable, arguments, size), timm_depthwise_separable)


def test_the_four_numbers_of_the_first_notebook() -> None:
    """48 and 84, 2528 and 18496: separable with norms, against a full convolution with bias."""
    modules = (
        DepthwiseSeparable(3, 3),
        nn.Conv2d(3, 3, 3),
        DepthwiseSeparable(32, 64),
        nn.Conv2d(32, 64, 3),
    )
    counted = [sum(p.numel() for p in module.parameters()) for module in modules]
    assert counted == [48, 84, 2528, 18496]


def test_table_3_of_the_paper() -> None:
    """One layer, 512 channels at 14x14: 462 and 52.3 million multiply-adds, 2.36 and 0.27 million weights."""
    with torch.device("meta"):
        full, separable = (
            nn.Conv2d(512, 512, 3, padding=1, bias=False),
            DepthwiseSeparable(512, 512, norm=None),
        )
    assert measure.cost(full, (1, 512, 14, 14)).multiply_adds == 462_422_016
    assert measure.cost(separable, (1, 512, 14, 14)).multiply_adds == 52_283_392
    weights = [p.numel() for p in separable.parameters() if p.ndim == 4]
    assert (full.weight.numel(), sum(weights)) == (2_359_296, 266_752)


def test_no_shortcut() -> None:
    block = DepthwiseSeparable(4, 4).eval()
    nn.init.zeros_(block.project.norm.weight)
    assert not block(torch.randn(2, 4, 6, 6)).any()


def test_channels_stay_apart_until_the_1x1() -> None:
    depthwise = DepthwiseSeparable(4, 6, act=None).eval().depthwise
    x = torch.randn(1, 4, 6, 6)
    y = depthwise(x)
    x[:, 0] += 1
    changed = (depthwise(x) != y).flatten(2).any(2)
    assert changed.tolist() == [[True, False, False, False]]
