"""Broken versions of FusedMBConv, one fault each. Readers look for it: no docstring tells."""

from torch import Tensor, nn
from torch.nn import functional as F

from blocks import ConvNormAct, FusedMBConv, SqueezeExcitation
from course.kit.checks.mutants import Mutant, altered


class FusedActAfterAddition(FusedMBConv):
    def forward(self, x: Tensor) -> Tensor:
        return F.silu(super().forward(x))


def projection_kept(block: FusedMBConv) -> None:
    if isinstance(block.project, nn.Identity):
        o = block.fused.conv.out_channels
        block.project = ConvNormAct(o, o, kernel_size=1, act=None)


def single_linear(block: FusedMBConv) -> None:
    if isinstance(block.project, nn.Identity):
        block.fused.act = nn.Identity()


def excitation_added(block: FusedMBConv) -> None:
    conv = block.fused.conv
    squeezed = max(1, conv.in_channels // 4)
    weigh = SqueezeExcitation(conv.out_channels, squeezed_channels=squeezed, act=nn.SiLU)
    block.fused = nn.Sequential(block.fused, weigh)  # type: ignore[assignment]


def stride_on_projection(block: FusedMBConv) -> None:
    if isinstance(block.project, ConvNormAct):
        block.project.conv.stride, block.fused.conv.stride = block.fused.conv.stride, (1, 1)


MUTANTS = (
    Mutant(
        "SiLU after the addition",
        FusedMBConv,
        FusedActAfterAddition,
        "The sum is activated.",
    ),
    Mutant(
        "projection kept",
        FusedMBConv,
        altered(FusedMBConv, projection_kept),
        "With expansion 1 a 1x1 follows all the same.",
    ),
    Mutant(
        "single convolution linear",
        FusedMBConv,
        altered(FusedMBConv, single_linear),
        "With expansion 1 the only convolution has no activation.",
    ),
    Mutant(
        "squeeze-and-excitation added",
        FusedMBConv,
        altered(FusedMBConv, excitation_added),
        "The paper's figure 2 draws it, no released EfficientNetV2 has it; EfficientNet-X does.",
    ),
    Mutant(
        "stride on the projection",
        FusedMBConv,
        altered(FusedMBConv, stride_on_projection),
        "The 1x1 skips three quarters of the expanded map (older code of EfficientNet-EdgeTPU).",
    ),
)
