"""The inverted residual of MobileNetV2.

Sandler, Howard, Zhu, Zhmoginov and Chen 2018, "MobileNetV2: Inverted Residuals and
Linear Bottlenecks", arXiv 1801.04381, section 3.3 and table 1.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct


class InvertedResidual(nn.Module):
    """Narrow, wide, narrow: expand, filter each channel by itself, project back linearly.

    The shortcut joins the narrow ends. It is the identity, and exists only where stride is 1 and the channels
    stay the same. Otherwise there is none, and never a projection. Nothing follows the addition. torchvision
    rounds the expanded width as here; timm rounds it to a multiple of 8. With expansion 1 the expanding
    convolution is left out.

    Cost, with e = 0 where expansion = 1, else 1::

        parameters: e*(i*h + 2*h) + k*k*h + 2*h + h*o + 2*o
        multiply-adds: e*H*W * i*h + H_out*W_out * h*(k*k + o)

    Args:
        stride: 1 or 2, on the depthwise convolution.
        act: after the expansion and after the depthwise convolution.

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
        in_channels, out_channels, stride, kernel_size = _arguments.block(
            owner, in_channels, out_channels, stride, norm, act, kernel_size
        )
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
