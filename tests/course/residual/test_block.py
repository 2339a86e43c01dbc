"""Residual adds what fits and refuses the rest; BasicBlock equals torchvision's and timm's."""

import pytest
import torch
from hypothesis import given
from torch import nn

from blocks import BasicBlock, ConvNormAct, Residual
from blocks.stochastic_depth import StochasticDepth
from course.kit.checks.case import Case
from tests.blocks.equality import assert_equal, examples, pairs, sizes, strides
from tests.course.residual.block import basic_block, timm_basic_block


@examples
@given(pair=pairs(), stride=strides, size=sizes)
def test_basic_block_equals_torchvision_and_timm(pair, stride, size) -> None:
    assert_equal(Case(BasicBlock, {**pair, "stride": stride}, size), basic_block, timm_basic_block)


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


def test_refuses_what_does_not_fit_when_traced_by_fx_too() -> None:
    traced = torch.fx.symbolic_trace(Residual(nn.Conv2d(3, 1, 1)))
    with pytest.raises(
        ValueError, match=r"^Residual: body and shortcut must give the same shape, got \(2, 1,"
    ):
        traced(torch.zeros(2, 3, 6, 6))


IN_PLACE = nn.ReLU(inplace=True)


@pytest.mark.parametrize(
    "branch",
    [
        IN_PLACE,
        nn.Sequential(IN_PLACE, nn.Conv2d(3, 3, 1)),
        nn.Sequential(nn.Sequential(), nn.Identity(), nn.Sequential(nn.Dropout(), IN_PLACE)),
        nn.Sequential(nn.Dropout2d(inplace=True), nn.Conv2d(3, 3, 1)),
        nn.Sequential(StochasticDepth(0.3), IN_PLACE),
        nn.Sequential(nn.Flatten(2), IN_PLACE, nn.Unflatten(2, (7, 7))),
    ],
    ids=str,
)
def test_refuses_a_branch_that_would_change_the_input(branch: nn.Module) -> None:
    for arguments in ({"body": branch}, {"body": nn.Identity(), "shortcut": branch}):
        name = [*arguments][-1]
        message = rf"^Residual: {name} must not begin with a module that works in place, got \w+\("
        with pytest.raises(ValueError, match=message):
            Residual(**arguments)


def test_in_place_is_fine_further_on() -> None:
    for body in (nn.Sequential(nn.Conv2d(3, 3, 1), IN_PLACE), ConvNormAct(3, 3, act=lambda: IN_PLACE)):
        x = torch.randn(2, 3, 7, 7)
        before = x.clone()
        assert torch.equal(Residual(body).eval()(x), before + body(before))


def test_a_projection_only_where_needed() -> None:
    assert isinstance(BasicBlock(4, 4).shortcut, nn.Identity)
    for block in (BasicBlock(4, 8), BasicBlock(4, 4, stride=2)):
        assert isinstance(block.shortcut, ConvNormAct)
        assert isinstance(block.shortcut.act, nn.Identity)


def test_decides_at_construction() -> None:
    """A map of one pixel keeps its size at stride 2: the shortcut is a projection all the same."""
    block = BasicBlock(4, 4, stride=2).eval()
    x = torch.randn(1, 4, 1, 1)
    assert torch.equal(block(x), torch.relu(block.second(block.first(x)) + block.shortcut(x)))
    assert not torch.equal(block.shortcut(x), x)
