"""What every checker of an exercise shares: one line of text for any answer, and never an exception."""

from collections.abc import Callable
from functools import wraps
from types import CodeType
from typing import Any


def checker(*, to_do: str, right: str) -> Callable[[Callable[[Any], str | None]], Callable[[Any], None]]:
    """Make a checker out of a diagnosis.

    The diagnosis gets the learner's answer and returns None if it is right, else what is wrong and
    where to look, without giving the solution away. The checker prints one line that begins with
    "Right", "Not yet" or "To do".

    Args:
        to_do: what to do, in words; printed for an untouched exercise: None, or a blank (`...`)
            still in the code.
        right: what the learner has just shown.
    """

    def decorate(diagnose: Callable[[Any], str | None]) -> Callable[[Any], None]:
        @wraps(diagnose)
        def check(answer: Any) -> None:
            if untouched(answer):
                print(f"To do: {to_do}")
                return
            try:
                wrong = diagnose(answer)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner's code may raise anything
                wrong = f"your answer raised {type(error).__name__}: {error}"
            print(f"Right: {right}" if wrong is None else f"Not yet: {wrong}")

        return check

    return decorate


def misnamed(answer: Any, faults: dict[str, str], hints: dict[str, str]) -> str | None:
    """What is wrong with an answer that names the fault of every suspect: the first that is not so.

    Args:
        answer: should be `faults`, suspect to fault.
        hints: suspect to where to look.
    """
    if not isinstance(answer, dict):
        return f'a dict such as {{"A": "groups lost", ...}} is needed, got {type(answer).__name__}.'
    for suspect, fault in faults.items():
        if answer.get(suspect) != fault:
            return f"{suspect} is not {answer.get(suspect)!r}: {hints[suspect]}"
    return None


def untouched(answer: Any) -> bool:
    """Whether an answer is still the stub: None, or `...` itself, among its values or in its code.

    >>> untouched(lambda x: x * ...), untouched(lambda x: x * 2)
    (True, False)
    """
    if answer is None or answer is ...:
        return True
    if isinstance(answer, dict):
        return any(value is ... for value in answer.values())
    parts = vars(answer).values() if isinstance(answer, type) else (answer,)
    return any(
        _has_blank(code) for part in parts if isinstance(code := getattr(part, "__code__", None), CodeType)
    )


def _has_blank(code: CodeType) -> bool:
    return any(
        const is ... or (isinstance(const, CodeType) and _has_blank(const)) for const in code.co_consts
    )
