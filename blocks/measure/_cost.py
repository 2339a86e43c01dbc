"""What a module costs: parameters and multiply-adds.

Definition, here and nowhere else: *multiply-adds* are the multiplications, each with its addition,
of convolutions and linear layers, wherever they are computed: in a layer, in a function, inside an LSTM
or an attention. A product of matrices is a linear layer if one factor does not depend on the input.
Biases, norms, activations, pooling, the addition of a shortcut and the product with a gate are not
counted. That is what the papers call FLOPs, half of what torch.utils.flop_counter counts, and what
torchvision publishes.

*Products* of two matrices that both depend on the input, such as those of attention, are not layers. They
are counted apart, and the steps that make them are named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from blocks.measure._graph import graph
from blocks.measure.step import Graph


@dataclass(frozen=True)
class Part:
    """The cost of one part of a module, such as `expand`; shape is that of its output."""

    name: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Cost:
    """Parameters, and multiply-adds of the whole batch; in total, and by part in running order.

    Attributes:
        parameters: of the module, used or not.
        products: multiply-adds that are not those of layers, such as attention's; not in multiply_adds.
        uncounted: the steps with products, or with operators whose multiply-adds are not known.
        unused: the parameters that this forward does not use, by name; they are in no part.
        unregistered: how many parameters the parts have that the module does not know as its own.
    """

    parameters: int
    multiply_adds: int
    parts: tuple[Part, ...]
    products: int = 0
    uncounted: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    unregistered: int = 0


def cost(module: nn.Module, input_shape: Sequence[int]) -> Cost:
    """What `module` costs for an input of `input_shape`, (N, C, H, W) for the blocks.

    Nothing is computed or allocated.

    A part is a direct child of the module ("expand"), or a function that the module itself calls
    ("add"). Parameters that the forward does not use are in the total and in no part.

    Raises:
        TypeError, ValueError: as `blocks.measure.graph`.
    """
    return of_graph(graph(module, input_shape), sum(p.numel() for p in module.parameters()))


def of_graph(recorded: Graph, parameters: int) -> Cost:
    """The cost of a recorded forward; `parameters` is the module's own count."""
    parts: dict[str, Part] = {}
    for step in recorded.steps[1:]:
        name = step.name.split(".")[0]
        before = parts.get(name, Part(name, (), 0, 0))
        parts[name] = Part(
            name, step.shape, before.parameters + step.parameters, before.multiply_adds + step.multiply_adds
        )
    return Cost(
        parameters,
        sum(step.multiply_adds for step in recorded.steps),
        tuple(parts.values()),
        sum(step.products for step in recorded.steps),
        tuple(dict.fromkeys(step.name for step in recorded.steps if step.products or step.unknown)),
        recorded.unused,
        recorded.unregistered,
    )
