"""Broken versions of MBConv, one fault each. Readers look for it: no docstring tells."""

from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from blocks import MBConv
from course.kit.checks.mutants import (
    MISPLACED_GATES,
    Mutant,
    altered,
    biases_added,
    groups_lost,
    projection_activated,
)


def dropout_for_depth(block: MBConv) -> None:
    block.stochastic_depth = nn.Dropout(block.stochastic_depth.drop_probability)  # type: ignore[assignment]


class MBConvAddsInPlace(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.depthwise(y)
        y = self.squeeze_excitation(y)
        y = self.project(y)
        if not self.has_shortcut:
            return y
        x += self.stochastic_depth(y)
        return x


class MBConvShortcutDropped(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.depthwise(y)
        y = self.squeeze_excitation(y)
        return self.project(y)


class MBConvActAfterAddition(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


class MBConvSiluAfterAddition(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        return F.silu(super().forward(x))


MUTANTS = (
    Mutant(
        "groups lost",
        MBConv,
        altered(MBConv, groups_lost),
        "A full convolution where a depthwise one belongs.",
    ),
    Mutant(
        "activation after the projection",
        MBConv,
        altered(MBConv, projection_activated),
        "The narrow end is not linear.",
    ),
    Mutant(
        "bias before the norm",
        MBConv,
        altered(MBConv, biases_added),
        "The convolutions keep biases, which the norms subtract again.",
    ),
    Mutant(
        "adds in place",
        MBConv,
        MBConvAddsInPlace,
        "x += y changes the caller's tensor.",
    ),
    Mutant(
        "shortcut dropped",
        MBConv,
        MBConvShortcutDropped,
        "Nothing is added.",
    ),
    Mutant(
        "ReLU after the addition",
        MBConv,
        MBConvActAfterAddition,
        "The sum is activated, as in a ResNet.",
    ),
    Mutant(
        "SiLU after the addition",
        MBConv,
        MBConvSiluAfterAddition,
        "The output never falls below -0.28.",
    ),
    Mutant(
        "ReLU for SiLU",
        MBConv,
        partial(MBConv, act=nn.ReLU),
        "Another activation: shapes and counts cannot tell.",
    ),
    Mutant(
        "dropout for stochastic depth",
        MBConv,
        altered(MBConv, dropout_for_depth),
        "Single values are dropped, not the branches of whole samples.",
    ),
    *MISPLACED_GATES,
)
