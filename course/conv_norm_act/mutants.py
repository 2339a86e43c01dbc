"""Broken versions of ConvNormAct, one fault each. Readers look for it: no docstring tells."""

from torch import Tensor, nn

from blocks import ConvNormAct
from course.kit.checks.mutants import Mutant, altered, biases_added


def norm_forgotten(block: ConvNormAct) -> None:
    biases_added(block)
    block.norm = nn.Identity()


class NormAfterAct(ConvNormAct):
    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.act(self.conv(x)))


MUTANTS = (
    Mutant(
        "bias before the norm",
        ConvNormAct,
        altered(ConvNormAct, biases_added),
        "The convolution keeps a bias, which the norm subtracts again (labml.ai's ResNet).",
    ),
    Mutant(
        "norm forgotten",
        ConvNormAct,
        altered(ConvNormAct, norm_forgotten),
        "The norm is not passed on, so there is none (a ResNet in fast.ai's 2022 course, part 2; since "
        "corrected there).",
    ),
    Mutant(
        "norm after the activation",
        ConvNormAct,
        NormAfterAct,
        "Convolution, activation, norm: what leaves is not activated.",
    ),
)
