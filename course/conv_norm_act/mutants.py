"""Broken versions of ConvNormAct, one fault each. Readers look for it: no docstring tells."""

from torch import Tensor, nn

from blocks import ConvNormAct
from course.kit.checks.mutants import biases_added, broken


def norm_forgotten(block: ConvNormAct) -> None:
    biases_added(block)
    block.norm = nn.Identity()


class NormAfterAct(ConvNormAct):
    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.act(self.conv(x)))


MUTANTS = broken(
    ConvNormAct,
    (
        "bias before the norm",
        biases_added,
        "The convolution keeps a bias, which the norm subtracts again (labml.ai's ResNet).",
    ),
    (
        "norm forgotten",
        norm_forgotten,
        (
            "The norm is not passed on, so there is none (a ResNet in fast.ai's 2022 course, part 2; since "
            "corrected there)."
        ),
    ),
    (
        "norm after the activation",
        NormAfterAct,
        "Convolution, activation, norm: what leaves is not activated.",
    ),
)
