"""Wrong twins of the blocks, made wrong: one class or one change for each fault.

No class has a docstring: a reader who looks for the fault should find it in the code. What is wrong, and
where it was seen, stands in `course.kit.checks.mutants`.
"""

# ruff: noqa: D101, D103

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.nn import functional as F

from blocks.bottleneck import Bottleneck
from blocks.conv_norm_act import ConvNormAct
from blocks.depthwise_separable import DepthwiseSeparable
from blocks.fused_mbconv import FusedMBConv
from blocks.inverted_residual import InvertedResidual
from blocks.linear_bottleneck import LinearBottleneck
from blocks.mbconv import MBConv
from blocks.residual import BasicBlock
from blocks.squeeze_excitation import SqueezeExcitation

B = TypeVar("B", bound=nn.Module)


def altered(build: Callable[..., B], change: Callable[[B], None]) -> Callable[..., nn.Module]:
    """What `build` makes, changed by `change`."""

    def wrong(*arguments: Any, **keywords: Any) -> B:
        block = build(*arguments, **keywords)
        change(block)
        return block

    return wrong


def conv_like(conv: nn.Conv2d, *, groups: int, bias: bool) -> nn.Conv2d:
    """The same convolution with other groups or bias."""
    return nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,  # type: ignore[arg-type]
        conv.stride,  # type: ignore[arg-type]
        conv.padding,  # type: ignore[arg-type]
        groups=groups,
        bias=bias,
    )


# Faults of several blocks


def biases_added(block: nn.Module) -> None:
    for part in block.modules():
        if isinstance(part, ConvNormAct):
            part.conv = conv_like(part.conv, groups=part.conv.groups, bias=True)


def groups_lost(block: DepthwiseSeparable | InvertedResidual | MBConv) -> None:
    conv = block.depthwise.conv
    block.depthwise.conv = conv_like(conv, groups=1, bias=conv.bias is not None)


def projection_activated(block: LinearBottleneck | InvertedResidual | MBConv) -> None:
    block.project.act = deepcopy(block.depthwise.act)  # its own, so that its step has its name


# ConvNormAct


def norm_forgotten(block: ConvNormAct) -> None:
    biases_added(block)
    block.norm = nn.Identity()


class NormAfterAct(ConvNormAct):
    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.act(self.conv(x)))


# BasicBlock and Bottleneck


