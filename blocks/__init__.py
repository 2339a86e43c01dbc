"""The building blocks of modern convolutional networks, each the one before plus one change."""

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
