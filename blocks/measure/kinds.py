"""What a module or a function is, in a word, and how many multiply-adds one call of it makes."""

from collections.abc import Sequence
from typing import Any

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
}
_NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm)
_POOLS = (
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
)


def is_leaf(part: nn.Module) -> bool:
    """Whether a module is one step: torch's own layers; in anybody else's, functions may do the work."""
    known = isinstance(part, (nn.modules.conv._ConvNd, nn.Linear, *_NORMS, *_POOLS))
    own = type(part).__module__.startswith("torch.nn.")
    return next(part.children(), None) is None and (known or own)


def _convolution(size: Sequence[int], stride: Sequence[int], groups: int, channels: int) -> tuple[str, str]:
    """Kind and detail of a convolution with kernels of `size` over an input of `channels`."""
    detail = "x".join(map(str, size)) + (f", stride {stride[0]}" if max(stride) > 1 else "")
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


def multiply_adds(part: nn.Module, inputs: Sequence[Tensor], output: Tensor) -> int:
    """The multiply-adds of one call of a leaf module."""
    if isinstance(part, nn.modules.conv._ConvTransposeNd):
        return inputs[0].numel() * part.weight[0].numel()
    if isinstance(part, nn.modules.conv._ConvNd | nn.Linear):
        return output.numel() * part.weight[0].numel()
    return 0


def of_function(
    label: str, args: Sequence[Any], kwargs: dict[str, Any], output: Tensor
) -> tuple[str, str, int]:
    """Kind, detail and multiply-adds of a free function, such as those of torch.nn.functional."""
    if label not in ("conv1d", "conv2d", "conv3d", "linear"):
        return _FUNCTIONS.get(label, "other"), label, 0
    names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    count = output.numel() * given["weight"][0].numel()
    if label == "linear":
        return "linear", label, count
    stride = given.get("stride", 1)
    kind, detail = _convolution(
        given["weight"].shape[2:],
        (stride,) if isinstance(stride, int) else stride,
        given.get("groups", 1),
        given["weight"].shape[1] * given.get("groups", 1),
    )
    return kind, detail, count
