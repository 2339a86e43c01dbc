"""Bad arguments are refused at construction, in the house wording: who, what is allowed, what came."""

import re
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import blocks as package
from blocks import (
    BasicBlock,
    Bottleneck,
    ConvNormAct,
    DepthwiseSeparable,
    FusedMBConv,
    InvertedResidual,
    LinearBottleneck,
    MBConv,
    Residual,
    SqueezeExcitation,
)
from blocks.stochastic_depth import StochasticDepth

STRIDED = (
    BasicBlock,
    Bottleneck,
    DepthwiseSeparable,
    LinearBottleneck,
    InvertedResidual,
    MBConv,
    FusedMBConv,
)
WITH_KERNEL = (ConvNormAct, DepthwiseSeparable, LinearBottleneck, InvertedResidual, MBConv, FusedMBConv)
EXPANDING = (InvertedResidual, MBConv, FusedMBConv)
DROPPING = (MBConv, FusedMBConv)
WITH_NORM = (ConvNormAct, *STRIDED)

WHOLE = "must be a whole number from 1 to 65536"
KERNEL = "must be a whole number from 1 to 255"
POSITIVE = "must be a positive number"
SHARE = "must be a number from 0 to below 1"
STRIDE = "must be 1 or 2"
NOT_WHOLE = (True, False, 2.0, "3", None, (3, 3), [3], np.bool_(True), np.float64(2), np.array([2]))
TENSORS = (torch.tensor(True), torch.tensor(2.0), torch.tensor([2]), torch.tensor(2, device="meta"))
NOT_NUMBERS = (True, "6", None, 1j, [6], np.bool_(True), np.array([6]), torch.tensor(True))


def fails() -> nn.Module:
    return nn.ReLU(1 / 0)


