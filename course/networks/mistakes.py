"""Mistakes that leave every shape and every weight as it is, and what a network answers is wrong.

Each takes a MobileNetV2 of `blocks.networks` and returns a copy with the mistake made, which shares the
weights: they are not what is wrong. Given the official weights, some leave the top class in its place and
only shift the logits; others turn an espresso into a coil.
"""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.inverted_residual import InvertedResidual
from blocks.networks.facts import IMAGENET_MEAN, IMAGENET_STD


def relu(network: nn.Module) -> nn.Module:
    """ReLU in place of ReLU6."""
    return _activations(network, nn.ReLU)


def silu(network: nn.Module) -> nn.Module:
    """SiLU in place of ReLU6."""
    return _activations(network, nn.SiLU)


def relu6_after_projection(network: nn.Module) -> nn.Module:
    """An activation at the narrow end: no linear bottleneck."""
    wrong = _copy(network)
    for block in _blocks(wrong):
        block.project.act = nn.ReLU6()
    return wrong


def no_shortcuts(network: nn.Module) -> nn.Module:
    """Every shortcut removed."""
    wrong = _copy(network)
    for block in _blocks(wrong):
        block.has_shortcut = False
    return wrong


def norm_eps(network: nn.Module) -> nn.Module:
    """TensorFlow's eps of 1e-3 in the norms, in place of 1e-5."""
    wrong = _copy(network)
    for norm in wrong.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.eps = 1e-3
    return wrong


def tensorflow_padding(network: nn.Module) -> nn.Module:
    """TensorFlow's "SAME" padding where the stride is 2: at even sizes, all of it right and below."""
    wrong = _copy(network)
    for parent in list(wrong.modules()):
        for name, conv in parent.named_children():
            if isinstance(conv, nn.Conv2d) and conv.stride == (2, 2):
                setattr(parent, name, _Same(conv))
    return wrong


def train_mode(network: nn.Module) -> nn.Module:
    """Left in training mode: norms use the statistics of the batch, and dropout drops."""
    return copy.deepcopy(network).train()  # its norms write: nothing is shared


def bgr(network: nn.Module) -> nn.Module:
    """Colors in the order blue, green, red, as OpenCV reads them."""
    return nn.Sequential(_Bgr(), _copy(network))


def no_normalization(network: nn.Module) -> nn.Module:
    """Pixels from 0 to 1, without mean and deviation of ImageNet."""
    return nn.Sequential(_Pixels(), _copy(network))


MISTAKES: dict[str, Callable[[nn.Module], nn.Module]] = {
    "ReLU instead of ReLU6": relu,
    "TensorFlow's padding": tensorflow_padding,
    "red and blue swapped": bgr,
    "no normalization": no_normalization,
    "norm eps 1e-3": norm_eps,
    "SiLU instead of ReLU6": silu,
    "ReLU6 after the projection": relu6_after_projection,
    "shortcuts removed": no_shortcuts,
    "left in training mode": train_mode,
}


def _copy(network: nn.Module) -> nn.Module:
    """Its modules anew, its weights and statistics the same."""
    return copy.deepcopy(network, {id(t): t for t in (*network.parameters(), *network.buffers())})


def _blocks(network: nn.Module) -> list[InvertedResidual]:
    return [part for part in network.modules() if isinstance(part, InvertedResidual)]


def _activations(network: nn.Module, act: Callable[[], nn.Module]) -> nn.Module:
    """A copy in which every ReLU6 is another activation."""
    wrong = _copy(network)
    for parent in list(wrong.modules()):
        for name, part in parent.named_children():
            if isinstance(part, nn.ReLU6):
                setattr(parent, name, act())
    return wrong


class _Same(nn.Module):
    """A convolution with TensorFlow's padding: what is odd goes right and below."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv = copy.copy(conv)
        self.conv.padding = (0, 0)

    def forward(self, x: Tensor) -> Tensor:
        sides: list[int] = []
        for size, kernel, stride in zip(
            x.shape[:1:-1], self.conv.kernel_size[::-1], self.conv.stride, strict=True
        ):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            sides += [total // 2, total - total // 2]
        return self.conv(F.pad(x, sides))


class _Bgr(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flip(1)


class _Pixels(nn.Module):
    """Undoes the standardization."""

    def forward(self, x: Tensor) -> Tensor:
        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
        return x * std + mean
