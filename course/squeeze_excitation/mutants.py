"""Broken versions of SqueezeExcitation, one fault each. Readers look for it: no docstring tells."""

from functools import partial

from torch import Tensor, nn

from blocks import SqueezeExcitation
from course.kit.checks.mutants import MISPLACED_GATES, broken, conv_like


class BatchSqueezed(SqueezeExcitation):
    def channel_weights(self, x: Tensor) -> Tensor:
        squeezed = x.mean((0, 2, 3), keepdim=True)
        return self.gate(self.expand(self.act(self.reduce(squeezed))))


class GateAdded(SqueezeExcitation):
    def forward(self, x: Tensor) -> Tensor:
        return x + self.channel_weights(x)


def biases_left_out(block: SqueezeExcitation) -> None:
    block.reduce = conv_like(block.reduce, groups=1, bias=False)
    block.expand = conv_like(block.expand, groups=1, bias=False)


MUTANTS = (
    *broken(
        SqueezeExcitation,
        ("squeezed over the batch", BatchSqueezed, "The mean runs over the samples too."),
        (
            "SiLU for ReLU",
            partial(SqueezeExcitation, act=nn.SiLU),
            "EfficientNet's activation in SENet's block.",
        ),
        (
            "softmax gate",
            partial(SqueezeExcitation, gate=partial(nn.Softmax, dim=1)),
            "The channels compete for a sum of 1, where a sigmoid gates each alone.",
        ),
        ("gate added", GateAdded, "The gates are added to the channels, not multiplied with them."),
        (
            "biases left out",
            biases_left_out,
            (
                "A variant, not a fault: the networks of SENet's section 6 leave the biases out on purpose;"
                " the one that its authors released has them, and so does this block."
            ),
        ),
    ),
    *MISPLACED_GATES,
)