def cases() -> list[tuple[type[nn.Module], str, Any, type[Exception], str]]:
    """Block, argument, bad value, the error, and what the message says after the argument's name."""
    found: list[tuple[type[nn.Module], str, Any, type[Exception], str]] = []

    def add(
        blocks: tuple[type[nn.Module], ...], name: str, kind: type[Exception], text: str, *bad: Any
    ) -> None:
        found.extend((block, name, value, kind, text) for block in blocks for value in bad)

    for name in ("in_channels", "out_channels"):
        add(WITH_NORM, name, TypeError, WHOLE, *NOT_WHOLE, *TENSORS)
        add(WITH_NORM, name, ValueError, WHOLE, 0, -1, 65_537, 10**30)
    for name in ("channels", "reduction"):
        add((SqueezeExcitation,), name, TypeError, WHOLE, *NOT_WHOLE)
        add((SqueezeExcitation,), name, ValueError, WHOLE, 0, -1, 10**30)
    add((SqueezeExcitation,), "squeezed_channels", TypeError, WHOLE, True, 2.0, "3")
    add((SqueezeExcitation,), "squeezed_channels", ValueError, WHOLE, 0, -1)
    for name in ("stride", "dilation", "groups"):
        add((ConvNormAct,), name, TypeError, WHOLE, *NOT_WHOLE)
        add((ConvNormAct,), name, ValueError, WHOLE, 0, -1, 10**30)
    add((ConvNormAct,), "groups", ValueError, "must divide in_channels and out_channels", 3, 16)
    add(
        (ConvNormAct,),
        "padding",
        TypeError,
        "must be a whole number from 0 to 65536",
        True,
        1.0,
        "same",
        (1, 1),
    )
    add((ConvNormAct,), "padding", ValueError, "must be a whole number from 0 to 65536", -1)
    add(STRIDED, "stride", TypeError, STRIDE, *NOT_WHOLE, *TENSORS)
    add(STRIDED, "stride", ValueError, STRIDE, 0, -1, 3, 4)
    add(WITH_KERNEL, "kernel_size", TypeError, KERNEL, *NOT_WHOLE)
    add(WITH_KERNEL, "kernel_size", ValueError, KERNEL, 0, -3, 257)
    add(WITH_KERNEL, "kernel_size", ValueError, "must be odd", 2, 4, 254)
    add((Bottleneck,), "reduction", TypeError, WHOLE, *NOT_WHOLE)
    add((Bottleneck,), "reduction", ValueError, WHOLE, 0, -4)
    add((Bottleneck,), "reduction", ValueError, "must divide out_channels", 3, 16)
    add((Bottleneck,), "stride_first", TypeError, "must be True or False", 1, None, "yes")
    add((MBConv,), "se_reduction", TypeError, WHOLE, *NOT_WHOLE)
    add((MBConv,), "se_reduction", ValueError, WHOLE, 0, -4)
    add(EXPANDING, "expansion", TypeError, POSITIVE, *NOT_NUMBERS)
    add(EXPANDING, "expansion", ValueError, POSITIVE, 0, -6, -0.5, float("nan"), float("inf"), -float("inf"))
    add(
        EXPANDING,
        "expansion",
        ValueError,
        f"{POSITIVE} that gives an expanded width",
        1e-3,
        1e5,
        1e308,
        10**400,
    )
    add(DROPPING, "drop_probability", TypeError, SHARE, *NOT_NUMBERS)
    add(DROPPING, "drop_probability", ValueError, SHARE, 1, 1.0, -0.1, 2, float("nan"), float("inf"))
    for name, blocks in (("norm", WITH_NORM), ("act", (*WITH_NORM, SqueezeExcitation))):
        text = "must be None or a callable that returns a Module, such as the class nn."
        add(blocks, name, TypeError, text, 3, "relu", True, nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d, dict)
        add(blocks, name, ValueError, text, lambda *_: fails())
    add(WITH_NORM, "norm", ValueError, "must be None or a callable", partial(nn.GroupNorm, 3))
    text = "must be a callable that returns a Module, such as the class nn.Sigmoid"
    add((SqueezeExcitation,), "gate", TypeError, text, None, 1, "sigmoid", nn.Sigmoid(), nn.Conv2d, str)
    for block in (Bottleneck, MBConv):
        text = "must be None or a callable that returns a Module, such as the class SqueezeExcitation"
        add((block,), "squeeze_excitation", TypeError, text, True, 4, SqueezeExcitation(8))
    add((StochasticDepth,), "drop_probability", TypeError, SHARE, *NOT_NUMBERS)
    add((StochasticDepth,), "drop_probability", ValueError, SHARE, 1, -1)
    return found


def valid(block: type[nn.Module]) -> dict[str, Any]:
    if block is SqueezeExcitation:
        return {"channels": 8}
    return {} if block is StochasticDepth else {"in_channels": 8, "out_channels": 8}


@pytest.mark.parametrize(("block", "name", "value", "kind", "text"), cases())
def test_refused(block: type[nn.Module], name: str, value: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=rf"^{block.__name__}: {name} {re.escape(text)}") as caught:
        block(**{**valid(block), name: value})
    assert type(caught.value) is kind
    assert re.search(r", got .+\.|, which ", str(caught.value), re.DOTALL)
    assert repr(value) in str(caught.value)


SAME_NUMBERS = [int, np.int64, np.uint8, np.array, torch.tensor]


@pytest.mark.parametrize("kind", SAME_NUMBERS)
@pytest.mark.parametrize("block", [*WITH_NORM, SqueezeExcitation])
def test_numbers_of_other_kinds_are_stored_as_plain_ones(block: type[nn.Module], kind: Any) -> None:
    """A whole number that NumPy or torch computed is one; what the layers keep of it is Python's own."""
    defaults = {**valid(block), **(block.__init__.__kwdefaults__ or {})}
    arguments = {name: kind(value) for name, value in defaults.items() if type(value) in (int, float)}
    if "padding" in defaults:
        arguments["padding"] = kind(1)
    if kind in (np.int64, np.uint8):
        arguments.pop("drop_probability", None)
    given, plain = block(**arguments), block(**valid(block))
    assert str(given) == str(plain)
    for part in given.modules():
        numbers = [
            value for value in vars(part).values() if isinstance(value, np.generic | np.ndarray | Tensor)
        ]
        assert numbers == []


