"""ResNet, SE-ResNet, and the plain networks that ResNet is compared with.

He, Zhang, Ren and Sun 2015, "Deep Residual Learning for Image Recognition", arXiv 1512.03385, table 1
and section 3.3; Hu, Shen, Albanie, Sun and Wu 2017, "Squeeze-and-Excitation Networks", arXiv 1709.01507.
Every network maps (N, 3, H, W) to logits (N, num_classes).
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial

from torch import nn

from blocks import BasicBlock, Bottleneck, ConvNormAct, SqueezeExcitation, _arguments
from blocks.networks.initialization import initialize
from blocks.networks.parts import network_of

RELU = partial(nn.ReLU, inplace=True)  # in place, as in torchvision: no second map to allocate

# Blocks in the four stages: table 1.
REPEATS_18 = (2, 2, 2, 2)
REPEATS_34 = REPEATS_50 = (3, 4, 6, 3)
REPEATS_101 = (3, 4, 23, 3)
REPEATS_152 = (3, 8, 36, 3)
# Channels that leave the four stages; from the second stage on, the first block halves height and width.
BASIC = (64, 128, 256, 512)
WIDE = (256, 512, 1024, 2048)


def resnet18(num_classes: int = 1000) -> nn.Sequential:
    """ResNet-18, with a 1x1 projection where the shortcut must change shape (the paper's option B)."""
    return _resnet(partial(BasicBlock, act=RELU), REPEATS_18, BASIC, num_classes)


def resnet34(num_classes: int = 1000) -> nn.Sequential:
    """ResNet-34, with a 1x1 projection where the shortcut must change shape (the paper's option B)."""
    return _resnet(partial(BasicBlock, act=RELU), REPEATS_34, BASIC, num_classes)


def resnet50(num_classes: int = 1000, *, v1: bool = False) -> nn.Sequential:
    """ResNet-50; v1 puts the stride on the first 1x1, as the paper does, in place of the 3x3 ("v1.5")."""
    return _resnet(partial(Bottleneck, act=RELU, stride_first=v1), REPEATS_50, WIDE, num_classes)


def resnet101(num_classes: int = 1000, *, v1: bool = False) -> nn.Sequential:
    """ResNet-101; v1 puts the stride on the first 1x1, as the paper does, in place of the 3x3 ("v1.5")."""
    return _resnet(partial(Bottleneck, act=RELU, stride_first=v1), REPEATS_101, WIDE, num_classes)


def resnet152(num_classes: int = 1000, *, v1: bool = False) -> nn.Sequential:
    """ResNet-152; v1 puts the stride on the first 1x1, as the paper does, in place of the 3x3 ("v1.5")."""
    return _resnet(partial(Bottleneck, act=RELU, stride_first=v1), REPEATS_152, WIDE, num_classes)


def se_resnet50(num_classes: int = 1000, *, v1: bool = False) -> nn.Sequential:
    """ResNet-50 with squeeze-and-excitation, reduction 16, at the end of every block's branch."""
    block = partial(Bottleneck, act=RELU, stride_first=v1, squeeze_excitation=SqueezeExcitation)
    return _resnet(block, REPEATS_50, WIDE, num_classes)


def plain18(num_classes: int = 1000) -> nn.Sequential:
    """ResNet-18 without its shortcuts."""
    return _resnet(_plain_block, REPEATS_18, BASIC, num_classes)


def plain34(num_classes: int = 1000) -> nn.Sequential:
    """ResNet-34 without its shortcuts: deeper than plain18, and worse (table 2)."""
    return _resnet(_plain_block, REPEATS_34, BASIC, num_classes)


def _plain_block(in_channels: int, out_channels: int, *, stride: int = 1) -> nn.Sequential:
    """A BasicBlock without its shortcut."""
    first = ConvNormAct(in_channels, out_channels, stride=stride, act=RELU)
    second = ConvNormAct(out_channels, out_channels, act=RELU)
    return nn.Sequential(OrderedDict(first=first, second=second))


def _resnet(
    block: Callable[..., nn.Module], repeats: Sequence[int], widths: Sequence[int], num_classes: int
) -> nn.Sequential:
    """Stem, four stages of blocks, head, classifier."""
    num_classes = _arguments.whole("resnet", "num_classes", num_classes)
    conv = ConvNormAct(3, 64, kernel_size=7, stride=2, act=RELU)
    stem = nn.Sequential(OrderedDict(conv=conv, pool=nn.MaxPool2d(3, stride=2, padding=1)))
    channels = 64
    stages: list[list[nn.Module]] = []
    for width, count, first_stride in zip(widths, repeats, (1, 2, 2, 2), strict=True):
        stages.append([])
        for stride in (first_stride, *[1] * (count - 1)):
            stages[-1].append(block(channels, width, stride=stride))
            channels = width
    head = {"pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten()}
    network = network_of(stem, stages, head, nn.Linear(channels, num_classes))
    initialize(network, linear=None)  # torch has done it
    return network
