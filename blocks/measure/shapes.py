"""The shapes that operators give, said plainly.

On meta tensors these operators are torch's own Python: some take longer than the rest of a recording
together, and the first one imports torch's compiler, for two seconds.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


def of_operator(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The output of an operator, without the call; None if the call must be made, to refuse its input too."""
    plain = _PLAIN.get(func.overloadpacket)
    if plain is None or not isinstance(args[0], Tensor) or not args[0].is_floating_point() or "out" in kwargs:
        return None
    if plain is _convolution:  # it makes the call itself
        return plain(*args, **kwargs)
    with suppress(RuntimeError, IndexError, TypeError):
        return plain(*args, **kwargs)
    return None


def _like(x: Tensor, shape: Sequence[int] | None = None) -> Tensor:
    """A tensor of this shape; of x's own shape also in the order of x's memory."""
    if shape in (None, x.shape) and not x.is_contiguous():
        return torch.empty_like(x)
    return x.new_empty(x.shape if shape is None else shape)


def _together(*shapes: Sequence[int]) -> tuple[int, ...]:
    return tuple(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]


def _same(x: Tensor, *_: Any, **__: Any) -> Tensor:
    return _like(x)


def _itself(x: Tensor, *_: Any, **__: Any) -> Tensor:
    return x


def _broadcast(x: Tensor, y: Any, **_: Any) -> Tensor | None:
    if isinstance(y, int | float):
        return _like(x)
    if isinstance(y, Tensor) and x.dtype == y.dtype:
        shape = _together(x.shape, y.shape)
        if shape == x.shape or (x.is_contiguous() and y.is_contiguous()):
            return _like(x, shape)
    return None


def _broadcast_into(x: Tensor, y: Any, **_: Any) -> Tensor | None:
    result = _broadcast(x, y)
    return x if result is not None and result.shape == x.shape else None


def _mean(x: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor | None:
    dims = [d + x.ndim if d < 0 else d for d in dim or range(x.ndim)]
    if dtype is not None or len({*dims}) < len(dims) or not {*dims} <= {*range(x.ndim)}:
        return None
    sizes = [1 if d in dims else size for d, size in enumerate(x.shape) if keepdim or d not in dims]
    return x.new_empty(sizes)


def _addmm(bias: Tensor, x: Tensor, y: Tensor, **_: Any) -> Tensor | None:
    fits = x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0] and x.dtype == y.dtype == bias.dtype
    shape = (x.shape[0], y.shape[-1])
    return x.new_empty(shape) if fits and _together(bias.shape, shape) == shape else None


def _norm(x: Tensor, output: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """In eval mode; the means and deviations that the second and the third hold are not used."""
    return output, x.new_empty(0), x.new_empty(0)


def _batch_norm(x: Tensor, *others: Any) -> tuple[Tensor, Tensor, Tensor] | None:
    training = others[4]
    return None if training else _norm(x, _channels_last(x, x.new_empty(x.shape)))


def _layer_norm(x: Tensor, sizes: Sequence[int], *others: Any) -> tuple[Tensor, Tensor, Tensor] | None:
    fits = sizes and all(scale is None or [*scale.shape] == [*sizes] for scale in others[:2])
    return _norm(x, x.new_empty(x.shape)) if fits and [*x.shape[-len(sizes) :]] == [*sizes] else None


def _convolution(x: Tensor, weight: Tensor, bias: Tensor | None, *others: Any) -> Tensor:
    """What torch gives, which without memory forgets the order of x, and checks less: that is done here."""
    transposed, groups = others[3], others[5]
    out = weight.shape[1] * groups if transposed else weight.shape[0]
    given = f"Given {transposed=:d}, {groups=}, weight of size {[*weight.shape]}, expected"
    if weight.shape[0] % groups:
        raise RuntimeError(f"{given} channels that can be divided by groups")
    if transposed and x.shape[1] != weight.shape[0]:
        raise RuntimeError(f"{given} input{[*x.shape]} to have {weight.shape[0]} channels")
    if bias is not None and bias.shape != (out,):
        raise RuntimeError(f"{given} bias to have {out} elements, but got bias of size {[*bias.shape]}")
    return _channels_last(x, aten.convolution.default(x, weight, bias, *others))


def _channels_last(x: Tensor, output: Tensor) -> Tensor:
    """The output, in the order of x's memory where that is channels last."""
    if x.ndim != 4 or x.is_contiguous() or not x.is_contiguous(memory_format=torch.channels_last):
        return output
    return output.contiguous(memory_format=torch.channels_last)


_POINTWISE = ("relu", "hardtanh", "hardswish", "hardsigmoid", "silu", "gelu", "sigmoid")
_PLAIN: dict[Any, Callable[..., Any]] = {
    **dict.fromkeys((aten.add, aten.sub, aten.mul), _broadcast),
    **dict.fromkeys((aten.add_, aten.sub_, aten.mul_), _broadcast_into),
    **{getattr(aten, name): _same for name in _POINTWISE},
    **{getattr(aten, f"{name}_"): _itself for name in _POINTWISE},
    aten.mean: _mean,
    aten.addmm: _addmm,
    aten.native_batch_norm: _batch_norm,
    aten.native_layer_norm: _layer_norm,
    aten.convolution: _convolution,
}
