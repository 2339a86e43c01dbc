"""What is claimed of FusedMBConv."""

from timm.models import _efficientnet_blocks as timm_blocks
from torch import nn

from blocks import FusedMBConv
from course.kit.checks.case import Case
from tests.blocks.claims import EXPANDING, EXPANSIONS, KERNELS, SAME, Claims, grid
from tests.blocks.equality import torchvision_efficientnet


def timm_fused(case: Case) -> nn.Module:
    kernel, drop = case.argument("kernel_size"), case.argument("drop_probability")
    if case.expanded == case.in_channels:
        return timm_blocks.ConvBnAct(
            case.in_channels,
            case.out_channels,
            kernel,
            case.stride,
            skip=True,
            act_layer=case.argument("act"),
            drop_path_rate=drop,
        )
    return timm_blocks.EdgeResidual(
        case.in_channels,
        case.out_channels,
        kernel,
        case.stride,
        exp_ratio=case.argument("expansion"),
        act_layer=case.argument("act"),
        drop_path_rate=drop,
    )


CLAIMS = (
    Claims(
        FusedMBConv,
        shortcut="identity",
        ends_linear=lambda case: case.expanded != case.in_channels,  # else it is one convolution
        references={"torchvision": torchvision_efficientnet, "timm": timm_fused},
        contract=grid(kernel_size=KERNELS, expansion=EXPANSIONS),
        further=({**SAME, "expansion": 2, "drop_probability": 0.3},),
        mutated=EXPANDING,
        refused={
            "SiLU after the addition": {"ending", "shortcut_alone"},
            "projection kept": {"ending", "multiply_adds", "parameters"},
            "single convolution linear": {"ending"},
            "squeeze-and-excitation added": {"multiply_adds", "parameters", "shortcut_alone"},
            "stride on the projection": {"multiply_adds"},
        },
        walked={"FusedMBConv": (FusedMBConv(8, 8), 8)},
        lines={"fused": "y = self.fused(x)"},
    ),
)
