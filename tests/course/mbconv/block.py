"""What is claimed of MBConv."""

from blocks import MBConv
from tests.blocks.claims import EXPANDING, EXPANSIONS, KERNELS, SAME, Claims, grid
from tests.blocks.equality import timm_inverted_residual, torchvision_efficientnet

CLAIMS = (
    Claims(
        MBConv,
        shortcut="identity",
        ends_linear=lambda _: True,
        references={"torchvision": torchvision_efficientnet, "timm": timm_inverted_residual},
        contract=(
            *grid(kernel_size=KERNELS, expansion=EXPANSIONS),
            *grid(se_reduction=[1, 3], drop_probability=[0.2]),
        ),
        further=({**SAME, "expansion": 2, "drop_probability": 0.3},),
        mutated=(*EXPANDING, {**SAME, "drop_probability": 0.3}),
        refused={
            "groups lost": {"multiply_adds", "parameters"},
            "activation after the projection": {"ending"},
            "squeeze-and-excitation dropped": {"multiply_adds", "parameters"},
            "squeezed width from the expanded": {"multiply_adds", "parameters"},
            "bias before the norm": {"parameters"},
            "adds in place": {"gradients", "input_untouched", "outputs_untouched"},
            "shortcut dropped": {"ending", "shortcut_alone"},
            "squeeze-and-excitation too early": set(),
            "ReLU after the addition": {"ending", "shortcut_alone"},
            "SiLU after the addition": {"ending", "shortcut_alone"},
            "ReLU for SiLU": set(),
            "dropout for stochastic depth": set(),
        },
        walked={"MBConv": (MBConv(8, 8), 8)},
        lines={"squeeze_excitation": "y = self.squeeze_excitation(y)"},
    ),
)
