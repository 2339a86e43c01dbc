"""What is claimed of LinearBottleneck."""

from blocks import LinearBottleneck
from tests.blocks.claims import KERNELS, OTHER, SAME, Claims, grid
from tests.blocks.equality import mobilenet_v2, timm_depthwise_separable

CLAIMS = (
    Claims(
        LinearBottleneck,
        ends_linear=lambda _: True,
        references={"torchvision": mobilenet_v2, "timm": timm_depthwise_separable},
        contract=grid(kernel_size=KERNELS),
        further=(SAME,),
        mutated=(SAME, OTHER),
        refused={
            "activation at the narrow end": {"ending"},
            "no activation at all": set(),
            "shortcut added": {"ending", "shortcut_alone", "traceable"},
        },
        walked={"LinearBottleneck": (LinearBottleneck(8, 16), 8)},
        lines={"project": "return self.project(y)"},
    ),
)
