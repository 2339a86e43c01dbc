"""How much memory the tensors of a forward need: a count on the recorded graph, nothing is allocated.

Definition, here and nowhere else: a tensor takes 4 bytes for each of its numbers (float32). It is there
from the step that makes it to the last step that reads it; the input is there all the time, for it belongs
to the caller, and so is each output once it is made. Norms and activations write over what they read, as
they do in a network made ready for use, where the norm is folded into the convolution; so does `+=`. A view,
such as a flattened map or one of its halves, is no tensor of its own. Weights, and what a convolution needs
for itself, are not counted. The peak is the most that is there at once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from blocks.measure._graph import graph
from blocks.measure.step import Graph

BYTES = 4  # of a float32


@dataclass(frozen=True)
class Tensor:
    """A tensor of the forward: the part of the module that makes it ("input", "expand", "add"), its size."""

    name: str
    shape: tuple[int, ...]
    bytes: int


@dataclass(frozen=True)
class Memory:
    """The tensors of a forward in the order in which they are made, and the peak.

    Attributes:
        tensors: the input first; a step that gives several at once has one entry.
        peak: the most bytes that are there at once.
        at: the part that is running then.
    """

    tensors: tuple[Tensor, ...]
    peak: int
    at: str


def memory(module: nn.Module, input_shape: Sequence[int]) -> Memory:
    """What the tensors of `module` need for an input of `input_shape`, in eval mode.

    >>> from blocks import InvertedResidual
    >>> wide = memory(InvertedResidual(24, 24), (1, 24, 56, 56))
    >>> wide.at, wide.peak == sum(tensor.bytes for tensor in wide.tensors[:3])
    ('depthwise', True)

    Raises:
        TypeError, ValueError: as `blocks.measure.graph`.
    """
    recorded = graph(module, input_shape)
    tensors, made_by, last_read = _tensors(recorded)
    peak, at = 0, 0
    for now in range(len(recorded.steps)):
        there = sum(
            tensor.bytes
            for tensor, made, read in zip(tensors, made_by, last_read, strict=True)
            if made <= now <= read
        )
        if there > peak:
            peak, at = there, now
    return Memory(tuple(tensors), peak, _part(recorded.steps[at].name))


def _tensors(recorded: Graph) -> tuple[list[Tensor], list[int], list[int]]:
    """The tensors, and for each the step that makes it and the last step at which it is there."""
    tensors: list[Tensor] = []
    made_by: list[int] = []
    last_read: list[int] = []
    written: list[int] = []  # for each step, the tensor that holds its output
    whole = _whole(recorded)
    for now, step in enumerate(recorded.steps):
        for source in step.inputs:
            last_read[written[source]] = now
        if _has_no_tensor(recorded, now, whole):
            written.append(written[step.inputs[0]])
            continue
        written.append(len(tensors))
        numbers = sum(map(math.prod, (step.shape, *step.more)))
        tensors.append(Tensor(_part(step.name), step.shape, BYTES * numbers))
        made_by.append(now)
        last_read.append(now)
    outputs = recorded.outputs or (len(written) - 1,)
    for kept in (0, *(written[step] for step in outputs)):  # the caller has the input, and gets the outputs
        last_read[kept] = len(recorded.steps)
    return tensors, made_by, last_read


def _whole(recorded: Graph) -> list[int]:
    """For each step, the one that made the tensor of which it gives a part, or which it writes into."""
    found: list[int] = []
    for now, step in enumerate(recorded.steps):
        found.append(found[step.inputs[0]] if step.inputs and (step.in_place or step.is_view) else now)
    return found


def _has_no_tensor(recorded: Graph, index: int, whole: Sequence[int]) -> bool:
    """Whether a step's output lies in the tensor that it reads.

    So it is with views and `+=`; and with norms and activations that alone read it, through a view or not,
    where it is neither the input nor an output.
    """
    step = recorded.steps[index]
    if not step.inputs or step.in_place or step.is_view:
        return bool(step.inputs)
    source = step.inputs[0]
    if step.kind not in ("norm", "activation") or recorded.steps[source].shape != step.shape:
        return False
    over = whole[source]
    needed = {0, *(whole[output] for output in recorded.outputs)}
    readers = {
        now
        for now, reader in enumerate(recorded.steps)
        if not reader.is_view and any(whole[read] == over for read in reader.inputs)
    }
    return over not in needed and readers == {index}


def _part(name: str) -> str:
    return name.partition(".")[0]
