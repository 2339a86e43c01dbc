"""What stands in for a module while its forward is recorded: the module itself is neither run nor changed."""

import copy as copying
import functools
import io
import types
import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

_CONTAINERS: tuple[type, ...] = (deque, OrderedDict, defaultdict, dict, list, set)


class Private:
    """Private copies: modules and what they hold are copied, tensors get a shape but no memory.

    Unlike copy.deepcopy it copies maps that a forward has kept, follows functions to what they close over
    (a lambda on self, a hook), and shares what cannot be copied, such as locks and files. A generator cannot
    be copied either, and taking from it would change it: what stands in for it refuses.
    """

    def __init__(self) -> None:
        self._of: dict[int, tuple[Any, Any]] = {}  # the original is kept too: its id must stay its own
        self._originals: dict[int, Tensor] = {}

    def of(self, value: Any) -> Any:
        """The private copy of `value`, always the same one; `value` itself where nothing has to be copied."""
        if value is None or isinstance(value, (int, str, float, type, types.ModuleType)):
            return value
        found = self._of.get(id(value))
        if found is None:
            found = self._of[id(value)] = value, self._copied(value)
        return found[1]

    def original(self, twin: Tensor) -> Tensor | None:
        """The tensor that `twin` stands for, while both still have the same values."""
        found = self._originals.get(id(twin))
        return None if found is None or found.is_meta or twin._version else found

    def _copied(self, value: Any) -> Any:
        if isinstance(value, _CONTAINERS):
            return self._container(value)
        if isinstance(value, Tensor):
            return self._twin(value)
        if isinstance(value, nn.Module):
            return self._module(value)
        if isinstance(value, (tuple, frozenset)):
            return self._fixed(value)
        if isinstance(value, functools.partial):
            return functools.partial(self.of(value.func), *self.of(value.args), **self.of(value.keywords))
        if isinstance(value, types.MethodType):
            return types.MethodType(value.__func__, self.of(value.__self__))
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, weakref.ref) and isinstance(value(), (nn.Module, OrderedDict)):
            return weakref.ref(self.of(value()))
        return self._object(value)

    def _twin(self, tensor: Tensor) -> Tensor:
        if tensor.is_contiguous():
            twin = tensor.new_empty(tensor.shape, device="meta")
        else:
            twin = torch.empty_like(tensor, device="meta")
        if isinstance(tensor, nn.Parameter):
            twin = nn.Parameter(twin, requires_grad=tensor.requires_grad)
        self._originals[id(twin)] = tensor
        return twin

    def _module(self, module: nn.Module) -> nn.Module:
        if type(module).__name__ == "OptimizedModule":  # torch.compile's, round the module itself
            return self.of(module._orig_mod)
        copy = nn.Module.__new__(type(module))
        self._of[id(module)] = module, copy
        left_out: dict[str, Any] = {
            "_backward_hooks": {},
            "_backward_pre_hooks": {},
            "_compiled_call_impl": None,
        }
        self._fill(copy, {**_shared(type(module)), **_fields(module), **left_out})
        return copy

    def _container(self, value: Any) -> Any:
        """A copy by the means of Python's own class: somebody's subclass may forbid writes, or do more."""
        kind = type(value)
        base: Any = kind if kind in _CONTAINERS else next(cls for cls in kind.__mro__ if cls in _CONTAINERS)
        copy = base.__new__(kind)
        self._of[id(value)] = value, copy
        if base is deque:
            base.__init__(copy, maxlen=value.maxlen)
        elif base is defaultdict:
            base.__init__(copy, self.of(value.default_factory))
        if isinstance(value, dict):
            for key, part in base.items(value):
                base.__setitem__(copy, self.of(key), self.of(part))
        else:
            add = base.add if base is set else base.append
            for part in base.__iter__(value):
                add(copy, self.of(part))
        if kind is not base and kind.__dictoffset__:
            object.__setattr__(copy, "__dict__", self.of(vars(value)))  # which may be the dict itself
        return copy

    def _fixed(self, value: Any) -> Any:
        parts = [self.of(part) for part in value]
        if all(new is old for new, old in zip(parts, value, strict=True)):
            return value
        kind, base = type(value), tuple if isinstance(value, tuple) else frozenset
        # torch's own tuples, such as those of max, may only be made by their class.
        return kind(parts) if hasattr(kind, "n_fields") else base.__new__(kind, parts)

    def _uncopied(self, value: Any) -> Any:
        """An object itself; of an iterator, which reading changes, one at the same place, or what refuses."""
        if not isinstance(value, Iterator) or isinstance(value, io.IOBase):
            return value
        with suppress(TypeError, ValueError, AttributeError, DeprecationWarning):
            make, parts, *state = tuple[Any, ...](value.__reduce__())
            copy = make(*self.of(parts))
            if state:
                copy.__setstate__(self.of(state[0]))
            return copy
        return _NotCopied(value)

    def _object(self, value: Any) -> Any:
        """A copy of an object of plain Python; any other knows better, or cannot be copied, and is shared."""
        kind = type(value)
        if _is_of_data(value):
            with suppress(TypeError, NotImplementedError):  # a file
                return copying.deepcopy(value)
        own = (getattr(kind, name, None) for name in ("__reduce_ex__", "__reduce__", "__deepcopy__"))
        fields = _fields(value) if (*own,) == (object.__reduce_ex__, object.__reduce__, None) else {}
        if not fields:
            return self._uncopied(value)
        try:
            copy = object.__new__(kind)
        except TypeError:  # made in C
            return self._uncopied(value)
        self._of[id(value)] = value, copy
        self._fill(copy, fields)
        return copy

    def _fill(self, copy: Any, fields: Mapping[str, Any]) -> None:
        for name, part in fields.items():
            object.__setattr__(copy, name, self.of(part))

    def _function(self, function: types.FunctionType) -> types.FunctionType:
        """The function with private copies of what it closes over, and of the globals that it may change."""
        if function.__module__.partition(".")[0] == "torch":
            return function
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        world = dict(function.__globals__)
        copy = types.FunctionType(
            function.__code__, world, function.__name__, self.of(function.__defaults__), cells
        )
        self._of[id(function)] = function, copy
        copy.__kwdefaults__ = self.of(function.__kwdefaults__)
        copy.__dict__.update(function.__dict__)
        for mine, cell in zip(cells, function.__closure__ or (), strict=True):
            try:
                mine.cell_contents = self.of(cell.cell_contents)
            except ValueError:  # not filled yet
                continue
        for name in function.__code__.co_names:
            if isinstance(world.get(name), nn.Module) or _is_changed_by_use(world.get(name)):
                world[name] = self.of(world[name])
        return copy


