"""A module's forward, recorded: its steps, their shapes and costs, and who feeds whom.

One real forward of a private copy on meta tensors, so nothing is computed or allocated. Not torch.fx:
it patches nn.Module.__call__ for the whole process while it traces, and so breaks a training that runs
in another thread.
"""

import operator
import re
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from blocks import _arguments
from blocks.measure.private import Private
from blocks.measure.recorder import META, Recorder, tensors
from blocks.measure.step import Graph


def graph(module: nn.Module, input_shape: Sequence[int]) -> Graph:
    """Record one forward of `module`, in eval mode, for an input of `input_shape`.

    The module itself is neither run nor changed; only a cache outside it (a global) is filled by this
    forward too, with tensors that have no memory, and a file that it writes is written. The input is of
    real numbers where any parameter is.
    What a step reads that comes from no recorded step (a constant) is left out of its inputs; identities
    and dropout, which do nothing in eval mode, are no steps. Functions of parameters and constants alone,
    such as weight norm, are part of the step that reads what they give.

    Raises:
        TypeError: module is not a Module, or input_shape not whole numbers.
        ValueError: a size in input_shape is below 1, the forward refuses the shape (with its own
            message), or the module cannot be recorded: it looks at values, is lazy, scripted or
            quantized, cannot be copied, or its forward raises an error.
    """
    _arguments.module("graph", "module", module)
    shape = whole_sizes("graph", input_shape)
    _check(module)
    with torch.inference_mode(False), torch.no_grad():  # there, torch does not take functions apart
        return _recorded(module, shape)


def input_dtype(module: nn.Module) -> torch.dtype:
    """The dtype that an input of `module` must have: that of its first weights, if any are real of those."""
    dtypes = [p.dtype for p in module.parameters() if p.is_floating_point() or p.is_complex()]
    dtypes.sort(key=lambda dtype: dtype.is_complex)
    return dtypes[0] if dtypes else torch.get_default_dtype()


def whole_sizes(owner: str, input_shape: Iterable[int]) -> tuple[int, ...]:
    """`input_shape` as Python's own ints, if they are whole numbers of at least 1."""
    try:
        sizes = () if isinstance(input_shape, str) else tuple(input_shape)
        shape = tuple(operator.index(size) for size in sizes)
    except TypeError:
        sizes, shape = (), ()
    if not shape or any(isinstance(size, bool) for size in sizes):
        raise TypeError(
            f"{owner}: input_shape must be whole numbers such as (1, 16, 56, 56), got {input_shape!r}."
        )
    if min(shape) < 1:
        raise ValueError(f"{owner}: input_shape must be sizes of at least 1, got {shape}.")
    return shape


def _check(module: nn.Module) -> None:
    """Refuse a module with a part that does not run on meta tensors."""
    if not hasattr(module, "_modules"):
        name = type(module).__name__
        raise ValueError(
            f"graph: {name} cannot be recorded: its __init__ must call super().__init__() first."
        )
    for name, part in module.named_modules():
        where = f"{type(module).__name__} {f'has a part ({name}) that ' if name else ''}is"
        if isinstance(part, torch.jit.ScriptModule):
            raise ValueError(f"graph: {where} a TorchScript module. Measure the module it was made from.")
        kind = type(part)
        # FloatFunctional adds in floats, for a quantization that is yet to come.
        if "quantized" in kind.__module__.split(".") and "FloatFunctional" not in kind.__name__:
            raise ValueError(f"graph: {where} quantized. Measure the module it was made from.")
        if any(is_lazy(x) for x in (*part._parameters.values(), *part._buffers.values())):
            raise ValueError(f"graph: {where} lazy, without a shape yet. Call the module once before.")


def _recorded(module: nn.Module, shape: tuple[int, ...]) -> Graph:
    name = type(module).__name__
    private = Private()
    try:
        copy = private.of(module)
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
        raise ValueError(f"graph: {name} cannot be recorded: a copy of it raises {words}") from error
    with suppress(NotImplementedError):  # an exported module has no other mode
        copy.eval()
    device = next((p.device for p in module.parameters() if not p.is_meta), torch.device("cpu"))
    try:
        x = torch.empty(shape, device=META, dtype=input_dtype(module))
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"graph: input_shape must be sizes that fit in memory, got {shape}.") from error
    recorder = Recorder(x, private, device)
    recorder.watch(copy)
    try:
        with recorder.operators, recorder:
            output = copy(x)
    except Exception as error:
        if not recorder.looks_at:
            raise _refusal(name, shape, error, recorder.refused is error) from error
        raise _looks(name, recorder.looks_at) from error
    if recorder.looks_at:  # the forward went on, on another way than it would have taken
        raise _looks(name, recorder.looks_at)
    ours = {id(private.of(parameter)): path for path, parameter in module.named_parameters()}
    return Graph(
        tuple(recorder.steps),
        tuple(dict.fromkeys(step for found in tensors(output) for step in recorder.sources(found))),
        tuple(path for key, path in ours.items() if key not in recorder.parameters),
        sum(weight.numel() for key, weight in recorder.parameters.items() if key not in ours),
    )


def _looks(name: str, function: str) -> ValueError:
    return ValueError(
        f"graph: {name} cannot be recorded: its forward, or a hook of it, needs the values of a tensor"
        f" ({function}), and a recording has only shapes."
    )


def _refusal(name: str, shape: tuple[int, ...], error: Exception, by_function_of_input: bool) -> Exception:
    """What the error of a forward comes to."""
    if isinstance(error, ValueError):
        return error
    words = f"{type(error).__name__}: {error}"
    (*_, (frame, _)) = traceback.walk_tb(error.__traceback__)
    by_torch = by_function_of_input or frame.f_globals.get("__name__", "").startswith("torch.")
    about_shapes = re.search(
        r"shape|[Ss]ize|dim|channel|out of range|invalid for input|elements|\dD"
        if by_torch
        else "tuple index",
        str(error),
    )
    is_of_kind = isinstance(error, RuntimeError | IndexError) and not isinstance(error, NotImplementedError)
    if is_of_kind and about_shapes:
        return ValueError(f"graph: {name} refuses the input shape {shape}: {error}")
    if "require grad" in str(error):
        words = f"needs gradients, which a recording does not have ({error})"
        return ValueError(f"graph: {name} cannot be recorded: its forward {words}")
    return ValueError(f"graph: {name} cannot be recorded: its forward raises {words}")
