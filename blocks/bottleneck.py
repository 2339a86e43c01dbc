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
    """Wide, narrow, wide: reduce the channels, so that the 3x3 is cheap, and restore them.

    The stride sits on the 3x3, as in torchvision and timm ("v1.5"); the paper has it
    on the first 1x1 (stride_first). Parameters are the same in both, multiply-adds
    are not. The shortcut is the identity where stride is 1 and the channels stay the
    same, else a linear 1x1 projection.

    Shapes: (N, in_channels, H, W) to (N, out_channels, H', W'), H' = ceil(H / stride).

    Cost with the default norm, i and o being in_channels and out_channels,
    w = o // reduction, p = 1 with a projection, else 0::

        parameters: i*w + 9*w*w + w*o + 4*w + 2*o + p*(i*o + 2*o)
        multiply-adds: H*W * i*w + H_out*W_out * (9*w*w + w*o + p*i*o)

    Args:
        stride: 1 or 2.
        reduction: how many times narrower the middle is than the output; must divide
            out_channels.
        norm: called with the channels; None for none (the convolutions then have a
            bias).
        act: called without arguments, after the first two convolutions and after the
            addition; None for none.
        stride_first: whether the stride sits on the first 1x1, as in the paper, in
            place of the 3x3.
        squeeze_excitation: called with out_channels, such as SqueezeExcitation
            itself; weighs the channels of the branch just before the addition
            (SE-ResNet). None for none.

    Raises:
        TypeError, ValueError: an argument is not of the kind, or not in the range,
            that it must be.

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
        _arguments.block(owner, in_channels, out_channels, stride, norm, act)
        _arguments.whole(owner, "reduction", reduction)
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
        y += self.shortcut(x)  # in place: y is ours alone
        return self.act(y)
