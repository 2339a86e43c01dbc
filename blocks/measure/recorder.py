"""Writes down the steps of a forward while it runs on tensors without memory.

Two of torch's modes do it, both for this thread only. One sees functions as the forward calls them, such
as the addition and the gate: they are the steps, beside the layers. The other sees the operators that
these are made of, and counts their multiply-adds wherever they are computed.
"""

import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch._C import DisableTorchFunction
from torch._C._functorch import get_unwrapped, is_functorch_wrapped_tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _pop_mode, _push_mode
from torch.utils._pytree import tree_map_only

from blocks.measure import kinds, shapes
from blocks.measure.private import Private
from blocks.measure.step import Step

META = torch.device("meta")
_LOOKS = (
    "item",
    "tolist",
    "numpy",
    "__array__",
    "__format__",
    "__bool__",
    "__int__",
    "__float__",
    "__index__",
)
_MEMORY = {"untyped_storage", "_typed_storage", "storage", "data_ptr"}  # pickle and torch.save read it
_ASKS = {"shape", "dtype", "ndim", "is_nested", "requires_grad", "size", "dim", "numel", "is_floating_point"}
_FOR_GRADIENTS = {"register_hook", "retain_grad"}  # there are none


class Recorder(TorchFunctionMode):
    """The steps of the forward that runs under it.

    Attributes:
        steps: so far; the first is the input.
        parameters: that a step has brought in, by id.
        looks_at: the function that asked for the value of a tensor, which is not there; "" for none.
        refused: the last error of a function that reads the input; None for none.
        in_step: whether a step runs: what it calls is part of it.
        operators: a mode of its own, to enter before this one.
    """

    def __init__(self, x: Tensor, private: Private, device: torch.device) -> None:
        super().__init__()
        self.steps = [Step("input", "input", "", tuple(x.shape), 0, 0, ())]
        self.parameters: dict[int, nn.Parameter] = {}
        self.looks_at = ""
        self.refused: Exception | None = None
        self.in_step = False
        self.operators = _Operators(x, self)
        self._private, self._device = private, device
        self._path = [""]
        self._made_by: dict[int, int] = {id(x): 0}
        self._writes: dict[int, list[tuple[int, Tensor]]] = {}  # by place: at which step, into which part
        self._weights: dict[int, dict[int, nn.Parameter]] = {}  # by place: what no step made, from what
        self._used: dict[int, nn.Parameter] = {}  # by the step that runs
        self._kept: list[Any] = [x]  # a freed tensor's id could be given to the next one

    def watch(self, module: nn.Module) -> None:
        """Follow the forward of every module inside `module`."""
        for name, part in module.named_modules():
            wrap = self._leaf if kinds.is_leaf(part) else self._container
            part.__dict__["forward"] = wrap(part, name, part.forward)

    def sources(self, x: Tensor) -> tuple[int, ...]:
        """The steps that made `x` what it is: the one that gave it, or those that wrote into it since."""
        made = self._made_by.get(id(x))
        later = [
            step
            for step, target in self._writes.get(_place(x), ())
            if (made is None or step > made) and _overlap(x, target)
        ]
        read = {source for step in later for source in self.steps[step].inputs}
        return tuple(step for step in later if step not in read) or (() if made is None else (made,))

    def _container(self, part: nn.Module, name: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*args: Any, **kwargs: Any) -> Any:
            self._path.append(name)
            try:
                return forward(*args, **kwargs)
            finally:
                self._path.pop()

        return recorded

    def _leaf(self, part: nn.Module, name: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*args: Any, **kwargs: Any) -> Any:
            if self.in_step:
                return forward(*args, **kwargs)
            output = self._one_step(forward, args, kwargs)
            with DisableTorchFunction():  # what is looked up here is no function of the forward
                given, made = tensors((args, kwargs)), tensors(output)
                if made and isinstance(part, nn.modules.dropout._DropoutNd):
                    self._same(made[0], given[0])
                else:
                    self._note((name, *kinds.of_module(part)), given, made, is_layer=True)
            return output

        return recorded

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        kwargs, name, label = kwargs or {}, func.__name__, _label(func)
        if (label if name == "__get__" else name) in _ASKS:
            return func(*args, **kwargs)
        if label == "device" and name == "__get__":
            return self._device
        if name in _FOR_GRADIENTS:
            return None
        if name in ("cpu", "cuda", "pin_memory", "share_memory_"):
            return args[0]
        if name in _LOOKS and (original := self._private.original(args[0])) is not None:
            return self._one_step(lambda: func(original.detach().clone(), *args[1:], **kwargs), (), {})
        self._refuse_memory(name, kwargs)
        if not all(x.is_meta for x in tensors((args, kwargs))):
            args, kwargs = tree_map_only(Tensor, self._on_meta, (args, kwargs))
        if name == "to":
            args = [META if isinstance(x, str | torch.device) else x for x in args]
            kwargs = {key: META if key == "device" else x for key, x in kwargs.items()}
        given = tensors((args, kwargs))
        self.operators.enter(given, is_linear=label == "linear")
        if self.in_step:
            self._used |= self._weights_of(given)
            return self._called(func, args, kwargs)
        made = tensors(output := self._one_step(self._called, (func, args, kwargs), {}))
        if made and label.endswith("dropout"):
            self._same(made[0], given[0])
        else:
            path = ".".join(filter(None, (self._path[-1], label)))
            reads_shapes = label.endswith("_like") or label.startswith("new_")
            what = path, *kinds.of_function(label, args, kwargs)
            self._note(what, [] if reads_shapes else given, made)
        return output

    def _refuse_memory(self, name: str, kwargs: dict[str, Any]) -> None:
        """Refuse to hand out address 0, as torch would, from which pickle then reads."""
        if name in _MEMORY or (name == "numpy" and kwargs.get("force")):
            self.looks_at = self.looks_at or name.strip("_")
            raise RuntimeError(f"{name}: a recording has only shapes")

    def _one_step(self, call: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        before, self.in_step = self.in_step, True
        try:
            return call(*args, **kwargs)
        except BaseException:
            if not before:  # the forward may catch it, and the next step must not have what this one used
                self._used = {}
                self.operators.taken()
            raise
        finally:
            self.in_step = before

    def _called(self, func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """What a function gives; under autocast, which knows no meta tensors, with the dtype that it sets."""
        autocast = torch.is_autocast_enabled(self._device.type)
        try:
            if autocast and kinds.is_lowered(_label(func)):
                args, kwargs = self._lowered((args, kwargs))
            return func(*args, **kwargs)
        except Exception as error:
            if autocast and isinstance(error, RuntimeError):
                args, kwargs = self._lowered((args, kwargs))
                return func(*args, **kwargs)
            given = tensors((args, kwargs))
            self.refused = error if self.operators.depends(given) else None
            without_memory = re.search(
                "(?<![a-z])meta(?![a-z])|fake impl|not allocated", str(error), re.IGNORECASE
            )
            is_dense = all(x.layout is torch.strided for x in given)
            if func.__name__ in _LOOKS or (without_memory and is_dense):
                self.looks_at = self.looks_at or func.__name__.strip("_")
            raise

    def _lowered(self, given: Any) -> Any:
        dtype = torch.get_autocast_dtype(self._device.type)
        return tree_map_only(
            Tensor, lambda x: x.to(dtype) if x.is_floating_point() and x.dtype != torch.float64 else x, given
        )

    def _on_meta(self, x: Tensor) -> Tensor:
        return x if x.is_meta else self._one_step(self._private.of, (x,), {})

    def _weights_of(self, given: Iterable[Tensor]) -> dict[int, nn.Parameter]:
        """The parameters that the tensors are, or are made of."""
        found: dict[int, nn.Parameter] = {}
        for x in given:
            found |= {id(x): x} if isinstance(x, nn.Parameter) else self._weights.get(_place(x), {})
        return found

    def _same(self, output: Tensor, source: Tensor) -> None:
        """Note that `output` stands for what `source` is."""
        if output is not source and (found := self.sources(source)):
            self._made_by[id(output)] = found[-1]
            self._kept.append(output)

    def _note(
        self,
        what: tuple[str, str, str],
        given: Sequence[Tensor],
        made: Sequence[Tensor],
        *,
        is_layer: bool = False,
    ) -> None:
        """Write a step; of what is made of parameters and constants alone, only remember of which."""
        work, places = self.operators.taken()
        written = [x for x in given if _place(x) in places]
        new = [x for x in made if not _has(given, x)]
        if not new and not written:  # nothing was done
            return
        weights, self._used = self._used | self._weights_of(given), {}
        inputs: tuple[int, ...] = ()
        read: dict[tuple[int, ...], int] = {}
        for x in sorted(given, key=lambda x: not _has(written, x)):
            if found := self.sources(x):
                inputs += found
                read[_place(x), int(x.storage_offset()), x.numel()] = x.numel()
        self._kept += [*new, *written]
        if not (inputs or is_layer or any(work)):
            self._weights |= {_place(x): weights for x in (*new, *written)}
            return
        output, *more = new or written
        places = {_place(x) for x in given}
        brought = {key: weight for key, weight in weights.items() if key not in self.parameters}
        self.parameters |= brought
        self.steps.append(
            Step(
                *what,
                tuple(output.shape),
                sum(weight.numel() for weight in brought.values()),
                work[0],
                inputs,
                in_place=not new and bool(self.sources(output)),
                is_view=bool(new) and _place(output) in places,
                more=tuple(tuple(x.shape) for x in more if new and _place(x) not in places),
                products=work[1],
                unknown=work[2],
                numbers_read=sum(read.values()) + sum(weight.numel() for weight in weights.values()),
            )
        )
        index = len(self.steps) - 1
        self._made_by |= {id(x): index for x in (*new, *written)}
        for x in written:
            self._writes.setdefault(_place(x), []).append((index, x))


class _Operators(TorchDispatchMode):
    """Counts what the operators multiply, and keeps them from making anything real.

    The base class would import torch's compiler, and on entering write flags that hold for all threads.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __enter__(self) -> Self:
        _push_mode(self)
        return self

    def __exit__(self, *_: object) -> None:
        _pop_mode()

    def __init__(self, x: Tensor, recorder: Recorder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._recorder = recorder
        self._in_layer = False  # whether the function that runs reads the input, or is a linear layer
        self._from_input = {_place(x): x}  # kept, so that no other gets its place
        self._work: tuple[int, int, tuple[str, ...]] = (0, 0, ())
        self._written: dict[int, Tensor] = {}

    def enter(self, given: Iterable[Tensor], *, is_linear: bool) -> None:
        """Note what the function that runs next reads."""
        self._in_layer = is_linear or self.depends(given)

    def depends(self, given: Iterable[Tensor]) -> bool:
        """Whether any of the tensors is the input, or made of it."""
        return any(_place(x) in self._from_input for x in given)

    def taken(self) -> tuple[tuple[int, int, tuple[str, ...]], Collection[int]]:
        """What was done since the last time.

        That is: multiply-adds of layers, those of other products, unknown operators; and the places that
        were written to.
        """
        done = self._work, self._written
        self._work, self._written = (0, 0, ()), {}
        return done

    def __torch_dispatch__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        with DisableTorchFunction():
            if self._recorder.in_step:
                return self._counted(func, args, dict(kwargs or {}))
            with self:  # called by no function: TorchScript calls operators
                return self._recorder.__torch_function__(func, types, args, kwargs)

    def _counted(self, func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if "device" in kwargs:
            kwargs["device"] = META
        if torch.is_inference_mode_enabled():  # there, torch does not take functions apart by itself
            with self:
                output = func.decompose(*args, **kwargs)
            if output is not NotImplemented:
                return output
        output = shapes.of_operator(func, args, kwargs)
        if output is None:
            output = func(*args, **kwargs)
        if func._schema.is_mutable:
            named = zip(func._schema.arguments, args, strict=False)
            changed = [x for argument, x in named if argument.is_write] + [kwargs.get("out")]
            self._written |= {_place(x): x for x in tensors(changed)}
        if self.depends(tensors((args, kwargs))):
            self._from_input |= {_place(x): x for x in tensors(output)}
        count, factors = kinds.products(func, args, output)
        if factors and factors[0].dtype != factors[1].dtype:  # what torch says of tensors with memory
            raise RuntimeError(
                f"expected factors of the same type, got {factors[0].dtype} and {factors[1].dtype}"
            )
        depend = {self.depends([x]) for x in factors}
        is_layer = len(depend) != 1 or (depend == {False} and self._in_layer)
        layers, others, unknown = self._work
        if kinds.is_unknown(func):
            unknown = (*unknown, func._schema.name)
        self._work = layers + count * is_layer, others + count * (not is_layer), unknown
        return output


def tensors(value: Any) -> list[Tensor]:
    """The tensors in a value, which may be made of lists, tuples, dicts and dataclasses."""
    if isinstance(value, Tensor):
        return [_unwrapped(value)]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple, set)):
        if isinstance(value, type) or not dataclasses.is_dataclass(value):
            return []
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    found = []
    for part in value:
        if isinstance(part, Tensor):  # nearly all are
            found.append(_unwrapped(part))
        elif part is not None and not isinstance(part, (int, float, str)):
            found += tensors(part)
    return found


def _unwrapped(x: Tensor) -> Tensor:
    """The tensor itself, which torch.func.vmap wraps."""
    while is_functorch_wrapped_tensor(x):
        x = get_unwrapped(x)
    return x


def _label(func: Callable[..., Any]) -> str:
    """The function's name, as a person knows it: T of the property x.T, mul of the operator mul.Tensor."""
    name = func.__name__
    if name == "__get__":
        name = getattr(func.__self__, "__name__", "property")  # type: ignore[attr-defined]
    return str(name).partition(".")[0].strip("_")


def _has(values: Iterable[Tensor], x: Tensor) -> bool:
    return any(x is y for y in values)


def _place(x: Tensor) -> int:
    """Which memory a tensor would have: views share it."""
    return x.untyped_storage()._cdata if x.layout is torch.strided else id(x)


def _overlap(x: Tensor, y: Tensor) -> bool:
    """Whether two views of one memory may share a number: the stretches that they lie in meet."""
    (first, last), (start, end) = _stretch(x), _stretch(y)
    return first < end and start < last


def _stretch(x: Tensor) -> tuple[int, int]:
    start = int(x.storage_offset())
    length = 1 + sum((size - 1) * step for size, step in zip(x.shape, x.stride(), strict=True))
    return start * x.itemsize, (start + length) * x.itemsize
