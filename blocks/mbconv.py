"""MBConv, the block of EfficientNet: an inverted residual with squeeze-and-excitation.

Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks", arXiv 1905.11946, section 4. The squeeze-and-excitation inside an inverted
residual comes from MnasNet, Tan et al. 2018, arXiv 1807.11626.
"""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct
from blocks.squeeze_excitation import SqueezeExcitation
from blocks.stochastic_depth import StochasticDepth


class MBConv(nn.Module):
    """An inverted residual that weighs its expanded channels before it projects them.

    Norm after all three convolutions, activation after the first two, none after the
    addition. The squeezed width is a quarter of the block's *input*, not of the
    expanded channels. The shortcut is the identity and exists only where stride is 1
    and the channels stay the same. Where the expanded width equals in_channels, the
    expanding convolution is left out.

    Shapes: (N, in_channels, H, W) to (N, out_channels, H', W'), H' = ceil(H / stride).

    Cost with the default norm, i and o being in_channels and out_channels, k for
    kernel_size, h = round(i * expansion), q = max(1, i // se_reduction), e = 0 where
    h = i, else 1::

        parameters: e*(i*h + 2*h) + k*k*h + 2*h + 2*h*q + h + q + h*o + 2*o
        multiply-adds: e*H*W * i*h + H_out*W_out * h*(k*k + o) + 2*h*q

    Args:
        kernel_size: of the depthwise convolution; odd.
        stride: 1 or 2, on the depthwise convolution.
        expansion: how many times wider than the input the middle is; a fraction is
            allowed.
        se_reduction: the squeezed width is max(1, in_channels // se_reduction).
        drop_probability: of `StochasticDepth`, in training; only where there is a
            shortcut.
        norm: called with the channels; None for none (the convolutions then have a
            bias).
        act: called without arguments, after the expansion, after the depthwise
            convolution and inside the squeeze-and-excitation; None for none.
        squeeze_excitation: called with the expanded width, in place of EfficientNet's
            own (then se_reduction has no part): MobileNetV3 squeezes to another
            width, by other functions.

    Raises:
        TypeError, ValueError: an argument is not of the kind, or not in the range,
            that it must be.

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
        _arguments.block(owner, in_channels, out_channels, stride, norm, act, kernel_size)
        _arguments.whole(owner, "se_reduction", se_reduction)
        _arguments.probability(owner, "drop_probability", drop_probability)
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
            squeezed = max(1, in_channels // se_reduction)
            squeeze_excitation = partial(
                SqueezeExcitation,
                squeezed_channels=squeezed,
                act=act,
            )
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
