"""Squeeze-and-excitation.

Hu, Shen, Albanie, Sun and Wu 2017, "Squeeze-and-Excitation Networks", arXiv
1709.01507, section 3.
"""

from collections.abc import Callable

from torch import Tensor, nn

from blocks import _arguments


class SqueezeExcitation(nn.Module):
    """Multiplies each channel by a gate from 0 to 1, computed from the means of all channels.

    Squeeze: the mean of each channel over height and width, sample by sample. Excite: two 1x1 convolutions,
    with bias and without norm, turn the C means into C gates. Then each channel is multiplied by its gate.
    Samples never mix, and all places of a channel get the same gate.

    Networks differ in the reduced width between the two convolutions. SENet has 1/16 of the block's
    *output*, with ReLU and sigmoid. MobileNetV3 has a quarter of the *expanded* width, rounded to a
    multiple of 8, with ReLU and hard-sigmoid. EfficientNet has a quarter of the block's *input*, with SiLU
    and sigmoid. For the last two give squeezed_channels, act and gate.

    Shapes: (N, channels, H, W) to the same.

    Cost, with c = channels, q = squeezed_channels or max(1, c // reduction)::

        parameters: 2*c*q + c + q
        multiply-adds: 2*c*q

    Args:
        reduction: the reduced width is max(1, channels // reduction).
        squeezed_channels: the reduced width itself, in place of the one from reduction.
        act: after the first convolution.
        gate: called without arguments, after the second convolution; turns any number into a gate.

    >>> import torch
    >>> SqueezeExcitation(64).channel_weights(torch.zeros(2, 64, 7, 7)).shape
    torch.Size([2, 64, 1, 1])
    """

    def __init__(
        self,
        channels: int,
        *,
        reduction: int = 16,
        squeezed_channels: int | None = None,
        act: Callable[[], nn.Module] | None = nn.ReLU,
        gate: Callable[[], nn.Module] = nn.Sigmoid,
    ) -> None:
        super().__init__()
        owner = type(self).__name__
        channels = _arguments.whole(owner, "channels", channels)
        reduction = _arguments.whole(owner, "reduction", reduction)
        if squeezed_channels is None:
            squeezed_channels = max(1, channels // reduction)
        squeezed_channels = _arguments.whole(owner, "squeezed_channels", squeezed_channels)
        self.reduce = nn.Conv2d(channels, squeezed_channels, 1)
        self.act = _arguments.make(owner, "act", act)
        self.expand = nn.Conv2d(squeezed_channels, channels, 1)
        self.gate = _arguments.make(owner, "gate", gate, optional=False)

    def channel_weights(self, x: Tensor) -> Tensor:
        """The gate of every channel: (N, channels, H, W) to (N, channels, 1, 1)."""
        squeezed = x.mean((2, 3), keepdim=True)
        return self.gate(self.expand(self.act(self.reduce(squeezed))))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.channel_weights(x)
