"""The residual connection, and the basic block of ResNet-18 and ResNet-34.

He, Zhang, Ren and Sun 2015, "Deep Residual Learning for Image Recognition", arXiv
1512.03385, section 3.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, fx, nn

from blocks import _arguments
from blocks.conv_norm_act import ConvNormAct
from blocks.stochastic_depth import StochasticDepth

# Named here, for TorchScript stumbles over a comment for mypy inside a function.
_is_scripting: Callable[[], bool] = torch.jit.is_scripting  # type: ignore[attr-defined]
_is_tracing: Callable[[], bool] = torch.jit.is_tracing  # type: ignore[attr-defined]


class Residual(nn.Module):
    """A shortcut around any body: the body learns only what to add to its input.

    Shapes: whatever body and shortcut agree on; (N, C, H, W) to (N, C', H', W') in the blocks of this
    package.

    In-place work is looked for in modules that have `inplace`, the first one of a branch, through nested
    Sequentials. What a forward of somebody's own, a torch.fx GraphModule or a scripted module does in place
    at its beginning is not seen: it changes the input, and so the sum.

    Args:
        body: the residual branch F, any module.
        shortcut: the other branch; None for the identity, which adds no parameters and no multiply-adds.
        act: applied to the sum; None for none.

    Raises:
        TypeError: body or shortcut is not a Module, or act is not a callable that returns one.
        ValueError: body or shortcut begins with a module that works in place, which would change the input
            that the other branch still needs; or, in forward, they give different shapes, even if those
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
        _arguments.module(owner, "body", body)
        if shortcut is not None and not isinstance(shortcut, nn.Module):
            raise TypeError(f"{owner}: shortcut must be a Module or None, got {shortcut!r}.")
        for name, branch in (("body", body), ("shortcut", shortcut)):
            first = next(_working(branch), None)
            if getattr(first, "inplace", False):
                raise ValueError(
                    f"{owner}: {name} must not begin with a module that works in place, got {first!r}."
                    " It would change the input, which is needed once more. Leave out inplace=True."
                )
        self.body = body
        self.act = _arguments.make(owner, "act", act)
        self.shortcut = nn.Identity() if shortcut is None else shortcut

    def forward(self, x: Tensor) -> Tensor:
        y, kept = self.body(x), self.shortcut(x)
        _must_fit(y, kept)
        return self.act(y + kept)


@fx.wrap  # one step for torch.fx, not traced: while it traces, a shape is a symbol and has no value
def _must_fit(y: Tensor, kept: Tensor) -> None:
    """Refuse what addition would silently broadcast: (N, C, 1, 1) to (N, C, H, W), or 1 channel to C."""
    # TorchScript cannot write the message; a trace warns of every shape that it is asked for.
    if not _is_scripting() and not _is_tracing() and y.shape != kept.shape:
        raise ValueError(
            "Residual: body and shortcut must give the same shape,"
            f" got {tuple(y.shape)} from the body and {tuple(kept.shape)} from the shortcut."
            " Where channels or size change, give a shortcut that changes them too,"
            " such as a 1x1 ConvNormAct with the same stride and act=None."
        )


def _working(branch: nn.Module | None) -> Iterator[nn.Module]:
    """A branch's modules in the order in which they run, without those that return their input or a view."""
    if isinstance(branch, nn.Sequential):
        for part in branch:
            yield from _working(part)
    elif branch is not None and not isinstance(
        branch, nn.Identity | nn.Flatten | nn.Unflatten | StochasticDepth
    ):
        dropout = isinstance(branch, nn.modules.dropout._DropoutNd)  # nothing, in eval mode
        if not dropout or branch.inplace:
            yield branch


def resnet_shortcut(
    in_channels: int, out_channels: int, stride: int, norm: Callable[[int], nn.Module] | None
) -> nn.Module:
    """The identity where it fits, else a linear 1x1 (the paper's option B)."""
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return ConvNormAct(in_channels, out_channels, kernel_size=1, stride=stride, norm=norm, act=None)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions, a shortcut around both, an activation after the addition.

    The shortcut is the identity where stride is 1 and the channels stay the same, otherwise a linear 1x1
    convolution.

    Cost, with p = 0 where stride = 1 and i = o, else 1::

        parameters: 9*i*o + 9*o*o + 4*o + p*(i*o + 2*o)
        multiply-adds: H_out*W_out * (9*i*o + 9*o*o + p*i*o)

    Args:
        stride: 1 or 2, on the first convolution and on the shortcut.
        act: after the first convolution and after the addition.

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
        super().__init__()
        owner = type(self).__name__
        in_channels, out_channels, stride, _ = _arguments.block(
            owner, in_channels, out_channels, stride, norm, act
        )
        self.first = ConvNormAct(in_channels, out_channels, stride=stride, norm=norm, act=act)
        self.second = ConvNormAct(out_channels, out_channels, norm=norm, act=None)
        self.act = _arguments.make(owner, "act", act)
        self.shortcut = resnet_shortcut(in_channels, out_channels, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(y)
        return self.act(y + self.shortcut(x))