class AddsInPlace(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(y)
        x = self.shortcut(x)
        x += y
        return self.act(x)


class ShortcutDropped(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(y)
        return self.act(y)


class ActBeforeAddition(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(y)
        return self.act(y) + self.shortcut(x)


class FirstLayerDead(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(x if x.shape == y.shape else y)
        return self.act(y + self.shortcut(x))


def always_projected(block: BasicBlock) -> None:
    conv = block.first.conv
    block.shortcut = ConvNormAct(
        conv.in_channels, conv.out_channels, kernel_size=1, stride=conv.stride[0], act=None
    )


class BottleneckActBeforeAddition(Bottleneck):
    def forward(self, x: Tensor) -> Tensor:
        y = self.reduce(x)
        y = self.spatial(y)
        y = self.expand(y)
        return self.act(y) + self.shortcut(x)


def stride_on_first(block: Bottleneck) -> None:
    block.reduce.conv.stride, block.spatial.conv.stride = block.spatial.conv.stride, (1, 1)


def narrow_by_input(block: Bottleneck) -> None:
    i, o = block.reduce.conv.in_channels, block.expand.conv.out_channels
    narrow = max(1, i * block.reduce.conv.out_channels // o)
    block.reduce = ConvNormAct(i, narrow, kernel_size=1, act=nn.ReLU)
    block.spatial = ConvNormAct(narrow, narrow, stride=block.spatial.conv.stride[0], act=nn.ReLU)
    block.expand = ConvNormAct(narrow, o, kernel_size=1, act=None)


def shortcut_activated(block: Bottleneck) -> None:
    if isinstance(block.shortcut, ConvNormAct):
        block.shortcut.act = nn.SiLU()


# DepthwiseSeparable and LinearBottleneck


def end_linear(block: DepthwiseSeparable) -> None:
    block.project.act = nn.Identity()


def middle_linear(block: DepthwiseSeparable) -> None:
    block.depthwise.act = nn.Identity()


class ShortcutAdded(LinearBottleneck):
    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return x + y if x.shape == y.shape else y


# InvertedResidual


class ShortcutProjected(InvertedResidual):
    shortcut: ConvNormAct

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y if self.has_shortcut else y + self.shortcut(x)


def projection_added(block: ShortcutProjected) -> None:
    first = block.expand if isinstance(block.expand, ConvNormAct) else block.depthwise
    i, o = first.conv.in_channels, block.project.conv.out_channels
    if not block.has_shortcut:
        stride = block.depthwise.conv.stride[0]
        block.shortcut = ConvNormAct(i, o, kernel_size=1, stride=stride, act=None)


class WideEndsJoined(InvertedResidual):
    def forward(self, x: Tensor) -> Tensor:
        wide = self.expand(x)
        y = self.depthwise(wide)
        return self.project(wide + y if wide.shape == y.shape else y)


class ActAfterAddition(InvertedResidual):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


# SqueezeExcitation


class BatchSqueezed(SqueezeExcitation):
    def channel_weights(self, x: Tensor) -> Tensor:
        squeezed = x.mean((0, 2, 3), keepdim=True)
        return self.gate(self.expand(self.act(self.reduce(squeezed))))


class GateAdded(SqueezeExcitation):
    def forward(self, x: Tensor) -> Tensor:
        return x + self.channel_weights(x)


def biases_left_out(block: SqueezeExcitation) -> None:
    block.reduce = conv_like(block.reduce, groups=1, bias=False)
    block.expand = conv_like(block.expand, groups=1, bias=False)


# MBConv


def excitation_dropped(block: MBConv) -> None:
    block.squeeze_excitation = nn.Identity()


def squeezed_from_expanded(block: MBConv) -> None:
    block.squeeze_excitation = SqueezeExcitation(block.depthwise.conv.out_channels, reduction=4, act=nn.SiLU)


def dropout_for_depth(block: MBConv) -> None:
    block.stochastic_depth = nn.Dropout(block.stochastic_depth.drop_probability)  # type: ignore[assignment]


class MBConvAddsInPlace(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.depthwise(y)
        y = self.squeeze_excitation(y)
        y = self.project(y)
        if not self.has_shortcut:
            return y
        x += self.stochastic_depth(y)
        return x


class MBConvShortcutDropped(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.depthwise(y)
        y = self.squeeze_excitation(y)
        return self.project(y)


class ExcitationFirst(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.squeeze_excitation(y)
        y = self.depthwise(y)
        y = self.project(y)
        return x + self.stochastic_depth(y) if self.has_shortcut else y


class MBConvActAfterAddition(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


class MBConvSiluAfterAddition(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        return F.silu(super().forward(x))


# FusedMBConv


class FusedActAfterAddition(FusedMBConv):
    def forward(self, x: Tensor) -> Tensor:
        return F.silu(super().forward(x))


def projection_kept(block: FusedMBConv) -> None:
    if isinstance(block.project, nn.Identity):
        o = block.fused.conv.out_channels
        block.project = ConvNormAct(o, o, kernel_size=1, act=None)


def single_linear(block: FusedMBConv) -> None:
    if isinstance(block.project, nn.Identity):
        block.fused.act = nn.Identity()


def excitation_added(block: FusedMBConv) -> None:
    conv = block.fused.conv
    squeezed = max(1, conv.in_channels // 4)
    weigh = SqueezeExcitation(conv.out_channels, squeezed_channels=squeezed, act=nn.SiLU)
    block.fused = nn.Sequential(block.fused, weigh)  # type: ignore[assignment]


def stride_on_projection(block: FusedMBConv) -> None:
    if isinstance(block.project, ConvNormAct):
        block.project.conv.stride, block.fused.conv.stride = block.fused.conv.stride, (1, 1)
