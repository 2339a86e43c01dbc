"""What every checker of an exercise shares: one line of text for any answer, and never an exception."""

import difflib
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from torch import Tensor

from course.kit.checks.blanks import untouched
from course.kit.checks.errors import in_words
from course.kit.checks.running import Slip, whole


def checker(*, to_do: str, right: str) -> Callable[[Callable[[Any], str | None]], Callable[[Any], None]]:
    """Make a checker out of a diagnosis.

    The diagnosis gets the learner's answer and returns None if it is right, else what is wrong and
    where to look, without giving the solution away; a Slip that it raises is such a text, too. The
    checker prints one line that begins with "Right", "Not yet" or "To do".

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
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # the reader gets one line, in our words
                    wrong = diagnose(answer)
            except Slip as slip:
                wrong = str(slip)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner's code may raise anything
                wrong = in_words(error)
            print(f"Right: {right}" if wrong is None else f"Not yet: {wrong}")

        return check

    return decorate


_PHRASES = {
    "in_channels": "{} channels in",
    "out_channels": "{} out",
    "channels": "{} channels",
    "kernel_size": "a {0}x{0} kernel",
    "size": "a map of {0[0]}x{0[1]}",
}


def described(names: Sequence[str], values: Sequence[Any]) -> str:
    """A setting in words.

    >>> described(("in_channels", "out_channels", "kernel_size", "stride"), (4, 6, 3, 2))
    'with 4 channels in, 6 out, a 3x3 kernel, stride 2'
    """
    words = (
        _PHRASES[name].format(value) if name in _PHRASES else f"{name.replace('_', ' ')} {value}"
        for name, value in zip(names, values, strict=True)
    )
    return f"with {', '.join(words)}"


def unlike(
    got: Tensor, right: Tensor, known: Mapping[str, Tensor], *, shape: str = "", otherwise: str
) -> str | None:
    """How a tensor differs from the right one; None if it does not.

    Args:
        known: what known mistakes give, by diagnosis. One that gives another shape may be among them.
        shape: where to look if the shape is another, and no known mistake gives it.
        otherwise: where to look if the numbers are others, and no known mistake gives them.
    """
    if close(got, right):
        return None
    for words, wrong in known.items():
        if close(got, wrong):
            return words
    if got.shape != right.shape:
        return f"the shape is {tuple(got.shape)}, expected {tuple(right.shape)}{shape}"
    return otherwise


def close(got: Tensor, right: Tensor, tolerance: float = 1e-5) -> bool:
    """Whether two tensors have the same shape and, but for rounding, the same numbers."""
    if got.shape != right.shape:
        return False
    got, right = got.detach().double(), right.detach().double()
    least = right.abs().max() if right.numel() else 1.0
    return bool(((got - right).abs() <= tolerance * least).all())


def miscounted(
    answer: Any,
    names: Sequence[str],
    settings: Sequence[Sequence[Any]],
    right: Callable[..., int],
    known: Callable[..., Mapping[str, float]],
    *,
    otherwise: str,
) -> str | None:
    """What is wrong with a function that counts; None if it is right in every setting.

    A known mistake is named only if it gives the learner's number wherever that is wrong: in one setting two
    mistakes may come to the same. Of several the one is named that gives most of the right ones, too.

    Args:
        names: of the arguments, for the reader.
        settings: their values; `answer`, `right` and the known mistakes are called with them by position.
        known: what known mistakes give in a setting, by diagnosis; {0}, {1} in it are values of the setting.
        otherwise: where to look if no known mistake gives these numbers.
    """
    tried = []
    for values in settings:
        setting = "for " + ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
        got = whole(answer, *values, setting=setting)
        tried.append((setting, values, got, got - right(*values), known(*values)))
    wrong = [each for each in tried if each[3]]
    if not wrong:
        return None
    setting, values, got, off, mistakes = wrong[0]
    fitting = [words for words in mistakes if all(got == counts[words] for *_, got, _, counts in wrong)]
    if fitting:
        words = max(fitting, key=lambda words: sum(got == counts[words] for *_, got, _, counts in tried))
        return f"{setting} you get {got:,}. {words.format(*values)}"
    return f"{setting} you get {got:,}, which is {abs(off):,} too {'many' if off > 0 else 'few'}. {otherwise}"


def misnamed(answer: Any, faults: Mapping[str, str], hints: Mapping[str, str]) -> str | None:
    """What is wrong with an answer that names something for each letter, the faults of suspects, say.

    Letters and names are taken as they are written in the exercise, and are looked at before any of them is
    judged.

    Args:
        answer: should be `faults`, letter to name; the names to choose from are its values.
        hints: letter to where to look.
    """
    names = sorted(set(faults.values()))
    listed = ", ".join(map(repr, names))
    letters = ", ".join(map(repr, faults))
    if not isinstance(answer, dict):
        return (
            f"a dict is needed, from the letters {letters} to the names {listed}; got"
            f" {type(answer).__name__}."
        )
    if set(answer) != set(faults):
        return f"the letters must be {letters}, each with one of the names {listed}; got {list(answer)}."
    for letter, name in answer.items():
        if name not in names:
            near = difflib.get_close_matches(str(name).strip().lower(), map(str.lower, names), 1, 0.7)
            meant = next((each for each in names if [each.lower()] == near), "")
            hint = f" Do you mean {meant!r}?" if meant else ""
            return f"{letter} must have one of the names {listed}, got {name!r}.{hint}"
    for letter, fault in faults.items():
        if answer[letter] != fault:
            return f"{letter} is not {answer[letter]!r}: {hints[letter]}"
    return None
