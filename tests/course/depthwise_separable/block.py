"""What is claimed of DepthwiseSeparable."""

from blocks import DepthwiseSeparable
from tests.blocks.claims import KERNELS, OTHER, SAME, Claims, grid
from tests.blocks.equality import timm_depthwise_separable

CLAIMS = (
    Claims(
        DepthwiseSeparable,
        references={"timm": timm_depthwise_separable},
        absent={"torchvision": "has no depthwise separable convolution"},
        contract=grid(kernel_size=KERNELS),
        further=(SAME,),
        mutated=(SAME, OTHER),
        refused={
            "groups lost": {"multiply_adds", "parameters"},
            "linear end": {"ending"},
            "linear middle": set(),
        },
        walked={"DepthwiseSeparable": (DepthwiseSeparable(8, 16), 8)},
        lines={"depthwise": "y = self.depthwise(x)"},
    ),
)
