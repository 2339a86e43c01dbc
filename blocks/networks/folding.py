"""Faster answers: in eval mode a norm after a convolution is itself a convolution, and the two are one."""

import copy
from itertools import pairwise
from typing import TypeGuard, get_args

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.parametrize import is_parametrized

from blocks import ConvNormAct, _arguments

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d


def fold_norms(network: nn.Module) -> nn.Module:
    """A copy of `network`, in eval mode, with every batch norm folded into the convolution before it.

    With running mean m and variance v, weight w and bias b, a norm does (y - m) / sqrt(v + eps) * w + b: a
    factor and a shift for each channel, which the convolution's own weights and bias can hold. The answers
    stay the same, but for rounding. For inference only: trained further, the copy would have no norms.
    A norm's convolution must be seen in the modules: in a ConvNormAct, or right before it in a Sequential. A
    Sequential is taken to run as a whole: whether a parent calls its parts one by one, or with something
    between them, is not seen.
    On a CPU `.to(memory_format=torch.channels_last)`, for the network and its input, saves time on top.

    Raises:
        TypeError: network is not a Module.
        ValueError: a batch norm stands elsewhere, or it or its convolution has a hook, a parametrization such
            as weight norm, or a forward of its own: it would stay without a word. Or the network cannot be
            copied.

    >>> from blocks.networks import resnet18
    >>> any(isinstance(part, nn.BatchNorm2d) for part in fold_norms(resnet18()).modules())
    False
    """
    _arguments.module("fold_norms", "network", network)
    try:
        folded = copy.deepcopy(network).eval()
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"fold_norms: {type(network).__name__} cannot be copied: {error}") from error
    for part in folded.modules():
        is_sequence = _runs_as(part, ConvNormAct, nn.Sequential)
        for first, second in pairwise(part._modules if is_sequence else ()):
            conv, norm = part.get_submodule(first), part.get_submodule(second)
            if _is_foldable(conv) and _is_fixed(norm) and _is_plain(norm, _BatchNorm, nn.SyncBatchNorm):
                part.add_module(first, fuse_conv_bn_eval(conv, norm))
                part.add_module(second, nn.Identity())
    left = [name for name, part in folded.named_modules() if _is_fixed(part)]
    if left:
        raise ValueError(
            "fold_norms: every batch norm must follow a convolution in a ConvNormAct or an nn.Sequential,"
            " both without hooks, parametrizations (weight norm) and a forward of their own,"
            f" got {left[0] or 'a norm by itself'}. Elsewhere only the forward tells what comes before it."
        )
    return folded


def _is_fixed(part: nn.Module) -> TypeGuard[_BatchNorm]:
    """Whether a module is a batch norm that in eval mode does the same to every batch."""
    return isinstance(part, _BatchNorm) and part.running_mean is not None


def _is_foldable(part: nn.Module) -> TypeGuard[Convolution]:
    return isinstance(part, Convolution) and _is_plain(part, *get_args(Convolution))


def _runs_as(part: nn.Module, *classes: type[nn.Module]) -> bool:
    """Whether a module has the forward of one of the classes."""
    return type(part).forward in [cls.forward for cls in classes] and "forward" not in vars(part)


def _is_plain(part: nn.Module, *classes: type[nn.Module]) -> bool:
    """Whether a module does what one of the classes does, and nothing more."""
    return _runs_as(part, *classes) and not (
        part._forward_hooks or part._forward_pre_hooks or is_parametrized(part)
    )
