"""Residual adds what fits and refuses the rest; BasicBlock equals torchvision's."""

import pytest
import torch
from hypothesis import given
from torch import nn

from blocks import BasicBlock, ConvNormAct, Residual
from blocks.exercises.case import Case
from tests.equality import assert_equal, basic_block, examples, pairs, sizes, strides


@examples
@given(pair=pairs(), stride=strides, size=sizes)
def test_basic_block_equals_torchvision(pair, stride, size) -> None:
    assert_equal(Case(BasicBlock, {**pair, "stride": stride}, size), basic_block)


def test_the_sum() -> None:
    body, shortcut = ConvNormAct(3, 5, stride=2), ConvNormAct(3, 5, kernel_size=1, stride=2, act=None)
    x = torch.randn(2, 3, 7, 7)
    assert torch.equal(Residual(body, shortcut).eval()(x), body.eval()(x) + shortcut.eval()(x))
    block = Residual(body, shortcut, act=nn.ReLU).eval()
    assert torch.equal(block(x), torch.relu(body(x) + shortcut(x)))
    same = ConvNormAct(3, 3).eval()
    assert torch.equal(Residual(same)(x), same(x) + x)


def test_input_untouched() -> None:
    for body in (nn.Identity(), ConvNormAct(3, 3), nn.ReLU()):
        x = torch.randn(2, 3, 7, 7)
        before = x.clone()
        Residual(body)(x)
        assert torch.equal(x, before)


class Mean(nn.Module):
    """To (N, C, 1, 1), which addition would broadcast to (N, C, H, W) without a word."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3), keepdim=True)


@pytest.mark.parametrize(
    ("body", "shortcut"),
    [
        (nn.Conv2d(3, 4, 1), None),
        (nn.Conv2d(3, 3, 3, stride=2, padding=1), None),
        (nn.Conv2d(3, 3, 3), None),
        (nn.Conv2d(3, 4, 1), nn.Conv2d(3, 5, 1)),
        pytest.param(nn.Conv2d(3, 1, 1), None, id="one channel: broadcasts"),
        pytest.param(Mean(), None, id="1x1: broadcasts"),
        pytest.param(nn.Identity(), Mean(), id="1x1 on the shortcut: broadcasts"),
    ],
)
def test_refuses_what_does_not_fit(body: nn.Module, shortcut: nn.Module | None) -> None:
    block = Residual(body, shortcut)
    with pytest.raises(ValueError, match=r"^Residual: body and shortcut must give the same shape, got \(2, "):
        block(torch.zeros(2, 3, 6, 6))


def test_a_projection_only_where_needed() -> None:
    assert isinstance(BasicBlock(4, 4).shortcut, nn.Identity)
    for block in (BasicBlock(4, 8), BasicBlock(4, 4, stride=2)):
        assert isinstance(block.shortcut, ConvNormAct)
        assert isinstance(block.shortcut.act, nn.Identity)


def test_decides_at_construction() -> None:
    """A map of one pixel keeps its size at stride 2: the shortcut is a projection all the same."""
    block = BasicBlock(4, 4, stride=2).eval()
    x = torch.randn(1, 4, 1, 1)
    assert torch.equal(block(x), torch.relu(block.body(x) + block.shortcut(x)))
    assert not torch.equal(block.shortcut(x), x)
