"""The bottleneck residual block of ResNet-50 and deeper.

He, Zhang, Ren and Sun 2015, "Deep Residual Learning for Image Recognition", arXiv
1512.03385, section 4.1.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct
from blocks.residual import resnet_shortcut


class Bottleneck(nn.Module):
    """Wide, narrow, wide: reduce the channels, so that the 3x3 is cheap, then restore them.

    The stride is on the 3x3, as in torchvision and timm ("v1.5"); the paper has it on the first 1x1
    (stride_first). The parameters are the same in both, the multiply-adds are not. The shortcut is the
    identity where stride is 1 and the channels stay the same, otherwise a linear 1x1 convolution. The last
    activation comes after the addition.

    Cost, with w = o // reduction, p = 0 where stride = 1 and i = o, else 1::

        parameters: i*w + 9*w*w + w*o + 4*w + 2*o + p*(i*o + 2*o)
        multiply-adds: H*W * i*w + H_out*W_out * (9*w*w + w*o + p*i*o)

    Args:
        reduction: how many times narrower the middle is than the output; must divide out_channels.
        stride_first: True puts the stride on the first 1x1, as in the paper.
        squeeze_excitation: called with out_channels, such as SqueezeExcitation itself; gates the channels of
            the branch just before the addition (SE-ResNet). None for none.

    >>> import torch
    >>> Bottleneck(64, 256)(torch.zeros(1, 64, 56, 56)).shape
    torch.Size([1, 256, 56, 56])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        reduction: int = 4,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.ReLU,
        stride_first: bool = False,
        squeeze_excitation: Callable[[int], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        in_channels, out_channels, stride, _ = _arguments.block(
            owner, in_channels, out_channels, stride, norm, act
        )
        reduction = _arguments.whole(owner, "reduction", reduction)
        _arguments.truth(owner, "stride_first", stride_first)
        if out_channels % reduction:
            raise ValueError(
                f"{owner}: reduction must divide out_channels,"
                f" got reduction={reduction} for {out_channels}."
                " The narrow middle has out_channels / reduction channels."
            )
        narrow = out_channels // reduction
        first, second = (stride, 1) if stride_first else (1, stride)
        self.reduce = ConvNormAct(
            in_channels,
            narrow,
            kernel_size=1,
            stride=first,
            norm=norm,
            act=act,
        )
        self.spatial = ConvNormAct(narrow, narrow, stride=second, norm=norm, act=act)
        self.expand = ConvNormAct(narrow, out_channels, kernel_size=1, norm=norm, act=None)
        self.squeeze_excitation = _arguments.make(
            owner, "squeeze_excitation", squeeze_excitation, out_channels
        )
        self.act = _arguments.make(owner, "act", act)
        self.shortcut = resnet_shortcut(in_channels, out_channels, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        y = self.reduce(x)
        y = self.spatial(y)
        y = self.expand(y)
        y = self.squeeze_excitation(y)
        return self.act(y + self.shortcut(x))
