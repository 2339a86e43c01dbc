"""Broken versions of InvertedResidual, one fault each. Readers look for it: no docstring tells."""

from torch import Tensor
from torch.nn import functional as F

from blocks import ConvNormAct, InvertedResidual
from course.kit.checks.mutants import Mutant, altered, groups_lost, projection_activated


class ShortcutProjected(InvertedResidual):
    shortcut: ConvNormAct

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y if self.has_shortcut else y + self.shortcut(x)


def projection_added(block: ShortcutProjected) -> None:
    first = block.expand if isinstance(block.expand, ConvNormAct) else block.depthwise
    i, o = first.conv.in_channels, block.project.conv.out_channels
    if not block.has_shortcut:
        stride = block.depthwise.conv.stride[0]
        block.shortcut = ConvNormAct(i, o, kernel_size=1, stride=stride, act=None)


class WideEndsJoined(InvertedResidual):
    def forward(self, x: Tensor) -> Tensor:
        wide = self.expand(x)
        y = self.depthwise(wide)
        return self.project(wide + y if wide.shape == y.shape else y)


class ActAfterAddition(InvertedResidual):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


MUTANTS = (
    Mutant(
        "groups lost",
        InvertedResidual,
        altered(InvertedResidual, groups_lost),
        "A full 3x3 for a depthwise one.",
    ),
    Mutant(
        "activation after the projection",
        InvertedResidual,
        altered(InvertedResidual, projection_activated),
        "The narrow end is not linear.",
    ),
    Mutant(
        "shortcut projected",
        InvertedResidual,
        altered(ShortcutProjected, projection_added),
        "A projection shortcut where shapes differ, as in a ResNet.",
    ),
    Mutant(
        "wide ends joined",
        InvertedResidual,
        WideEndsJoined,
        "The shortcut joins the expanded ends: the variant that the MobileNetV2 paper compares in figure 6b.",
    ),
    Mutant(
        "ReLU after the addition",
        InvertedResidual,
        ActAfterAddition,
        "The sum is activated, as in a ResNet.",
    ),
)
