"""What is claimed of BasicBlock, and of Residual, which goes around any body."""

from timm.models import resnet as timm_resnet
from torch import nn
from torchvision.models import resnet

from blocks import BasicBlock, ConvNormAct, Residual
from course.kit.checks.case import Case
from tests.blocks.claims import OTHER, SAME, Claims, grid
from tests.blocks.equality import downsample


def basic_block(case: Case) -> nn.Module:
    return resnet.BasicBlock(case.in_channels, case.out_channels, case.stride, downsample(case))


def timm_basic_block(case: Case) -> nn.Module:
    return timm_resnet.BasicBlock(case.in_channels, case.out_channels, case.stride, downsample(case))


CLAIMS = (
    Claims(
        BasicBlock,
        shortcut="projected",
        references={"torchvision": basic_block, "timm": timm_basic_block},
        contract=grid(),
        further=({**OTHER, "stride": 2}, SAME),
        mutated=(SAME, {**OTHER, "stride": 2}),
        refused={
            "adds in place": {"gradients", "input_untouched", "outputs_untouched"},
            "shortcut dropped": {"gradients", "multiply_adds", "shortcut_alone"},
            "activation before the addition": {"ending", "shortcut_alone"},
            "first layer dead": {"gradients", "traceable"},
            "always projected": {"multiply_adds", "parameters", "shortcut_alone"},
        },
        walked={"BasicBlock": (BasicBlock(8, 16, stride=2), 8)},
        lines={"second": "y = self.second(y)", "shortcut": "return self.act(y + self.shortcut(x))"},
    ),
    Claims(
        Residual,
        bad={
            "body": ((TypeError, "must be a Module", (nn.ReLU, None)),),
            "shortcut": ((TypeError, "must be a Module or None", ("identity", nn.ReLU)),),
        },
        walked={"Residual": (Residual(ConvNormAct(8, 8)), 8)},
        lines={
            "body": "y, kept = self.body(x), self.shortcut(x)",
            "add": "return self.act(y + kept)",
        },
    ),
)
