"""A module's forward, recorded: its steps, their shapes and costs, and who feeds whom.

One real forward on meta tensors, so nothing is computed or allocated: hooks on the leaf modules of
a private copy, and a TorchFunctionMode for free functions such as the addition and the gate. Not
torch.fx: it patches nn.Module.__call__ for the whole process while it traces, and so breaks a
training that runs in another thread.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


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
    """

    name: str
    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    inputs: tuple[int, ...]


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
    shape = tuple(input_shape)
    if not shape or any(isinstance(size, bool) or not isinstance(size, int) for size in shape):
        raise TypeError(
            f"graph: input_shape must be whole numbers such as (1, 16, 56, 56), got {input_shape!r}."
        )
    if min(shape) < 1:
        raise ValueError(f"graph: input_shape must be sizes of at least 1, got {shape}.")
    private = _on_meta(module).eval()
    recorder = _Recorder(torch.empty(shape, device="meta"))
    recorder.watch(private)
    with torch.no_grad(), recorder:
        try:
            private(recorder.input)
        except RuntimeError as error:
            raise ValueError(
                f"graph: {type(module).__name__} refuses the input shape {shape}: {error}"
            ) from error
    return Graph(tuple(recorder.steps))


def _on_meta(module: nn.Module) -> nn.Module:
    """A copy of `module` whose tensors have shapes but no memory, and which keeps nobody's hooks."""
    memo: dict[int, Any] = {}
    for tensor in (*module.parameters(), *module.buffers()):
        empty: Tensor = torch.empty_like(tensor, device="meta")
        memo[id(tensor)] = nn.Parameter(empty, False) if isinstance(tensor, nn.Parameter) else empty
    private = copy.deepcopy(module, memo)
    for part in private.modules():
        part._forward_hooks.clear()
        part._forward_pre_hooks.clear()
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
            if next(part.children(), None) is None:
                part.register_forward_pre_hook(self._enter_leaf)
                part.register_forward_hook(self._leave_leaf(name))
            else:
                part.register_forward_pre_hook(lambda *_, name=name: self.path.append(name))
                part.register_forward_hook(lambda *_: _drop_last(self.path))

    def _enter_leaf(self, part: nn.Module, inputs: tuple[Any, ...]) -> None:
        self.inside_leaf += 1
        self.versions = [x._version for x in inputs if isinstance(x, Tensor)]

    def _leave_leaf(self, name: str) -> Callable[..., None]:
        def hook(part: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            self.inside_leaf -= 1
            tensors = [x for x in inputs if isinstance(x, Tensor)]
            if not isinstance(output, Tensor):
                return
            unchanged = any(output is x for x in tensors) and self.versions == [x._version for x in tensors]
            if unchanged or isinstance(part, nn.Identity | nn.modules.dropout._DropoutNd):
                self.made_by[id(output)] = self.made_by.get(id(tensors[0]), 0)
                self.kept.append(output)
                return
            kind, detail = _kind(part)
            weights = list(part.parameters(recurse=False))
            self._add(name, kind, detail, output, tensors, weights, _multiply_adds(part, tensors, output))

        return hook

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        if not self.inside_leaf and isinstance(output, Tensor):
            given = [x for x in (*_flat(args), *(kwargs or {}).values()) if isinstance(x, Tensor)]
            if any(id(x) in self.made_by for x in given):
                label = getattr(func, "__name__", "function").strip("_")
                name = ".".join(filter(None, (self.path[-1], label)))
                weights = [x for x in given if isinstance(x, nn.Parameter)]
                multiply_adds = _functional_multiply_adds(label, given, output)
                self._add(name, _FUNCTIONS.get(label, "other"), label, output, given, weights, multiply_adds)
        return output

    def _add(
        self,
        name: str,
        kind: str,
        detail: str,
        output: Tensor,
        given: Sequence[Tensor],
        weights: Sequence[Tensor],
        multiply_adds: int,
    ) -> None:
        new = {id(weight): weight.numel() for weight in weights if id(weight) not in self.counted}
        self.counted.update(new)
        inputs = tuple(self.made_by[id(x)] for x in given if id(x) in self.made_by)
        self.steps.append(
            Step(name, kind, detail, tuple(output.shape), sum(new.values()), multiply_adds, inputs)
        )
        self.made_by[id(output)] = len(self.steps) - 1
        self.kept.append(output)


_FUNCTIONS = {
    **dict.fromkeys(("add", "iadd", "radd"), "add"),
    **dict.fromkeys(("mul", "imul", "rmul"), "multiply"),
    **dict.fromkeys(
        ("mean", "adaptive_avg_pool2d", "avg_pool2d", "max_pool2d", "adaptive_max_pool2d"), "pool"
    ),
    **dict.fromkeys(
        ("relu", "relu6", "silu", "gelu", "sigmoid", "hardsigmoid", "hardswish", "tanh"), "activation"
    ),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), "convolution"),
    **dict.fromkeys(("batch_norm", "layer_norm", "group_norm", "instance_norm"), "norm"),
    "linear": "linear",
}
_NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm)
_POOLS = (
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
)


def _kind(part: nn.Module) -> tuple[str, str]:
    """The kind of a leaf module, and a word or two on it."""
    name = type(part).__name__
    if isinstance(part, nn.modules.conv._ConvNd):
        stride = f", stride {part.stride[0]}" if max(part.stride) > 1 else ""
        detail = "x".join(map(str, part.kernel_size)) + stride
        if part.groups > 1:
            return ("depthwise" if part.groups == part.in_channels else "grouped"), detail
        return ("pointwise" if max(part.kernel_size) == 1 else "convolution"), detail
    if isinstance(part, nn.Linear):
        return "linear", name
    if isinstance(part, _NORMS):
        return "norm", name
    if isinstance(part, _POOLS):
        return "pool", name
    if type(part).__module__ == nn.modules.activation.__name__:
        return "activation", name
    return "other", name


def _multiply_adds(part: nn.Module, inputs: Sequence[Tensor], output: Tensor) -> int:
    """The multiply-adds of one call of a leaf module."""
    if isinstance(part, nn.modules.conv._ConvTransposeNd):
        return inputs[0].numel() * part.weight[0].numel()
    if isinstance(part, nn.modules.conv._ConvNd | nn.Linear):
        return output.numel() * part.weight[0].numel()
    return 0


def _functional_multiply_adds(label: str, given: Sequence[Tensor], output: Tensor) -> int:
    """The same for torch.nn.functional's conv and linear, whose second tensor is the weight."""
    return output.numel() * given[1][0].numel() if label in ("conv1d", "conv2d", "conv3d", "linear") else 0


def _flat(args: Sequence[Any]) -> list[Any]:
    """The arguments, those in a list or a tuple (torch.cat's) included."""
    return [x for arg in args for x in (arg if isinstance(arg, list | tuple) else (arg,))]


def _drop_last(path: list[str]) -> None:
    path.pop()
