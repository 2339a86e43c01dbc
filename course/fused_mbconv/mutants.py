"""Broken versions of FusedMBConv, one fault each. Readers look for it: no docstring tells."""

from torch import Tensor, nn
from torch.nn import functional as F

from blocks import ConvNormAct, FusedMBConv, SqueezeExcitation
from course.kit.checks.mutants import broken


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


MUTANTS = broken(
    FusedMBConv,
    ("SiLU after the addition", FusedActAfterAddition, "The sum is activated."),
    ("projection kept", projection_kept, "With expansion 1 a 1x1 follows all the same."),
    ("single convolution linear", single_linear, "With expansion 1 the only convolution has no activation."),
    (
        "squeeze-and-excitation added",
        excitation_added,
        "The paper's figure 2 draws it, no released EfficientNetV2 has it; EfficientNet-X does.",
    ),
    (
        "stride on the projection",
        stride_on_projection,
        "The 1x1 skips three quarters of the expanded map (older code of EfficientNet-EdgeTPU).",
    ),
)
