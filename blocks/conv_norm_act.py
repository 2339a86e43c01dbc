"""Convolution, normalisation, activation: the unit that every block is made of.

Batch normalisation: Ioffe and Szegedy 2015, arXiv 1502.03167. SiLU: Elfwing, Uchibe
and Doya 2017, arXiv 1702.03118.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments


class ConvNormAct(nn.Module):
    """A convolution, then a norm, then an activation; padding and bias are derived.

    Shapes: (N, in_channels, H, W) to (N, out_channels, H', W'), with H' = ceil(H /
    stride) by the derived padding.

    Cost, i and o being in_channels and out_channels, k kernel_size, g groups, n = 1
    with the default norm, 0 without::

        parameters: k*k*i//g*o + 2*o*n + o*(1 - n)
        multiply-adds: H_out*W_out * k*k*i//g*o

    Args:
        kernel_size: odd, so that a padding exists that keeps the size.
        padding: zeros added on each side; None derives dilation * (kernel_size - 1) /
            2, which keeps the size at stride 1.
        groups: into how many independent convolutions the channels are split;
            in_channels makes it depthwise.
        norm: called with out_channels; None for no norm, and only then the
            convolution has a bias: a norm subtracts the mean, and a bias before it
            with the mean.
        act: called without arguments; None for no activation, a *linear* layer.

    Raises:
        TypeError, ValueError: an argument is not of the kind, or not in the range,
            that it must be.

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
        for name, value in {
            "in_channels": in_channels,
            "out_channels": out_channels,
            "stride": stride,
            "dilation": dilation,
            "groups": groups,
        }.items():
            _arguments.whole(owner, name, value)
        _arguments.odd(owner, "kernel_size", kernel_size)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{owner}: groups must divide in_channels and out_channels,"
                f" got groups={groups} for {in_channels} and {out_channels}."
            )
        if padding is None:
            padding = dilation * (kernel_size - 1) // 2
        else:
            _arguments.whole(owner, "padding", padding, least=0)
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
