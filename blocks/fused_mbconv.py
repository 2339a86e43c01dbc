"""Fused-MBConv, the block of the early stages of EfficientNetV2.

Gupta and Tan 2019 (EfficientNet-EdgeTPU) fused the two convolutions first. Tan and Le 2021, "EfficientNetV2:
Smaller Models and Faster Training", arXiv 2104.00298, section 3.2; a search chose it for stages 1 to 3 of
EfficientNetV2-S (table 4).
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct
from blocks.stochastic_depth import StochasticDepth


class FusedMBConv(nn.Module):
    """MBConv with the expansion and the depthwise convolution fused into one full k x k convolution.

    It has more parameters and multiply-adds than MBConv, and can still be faster where channels are few. The
    paper's reason: depthwise convolutions often cannot fully use modern accelerators. There is no
    squeeze-and-excitation, as in EfficientNetV2's released settings, torchvision and timm. Where the expanded
    width equals in_channels, the block is a single convolution with norm and activation. The shortcut is the
    identity and exists only where stride is 1 and the channels stay the same.

    Cost, with e = 0 where h = i, else 1::

        parameters: e*(k*k*i*h + 2*h + h*o + 2*o) + (1 - e)*(k*k*i*o + 2*o)
        multiply-adds: H_out*W_out * (e*h*(k*k*i + o) + (1 - e)*k*k*i*o)

    Args:
        stride: 1 or 2, on the fused convolution.
        act: after the fused convolution.

    >>> import torch
    >>> FusedMBConv(24, 48, stride=2)(torch.zeros(1, 24, 112, 112)).shape
    torch.Size([1, 48, 56, 56])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        expansion: float = 4,
        drop_probability: float = 0.0,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.SiLU,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        in_channels, out_channels, stride, kernel_size = _arguments.block(
            owner, in_channels, out_channels, stride, norm, act, kernel_size
        )
        drop_probability = _arguments.probability(owner, "drop_probability", drop_probability)
        hidden = _arguments.expanded(owner, in_channels, expansion)
        single = hidden == in_channels
        self.has_shortcut = stride == 1 and in_channels == out_channels
        self.fused = ConvNormAct(
            in_channels,
            out_channels if single else hidden,
            kernel_size=kernel_size,
            stride=stride,
            norm=norm,
            act=act,
        )
        self.project = (
            nn.Identity()
            if single
            else ConvNormAct(
                hidden,
                out_channels,
                kernel_size=1,
                norm=norm,
                act=None,
            )
        )
        self.stochastic_depth = StochasticDepth(drop_probability)

    def forward(self, x: Tensor) -> Tensor:
        y = self.fused(x)
        y = self.project(y)
        if self.has_shortcut:
            y = x + self.stochastic_depth(y)
        return y
