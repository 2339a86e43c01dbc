"""A network as its paper's table: a row for each run of equal blocks, read off the built network."""

from itertools import groupby

from torch import nn

from blocks import Bottleneck, FusedMBConv, InvertedResidual, MBConv, SqueezeExcitation
from blocks.networks.parts import blocks_of

HEADING = ("block", "inside", "kernel", "channels", "n", "stride", "SE", "activation")
_LINE = "{:18} {:>6}  {:>6}  {:>8}  {:>2}  {:>6}  {:3} {}"


def table(network: nn.Module) -> str:
    """The rows of `network`'s blocks, as lines of text under a heading.

    "inside" is how many times wider than the input the middle is (x6), in a bottleneck the narrow width. n is
    how many equal blocks follow each other, the stride that of the first. SE is for squeeze-and-excitation.

    Raises:
        ValueError: it is no network of this package.
    """
    if not all(_convolutions(block) for block in blocks_of(network)):
        raise ValueError(f"table: network must be one of blocks.networks, got {type(network).__name__}.")
    lines = [_LINE.format(*HEADING)]
    for (name, inside, kernel, channels, squeezes, act), run in groupby(blocks_of(network), _settings):
        equal = list(run)
        stride = max(conv.stride[0] for conv in _convolutions(equal[0]))
        lines.append(_LINE.format(name, inside, kernel, channels, len(equal), stride, squeezes, act).rstrip())
    return "\n".join(lines)


def _settings(block: nn.Module) -> tuple[str, str, str, int, str, str]:
    """What tells one row from the next, its stride apart."""
    kernel = max(conv.kernel_size[0] for conv in _convolutions(block))
    channels = _convolutions(block)[-1].out_channels
    squeezes = any(isinstance(part, SqueezeExcitation) for part in block.modules())
    act = next(type(part).__name__ for part in block.modules() if type(part).__module__ == nn.ReLU.__module__)
    return type(block).__name__, _inside(block), f"{kernel}x{kernel}", channels, "SE" if squeezes else "", act


def _inside(block: nn.Module) -> str:
    convolutions = _convolutions(block)
    if isinstance(block, Bottleneck):
        return str(convolutions[0].out_channels)
    if isinstance(block, InvertedResidual | MBConv):
        wide = next(conv.groups for conv in convolutions if conv.groups > 1)
        return f"x{wide / convolutions[0].in_channels:.3g}"
    if isinstance(block, FusedMBConv):
        only = len(convolutions) == 1
        return "x1" if only else f"x{convolutions[0].out_channels / convolutions[0].in_channels:.3g}"
    return ""


def _convolutions(block: nn.Module) -> list[nn.Conv2d]:
    return [part for part in block.modules() if isinstance(part, nn.Conv2d)]
