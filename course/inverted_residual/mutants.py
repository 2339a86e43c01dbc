"""Broken versions of InvertedResidual, one fault each. Readers look for it: no docstring tells."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from blocks import ConvNormAct, InvertedResidual
from course.kit.checks.mutants import broken, groups_lost, projection_activated


class ShortcutProjected(InvertedResidual):
    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        first = self.expand if isinstance(self.expand, ConvNormAct) else self.depthwise
        i, o, stride = first.conv.in_channels, self.project.conv.out_channels, self.depthwise.conv.stride[0]
        if not self.has_shortcut:
            self.shortcut = ConvNormAct(i, o, kernel_size=1, stride=stride, act=None)

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y if self.has_shortcut else y + self.shortcut(x)


class WideEndsJoined(InvertedResidual):
    def forward(self, x: Tensor) -> Tensor:
        wide = self.expand(x)
        y = self.depthwise(wide)
        return self.project(wide + y if wide.shape == y.shape else y)


class ActAfterAddition(InvertedResidual):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


MUTANTS = broken(
    InvertedResidual,
    ("groups lost", groups_lost, "A full 3x3 for a depthwise one."),
    ("activation after the projection", projection_activated, "The narrow end is not linear."),
    (
        "shortcut projected",
        ShortcutProjected,
        "A projection shortcut where shapes differ, as in a ResNet.",
    ),
    (
        "wide ends joined",
        WideEndsJoined,
        "The shortcut joins the expanded ends: the variant that the MobileNetV2 paper compares in figure 6b.",
    ),
    ("ReLU after the addition", ActAfterAddition, "The sum is activated, as in a ResNet."),
)
