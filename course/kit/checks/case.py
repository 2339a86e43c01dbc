"""One case on which a block is checked: arguments, an input, and what the right block promises for them."""

import inspect
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from blocks.bottleneck import Bottleneck
from blocks.fused_mbconv import FusedMBConv
from blocks.inverted_residual import InvertedResidual
from blocks.linear_bottleneck import LinearBottleneck
from blocks.mbconv import MBConv
from blocks.residual import BasicBlock
from blocks.squeeze_excitation import SqueezeExcitation


@dataclass(frozen=True)
class Case:
    """A block of this package, arguments for it, and the height and width of an input.

    Args:
        block: the class whose promises count, such as MBConv. Its docstring holds the formulas.
        arguments: all by name, {"in_channels": 8, "out_channels": 8, "stride": 2}; what is missing has the
            class's default.
        size: height and width of the input.

    >>> Case(MBConv, {"in_channels": 24, "out_channels": 24}).promised("parameters")
    10710
    """

    block: type[nn.Module]
    arguments: Mapping[str, Any]
    size: tuple[int, int] = (9, 6)

    def argument(self, name: str, otherwise: Any = None) -> Any:
        """The value of an argument: as given, else the class's default, else `otherwise`."""
        parameters = inspect.signature(self.block).parameters
        default = parameters[name].default if name in parameters else otherwise
        return self.arguments.get(name, default)

    @property
    def in_channels(self) -> int:
        """The channels of the input."""
        return int(self.argument("in_channels", self.argument("channels")))

    @property
    def out_channels(self) -> int:
        """The channels of the output."""
        return int(self.argument("out_channels", self.in_channels))

    @property
    def stride(self) -> int:
        """How many times lower and narrower the output is."""
        return int(self.argument("stride", 1))

    @property
    def expanded(self) -> int:
        """The expanded width; that of the input where the block knows no expansion."""
        return round(self.in_channels * self.argument("expansion", 1))

    @property
    def fits(self) -> bool:
        """Whether input and output have the same shape, so that an identity can join them."""
        return self.stride == 1 and self.in_channels == self.out_channels

    @property
    def out_size(self) -> tuple[int, int]:
        """Height and width of the output, ceil(H / stride)."""
        return math.ceil(self.size[0] / self.stride), math.ceil(self.size[1] / self.stride)

    @property
    def has_identity(self) -> bool:
        """Whether the block adds its own input, unchanged, after its last layer, with nothing following."""
        return self.block in (InvertedResidual, MBConv, FusedMBConv) and self.fits

    @property
    def ends_linear(self) -> bool:
        """Whether the branch ends without an activation."""
        single = self.block is FusedMBConv and self.expanded == self.in_channels
        return self.block in (LinearBottleneck, InvertedResidual, MBConv, FusedMBConv) and not single

    def input(self, samples: int = 2, dtype: torch.dtype = torch.float64) -> Tensor:
        """Random numbers, the same in every run: (samples, in_channels, H, W).

        Every channel of every sample has a mean of its own, else squeeze-and-excitation has nothing to see.
        """
        source = torch.Generator().manual_seed(0)
        means, noise = (
            torch.randn(samples, self.in_channels, *size, generator=source, dtype=torch.float64)
            for size in ((1, 1), self.size)
        )
        return (2 * means + noise).to(dtype)

    def formula(self, line: str) -> str:
        """The formula in the class's docstring; line is "parameters" or "multiply-adds".

        Raises:
            ValueError: the docstring has no such line.
        """
        found = re.search(rf"^ +{line}: (.+)$", self.block.__doc__ or "", re.MULTILINE)
        if found is None:
            raise ValueError(f"Case: the docstring of {self.block.__name__} has no line '{line}: ...'.")
        return found[1]

    def promised(self, line: str) -> int:
        """What that formula gives for the arguments, and one sample of the size."""
        # The text is this package's own docstring, evaluated without builtins.
        return int(eval(self.formula(line), {"__builtins__": {}}, self._legend()))  # noqa: S307

    def _legend(self) -> dict[str, int]:
        """The letters of the formulas, as the docstrings explain them."""
        i, o, h = self.in_channels, self.out_channels, self.expanded
        if self.block is SqueezeExcitation:
            squeezed = self.argument("squeezed_channels") or max(1, i // self.argument("reduction"))
        else:
            squeezed = max(1, i // self.argument("se_reduction", 1))
        skips_expansion = self.argument("expansion") == 1 if self.block is InvertedResidual else h == i
        return {
            "i": i,
            "o": o,
            "c": i,
            "k": self.argument("kernel_size", 3),
            "g": self.argument("groups", 1),
            "n": int(self.argument("norm") is not None),
            "w": o // self.argument("reduction", 1),
            "p": int(self.block in (BasicBlock, Bottleneck) and not self.fits),
            "h": h,
            "e": int(not skips_expansion),
            "q": squeezed,
            **dict(zip(("H", "W"), self.size, strict=True)),
            **dict(zip(("H_out", "W_out"), self.out_size, strict=True)),
        }
