"""Broken versions of Bottleneck, one fault each. Readers look for it: no docstring tells."""

from torch import Tensor, nn

from blocks import Bottleneck, ConvNormAct
from course.kit.checks.mutants import broken


class BottleneckActBeforeAddition(Bottleneck):
    def forward(self, x: Tensor) -> Tensor:
        y = self.reduce(x)
        y = self.spatial(y)
        y = self.expand(y)
        return self.act(y) + self.shortcut(x)


def stride_on_first(block: Bottleneck) -> None:
    block.reduce.conv.stride, block.spatial.conv.stride = block.spatial.conv.stride, (1, 1)


def narrow_by_input(block: Bottleneck) -> None:
    i, o = block.reduce.conv.in_channels, block.expand.conv.out_channels
    narrow = max(1, i * block.reduce.conv.out_channels // o)
    block.reduce = ConvNormAct(i, narrow, kernel_size=1, act=nn.ReLU)
    block.spatial = ConvNormAct(narrow, narrow, stride=block.spatial.conv.stride[0], act=nn.ReLU)
    block.expand = ConvNormAct(narrow, o, kernel_size=1, act=None)


def shortcut_activated(block: Bottleneck) -> None:
    if isinstance(block.shortcut, ConvNormAct):
        block.shortcut.act = nn.SiLU()


MUTANTS = broken(
    Bottleneck,
    (
        "activation before the addition",
        BottleneckActBeforeAddition,
        "The third convolution is activated and the sum is not.",
    ),
    (
        "stride on the first 1x1",
        stride_on_first,
        (
            "The 1x1 skips three quarters of its input: the paper's and Caffe's version, not v1.5 (timm's "
            "legacy_seresnet50)."
        ),
    ),
    (
        "width from the input",
        narrow_by_input,
        "The narrow width is a quarter of the input, not of the output.",
    ),
    (
        "projection shortcut activated",
        shortcut_activated,
        "The shortcut's projection ends with an activation.",
    ),
)
