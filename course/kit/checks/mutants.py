"""Broken versions of the blocks: each has one fault, and the output shape of the right block.

Each chapter has its own, in its file mutants.py; here stands what several of them use. Some are no faults but
variants that a paper uses, wrong only in the name of the block: their records say so. Where a fault was seen
in public, its record says where. The tests must refuse every one, and the notebooks show them failing.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from torch import Tensor, nn

from blocks import (
    ConvNormAct,
    DepthwiseSeparable,
    InvertedResidual,
    LinearBottleneck,
    MBConv,
    SqueezeExcitation,
)

B = TypeVar("B", bound=nn.Module)


@dataclass(frozen=True)
class Mutant:
    """A broken version.

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


def broken(block: type[B], *rows: tuple[str, Callable[..., Any], str]) -> tuple[Mutant, ...]:
    """The broken versions of a block.

    Args:
        rows: a name, a change and the fault each. The change is a class that stands for the block, or a
            partial of one; or a function that changes what the block has built.
    """
    return tuple(
        Mutant(name, block, change if isinstance(change, type | partial) else _altered(block, change), fault)
        for name, change, fault in rows
    )


def _altered(block: type[B], change: Callable[[B], None]) -> Callable[..., B]:
    def wrong(*arguments: Any, **keywords: Any) -> B:
        built = block(*arguments, **keywords)
        change(built)
        return built

    return wrong


def conv_like(conv: nn.Conv2d, *, groups: int, bias: bool) -> nn.Conv2d:
    """The same convolution with other groups or bias."""
    return nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,  # type: ignore[arg-type]
        conv.stride,  # type: ignore[arg-type]
        conv.padding,  # type: ignore[arg-type]
        groups=groups,
        bias=bias,
    )


def biases_added(block: nn.Module) -> None:
    for part in block.modules():
        if isinstance(part, ConvNormAct):
            part.conv = conv_like(part.conv, groups=part.conv.groups, bias=True)


def groups_lost(block: DepthwiseSeparable | InvertedResidual | MBConv) -> None:
    conv = block.depthwise.conv
    block.depthwise.conv = conv_like(conv, groups=1, bias=conv.bias is not None)


def projection_activated(block: LinearBottleneck | InvertedResidual | MBConv) -> None:
    block.project.act = deepcopy(block.depthwise.act)  # its own, so that its step has its name


def excitation_dropped(block: MBConv) -> None:
    block.squeeze_excitation = nn.Identity()


def squeezed_from_expanded(block: MBConv) -> None:
    block.squeeze_excitation = SqueezeExcitation(block.depthwise.conv.out_channels, reduction=4, act=nn.SiLU)


class ExcitationFirst(MBConv):
    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(x)
        y = self.squeeze_excitation(y)
        y = self.depthwise(y)
        y = self.project(y)
        return x + self.stochastic_depth(y) if self.has_shortcut else y


MISPLACED_GATES = broken(
    MBConv,
    ("squeeze-and-excitation dropped", excitation_dropped, "That is an inverted residual with SiLU."),
    (
        "squeezed width from the expanded",
        squeezed_from_expanded,
        "A quarter of the expanded channels, not of the block's input.",
    ),
    (
        "squeeze-and-excitation too early",
        ExcitationFirst,
        "It stands before the depthwise convolution, not after it.",
    ),
)
"""Faults of MBConv that are about squeeze-and-excitation; both chapters show them."""
