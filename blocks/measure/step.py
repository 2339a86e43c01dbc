"""What a recorded forward is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One operation of a forward.

    Attributes:
        name: the module's path ("expand.conv"), or the path of the module that calls a function,
            and the function's name ("squeeze_excitation.mean", "add").
        kind: "input", "convolution", "grouped", "depthwise", "pointwise", "linear", "norm",
            "activation", "pool", "add", "multiply" or "other". A convolution of one channel to one
            is a "convolution".
        detail: what tells two steps of a kind apart, for a person: "3x3, stride 2", "BatchNorm2d",
            "ReLU6".
        shape: of the output, the batch included.
        parameters: that this step brings in; a module called twice brings them in once.
        multiply_adds: of convolutions and linear layers, for the whole batch; see `blocks.measure.cost`.
        inputs: the indices of the steps whose outputs it reads; 0 is the input.
        in_place: whether it wrote its output over the first of them, as `y += x` does.
        is_view: whether its output is a part of the first of them, or that in another shape.
        more: the shapes of further outputs.
        products: the multiply-adds of other products, such as those of attention.
        unknown: operators whose multiply-adds are not known.
        numbers_read: of what the inputs give it and of all its parameters, each once.
    """

    name: str
    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    inputs: tuple[int, ...]
    in_place: bool = False
    is_view: bool = False
    more: tuple[tuple[int, ...], ...] = ()
    products: int = 0
    unknown: tuple[str, ...] = ()
    numbers_read: int = 0


@dataclass(frozen=True)
class Graph:
    """The steps of one forward in the order they ran: step 0 is the input.

    Attributes:
        outputs: the indices of the steps whose outputs the module returns; without any, the last.
        unused: the module's parameters that no step uses, by name.
        unregistered: how many parameters the steps use that the module does not know as its own, as
            those of layers in a plain list.
    """

    steps: tuple[Step, ...]
    outputs: tuple[int, ...] = ()
    unused: tuple[str, ...] = ()
    unregistered: int = 0

    def consumers(self, index: int) -> tuple[int, ...]:
        """The indices of the steps that read step `index`."""
        return tuple(i for i, step in enumerate(self.steps) if index in step.inputs)
