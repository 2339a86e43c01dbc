"""Random weights under which a whole network shows its faults, and its rounding errors do not grow."""

import torch
from torch import nn

from course.kit.checks.contract import randomize_norms


@torch.no_grad()
def randomize(network: nn.Module) -> None:
    """Weights that keep the signal's size from layer to layer, and norms as after some training."""
    torch.default_generator.manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.uniform_(layer.weight, -1, 1).mul_((3 / layer.weight[0].numel()) ** 0.5)
            if layer.bias is not None:
                nn.init.uniform_(layer.bias, -0.5, 0.5)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.zeros_(layer.num_batches_tracked)
    randomize_norms(network)
