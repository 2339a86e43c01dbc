"""The depthwise separable convolution of MobileNetV1.

Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile
Vision Applications", arXiv 1704.04861, section 3.1.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct


class DepthwiseSeparable(nn.Module):
    """Each channel alone through its own k x k filter, then a 1x1 across the channels.

    Norm and activation follow both convolutions; there is no shortcut. The paper says
    ReLU; Google's code and timm use ReLU6 (pass act=nn.ReLU6).

    Shapes: (N, in_channels, H, W) to (N, out_channels, H', W'), H' = ceil(H / stride).

    Cost with the default norm, i and o being in_channels and out_channels, k for
    kernel_size::

        parameters: k*k*i + 2*i + i*o + 2*o
        multiply-adds: H_out*W_out * i*(k*k + o)

    Against a full k x k convolution the weights are 1/o + 1/k^2 as many.

    Args:
        kernel_size: of the depthwise convolution; odd.
        stride: 1 or 2, on the depthwise convolution.
        norm: called with the channels; None for none (the convolutions then have a
            bias).
        act: called without arguments, after both convolutions; None for none.

    Raises:
        TypeError, ValueError: an argument is not of the kind, or not in the range,
            that it must be.

    >>> import torch
    >>> DepthwiseSeparable(32, 64)(torch.zeros(1, 32, 112, 112)).shape
    torch.Size([1, 64, 112, 112])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.ReLU,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        _arguments.block(owner, in_channels, out_channels, stride, norm, act, kernel_size)
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
            act=act,
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise(x)
        return self.project(y)
