"""The depthwise separable convolution, as MobileNetV1 has it.

Howard et al. 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
arXiv 1704.04861, section 3.1. The idea is older: Sifre 2014, "Rigid-Motion Scattering for Image
Classification" (PhD thesis); Chollet 2016, "Xception", arXiv 1610.02357, has no activation between the two.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct


class DepthwiseSeparable(nn.Module):
    """Each channel by itself through a k x k filter of its own, then a 1x1 across the channels.

    Norm and activation follow both convolutions; there is no shortcut. The paper says ReLU; Google's code and
    timm use ReLU6 (pass act=nn.ReLU6).

    Cost::

        parameters: k*k*i + 2*i + i*o + 2*o
        multiply-adds: H_out*W_out * i*(k*k + o)

    A full k x k convolution has k*k*i*o weights. This block has k*k*i + i*o, which is 1/o + 1/k^2 of them.

    Args:
        stride: 1 or 2, on the depthwise convolution.

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
            act=act,
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise(x)
        return self.project(y)
