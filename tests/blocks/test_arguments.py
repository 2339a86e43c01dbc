"""Bad arguments are refused at construction, in the house wording: who, what is allowed, what came."""

import inspect
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import blocks as package
from blocks import InvertedResidual
from blocks.stochastic_depth import StochasticDepth
from tests.blocks.bad import fails, rows
from tests.blocks.claims import Claims, claimed, claims

BLOCKS = [each.block for each in claimed()]
FOR_REQUIRED: dict[Any, Any] = {int: 8, float: 0.5, nn.Module: nn.ReLU()}


def cases() -> list[tuple[type[nn.Module], str, Any, type[Exception], str]]:
    """Block, argument, bad value, the error, and what the message says after the argument's name."""
    return [
        (claim.block, name, value, kind, text)
        for claim in (*claims().values(), Claims(StochasticDepth))
        for name, found in rows(claim).items()
        for kind, text, values in found
        for value in values
    ]


def parameters(block: type[nn.Module]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(block).parameters)


def valid(block: type[nn.Module]) -> dict[str, Any]:
    """The least that the block is made from."""
    return {
        name: FOR_REQUIRED[parameter.annotation]
        for name, parameter in parameters(block).items()
        if parameter.default is parameter.empty
    }


@pytest.mark.parametrize("block", claims())
def test_every_argument_has_bad_values(block: type[nn.Module]) -> None:
    """Of its name in bad.py, or in its chapter's block.py."""
    assert [name for name, found in rows(claims()[block]).items() if not found] == []


@pytest.mark.parametrize(("block", "name", "value", "kind", "text"), cases())
def test_refused(block: type[nn.Module], name: str, value: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=rf"^{block.__name__}: {name} {re.escape(text)}") as caught:
        block(**{**valid(block), name: value})
    assert type(caught.value) is kind
    assert re.search(r", got .+\.|, which ", str(caught.value), re.DOTALL)
    assert repr(value) in str(caught.value)


SAME_NUMBERS = [int, np.int64, np.uint8, np.array, torch.tensor]


@pytest.mark.parametrize("kind", SAME_NUMBERS)
@pytest.mark.parametrize("block", BLOCKS)
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


@pytest.mark.parametrize("block", BLOCKS)
def test_every_keyword_is_described(block: type[nn.Module]) -> None:
    """In the block's docstring, where something is particular to it, else in the package's."""
    described = re.findall(r"^ +(\w+): ", f"{block.__doc__}\n{package.__doc__}", re.MULTILINE)
    assert set(block.__init__.__kwdefaults__) <= set(described)
    assert "Raises" not in block.__doc__


@pytest.mark.parametrize("block", BLOCKS)
def test_no_other_arguments(block: type[nn.Module]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'kernel'"):
        block(**valid(block), kernel=3)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_subclass_speaks_in_its_own_name(block: type[nn.Module]) -> None:
    mine = type("Mine", (block,), {})
    first, *others = valid(block)
    with pytest.raises(ValueError, match=rf"^Mine: {first} must be"):
        mine(**{first: 0, **dict.fromkeys(others, 8)})


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


@pytest.mark.parametrize("block", BLOCKS)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_junk_is_refused_in_words_or_right(block: type[nn.Module], data: st.DataObject) -> None:
    """Whatever comes: a block, or a TypeError or ValueError in the house wording."""
    parameter = data.draw(st.sampled_from([*parameters(block).values()]))
    name, kind, value = parameter.name, parameter.annotation, data.draw(JUNK)
    try:
        block(**{**valid(block), name: value})
    except (TypeError, ValueError) as error:
        assert re.match(rf"{block.__name__}: {name} must .+", str(error), re.DOTALL)  # noqa: PT017
        return
    if "Callable" in str(kind):
        assert value is None or callable(value)
        return
    allowed = {bool: bool, float: int | float}.get(kind, int)
    assert isinstance(value, allowed) or (value is None and parameter.default is None)
    assert kind is bool or not isinstance(value, bool)
