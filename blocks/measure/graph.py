"""A module's forward, recorded: its steps, their shapes and costs, and who feeds whom.

One real forward on meta tensors, so nothing is computed or allocated: hooks on the leaf modules of
a private copy, and a TorchFunctionMode for free functions such as the addition and the gate. Not
torch.fx: it patches nn.Module.__call__ for the whole process while it traces, and so breaks a
training that runs in another thread.
"""

import copy
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from blocks.measure import kinds


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
        in_place: whether a function wrote its output over one of them, as `y += x` does.
    """

    name: str
    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    inputs: tuple[int, ...]
    in_place: bool = False


@dataclass(frozen=True)
class Graph:
    """The steps of one forward in the order they ran: step 0 is the input, the last the output."""

    steps: tuple[Step, ...]

    def consumers(self, index: int) -> tuple[int, ...]:
        """The indices of the steps that read step `index`."""
        return tuple(i for i, step in enumerate(self.steps) if index in step.inputs)


def graph(module: nn.Module, input_shape: Sequence[int]) -> Graph:
    """Record one forward of `module`, in eval mode, for an input of `input_shape`.

    The module itself is neither run nor changed. What a step reads that comes from no recorded step
    (a constant) is left out of its inputs; identities and dropout, which do nothing in eval mode,
    are no steps.

    Raises:
        TypeError: module is not a Module, or input_shape not whole numbers.
        ValueError: a size in input_shape is below 1, or the forward refuses the shape (with its own
            message).
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"graph: module must be a Module, got {module!r}.")
    shape = tuple(input_shape) if isinstance(input_shape, Sequence) else ()
    if not shape or any(isinstance(size, bool) or not isinstance(size, int) for size in shape):
        raise TypeError(
            f"graph: input_shape must be whole numbers such as (1, 16, 56, 56), got {input_shape!r}."
        )
    if min(shape) < 1:
        raise ValueError(f"graph: input_shape must be sizes of at least 1, got {shape}.")
    with torch.inference_mode(False), torch.no_grad():  # inference tensors do not tell when they were changed
        return _recorded(module, shape)


def _recorded(module: nn.Module, shape: tuple[int, ...]) -> Graph:
    private = _on_meta(module).eval()
    dtypes = [p.dtype for p in private.parameters() if p.is_floating_point()]
    recorder = _Recorder(torch.empty(shape, device="meta", dtype=dtypes[0] if dtypes else None))
    recorder.watch(private)
    with torch.device("meta"), recorder:  # what the forward itself makes (torch.arange) has no memory either
        try:
            private(recorder.input)
        except (RuntimeError, IndexError) as error:
            raise ValueError(
                f"graph: {type(module).__name__} refuses the input shape {shape}: {error}"
            ) from error
    return Graph(tuple(recorder.steps))


def _on_meta(module: nn.Module) -> nn.Module:
    """A copy of `module` whose tensors have shapes but no memory, and which keeps nobody's hooks."""
    memo: dict[int, Any] = {}
    for tensor in (*module.parameters(), *module.buffers()):
        empty: Tensor = tensor.new_empty(tensor.shape, device="meta")
        memo[id(tensor)] = nn.Parameter(empty, False) if isinstance(tensor, nn.Parameter) else empty
    private = copy.deepcopy(module, memo)
    for part in private.modules():
        for hooks in (part._forward_hooks, part._forward_pre_hooks, part._backward_hooks):
            hooks.clear()
    return private


