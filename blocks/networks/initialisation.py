"""The random weights that a network starts its training from.

He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers", arXiv 1502.01852: normal, with
the variance that keeps a ReLU network's signal from fading or growing. ResNet's paper asks for it; the
MobileNet papers name none; EfficientNet's code has the same rule.
"""

import math
from collections.abc import Callable

from torch import nn


def initialise(network: nn.Module, linear: Callable[[nn.Linear], object] | None = None) -> None:
    """Give every convolution He's normal weights, fan out, and bias 0; norms stay at weight 1, bias 0.

    The fan out of a kernel counts what one input channel feeds: in a depthwise convolution that is
    one channel, k*k places. torchvision counts all channels there too, so that its kernels start
    sqrt(C) times too small (0.015 for 0.47 at 960 channels, 3x3); Google's code and timm do not.

    Args:
        linear: what is done to each linear layer; None leaves torch's own initialisation.
    """
    for layer in network.modules():
        if any(weight.is_meta for weight in layer.parameters(recurse=False)):
            continue  # no memory to fill, and torch takes longer over it than over the rest of a network
        if isinstance(layer, nn.Conv2d):
            fan_out = math.prod(layer.kernel_size) * layer.out_channels // layer.groups
            nn.init.normal_(layer.weight, std=math.sqrt(2 / fan_out))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.Linear) and linear is not None:
            linear(layer)


def narrow_normal(layer: nn.Linear) -> None:
    """Normal with deviation 0.01 and bias 0: the classifiers of the MobileNets, as in torchvision."""
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.zeros_(layer.bias)


def uniform_by_outputs(layer: nn.Linear) -> None:
    """Uniform within 1 / sqrt(outputs) of 0, bias 0: as in the classifiers of EfficientNet's code."""
    bound = 1 / math.sqrt(layer.out_features)
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.zeros_(layer.bias)
