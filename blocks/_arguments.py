"""The checks of constructor arguments, in one wording: who, what is allowed, what came, and why."""

import math
import operator
from collections.abc import Callable
from contextlib import suppress

from torch import nn

LARGEST = 65_536  # far above any published network: catches a pixel count passed as a channel count


def whole(owner: str, name: str, value: object, *, least: int = 1, most: int = LARGEST) -> int:
    """`value` as a Python int, if it is a whole number from `least` to `most`."""
    number = _whole(value)
    if number is not None and least <= number <= most:
        return number
    kind = TypeError if number is None else ValueError
    raise kind(f"{owner}: {name} must be a whole number from {least} to {most}, got {value!r}.")


def _plain(value: object) -> object:
    """`value`; as Python's own number if it is one of NumPy's, or a tensor without dimensions."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        with suppress(RuntimeError):  # a meta tensor has no value
            return value.item()
    return value


def _whole(value: object) -> int | None:
    """`value` as a Python int; None if it is no whole number. True and False are none."""
    value = _plain(value)
    if isinstance(value, bool) or hasattr(value, "ndim"):  # torch lets tensor([3]) be an index
        return None
    with suppress(TypeError):
        return operator.index(value)  # type: ignore[arg-type]
    return None


def _number(value: object) -> int | float | None:
    """`value` as a Python int or float; None if it is neither."""
    value = _plain(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else _whole(value)


def block(
    owner: str,
    in_channels: object,
    out_channels: object,
    stride: object,
    norm: Callable[[int], nn.Module] | None,
    act: Callable[[], nn.Module] | None,
    kernel_size: object = 3,
) -> tuple[int, int, int, int]:
    """What every block takes, checked: channels in and out, a stride of 1 or 2, an odd kernel size."""
    narrow, channels = whole(owner, "in_channels", in_channels), whole(owner, "out_channels", out_channels)
    size = odd(owner, "kernel_size", kernel_size)
    step = _whole(stride)
    if step not in (1, 2):
        kind = TypeError if step is None else ValueError
        raise kind(
            f"{owner}: stride must be 1 or 2, got {stride!r}."
            " Stride 2 halves height and width; to shrink more, stack blocks."
        )
    # Tried here, or the error would name the ConvNormAct inside and not the block that was called.
    make(owner, "norm", norm, channels)
    make(owner, "act", act)
    return narrow, channels, step, size


def odd(owner: str, name: str, value: object) -> int:
    """`value`, if it is an odd kernel size from 1 to 255."""
    size = whole(owner, name, value, most=255)
    if size % 2 == 0:
        raise ValueError(
            f"{owner}: {name} must be odd, got {size}."
            " An even kernel has no center, so no padding keeps the size."
        )
    return size


def positive(owner: str, name: str, value: object) -> int | float:
    """`value` as a Python number, if it is positive and finite."""
    number = _number(value)
    if number is not None and 0 < number < math.inf:
        return number
    kind = TypeError if number is None else ValueError
    raise kind(f"{owner}: {name} must be a positive number, got {value!r}.")


def module(owner: str, name: str, value: object) -> nn.Module:
    """`value`, if it is a module."""
    if not isinstance(value, nn.Module):
        raise TypeError(f"{owner}: {name} must be a Module, got {value!r}.")
    return value


def expanded(owner: str, in_channels: int, expansion: object) -> int:
    """The expanded width `round(in_channels * expansion)`, if that leaves a channel."""
    number = positive(owner, "expansion", expansion)
    width = round(in_channels * min(number, LARGEST + 1))  # more overflows, and is too wide already
    if not 1 <= width <= LARGEST:
        raise ValueError(
            f"{owner}: expansion must be a positive number that gives an expanded width from 1 to {LARGEST},"
            f" got expansion={expansion!r} for {in_channels} channels."
        )
    return width


def probability(owner: str, name: str, value: object) -> float:
    """`value` as a Python float, if it is a number from 0 up to, but not including, 1."""
    number = _number(value)
    if number is not None and 0 <= number < 1:
        return float(number)
    kind = TypeError if number is None else ValueError
    raise kind(f"{owner}: {name} must be a number from 0 to below 1, got {value!r}.")


def truth(owner: str, name: str, value: object) -> bool:
    """`value`, if it is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{owner}: {name} must be True or False, got {value!r}.")
    return value


_EXAMPLES = {"norm": "nn.BatchNorm2d", "gate": "nn.Sigmoid", "squeeze_excitation": "SqueezeExcitation"}


def make(
    owner: str,
    name: str,
    factory: Callable[..., nn.Module] | None,
    *arguments: int,
    optional: bool = True,
) -> nn.Module:
    """The module that `factory(*arguments)` gives; the identity for None, which means absent."""
    if factory is None and optional:
        return nn.Identity()
    allowed = f"{owner}: {name} must be {'None or ' * optional}a callable that returns a Module,"
    allowed += f" such as the class {_EXAMPLES.get(name, 'nn.ReLU')}"
    if isinstance(factory, nn.Module):
        raise TypeError(
            f"{allowed}, got the instance {factory!r}. Pass the class, or a functools.partial of it."
        )
    if not callable(factory):
        raise TypeError(f"{allowed}, got {factory!r}.")
    try:
        made = factory(*arguments)
    except Exception as error:
        call = f"({', '.join(map(str, arguments))})"
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{allowed}, got {factory!r}, which fails when called with {call}: {error}") from error
    if not isinstance(made, nn.Module):
        raise TypeError(f"{allowed}, got {factory!r}, which returns {type(made).__name__}.")
    return made
