"""What is claimed of SqueezeExcitation."""

import timm.layers
from torch import nn
from torchvision.ops import SqueezeExcitation as TorchvisionSqueezeExcitation

from blocks import SqueezeExcitation
from course.kit.checks.case import Case
from tests.blocks.claims import SIZE, Claims


def _reduced(case: Case) -> int:
    return case.argument("squeezed_channels") or max(1, case.in_channels // case.argument("reduction"))


def squeeze_excitation(case: Case) -> nn.Module:
    return TorchvisionSqueezeExcitation(
        case.in_channels, _reduced(case), case.argument("act"), case.argument("gate")
    )


def timm_squeeze_excitation(case: Case) -> nn.Module:
    return timm.layers.SEModule(
        case.in_channels,
        rd_channels=_reduced(case),
        act_layer=case.argument("act"),
        gate_layer=case.argument("gate"),
    )


CLAIMS = (
    Claims(
        SqueezeExcitation,
        references={"torchvision": squeeze_excitation, "timm": timm_squeeze_excitation},
        contract=(
            *(({"channels": c}, SIZE) for c in range(1, 8)),
            *(({"channels": c, "reduction": 2}, (5, 3)) for c in range(1, 8)),
            ({"channels": 7, "squeezed_channels": 3, "act": nn.SiLU, "gate": nn.Hardsigmoid}, SIZE),
        ),
        further=({"channels": 8},),
        mutated=({"channels": 8, "reduction": 2},),
        refused={
            "squeezed over the batch": {"samples_apart"},
            "SiLU for ReLU": set(),
            "softmax gate": {"shortcut_alone"},
            "gate added": {"shortcut_alone"},
            "biases left out": {"parameters"},
        },
        walked={"SqueezeExcitation": (SqueezeExcitation(64), 64)},
        lines={
            "mean": "squeezed = x.mean((2, 3), keepdim=True)",
            "reduce": "return self.gate(self.expand(self.act(self.reduce(squeezed))))",
            "mul": "return x * self.channel_weights(x)",
        },
    ),
)
