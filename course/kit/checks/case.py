"""One case on which a block is checked: arguments, an input, and what the right block promises for them."""

import inspect
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Case:
    """A block of this package, arguments for it, and the height and width of an input.

    Args:
        block: the class whose promises count, such as MBConv. Its docstring holds the formulas.
        arguments: all by name, {"in_channels": 8, "out_channels": 8, "stride": 2}; what is missing has the
            class's default.
        size: height and width of the input.
        shortcut: "identity" where the block adds its own input wherever that fits, and nothing follows;
            "projected" where it always adds, a 1x1 of the input if need be, and then activates the sum.
        ends_linear: whether the branch ends without an activation.

    >>> from blocks import MBConv
    >>> Case(MBConv, {"in_channels": 24, "out_channels": 24}).promised("parameters")
    10710
    """

    block: type[nn.Module]
    arguments: Mapping[str, Any]
    size: tuple[int, int] = (9, 6)
    shortcut: Literal["", "identity", "projected"] = ""
    ends_linear: bool = False

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
        return self.shortcut == "identity" and self.fits

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
        return _evaluated(self.formula(line), self._legend())

    def _legend(self) -> dict[str, Any]:
        """The arguments, the letters that all formulas share, and those that the docstring defines."""
        letters: dict[str, Any] = {
            name: self.argument(name) for name in inspect.signature(self.block).parameters
        }
        letters |= {"i": self.in_channels, "o": self.out_channels, "k": self.argument("kernel_size", 3)}
        letters |= {"h": self.expanded, "max": max}
        letters |= zip(("H", "W", "H_out", "W_out"), (*self.size, *self.out_size), strict=True)
        cost = re.search(r"^ +Cost, with (.+?)::$", self.block.__doc__ or "", re.MULTILINE | re.DOTALL)
        for definition in re.split(r",\s+(?=\w = )", cost[1]) if cost else ():
            letter, _, text = definition.partition(" = ")
            python = text.replace(" where ", " if ").replace(", else ", " else ").replace(" = ", " == ")
            letters[letter] = _evaluated(python, letters)
        return letters


def _evaluated(text: str, letters: dict[str, Any]) -> int:
    """What a docstring of this package says of a number; without builtins."""
    return int(eval(text, {"__builtins__": {}}, letters))  # noqa: S307
