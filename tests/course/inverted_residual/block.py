"""What is claimed of InvertedResidual."""

from blocks import InvertedResidual
from tests.blocks.claims import EXPANDING, EXPANSIONS, KERNELS, SAME, Claims, grid
from tests.blocks.equality import mobilenet_v2, timm_inverted_residual

CLAIMS = (
    Claims(
        InvertedResidual,
        shortcut="identity",
        ends_linear=lambda _: True,
        references={"torchvision": mobilenet_v2, "timm": timm_inverted_residual},
        contract=grid(kernel_size=KERNELS, expansion=EXPANSIONS),
        further=({**SAME, "expansion": 2},),
        mutated=EXPANDING,
        refused={
            "groups lost": {"multiply_adds", "parameters"},
            "activation after the projection": {"ending"},
            "shortcut projected": {"ending", "multiply_adds", "parameters", "shortcut_alone"},
            "wide ends joined": {"ending", "shortcut_alone", "traceable"},
            "ReLU after the addition": {"ending", "shortcut_alone"},
        },
        walked={
            "InvertedResidual": (InvertedResidual(8, 8), 8),
            "expansion 1": (InvertedResidual(8, 8, expansion=1), 8),
        },
        lines={
            "expand": "y = self.expand(x)",
            "depthwise": "y = self.depthwise(y)",
            "add": "return x + y if self.has_shortcut else y",
        },
    ),
)
