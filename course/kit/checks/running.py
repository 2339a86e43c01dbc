"""Runs a learner's code, and says in words what is wrong with what it gives, before any number is compared.

The code gets copies of what it is given, and a thread of its own, which can be interrupted: a loop that
never ends would otherwise stop the notebook.
"""

import copy
import ctypes
import math
import numbers
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from course.kit.checks.errors import in_words

MOST = 10**15  # a larger number fills the line, or is too large for a float
LIMIT = 5.0  # seconds that one call of a learner's code may take
CHANGED = (
    "changes its input, the caller's tensor. Is there a `+=`, a name with `_` at its end, or `inplace=True`?"
)
NOTHING = "gives None. Is there a return?"
T = TypeVar("T")


class Slip(Exception):  # noqa: N818 - it tells of a learner's slip, and is printed as an answer
    """What is wrong with an answer, in words. A checker prints it."""


def within_time(action: Callable[[], T]) -> T:
    """What `action` gives, or raises; it is run in a thread of its own, without gradients.

    What is one single call of compiled code, such as `3 ** 10**8`, ends when it ends: it lets no other thread
    run meanwhile, not even this one. Only a process of its own could be ended, and that starts too slowly.

    Raises:
        Slip: it took longer than LIMIT seconds. Its thread gets a SystemExit, again and again until it
            ends, in case the code catches everything; one that sleeps meanwhile is left behind.
    """
    given: list[T] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            with torch.no_grad():
                given.append(action())
        except BaseException as error:  # noqa: BLE001 - whatever it is, the caller's thread raises it again
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        thread.join(LIMIT)
        late = thread.is_alive()
    finally:  # if the reader has interrupted the cell, too
        _stop(thread)
    if late:
        raise Slip(f"your code did not end within {LIMIT:g} s: is there a loop that never stops?")
    if raised:
        raise raised[0]
    return given[0]


def _stop(thread: threading.Thread) -> None:
    """End a thread that runs Python code."""
    for _ in range(100):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)
        )
        thread.join(0.01)


def called(answer: Any, *given: Any, setting: str, hint: str = "", none: bool = False) -> Any:
    """What `answer` gives for copies of the arguments.

    Args:
        setting: to be put before what is wrong, "with 4 channels in, 6 out".
        hint: to be put after it, if the code raised something.
        none: whether it may give None.

    Raises:
        Slip: it is no function, raised something, did not end, gave None, or changed a tensor or a module.
    """
    if isinstance(answer, nn.Module) or not callable(answer):
        raise Slip(f"a function is needed, got {_kind(answer)}.")
    own = copy.deepcopy(given)
    got = _in_words(lambda: answer(*own), setting, hint)
    if not all(map(_same, given, own)):
        raise Slip(f"{setting}: your function {CHANGED}")
    if got is None and not none:
        raise Slip(f"{setting}: your function {NOTHING}")
    return got


def _in_words(action: Callable[[], T], setting: str, hint: str = "") -> T:
    """What `action` gives in time; what it raises is put in words."""
    try:
        return within_time(action)
    except Slip as slip:
        raise Slip(f"{setting}: {slip}") from None
    except (Exception, SystemExit) as error:
        raise Slip(f"{setting}: {in_words(error)} {hint}".rstrip()) from error


def _same(before: Any, after: Any) -> bool:
    """Whether a tensor, or every tensor of a module or a tuple, is what it was."""
    if isinstance(before, Tensor):
        return before.shape == after.shape and torch.equal(before, after)
    if isinstance(before, nn.Module):
        return all(map(_same, before.state_dict().values(), after.state_dict().values()))
    return not isinstance(before, tuple | list) or all(map(_same, before, after))


def tensor(answer: Any, *given: Any, setting: str, hint: str = "") -> Tensor:
    """What `answer` gives for copies of the arguments, which must be one tensor.

    Raises:
        Slip: as `called` does, or it gives something else, or what is no number.
    """
    got = called(answer, *given, setting=setting, hint=hint)
    if wrong := no_tensor(got):
        raise Slip(f"{setting}: your function {wrong}")
    return got.detach()


def no_tensor(got: Any) -> str | None:
    """What is wrong with what should be a tensor of numbers, to be read after "your function"."""
    if got is None:
        return NOTHING
    if isinstance(got, tuple | list | dict):
        return f"gives {_kind(got)} where one tensor is needed. Look at its return."
    if not isinstance(got, Tensor):
        return f"gives {_kind(got)} where a tensor is needed. Look at its return."
    if got.device.type != "cpu":
        return "gives a tensor on another device. Leave out `.to(...)` and `device=`."
    if got.isnan().any():
        return "gives NaN (not a number). Is something divided by 0, or a root taken of what is negative?"
    return None


def whole(answer: Any, *given: Any, setting: str) -> int:
    """What `answer` gives, which must be a whole number: of Python, numpy or torch, 3.0 as good as 3.

    Raises:
        Slip: as `called` does, or it gives something else.
    """
    got = number(answer, *given, setting=setting)
    if not float(got).is_integer():
        raise Slip(f"{setting}: you get {got}, and a count is a whole number. Does // belong in place of /?")
    return int(got)


def number(answer: Any, *given: Any, setting: str) -> int | float:
    """What `answer` gives, which must be one number: of Python, numpy or torch.

    Raises:
        Slip: as `called` does, or it gives something else.
    """
    got = called(answer, *given, setting=setting)
    single = got.item() if isinstance(got, Tensor | np.ndarray | np.generic) and got.ndim == 0 else got
    if isinstance(single, bool) or not isinstance(single, numbers.Real):
        raise Slip(f"{setting}: you get {_kind(got)} where a number is needed.")
    large: Any = abs(single)
    if MOST < large < math.inf:
        raise Slip(
            f"{setting}: you get a number of more than 15 digits. Is there a `**` that should be a `*`?"
        )
    if not large < math.inf:
        raise Slip(f"{setting}: you get {single}, which is no number. Is something divided by 0?")
    return single  # type: ignore[return-value] # any real number will do


def _kind(value: Any) -> str:
    """What a value is, for a person."""
    if isinstance(value, str | bool | int | float):
        return repr(value)
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, nn.Module):
        return f"a module ({type(value).__name__})"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return f"a {type(value).__name__}"


def build(answer: Any, *given: Any, setting: str, **named: Any) -> nn.Module:
    """The module that a learner's class, or a function, builds from the arguments.

    Raises:
        Slip: it is an instance, it raised something or did not end, or what it builds is no Module.
    """
    if isinstance(answer, nn.Module):
        raise Slip(
            "this is one block, already built. Hand in the class, or the function, without calling it."
        )
    if not callable(answer):
        raise Slip(f"a class is needed, got {_kind(answer)}.")
    built = _in_words(lambda: answer(*given, **named), setting)
    if built is None:
        raise Slip(f"{setting}: your function {NOTHING}")
    if not isinstance(built, nn.Module):
        hint = "Does your class derive from nn.Module?"
        if isinstance(built, list | tuple):
            hint = "What makes one of several layers?"
        elif callable(built):
            hint = "Are its brackets missing?"
        elif isinstance(built, str):
            hint = "Look at its return."
        raise Slip(f"{setting}: a Module is needed, got {_kind(built)}. {hint}")
    return built
