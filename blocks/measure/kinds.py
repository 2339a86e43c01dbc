"""What a module or a function is, in a word, and how many multiply-adds an operator makes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

_FUNCTIONS = {
    **dict.fromkeys(("add", "iadd", "radd"), "add"),
    **dict.fromkeys(("mul", "imul", "rmul"), "multiply"),
    **dict.fromkeys(
        ("mean", "adaptive_avg_pool2d", "avg_pool2d", "max_pool2d", "adaptive_max_pool2d"), "pool"
    ),
    **dict.fromkeys(
        ("relu", "relu6", "silu", "gelu", "sigmoid", "hardsigmoid", "hardswish", "tanh"), "activation"
    ),
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
_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")


def is_leaf(part: nn.Module) -> bool:
    """Whether a module is one step: torch's own layers, with their own forward; others are looked into."""
    module = type(part).forward.__module__ or ""  # None where torch.fx has written it
    own = module.startswith("torch.nn.") and "forward" not in vars(part)
    return own and all(name == "parametrizations" for name, _ in part.named_children())


def _convolution(size: Sequence[int], stride: Sequence[int], groups: int, channels: int) -> tuple[str, str]:
    """Kind and detail of a convolution with kernels of `size` over an input of `channels`."""
    detail = "x".join(map(str, size))
    if max(stride) > 1:
        detail += f", stride {'x'.join(map(str, stride if len({*stride}) > 1 else stride[:1]))}"
    if groups > 1:
        return ("depthwise" if groups == channels else "grouped"), detail
    return ("pointwise" if max(size) == 1 else "convolution"), detail


def of_module(part: nn.Module) -> tuple[str, str]:
    """The kind of a leaf module, and a word or two on it."""
    name = type(part).__name__
    if isinstance(part, nn.modules.conv._ConvNd):
        return _convolution(part.kernel_size, part.stride, part.groups, part.in_channels)
    if isinstance(part, nn.Linear):
        return "linear", name
    if isinstance(part, _NORMS):
        return "norm", name
    if isinstance(part, _POOLS):
        return "pool", name
    if type(part).__module__ == nn.modules.activation.__name__:
        return "activation", name
    return "other", name


def of_function(label: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and detail of a free function, such as those of torch.nn.functional."""
    if not re.fullmatch(r"conv(_transpose)?[123]d", label):
        return _FUNCTIONS.get(label, "other"), label
    names = _TRANSPOSED if "transpose" in label else _CONVOLUTION
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    weight, stride, groups = given["weight"], given.get("stride", 1), given.get("groups", 1)
    channels = weight.shape[0] if "transpose" in label else weight.shape[1] * groups
    return _convolution(
        weight.shape[2:], stride if isinstance(stride, list | tuple) else (stride,), groups, channels
    )


def is_lowered(label: str) -> bool:
    """Whether autocast lowers a function's precision: convolutions, linear layers, products of matrices."""
    return _LOWERED.fullmatch(label) is not None


def products(func: Any, args: Sequence[Any], output: Any) -> tuple[int, tuple[Tensor, ...]]:
    """The multiply-adds of one operator, and its two factors; of a convolution no factors are asked."""
    if func.overloadpacket is _aten.convolution:
        image, weight, transposed = args[0], args[1], args[6]
        return (image if transposed else output).numel() * weight.numel() // weight.shape[0], ()
    if func.overloadpacket not in _PRODUCTS:
        return 0, ()
    *_, x, y = args[: _PRODUCTS[func.overloadpacket]]
    return x.numel() * (y.shape[-1] if y.ndim > 1 else 1), (x, y)


def is_unknown(func: Any) -> bool:
    """Whether an operator may multiply in a way that is not known here: somebody's own, or a fused one."""
    name = func._schema.name.partition("::")[2]
    return func.namespace not in ("aten", "prim", "prims") or (
        _MULTIPLIES.search(name) is not None and func.overloadpacket not in (*_PRODUCTS, _aten.convolution)
    )


_aten = torch.ops.aten
_PRODUCTS: dict[Any, int] = {  # with the number of arguments that end with the two factors
    **dict.fromkeys((_aten.mm, _aten.bmm, _aten.mv, _aten.dot, _aten.vdot), 2),
    **dict.fromkeys((_aten.addmm, _aten.baddbmm, _aten.addbmm, _aten.addmv), 3),
}
_MULTIPLIES = re.compile(
    r"mm(_|$)|conv(_|olution)|attention|trilinear|cdist|lstm|gru|matmul|linear(_|$)"
    r"|fft|^_?linalg|cholesky|^inverse|^qr$|^svd$|matrix_(exp|power)"
)
_LOWERED = re.compile(
    r"conv(_transpose)?[123]d|linear|r?matmul|mm|bmm|addmm|addbmm|baddbmm|einsum|tensordot|scaled_dot_product_attention"
)
