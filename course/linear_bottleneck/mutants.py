"""Broken versions of LinearBottleneck, one fault each. Readers look for it: no docstring tells."""

from functools import partial

from torch import Tensor

from blocks import LinearBottleneck
from course.kit.checks.mutants import broken, projection_activated


class ShortcutAdded(LinearBottleneck):
    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return x + y if x.shape == y.shape else y


MUTANTS = broken(
    LinearBottleneck,
    (
        "activation at the narrow end",
        projection_activated,
        "ReLU6 after the projection sets what is negative to zero, in the narrow tensor.",
    ),
    ("no activation at all", partial(LinearBottleneck, act=None), "'Linear' taken for the whole block."),
    (
        "shortcut added",
        ShortcutAdded,
        "A shortcut, where shapes agree: that is an inverted residual with expansion 1.",
    ),
)
