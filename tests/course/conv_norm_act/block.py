"""What is claimed of ConvNormAct."""

import timm.layers
from torch import nn
from torchvision.ops import Conv2dNormActivation

from blocks import ConvNormAct
from course.kit.checks.case import Case
from tests.blocks.bad import WHOLE
from tests.blocks.claims import KERNELS, OTHER, SAME, SIZE, Claims, grid


def conv_norm_act(case: Case) -> nn.Module:
    return Conv2dNormActivation(
        case.in_channels,
        case.out_channels,
        case.argument("kernel_size"),
        case.stride,
        padding=case.argument("padding"),
        groups=case.argument("groups"),
        norm_layer=case.argument("norm"),
        activation_layer=case.argument("act"),
        dilation=case.argument("dilation"),
    )


def timm_conv_norm_act(case: Case) -> nn.Module:
    """Its norm contains the activation. It derives another padding for stride 3, so it gets ours."""
    kernel_size, padding = case.argument("kernel_size"), case.argument("padding")
    derived = case.argument("dilation") * (kernel_size - 1) // 2
    return timm.layers.ConvNormAct(
        case.in_channels,
        case.out_channels,
        kernel_size,
        case.stride,
        padding=derived if padding is None else padding,
        dilation=case.argument("dilation"),
        groups=case.argument("groups"),
        apply_act=case.argument("act") is not None,
        norm_layer=case.argument("norm"),
        act_layer=case.argument("act"),
    )


NATURAL = "must be a whole number from 0 to 65536"
CLAIMS = (
    Claims(
        ConvNormAct,
        references={"torchvision": conv_norm_act, "timm": timm_conv_norm_act},
        contract=(
            *grid(kernel_size=[1, *KERNELS], norm=[nn.BatchNorm2d, None]),
            ({"in_channels": 6, "out_channels": 4, "groups": 2, "dilation": 2, "stride": 3}, SIZE),
            ({"in_channels": 5, "out_channels": 5, "groups": 5, "act": None}, SIZE),
        ),
        further=(SAME,),
        mutated=(SAME, OTHER),
        refused={
            "bias before the norm": {"parameters"},
            "norm forgotten": {"parameters"},
            "norm after the activation": {"ending"},
        },
        bad={
            "stride": WHOLE,
            "groups": (*WHOLE, (ValueError, "must divide in_channels and out_channels", (3, 16))),
            "padding": ((TypeError, NATURAL, (True, 1.0, "same", (1, 1))), (ValueError, NATURAL, (-1,))),
        },
        walked={"ConvNormAct": (ConvNormAct(3, 8), 3)},
        lines={"norm": "return self.act(self.norm(self.conv(x)))"},
    ),
)
