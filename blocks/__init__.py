"""The building blocks of modern convolutional networks.

What holds for every block stands here, once; a block's own docstring tells what is particular to it.

Shapes: (N, in_channels, H, W) to (N, out_channels, H_out, W_out). The padding keeps height and width at
stride 1; at stride 2, H_out = ceil(H / 2).

Args:
    norm: called with the number of channels, after every convolution; None for no norm, and only then do the
        convolutions have a bias. Batch norm subtracts each channel's mean, and with it any bias; group norm,
        whose mean is over several channels, does not.
    act: called without arguments, for every activation; None for no activation.
    kernel_size: of the convolution that is not 1x1; odd.
    stride: 1 or 2, on the convolution that the block names.
    expansion: how many times wider than the input the middle is; a fraction is allowed. The expanded width is
        round(in_channels * expansion).
    drop_probability: see `blocks.stochastic_depth`; only where there is a shortcut.

Whole numbers may also come from NumPy, or be tensors without dimensions.

Cost: parameters, and multiply-adds (MACs) for one sample, both with the default norm. The letters: i and o
are in_channels and out_channels, k is kernel_size, h is the expanded width.

Sub-modules are named by their role, and registered in the order in which they run, the shortcut last. So
weights copy by position from torchvision and timm. No block changes its input, and none works in place
unless act does.

Raises:
    TypeError, ValueError: an argument is not of the right kind, or not in the right range. The message names
        the block and the argument, and says what is allowed and what came.
"""

from blocks.bottleneck import Bottleneck as Bottleneck
from blocks.conv_norm_act import ConvNormAct as ConvNormAct
from blocks.depthwise_separable import DepthwiseSeparable as DepthwiseSeparable
from blocks.fused_mbconv import FusedMBConv as FusedMBConv
from blocks.inverted_residual import InvertedResidual as InvertedResidual
from blocks.linear_bottleneck import LinearBottleneck as LinearBottleneck
from blocks.mbconv import MBConv as MBConv
from blocks.residual import BasicBlock as BasicBlock
from blocks.residual import Residual as Residual
from blocks.squeeze_excitation import SqueezeExcitation as SqueezeExcitation