@pytest.mark.parametrize("value", [np.float64(2.5), np.float32(2.5), torch.tensor(2.5), np.array(2.5)])
def test_an_expansion_of_other_kinds(value: Any) -> None:
    assert str(InvertedResidual(8, 8, expansion=value)) == str(InvertedResidual(8, 8, expansion=2.5))


def test_the_whole_message() -> None:
    """The one that the design gives as the model."""
    message = (
        "InvertedResidual: stride must be 1 or 2, got 3."
        " Stride 2 halves height and width; to shrink more, stack blocks."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        InvertedResidual(8, 8, stride=3)


@pytest.mark.parametrize("block", [*WITH_NORM, SqueezeExcitation])
def test_every_keyword_is_described(block: type[nn.Module]) -> None:
    """In the block's docstring, where something is particular to it, else in the package's."""
    described = re.findall(r"^ +(\w+): ", f"{block.__doc__}\n{package.__doc__}", re.MULTILINE)
    assert set(block.__init__.__kwdefaults__) <= set(described)
    assert "Raises" not in block.__doc__


@pytest.mark.parametrize("block", [*WITH_NORM, SqueezeExcitation])
def test_no_other_arguments(block: type[nn.Module]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'kernel'"):
        block(**valid(block), kernel=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"body": nn.ReLU}, "Residual: body must be a Module, got "),
        ({"body": None}, "Residual: body must be a Module, got None"),
        ({"body": nn.ReLU(), "shortcut": "identity"}, "Residual: shortcut must be a Module or None, got "),
        ({"body": nn.ReLU(), "shortcut": nn.ReLU}, "Residual: shortcut must be a Module or None, got "),
        ({"body": nn.ReLU(), "act": nn.ReLU()}, "Residual: act must be None or a callable "),
    ],
)
def test_residual_refuses(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        Residual(**arguments)


@pytest.mark.parametrize("block", WITH_NORM)
def test_a_subclass_speaks_in_its_own_name(block: type[nn.Module]) -> None:
    mine = type("Mine", (block,), {})
    with pytest.raises(ValueError, match=r"^Mine: in_channels must be"):
        mine(0, 8)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.sampled_from((10**9, -(10**9), 10**300, -(10**300), 10**400)),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.lists(st.integers(), max_size=2),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
    st.complex_numbers(),
    st.decimals(),
    st.fractions(),
    st.sampled_from((object(), nn.ReLU, nn.ReLU(), int, len, print, lambda *_: None, fails, nn.Module)),
)
# What an argument may be; any other junk must be refused.
NUMBERS = {"expansion", "drop_probability"}
FACTORIES = {"norm", "act", "gate", "squeeze_excitation"}


def arguments_of(block: type[nn.Module]) -> list[str]:
    keywords = block.__init__.__kwdefaults__ or {}
    return [*valid(block), *keywords]


@pytest.mark.parametrize("block", [*WITH_NORM, SqueezeExcitation])
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_junk_is_refused_in_words_or_right(block: type[nn.Module], data: st.DataObject) -> None:
    """Whatever comes: a block, or a TypeError or ValueError in the house wording."""
    name, value = data.draw(st.sampled_from(arguments_of(block))), data.draw(JUNK)
    try:
        block(**{**valid(block), name: value})
    except (TypeError, ValueError) as error:
        assert re.match(rf"{block.__name__}: {name} must .+", str(error), re.DOTALL)  # noqa: PT017
        return
    if name in FACTORIES:
        assert value is None or callable(value)
        return
    allowed = {"stride_first": bool, "expansion": int | float, "drop_probability": int | float}
    assert isinstance(value, allowed.get(name, int)) or (
        value is None and name in ("padding", "squeezed_channels")
    )
    assert name == "stride_first" or not isinstance(value, bool)
