"""Broken versions of DepthwiseSeparable, one fault each. Readers look for it: no docstring tells."""

from torch import nn

from blocks import DepthwiseSeparable
from course.kit.checks.mutants import broken, groups_lost


def end_linear(block: DepthwiseSeparable) -> None:
    block.project.act = nn.Identity()


def middle_linear(block: DepthwiseSeparable) -> None:
    block.depthwise.act = nn.Identity()


MUTANTS = broken(
    DepthwiseSeparable,
    ("groups lost", groups_lost, "groups is swallowed on its way to the convolution: a full k x k."),
    (
        "linear end",
        end_linear,
        "The 1x1 has no activation: MobileNetV2's linear bottleneck, not MobileNetV1's block.",
    ),
    (
        "linear middle",
        middle_linear,
        "No activation between the two convolutions: as in Xception (Chollet 2016), not as in MobileNetV1.",
    ),
)