def _shared(kind: type) -> dict[str, Any]:
    """What a class of somebody's own has for all its modules and a forward may change, such as caches."""
    own = (
        cls for cls in reversed(kind.__mro__) if cls.__module__.partition(".")[0] not in ("torch", "builtins")
    )
    return {
        name: value
        for cls in own
        for name, value in vars(cls).items()
        if not name.startswith("__") and _is_changed_by_use(value)
    }


class _NotCopied(Iterator[Any]):
    """Stands in for a generator."""

    def __init__(self, value: Iterator[Any]) -> None:
        self._what = type(value).__name__

    def __next__(self) -> Any:
        raise ValueError(
            f"graph: a forward that takes from a {self._what} cannot be recorded: a {self._what} cannot be"
            " copied, and the recording must not change it. Keep a list instead."
        )


def _is_of_data(value: Any) -> bool:
    """Whether an object, made in C, is of numbers, bytes or letters, or gives random ones."""
    return isinstance(value, bytearray | io.IOBase) or type(value).__module__.partition(".")[0] in (
        "numpy",
        "array",
        "random",
    )


def _is_changed_by_use(value: Any) -> bool:
    return isinstance(value, (*_CONTAINERS, Iterator, RemovableHandle)) or _is_of_data(value)


def _fields(value: Any) -> dict[str, Any]:
    """What an object holds, in its dict and in its slots."""
    state = object.__getstate__(value)
    inside, slots = state if isinstance(state, tuple) else (state, None)
    return {**(inside or {}), **(slots or {})}
