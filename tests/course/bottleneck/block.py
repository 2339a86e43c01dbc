"""What is claimed of Bottleneck."""

from functools import partial

import timm.layers
from timm.models import resnet as timm_resnet
from torch import nn
from torchvision.models import resnet

from blocks import Bottleneck
from course.kit.checks.case import Case
from tests.blocks.bad import WHOLE
from tests.blocks.claims import OTHER, SAME, SIZE, Claims, grid
from tests.blocks.equality import downsample


def bottleneck(case: Case) -> nn.Module:
    planes = case.out_channels // 4
    narrow = case.out_channels // case.argument("reduction")
    return resnet.Bottleneck(
        case.in_channels, planes, case.stride, downsample(case), base_width=64 * narrow // planes
    )


def timm_bottleneck(case: Case) -> nn.Module:
    """squeeze_excitation: timm's own, of the width that ours has by default."""
    planes = case.out_channels // 4
    narrow = case.out_channels // case.argument("reduction")
    squeezes = case.argument("squeeze_excitation") is not None
    reduced = partial(timm.layers.SEModule, rd_channels=max(1, case.out_channels // 16))
    return timm_resnet.Bottleneck(
        case.in_channels,
        planes,
        case.stride,
        downsample(case),
        base_width=64 * narrow // planes,
        attn_layer=reduced if squeezes else None,
    )


CLAIMS = (
    Claims(
        Bottleneck,
        shortcut="projected",
        references={"torchvision": bottleneck, "timm": timm_bottleneck},
        contract=(
            *grid(reduction=[1]),
            ({"in_channels": 3, "out_channels": 6, "reduction": 2}, SIZE),
            ({"in_channels": 6, "out_channels": 6, "reduction": 3, "stride": 2}, SIZE),
            ({"in_channels": 4, "out_channels": 4}, SIZE),
        ),
        further=({**OTHER, "stride": 2}, SAME),
        mutated=(SAME, {**OTHER, "stride": 2}),
        refused={
            "activation before the addition": {"ending", "shortcut_alone"},
            "stride on the first 1x1": {"multiply_adds"},
            "width from the input": {"multiply_adds", "parameters"},
            "projection shortcut activated": set(),
        },
        bad={
            "reduction": (*WHOLE, (ValueError, "must divide out_channels", (3, 16))),
            "stride_first": ((TypeError, "must be True or False", (1, None, "yes")),),
        },
        walked={"Bottleneck": (Bottleneck(64, 64), 64)},
        lines={"reduce": "y = self.reduce(x)", "add": "return self.act(y + self.shortcut(x))"},
    ),
)
