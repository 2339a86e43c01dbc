"""The name of what a function makes: by it a page without a kernel knows what a stored output is of."""

import functools
from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar


class _HasName(Protocol):
    name: str


Arguments = ParamSpec("Arguments")
Made = TypeVar("Made", bound=_HasName)


def with_name(make: Callable[Arguments, Made]) -> Callable[Arguments, Made]:
    """The same function, whose explorers or predictions have its name."""

    @functools.wraps(make)
    def made(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Made:
        one = make(*args, **kwargs)
        one.name = make.__name__
        return one

    return made
