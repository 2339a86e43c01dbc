"""Convolution, normalization, activation.

Batch normalization: Ioffe and Szegedy 2015, arXiv 1502.03167, section 3. SiLU: Hendrycks and Gimpel 2016,
arXiv 1606.08415, named it; Elfwing, Uchibe and Doya 2017, arXiv 1702.03118, and Ramachandran, Zoph and Le
2017, arXiv 1710.05941 (as Swish), tried it later.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments


class ConvNormAct(nn.Module):
    """A convolution, then a norm, then an activation: the unit that every block is made of.

    Shapes: (N, in_channels, H, W) to (N, out_channels, H', W'), with H' = ceil(H / stride) unless a padding
    is given.

    Cost, with g = groups, n = 0 where norm is None, else 1::

        parameters: k*k*i//g*o + 2*o*n + o*(1 - n)
        multiply-adds: H_out*W_out * k*k*i//g*o

    Args:
        stride: any whole number from 1.
        padding: rows and columns of zeros added on each side; None derives dilation * (kernel_size - 1) / 2.
        dilation: the distance between neighboring places of the kernel.
        groups: into how many independent convolutions the channels are split; in_channels makes it depthwise.

    >>> import torch
    >>> ConvNormAct(3, 16, stride=2)(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 16, 16, 16])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        padding: int | None = None,
        dilation: int = 1,
        groups: int = 1,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.SiLU,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        in_channels = _arguments.whole(owner, "in_channels", in_channels)
        out_channels = _arguments.whole(owner, "out_channels", out_channels)
        stride = _arguments.whole(owner, "stride", stride)
        dilation = _arguments.whole(owner, "dilation", dilation)
        groups = _arguments.whole(owner, "groups", groups)
        kernel_size = _arguments.odd(owner, "kernel_size", kernel_size)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{owner}: groups must divide in_channels and out_channels,"
                f" got groups={groups} for {in_channels} and {out_channels}."
            )
        if padding is None:
            padding = dilation * (kernel_size - 1) // 2
        else:
            padding = _arguments.whole(owner, "padding", padding, least=0)
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias=norm is None,
        )
        self.norm = _arguments.make(owner, "norm", norm, out_channels)
        self.act = _arguments.make(owner, "act", act)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))
