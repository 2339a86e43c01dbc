"""The inverted residual of MobileNetV2.

Sandler, Howard, Zhu, Zhmoginov and Chen 2018, "MobileNetV2: Inverted Residuals and
Linear Bottlenecks", arXiv 1801.04381, section 3.3 and table 1.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct


class InvertedResidual(nn.Module):
    """Narrow, wide, narrow: expand, filter each channel alone, project back linearly.

    The shortcut joins the narrow ends. It is the identity, and exists only where
    stride is 1 and the channels stay the same; otherwise there is none, and never a
    projection. Nothing follows the addition. The expanded width is round(in_channels
    * expansion), as in torchvision; timm rounds it to a multiple of 8. With expansion
    1 the expanding convolution is left out.

    Shapes: (N, in_channels, H, W) to (N, out_channels, H', W'), H' = ceil(H / stride).

    Cost with the default norm, i and o being in_channels and out_channels, k for
    kernel_size, h = round(i * expansion), e = 0 for expansion 1, else 1::

        parameters: e*(i*h + 2*h) + k*k*h + 2*h + h*o + 2*o
        multiply-adds: e*H*W * i*h + H_out*W_out * h*(k*k + o)

    Args:
        kernel_size: of the depthwise convolution; odd.
        stride: 1 or 2, on the depthwise convolution.
        expansion: how many times wider than the input the middle is; a fraction is
            allowed.
        norm: called with the channels; None for none (the convolutions then have a
            bias).
        act: called without arguments, after the expansion and the depthwise
            convolution; None for none.

    Raises:
        TypeError, ValueError: an argument is not of the kind, or not in the range,
            that it must be.

    >>> import torch
    >>> InvertedResidual(24, 32, stride=2)(torch.zeros(1, 24, 56, 56)).shape
    torch.Size([1, 32, 28, 28])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        expansion: float = 6,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.ReLU6,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        _arguments.block(owner, in_channels, out_channels, stride, norm, act, kernel_size)
        hidden = _arguments.expanded(owner, in_channels, expansion)
        self.has_shortcut = stride == 1 and in_channels == out_channels
        self.expand = (
            nn.Identity()
            if expansion == 1
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
        self.project = ConvNormAct(
            hidden,
            out_channels,
            kernel_size=1,
            norm=norm,
            act=None,
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.depthwise(y)
        y = self.project(y)
        return x + y if self.has_shortcut else y
