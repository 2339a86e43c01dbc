"""The residual connection, and the basic block of ResNet-18 and ResNet-34.

He, Zhang, Ren and Sun 2015, "Deep Residual Learning for Image Recognition", arXiv
1512.03385, section 3.
"""

from collections import OrderedDict
from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct


class Residual(nn.Module):
    """A shortcut round any body: the body learns only what to add to its input.

    Shapes: whatever body and shortcut agree on; (N, C, H, W) to (N, C', H', W') in
    the blocks built on it.

    Args:
        body: the residual branch F, any module.
        shortcut: the other branch; None for the identity, which adds no parameters
            and no multiply-adds.
        act: called without arguments, applied to the sum; None for none.

    Raises:
        TypeError: body or shortcut is not a Module, or act is not a callable that
            returns one.
        ValueError: in forward, body and shortcut give different shapes, even if they
            would broadcast.

    >>> import torch
    >>> x = torch.ones(1, 4, 2, 2)
    >>> torch.equal(Residual(nn.Identity())(x), x + x)
    True
    """

    def __init__(
        self,
        body: nn.Module,
        shortcut: nn.Module | None = None,
        *,
        act: Callable[[], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        if not isinstance(body, nn.Module):
            raise TypeError(f"{owner}: body must be a Module, got {body!r}.")
        if shortcut is not None and not isinstance(shortcut, nn.Module):
            raise TypeError(f"{owner}: shortcut must be a Module or None, got {shortcut!r}.")
        self.body = body
        self.act = _arguments.make(owner, "act", act)
        self.shortcut = nn.Identity() if shortcut is None else shortcut

    def forward(self, x: Tensor) -> Tensor:
        y, kept = self.body(x), self.shortcut(x)
        if y.shape != kept.shape:
            # Broadcasting would add them without a word: (N, C, 1, 1) to (N, C, H, W),
            # or 1 channel to C.
            raise ValueError(
                f"{type(self).__name__}: body and shortcut must give the same shape,"
                f" got {tuple(y.shape)} from the body"
                f" and {tuple(kept.shape)} from the shortcut."
                " Where channels or size change, give a shortcut that changes them too,"
                " such as a 1x1 ConvNormAct with the same stride and act=None."
            )
        return self.act(y + kept)


def resnet_shortcut(
    in_channels: int, out_channels: int, stride: int, norm: Callable[[int], nn.Module] | None
) -> nn.Module:
    """The identity where it fits, else a linear 1x1 (the paper's option B)."""
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return ConvNormAct(in_channels, out_channels, kernel_size=1, stride=stride, norm=norm, act=None)


class BasicBlock(Residual):
    """Two 3x3 convolutions, a shortcut round both, an activation after the addition.

    The shortcut is the identity where stride is 1 and the channels stay the same,
    else a linear 1x1 projection.

    Shapes: (N, in_channels, H, W) to (N, out_channels, H', W'), H' = ceil(H / stride).

    Cost with the default norm, i and o being in_channels and out_channels, p = 1 with
    a projection, else 0::

        parameters: 9*i*o + 9*o*o + 4*o + p*(i*o + 2*o)
        multiply-adds: H_out*W_out * (9*i*o + 9*o*o + p*i*o)

    Args:
        stride: 1 or 2, on the first convolution and on the projection.
        norm: called with the channels; None for none (the convolutions then have a
            bias).
        act: called without arguments, after the first convolution and after the
            addition; None for none.

    Raises:
        TypeError, ValueError: an argument is not of the kind, or not in the range,
            that it must be.

    >>> import torch
    >>> BasicBlock(64, 128, stride=2)(torch.zeros(1, 64, 56, 56)).shape
    torch.Size([1, 128, 28, 28])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.ReLU,
    ) -> None:
        owner = type(self).__name__
        _arguments.block(owner, in_channels, out_channels, stride, norm, act)
        first = ConvNormAct(in_channels, out_channels, stride=stride, norm=norm, act=act)
        second = ConvNormAct(out_channels, out_channels, norm=norm, act=None)
        super().__init__(
            nn.Sequential(OrderedDict(first=first, second=second)),
            resnet_shortcut(in_channels, out_channels, stride, norm),
            act=act,
        )
