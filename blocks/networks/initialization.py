"""The random weights that the training of a network begins with.

He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers", arXiv 1502.01852, section 2.2: normal, with a
variance that keeps a ReLU network's signal (by fan in) or its gradient (by fan out) from fading or growing
with depth. Here it is fan out, so what is kept is the variance of the gradient on the way back, as in
torchvision, in timm and in EfficientNet's code. ResNet's paper asks for He's weights; the MobileNet papers
name none.
"""

import math
from collections.abc import Callable

from torch import nn

from blocks import _arguments

_NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)


def initialize(
    network: nn.Module, linear: Callable[[nn.Linear], object] | None = nn.Linear.reset_parameters
) -> None:
    """Give every convolution He's normal weights, by fan out, and bias 0; every norm weight 1 and bias 0.

    The builders of this package call it. Call it again to begin anew, or after `to_empty`: the norms' running
    statistics are reset too, so nothing is left uninitialized. Layers on the meta device are left alone.

    The fan out of a kernel counts what one input channel feeds: in a depthwise convolution that is one
    channel, k*k places. torchvision counts all channels there too, so that its kernels begin sqrt(C) times
    too small (a standard deviation of 0.015 in place of 0.47 at 960 channels, 3x3); Google's code and timm
    do not.

    Args:
        linear: what is done to each linear layer; the default is torch's own initialization, None leaves it
            as it is. The MobileNets use `narrow_normal`, the EfficientNets `uniform_by_outputs`.

    Raises:
        TypeError: network is not a Module.

    >>> layer = nn.Conv2d(3, 8, 1)
    >>> initialize(layer)
    >>> layer.bias.count_nonzero().item()
    0
    """
    for layer in _arguments.module("initialize", "network", network).modules():
        if any(weight.is_meta for weight in layer.parameters(recurse=False)):
            continue  # no memory to fill, and torch takes longer over it than over the rest of a network
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            fan_out = math.prod(layer.kernel_size) * layer.out_channels // layer.groups
            nn.init.normal_(layer.weight, std=math.sqrt(2 / fan_out))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, _NORMS):
            layer.reset_parameters()
        elif isinstance(layer, nn.Linear) and linear is not None:
            linear(layer)


def narrow_normal(layer: nn.Linear) -> None:
    """Normal with standard deviation 0.01, bias 0: the linear layers of the MobileNets, as in torchvision."""
    nn.init.normal_(layer.weight, std=0.01)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def uniform_by_outputs(layer: nn.Linear) -> None:
    """Uniform within 1 / sqrt(outputs) of 0, bias 0: as in the classifiers of EfficientNet's code."""
    bound = 1 / math.sqrt(layer.out_features)
    nn.init.uniform_(layer.weight, -bound, bound)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
