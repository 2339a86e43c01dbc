"""The linear bottleneck: the rule on which MobileNetV2 is built.

Sandler, Howard, Zhu, Zhmoginov and Chen 2018, "MobileNetV2: Inverted Residuals and
Linear Bottlenecks", arXiv 1801.04381, section 3.2 and figure 2c.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct


class LinearBottleneck(nn.Module):
    """A depthwise separable convolution without the activation at the narrow end.

    ReLU discards what is negative. If a tensor has hardly more channels than its content has dimensions, no
    other channel still holds what is lost. So the 1x1 convolution into the narrow tensor ends with its
    norm. There is no shortcut: this is torchvision's `InvertedResidual` with `expand_ratio=1`, where that
    has no shortcut.

    Cost::

        parameters: k*k*i + 2*i + i*o + 2*o
        multiply-adds: H_out*W_out * i*(k*k + o)

    Args:
        stride: 1 or 2, on the depthwise convolution.
        act: after the depthwise convolution only.

    >>> import torch
    >>> LinearBottleneck(32, 16)(torch.zeros(1, 32, 112, 112)).shape
    torch.Size([1, 16, 112, 112])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.ReLU6,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        in_channels, out_channels, stride, kernel_size = _arguments.block(
            owner, in_channels, out_channels, stride, norm, act, kernel_size
        )
        self.depthwise = ConvNormAct(
            in_channels,
            in_channels,
            kernel_size=kernel_size,
            stride=stride,
            groups=in_channels,
            norm=norm,
            act=act,
        )
        self.project = ConvNormAct(
            in_channels,
            out_channels,
            kernel_size=1,
            norm=norm,
            act=None,
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise(x)
        return self.project(y)
