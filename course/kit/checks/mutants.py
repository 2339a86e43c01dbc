"""Wrong twins of the blocks: each has one fault, and the output shape of the right block.

Some are no faults but variants that a paper uses, wrong only in the name of the block: their records say so.
Where a fault was seen in public, its record says where. The tests must refuse every one of them, and the
notebooks show them failing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from blocks.bottleneck import Bottleneck
from blocks.conv_norm_act import ConvNormAct
from blocks.depthwise_separable import DepthwiseSeparable
from blocks.fused_mbconv import FusedMBConv
from blocks.inverted_residual import InvertedResidual
from blocks.linear_bottleneck import LinearBottleneck
from blocks.mbconv import MBConv
from blocks.residual import BasicBlock
from blocks.squeeze_excitation import SqueezeExcitation
from course.kit.checks import mutations as wrong


@dataclass(frozen=True)
class Mutant:
    """A wrong twin.

    Attributes:
        name: of the fault, for a person.
        imitates: the right block.
        build: makes the wrong block from the arguments of the right one.
        fault: what is wrong, in one line, and where it was seen.
    """

    name: str
    imitates: type[nn.Module]
    build: Callable[..., nn.Module]
    fault: str

    @property
    def concept(self) -> str:
        """The concept it belongs to, such as "mbconv": where the right block stands."""
        return self.imitates.__module__.removeprefix("blocks.")


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "bias before the norm",
        ConvNormAct,
        wrong.altered(ConvNormAct, wrong.biases_added),
        "The convolution keeps a bias, which the norm subtracts again (labml.ai's ResNet).",
    ),
    Mutant(
        "norm forgotten",
        ConvNormAct,
        wrong.altered(ConvNormAct, wrong.norm_forgotten),
        "The norm is not passed on, so there is none (a ResNet in fast.ai's 2022 course, part 2; since "
        "corrected there).",
    ),
    Mutant(
        "norm after the activation",
        ConvNormAct,
        wrong.NormAfterAct,
        "Convolution, activation, norm: what leaves is not activated.",
    ),
    Mutant(
        "adds in place",
        BasicBlock,
        wrong.AddsInPlace,
        "x += y changes the caller's tensor where the shortcut is the identity.",
    ),
    Mutant(
        "shortcut dropped",
        BasicBlock,
        wrong.ShortcutDropped,
        "Nothing is added: a plain network.",
    ),
    Mutant(
        "activation before the addition",
        BasicBlock,
        wrong.ActBeforeAddition,
        "The branch can only add, and nothing follows the sum.",
    ),
    Mutant(
        "first layer dead",
        BasicBlock,
        wrong.FirstLayerDead,
        "The second convolution reads x and not the first one's output (an official solution of "
        "lectures-labs).",
    ),
    Mutant(
        "always projected",
        BasicBlock,
        wrong.altered(BasicBlock, wrong.always_projected),
        "A 1x1 projection stands where the identity fits: the paper's option C, not B.",
    ),
    Mutant(
        "activation before the addition",
        Bottleneck,
        wrong.BottleneckActBeforeAddition,
        "The third convolution is activated and the sum is not.",
    ),
    Mutant(
        "stride on the first 1x1",
        Bottleneck,
        wrong.altered(Bottleneck, wrong.stride_on_first),
        "The 1x1 skips three quarters of its input: the paper's and Caffe's version, not v1.5 (timm's "
        "legacy_seresnet50).",
    ),
    Mutant(
        "width from the input",
        Bottleneck,
        wrong.altered(Bottleneck, wrong.narrow_by_input),
        "The narrow width is a quarter of the input, not of the output.",
    ),
    Mutant(
        "projection shortcut activated",
        Bottleneck,
        wrong.altered(Bottleneck, wrong.shortcut_activated),
        "The shortcut's projection ends with an activation.",
    ),
    Mutant(
        "groups lost",
        DepthwiseSeparable,
        wrong.altered(DepthwiseSeparable, wrong.groups_lost),
        "groups is swallowed on its way to the convolution: a full k x k.",
    ),
    Mutant(
        "linear end",
        DepthwiseSeparable,
        wrong.altered(DepthwiseSeparable, wrong.end_linear),
        "The 1x1 has no activation: MobileNetV2's linear bottleneck, not MobileNetV1's block.",
    ),
    Mutant(
        "linear middle",
        DepthwiseSeparable,
        wrong.altered(DepthwiseSeparable, wrong.middle_linear),
        "No activation between the two convolutions: as in Xception (Chollet 2016), not as in MobileNetV1.",
    ),
    Mutant(
        "activation at the narrow end",
        LinearBottleneck,
        wrong.altered(LinearBottleneck, wrong.projection_activated),
        "ReLU6 after the projection sets what is negative to zero, in the narrow tensor.",
    ),
    Mutant(
        "no activation at all",
        LinearBottleneck,
        partial(LinearBottleneck, act=None),
        "'Linear' taken for the whole block.",
    ),
    Mutant(
        "shortcut added",
        LinearBottleneck,
        wrong.ShortcutAdded,
        "A shortcut, where shapes agree: that is an inverted residual with expansion 1.",
    ),
    Mutant(
        "groups lost",
        InvertedResidual,
        wrong.altered(InvertedResidual, wrong.groups_lost),
        "A full 3x3 for a depthwise one.",
    ),
    Mutant(
        "activation after the projection",
        InvertedResidual,
        wrong.altered(InvertedResidual, wrong.projection_activated),
        "The narrow end is not linear.",
    ),
    Mutant(
        "shortcut projected",
        InvertedResidual,
        wrong.altered(wrong.ShortcutProjected, wrong.projection_added),
        "A projection shortcut where shapes differ, as in a ResNet.",
    ),
    Mutant(
        "wide ends joined",
        InvertedResidual,
        wrong.WideEndsJoined,
        "The shortcut joins the expanded ends: the variant that the MobileNetV2 paper compares in figure 6b.",
    ),
    Mutant(
        "ReLU after the addition",
        InvertedResidual,
        wrong.ActAfterAddition,
        "The sum is activated, as in a ResNet.",
    ),
    Mutant(
        "squeezed over the batch",
        SqueezeExcitation,
        wrong.BatchSqueezed,
        "The mean runs over the samples too.",
    ),
    Mutant(
        "SiLU for ReLU",
        SqueezeExcitation,
        partial(SqueezeExcitation, act=nn.SiLU),
        "EfficientNet's activation in SENet's block.",
    ),
    Mutant(
        "softmax gate",
        SqueezeExcitation,
        partial(SqueezeExcitation, gate=partial(nn.Softmax, dim=1)),
        "The channels compete for a sum of 1, where a sigmoid gates each alone.",
    ),
    Mutant(
        "gate added",
        SqueezeExcitation,
        wrong.GateAdded,
        "The gates are added to the channels, not multiplied with them.",
    ),
    Mutant(
        "biases left out",
        SqueezeExcitation,
        wrong.altered(SqueezeExcitation, wrong.biases_left_out),
        "A variant, not a fault: the networks of SENet's section 6 leave the biases out on purpose; the one"
        " that its authors released has them, and so does this block.",
    ),
    Mutant(
        "groups lost",
        MBConv,
        wrong.altered(MBConv, wrong.groups_lost),
        "A full convolution where a depthwise one belongs.",
    ),
    Mutant(
        "activation after the projection",
        MBConv,
        wrong.altered(MBConv, wrong.projection_activated),
        "The narrow end is not linear.",
    ),
    Mutant(
        "squeeze-and-excitation dropped",
        MBConv,
        wrong.altered(MBConv, wrong.excitation_dropped),
        "That is an inverted residual with SiLU.",
    ),
    Mutant(
        "squeezed width from the expanded",
        MBConv,
        wrong.altered(MBConv, wrong.squeezed_from_expanded),
        "A quarter of the expanded channels, not of the block's input.",
    ),
    Mutant(
        "bias before the norm",
        MBConv,
        wrong.altered(MBConv, wrong.biases_added),
        "The convolutions keep biases, which the norms subtract again.",
    ),
    Mutant(
        "adds in place",
        MBConv,
        wrong.MBConvAddsInPlace,
        "x += y changes the caller's tensor.",
    ),
    Mutant(
        "shortcut dropped",
        MBConv,
        wrong.MBConvShortcutDropped,
        "Nothing is added.",
    ),
    Mutant(
        "squeeze-and-excitation too early",
        MBConv,
        wrong.ExcitationFirst,
        "It stands before the depthwise convolution, not after it.",
    ),
    Mutant(
        "ReLU after the addition",
        MBConv,
        wrong.MBConvActAfterAddition,
        "The sum is activated, as in a ResNet.",
    ),
    Mutant(
        "SiLU after the addition",
        MBConv,
        wrong.MBConvSiluAfterAddition,
        "The output never falls below -0.28.",
    ),
    Mutant(
        "ReLU for SiLU",
        MBConv,
        partial(MBConv, act=nn.ReLU),
        "Another activation: shapes and counts cannot tell.",
    ),
    Mutant(
        "dropout for stochastic depth",
        MBConv,
        wrong.altered(MBConv, wrong.dropout_for_depth),
        "Single values are dropped, not the branches of whole samples.",
    ),
    Mutant(
        "SiLU after the addition",
        FusedMBConv,
        wrong.FusedActAfterAddition,
        "The sum is activated.",
    ),
    Mutant(
        "projection kept",
        FusedMBConv,
        wrong.altered(FusedMBConv, wrong.projection_kept),
        "With expansion 1 a 1x1 follows all the same.",
    ),
    Mutant(
        "single convolution linear",
        FusedMBConv,
        wrong.altered(FusedMBConv, wrong.single_linear),
        "With expansion 1 the only convolution has no activation.",
    ),
    Mutant(
        "squeeze-and-excitation added",
        FusedMBConv,
        wrong.altered(FusedMBConv, wrong.excitation_added),
        "The paper's figure 2 draws it, no released EfficientNetV2 has it; EfficientNet-X does.",
    ),
    Mutant(
        "stride on the projection",
        FusedMBConv,
        wrong.altered(FusedMBConv, wrong.stride_on_projection),
        "The 1x1 skips three quarters of the expanded map (older code of EfficientNet-EdgeTPU).",
    ),
)
