"""MBConv, the mobile inverted bottleneck convolution: EfficientNet's block.

Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", arXiv 1905.11946,
section 4. An inverted residual with squeeze-and-excitation comes from MnasNet, Tan et al. 2018, arXiv
1807.11626: a search over blocks chose it.
"""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct
from blocks.squeeze_excitation import SqueezeExcitation
from blocks.stochastic_depth import StochasticDepth


class MBConv(nn.Module):
    """An inverted residual that gates its expanded channels before it projects them.

    Norm after all three convolutions, activation after the first two, none after the addition. The gates are
    computed through a quarter of the block's *input* channels, not of the expanded ones. The shortcut is the
    identity and exists only where stride is 1 and the channels stay the same. Where the expanded width equals
    in_channels, the expanding convolution is left out. In some papers MBConv has no squeeze-and-excitation;
    here, as in torchvision, it has.

    Cost, with q = max(1, i // se_reduction), e = 0 where h = i, else 1::

        parameters: e*(i*h + 2*h) + k*k*h + 2*h + 2*h*q + h + q + h*o + 2*o
        multiply-adds: e*H*W * i*h + H_out*W_out * h*(k*k + o) + 2*h*q

    Args:
        stride: 1 or 2, on the depthwise convolution.
        se_reduction: the reduced width is max(1, in_channels // se_reduction).
        act: after the expansion, after the depthwise convolution, and inside the squeeze-and-excitation.
        squeeze_excitation: called with the expanded width, in place of EfficientNet's own; se_reduction then
            has no effect. MobileNetV3 needs it: it reduces to another width and has other activations.

    >>> import torch
    >>> MBConv(24, 40, kernel_size=5, stride=2)(torch.zeros(1, 24, 56, 56)).shape
    torch.Size([1, 40, 28, 28])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        expansion: float = 6,
        se_reduction: int = 4,
        drop_probability: float = 0.0,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.SiLU,
        squeeze_excitation: Callable[[int], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        in_channels, out_channels, stride, kernel_size = _arguments.block(
            owner, in_channels, out_channels, stride, norm, act, kernel_size
        )
        se_reduction = _arguments.whole(owner, "se_reduction", se_reduction)
        drop_probability = _arguments.probability(owner, "drop_probability", drop_probability)
        hidden = _arguments.expanded(owner, in_channels, expansion)
        self.has_shortcut = stride == 1 and in_channels == out_channels
        self.expand = (
            nn.Identity()
            if hidden == in_channels
            else ConvNormAct(in_channels, hidden, kernel_size=1, norm=norm, act=act)
        )
        self.depthwise = ConvNormAct(
            hidden,
            hidden,
            kernel_size=kernel_size,
            stride=stride,
            groups=hidden,
            norm=norm,
            act=act,
        )
        if squeeze_excitation is None:
            reduced = max(1, in_channels // se_reduction)
            squeeze_excitation = partial(SqueezeExcitation, squeezed_channels=reduced, act=act)
        self.squeeze_excitation = _arguments.make(
            owner,
            "squeeze_excitation",
            squeeze_excitation,
            hidden,
        )
        self.project = ConvNormAct(
            hidden,
            out_channels,
            kernel_size=1,
            norm=norm,
            act=None,
        )
        self.stochastic_depth = StochasticDepth(drop_probability)

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.depthwise(y)
        y = self.squeeze_excitation(y)
        y = self.project(y)
        if self.has_shortcut:
            y = x + self.stochastic_depth(y)
        return y
