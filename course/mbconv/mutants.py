"""Broken versions of MBConv, one fault each. Readers look for it: no docstring tells."""

from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from blocks import MBConv
from course.kit.checks.mutants import MISPLACED_GATES, biases_added, broken, groups_lost, projection_activated


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
    *MISPLACED_GATES,
    *broken(
        MBConv,
        ("groups lost", groups_lost, "A full convolution where a depthwise one belongs."),
        ("activation after the projection", projection_activated, "The narrow end is not linear."),
        (
            "bias before the norm",
            biases_added,
            "The convolutions keep biases, which the norms subtract again.",
        ),
        ("adds in place", MBConvAddsInPlace, "x += y changes the caller's tensor."),
        ("shortcut dropped", MBConvShortcutDropped, "Nothing is added."),
        ("ReLU after the addition", MBConvActAfterAddition, "The sum is activated, as in a ResNet."),
        ("SiLU after the addition", MBConvSiluAfterAddition, "The output never falls below -0.28."),
        ("ReLU for SiLU", partial(MBConv, act=nn.ReLU), "Another activation: shapes and counts cannot tell."),
        (
            "dropout for stochastic depth",
            dropout_for_depth,
            "Single values are dropped, not the branches of whole samples.",
        ),
    ),
)
