"""How much a module computes for what it moves: its arithmetic intensity.

Definition, here and nowhere else: the *bytes moved* by a step are those of its inputs, of its
parameters and of its outputs, 4 bytes a number, each once; a view moves nothing. A layer that runs twice
moves its parameters twice. The bytes of a module
are those of its steps, one after the other as PyTorch runs them. The *intensity* is the multiply-adds
for each byte moved. What a cache keeps from one step to the next is not taken off, so the bytes are an
upper bound of what the memory has to give.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from blocks.measure._graph import graph
from blocks.measure._memory import BYTES
from blocks.measure.step import Graph


@dataclass(frozen=True)
class Intensity:
    """Multiply-adds, and bytes moved, of one forward of the whole batch."""

    multiply_adds: int
    bytes_moved: int

    @property
    def per_byte(self) -> float:
        """The intensity itself; 0 where nothing is moved."""
        return self.multiply_adds / self.bytes_moved if self.bytes_moved else 0.0


def intensity(module: nn.Module, input_shape: Sequence[int]) -> Intensity:
    """What `module` computes and moves for an input of `input_shape`; nothing is allocated.

    Raises:
        TypeError, ValueError: as `blocks.measure.graph`.
    """
    return intensity_of(graph(module, input_shape))


def intensity_of(recorded: Graph) -> Intensity:
    """What a recorded forward computes and moves."""
    steps = recorded.steps
    numbers = sum(
        sum(map(math.prod, (step.shape, *step.more))) + step.numbers_read
        for step in steps[1:]
        if not step.is_view
    )
    return Intensity(sum(step.multiply_adds for step in steps), BYTES * numbers)