class _Recorder(TorchFunctionMode):
    """Writes the steps of the forward that runs under it, in this thread only."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.input = x
        self.steps = [Step("input", "input", "", tuple(x.shape), 0, 0, ())]
        self.made_by: dict[int, int] = {id(x): 0}
        self.kept: list[Tensor] = [x]  # a freed tensor's id could be given to the next one
        self.counted: set[int] = set()
        self.path = [""]
        self.inside_leaf = 0

    def watch(self, module: nn.Module) -> None:
        """Note every call of every module inside `module`."""
        for name, part in module.named_modules():
            if kinds.is_leaf(part):
                part.register_forward_pre_hook(self._enter_leaf)
                part.register_forward_hook(self._leave_leaf(name))
            else:
                part.register_forward_pre_hook(lambda *_, name=name: self.path.append(name))
                part.register_forward_hook(lambda *_: _drop_last(self.path))

    def _enter_leaf(self, part: nn.Module, inputs: tuple[Any, ...]) -> None:
        self.inside_leaf += 1
        self.versions = _versions(inputs)

    def _leave_leaf(self, name: str) -> Callable[..., None]:
        def hook(part: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            self.inside_leaf -= 1
            made = [x for x in _flat(_flat((output,))) if isinstance(x, Tensor)]  # several: an LSTM's
            if not made or _untouched(made[0], inputs, self.versions):
                return
            output = made[0]
            tensors = [x for x in inputs if isinstance(x, Tensor)]
            if isinstance(part, nn.modules.dropout._DropoutNd):
                self._same(output, tensors[0])
                return
            kind, detail = kinds.of_module(part)
            weights = list(part.parameters(recurse=False))
            self._add(
                name, kind, detail, output, tensors, weights, kinds.multiply_adds(part, tensors, output)
            )
            for more in made[1:]:
                self._same(more, output)

        return hook

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        everything = _flat((*args, *(kwargs or {}).values()))
        versions = _versions(everything)
        output = _shaped(func, args, kwargs or {})
        if output is None:
            output = func(*args, **(kwargs or {}))
        given = [x for x in everything if isinstance(x, Tensor)]
        made = [x for x in _flat((output,)) if isinstance(x, Tensor)]  # several: chunk, split
        if self.inside_leaf or not made or not any(id(x) in self.made_by for x in given):
            return output
        label = getattr(func, "__name__", "function").strip("_")
        if label.endswith("dropout"):
            self._same(made[0], given[0])
        elif not _untouched(made[0], everything, versions):
            name = ".".join(filter(None, (self.path[-1], label)))
            kind, detail, multiply_adds = kinds.of_function(label, args, kwargs or {}, made[0])
            weights = [x for x in given if isinstance(x, nn.Parameter)]
            in_place = any(made[0] is x for x in given)
            self._add(name, kind, detail, made[0], given, weights, multiply_adds, in_place=in_place)
            for more in made[1:]:
                self._same(more, made[0])
        return output

    def _same(self, output: Tensor, source: Tensor) -> None:
        """Note that `output` stands for what `source` is."""
        if id(source) in self.made_by:
            self.made_by[id(output)] = self.made_by[id(source)]
            self.kept.append(output)

    def _add(
        self,
        name: str,
        kind: str,
        detail: str,
        output: Tensor,
        given: Sequence[Tensor],
        weights: Sequence[Tensor],
        multiply_adds: int,
        *,
        in_place: bool = False,
    ) -> None:
        new = {id(weight): weight.numel() for weight in weights if id(weight) not in self.counted}
        self.counted.update(new)
        inputs = tuple(self.made_by[id(x)] for x in given if id(x) in self.made_by)
        self.steps.append(
            Step(name, kind, detail, tuple(output.shape), sum(new.values()), multiply_adds, inputs, in_place)
        )
        self.made_by[id(output)] = len(self.steps) - 1
        self.kept.append(output)


_KEEP_THE_SHAPE = (F.batch_norm, F.relu, F.relu6, F.hardtanh, F.hardswish, F.hardsigmoid, F.silu, F.gelu)


def _blend(x: Tensor, y: Tensor) -> Tensor:
    return torch.lerp(x, y, 0.5)


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    y = F.linear(x, weight)
    if bias is not None:
        bias.expand_as(y)  # raises where it does not fit
    return y


# By a function, one that gives the same shape.
_NEIGHBOURS: dict[Callable[..., Any], Callable[..., Tensor]] = {
    **dict.fromkeys((torch.add, torch.mul, Tensor.add, Tensor.mul), _blend),
    **dict.fromkeys((torch.mean, Tensor.mean), torch.sum),
    F.adaptive_avg_pool2d: F.adaptive_max_pool2d,
    F.linear: _linear,
}


def _shaped(func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    """The output of a function, in its shape, without the call; None if the call must be made.

    On meta tensors these functions are torch's own Python: some take longer than the rest of a recording
    together, and the first one imports torch's compiler, for two seconds. The call is made where a norm
    trains, or where one may refuse its input.
    """
    values = [*args, *kwargs.values()]
    if func in _NEIGHBOURS and {x.dtype for x in values if isinstance(x, Tensor)} == {torch.float32}:
        with suppress(RuntimeError, IndexError, TypeError):
            return _NEIGHBOURS[func](*args, **kwargs)
    if func not in _KEEP_THE_SHAPE or not args or not args[0].is_floating_point():
        return None
    x: Tensor = args[0]
    on = any(value is True for value in values)  # training, of the norm, and in place, of the others
    if func is F.batch_norm and (on or x.ndim < 2 or args[1] is None or len(args[1]) != x.shape[1]):
        return None
    return x.relu_() if on else x.new_empty(x.shape)


def _flat(values: Sequence[Any]) -> list[Any]:
    """The values, those in a list or a tuple (torch.cat's) included."""
    return [x for value in values for x in (value if isinstance(value, list | tuple) else (value,))]


def _versions(values: Sequence[Any]) -> list[int]:
    """How often each of the tensors was written to."""
    return [x._version for x in values if isinstance(x, Tensor)]


def _untouched(output: Tensor, given: Sequence[Any], versions: list[int]) -> bool:
    """Whether `output` is one of the tensors given, unchanged: nothing was done."""
    return any(output is x for x in given) and _versions(given) == versions


def _drop_last(path: list[str]) -> None:
    path.pop()
