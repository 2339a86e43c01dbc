"""What the tests of all checkers share: how an answer is tried, and the kinds of answers tried on every one.

A notebook's exercises are recorded in test_exercises_<concept>.py: EXERCISES, WRONG and RIGHT. KINDS makes
further answers out of each exercise's right one.
"""

import contextlib
import functools
import io
import re
import time
import warnings
from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.kit.checks import running

Check = Callable[[Any], None]
TORCH_TEXT = r"expected one of|torch says|torch\.Size|<lambda>|at non-singleton|\bmeta\b|allclose|NoneType"

_QUOTED = "of your code, `"


class Exercise(NamedTuple):
    """An exercise: its checker, the type of its answer (a key of KINDS), and a right answer."""

    check: Check
    type: str
    right: Any


class Case(NamedTuple):
    """An answer, and the pattern that all of what the checker prints must match."""

    check: Check
    kind: str
    answer: Any
    expected: str


def said(check: Check, answer: Any, runs: Any = running) -> str:
    """What a checker prints. A call of the learner's code that does not end is waited for 0.05 s.

    Args:
        runs: the version of course.kit.checks.running that the checker uses.
    """
    out = io.StringIO()
    limit = runs.LIMIT
    runs.LIMIT = 0.05 if "endless" in getattr(answer, "__name__", "") else limit
    try:
        with contextlib.redirect_stdout(out):
            check(answer)
    finally:
        runs.LIMIT = limit
    return out.getvalue()


def wrong(case: Case) -> str | None:
    """What is wrong with what the case's checker prints; None if it is as it must be."""
    return unexpected(case, said(case.check, case.answer))


def unexpected(case: Case, printed: str) -> str | None:
    """What is wrong with what a version of the case's checker printed; None if it is as it must be."""
    line = printed.rstrip("\n").splitlines()[-1] if printed.strip() else ""
    if _QUOTED not in case.expected:  # else a phrase in the quoted line of a test would do
        line = re.sub(rf"{_QUOTED}.*?`(?=: )", "of your code", line)
    if not re.match(case.expected, line):
        return f"{case.kind}: {line!r} does not match {case.expected!r}"
    return f"{case.kind}: {line!r} is torch's text" if re.search(TORCH_TEXT, line) else None


def cases(module: ModuleType, *, kinds: bool = True) -> list[Case]:
    """All answers of a module of tests: its own and, with `kinds`, those of KINDS for each exercise."""
    own = [Case(check, f"right: {style}", answer, "Right: ") for check, answer, style in module.RIGHT]
    own += [
        Case(check, kind, answer, f"Not yet: .*(?:{phrase})") for check, answer, kind, phrase in module.WRONG
    ]
    own += [Case(check, kind, answer, "To do: ") for check, answer, kind in getattr(module, "TO_DO", ())]
    for exercise in module.EXERCISES:
        own.append(Case(exercise.check, "the right answer", exercise.right, "Right: "))
        own += [Case(exercise.check, f"junk: {junk!r:.16}", junk, "Not yet: ") for junk in JUNK if kinds]
        own += [
            Case(exercise.check, kind, make(exercise.right), expected)
            for kind, (make, expected) in KINDS[exercise.type].items()
            if kinds
        ]
    return own


JUNK = (print, (), object(), {"A": []}, torch.ones(2))
Kinds = dict[str, tuple[Callable[[Any], Any], str]]


def gives(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that changes what the right one gives."""
    return lambda right: lambda *given: change(right(*given))


def unchanged(answer: Any) -> Callable[[Any], Any]:
    """An answer that has nothing of the right one."""
    return lambda _: answer


def unknown_name(*_: Any, **__: Any) -> Any:
    return squeze  # type: ignore[name-defined] # noqa: F821 - the slip


def unknown_key(*_: Any, **__: Any) -> Any:
    raise KeyError("depth")


def leaves(*_: Any, **__: Any) -> Any:
    raise SystemExit(3)


def endless(*_: Any, **__: Any) -> Any:
    while True:
        time.sleep(0.001)


def endless_and_deaf(*_: Any, **__: Any) -> Any:
    while True:
        with contextlib.suppress(BaseException):
            sorted(range(100))


def conditional_blank(*given: Any, **__: Any) -> Any:
    if ...:
        given = given[1:]
    return given


def conditional_value(*given: Any, **__: Any) -> Any:
    return given[0] if ... else given[1]


def not_implemented(*_: Any, **__: Any) -> Any:
    """An answer that is yet to be written."""
    raise NotImplementedError


def nothing(*_: Any, **__: Any) -> Any:
    """An answer that is yet to be written."""


def passes(*_: Any, **__: Any) -> Any:
    pass


def decorated(right: Any) -> Any:
    @functools.wraps(right)
    def answer(*given: Any) -> Any:
        return right(*given)

    return answer


def with_a_print(right: Any) -> Any:
    def answer(*given: Any) -> Any:
        print("looking at", given[0])
        return right(*given)

    return answer


def with_a_warning(right: Any) -> Any:
    def answer(*given: Any) -> Any:
        warnings.warn("implicit dimension", stacklevel=1)
        return right(*given)

    return answer


class Callable_(NamedTuple):  # noqa: N801 - `Callable` is taken
    """An object that is called as a function is."""

    right: Any

    def __call__(self, *given: Any) -> Any:
        return self.right(*given)


def changes_its_input(right: Any) -> Any:
    def answer(*given: Any) -> Any:
        got = right(*given)
        next(x for x in given if isinstance(x, Tensor)).add_(1)
        return got

    return answer


TO_DO: Kinds = {
    "None": (unchanged(None), "To do: "),
    "an Ellipsis": (unchanged(...), "To do: "),
    "a blank": (unchanged(lambda: ...), "To do: "),
    "a blank in a condition": (unchanged(conditional_blank), "To do: "),
    "a blank in a conditional expression": (unchanged(conditional_value), "To do: "),
    "raise NotImplementedError": (unchanged(not_implemented), "To do: "),
    "only a docstring": (unchanged(nothing), "To do: "),
    "only pass": (unchanged(passes), "To do: "),
}
RAISES: Kinds = {
    "an unknown name": (unchanged(unknown_name), r"Not yet: .*line \d+ .*`squeze` is not known\. .*imported"),
    "another exception": (
        unchanged(unknown_key),
        r"Not yet: .*of your code, `raise KeyError\(\"depth\"\)`: nothing has the name 'depth'",
    ),
    "exit": (unchanged(leaves), "Not yet: .*it raised SystemExit"),
    "an endless loop": (
        unchanged(endless),
        "Not yet: [^:]*: your code did not end within 0.05 s: is there a",
    ),
    "an endless loop that catches all": (
        unchanged(endless_and_deaf),
        "Not yet: [^:]*: your code did not end within 0.05 s",
    ),
}
FUNCTION: Kinds = {
    **TO_DO,
    **RAISES,
    "no arguments": (
        unchanged(lambda: 0),
        r"Not yet: .*your function takes 0 positional arguments, and gets",
    ),
    "a list for a function": (unchanged([]), "Not yet: a function is needed, got a list"),
    "text for a function": (unchanged("x"), "Not yet: a function is needed, got 'x'"),
    "a number for a function": (unchanged(3), "Not yet: a function is needed, got 3"),
    "a module for a function": (
        unchanged(nn.ReLU()),
        r"Not yet: a function is needed, got a module \(ReLU\)",
    ),
    "decorated": (decorated, "Right: "),
    "a partial": (functools.partial, "Right: "),
    "an object that can be called": (Callable_, "Right: "),
    "a print": (with_a_print, "Right: "),
    "a warning": (with_a_warning, "Right: "),
}
RESULT: Kinds = {"no return": (gives(lambda _: None), r"Not yet: .*gives None\. Is there a return\?")}
TENSOR: Kinds = {
    **FUNCTION,
    **RESULT,
    "a tuple": (gives(lambda y: (y,)), "Not yet: .*gives a tuple where one tensor is needed"),
    "a list": (gives(lambda y: [y]), "Not yet: .*gives a list where one tensor is needed"),
    "a dict": (gives(lambda y: {"y": y}), "Not yet: .*gives a dict where one tensor is needed"),
    "a numpy array": (gives(lambda y: y.numpy()), "Not yet: .*gives a numpy array where a tensor is needed"),
    "one number": (gives(lambda y: y.sum().item()), r"Not yet: .*gives -?[\d.]+ where a tensor is needed"),
    "NaN": (gives(lambda y: y * float("nan")), r"Not yet: .*gives NaN \(not a number\)"),
    "the input changed": (changes_its_input, r"Not yet: .*changes its input, the caller's tensor"),
    "in float64": (gives(Tensor.double), "Right: "),
}
NUMBER: Kinds = {
    **FUNCTION,
    **RESULT,
    "text": (gives(str), r"Not yet: .*you get '[\d.]+' where a number is needed"),
    "a truth value": (gives(bool), r"Not yet: .*you get (True|False) where a number is needed"),
    "a truth value of numpy": (gives(np.bool_), r"Not yet: .*where a number is needed"),
    "a list": (gives(lambda n: [n]), "Not yet: .*you get a list where a number is needed"),
    "a complex number": (gives(complex), "Not yet: .*you get a complex where a number is needed"),
    "a tensor of several": (
        gives(lambda n: torch.tensor([n, n])),
        r"Not yet: .*a tensor of shape \(2,\) where",
    ),
    "too many digits": (
        gives(lambda _: 7**5000),
        r"Not yet: .*number of more than 15 digits\. Is there a `\*\*`",
    ),
    "no number": (gives(lambda _: float("nan")), "Not yet: .*you get nan, which is no number"),
    "a number of torch": (gives(lambda n: torch.tensor(n, dtype=torch.float64)), "Right: "),
    "an array of numpy": (gives(np.array), "Right: "),
    "a float of numpy": (gives(np.float64), "Right: "),
    "a float": (gives(float), "Right: "),
}
COUNT: Kinds = {
    **NUMBER,
    "a half too many": (gives(lambda n: n + 0.5), r"Not yet: .*a count is a whole number\. Does // belong"),
    "a whole number of numpy": (gives(np.int64), "Right: "),
    "a whole number of torch": (gives(torch.tensor), "Right: "),
    "a fraction": (gives(Fraction), "Right: "),
}


def forward_gives(change: Callable[..., Any]) -> Callable[[Any], Any]:
    """A class that changes what the forward of the right one gives, from itself, its input and its output."""

    def make(right: Any) -> Any:
        class Block(nn.Module):
            def __init__(self, *given: Any, **named: Any) -> None:
                super().__init__()
                self.right = right(*given, **named)

            def forward(self, x: Tensor) -> Any:
                return change(self, x, self.right(x))

        return Block

    return make


def hidden(keep: Callable[[nn.Module], Any]) -> Callable[[Any], Any]:
    """A class that keeps its layers where PyTorch does not see them."""

    def make(right: Any) -> Any:
        class Block(nn.Module):
            def __init__(self, *given: Any, **named: Any) -> None:
                super().__init__()
                self.layers = keep(right(*given, **named))

            def forward(self, x: Tensor) -> Any:
                return self.layers[0](x)  # type: ignore[index]

        return Block

    return make


def built_then(change: Callable[[nn.Module], Any]) -> Callable[[Any], Any]:
    """A function that builds the right one, and then changes it."""

    def make(right: Any) -> Any:
        def build(*given: Any, **named: Any) -> Any:
            built = right(*given, **named)
            change(built)
            return built

        return build

    return make


@torch.no_grad()
def uninitialized(built: nn.Module) -> None:
    """As `torch.empty` may leave the weights."""
    for parameter in built.parameters():
        parameter.fill_(float("nan"))


def in_float32(right: Any) -> Any:
    class Block(nn.Module):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__()
            self.right = right(*given, **named)

        def forward(self, x: Tensor) -> Any:
            return self.right(x.float())

    return Block


def with_an_empty_helper(right: Any) -> Any:
    class Block(nn.Module):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__()
            self.right = right(*given, **named)

        def reset(self) -> None:
            pass

        def forward(self, x: Tensor) -> Any:
            return self.right(x)

    return Block


def without_brackets(right: Any) -> Any:
    class Block(nn.Module):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__()
            self.right, self.act = right(*given, **named), nn.ReLU

        def forward(self, x: Tensor) -> Any:
            return self.act(self.right(x))

    return Block


def made_in_forward(right: Any) -> Any:
    class Block(nn.Module):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__()
            self.given, self.named = given, named

        def forward(self, x: Tensor) -> Any:
            return right(*self.given, **self.named).train(self.training)(x)

    return Block


def with_a_spare(right: Any) -> Any:
    class Block(nn.Module):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__()
            self.spare = nn.Linear(3, 3)
            self.right = right(*given, **named)

        def forward(self, x: Tensor) -> Any:
            return self.right(x)

    return Block


class WithoutSuper(nn.Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        self.size = 3

    def forward(self, x: Tensor) -> Tensor:
        return x


class LayerWithoutSuper(nn.Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(x)  # type: ignore[no-any-return]


class WithoutForward(nn.Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()
        self.act = nn.ReLU()


class NoModule:
    def __init__(self, *_: Any, **__: Any) -> None:
        self.size = 3


class NoArguments(nn.Module):
    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x


class BlankForward(nn.Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Any:
        return x if ... else F.relu(x)


class BlankLayer(nn.Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()
        self.act = ...

    def forward(self, x: Tensor) -> Any:
        return x


class EmptyForward(nn.Module):
    def forward(self, x: Tensor) -> Any:
        pass


class OnlyThePass(nn.Module):
    pass


def raises_in_init(slip: Callable[..., Any]) -> Callable[[Any], Any]:
    def make(_: Any) -> Any:
        def build(*_: Any, **__: Any) -> Any:
            return slip()

        build.__name__ = slip.__name__
        return build

    return make


def slips_in_forward(slip: Callable[..., Any]) -> Callable[[Any], Any]:
    def make(right: Any) -> Any:
        block = forward_gives(lambda *_: slip())(right)
        block.__name__ = slip.__name__
        return block

    return make


def noise(block: nn.Module, _: Tensor, y: Tensor) -> Tensor:
    return y + torch.randn_like(y) if block.training else y


def scaled_in_training(block: nn.Module, _: Tensor, y: Tensor) -> Tensor:
    return 1.1 * y if block.training else y


def changed_in_training(block: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    if block.training:
        x.add_(1)
    return y


def looked_at(_: nn.Module, __: Tensor, y: Tensor) -> Tensor:
    print(f"mean {y.mean().item():.2f}", f"largest {float(y.max())}", y[0, 0, 0])
    return y if y.sum() > 0 else y.clone()


NETWORK: Kinds = {
    "None": (unchanged(None), "To do: "),
    "only pass": (unchanged(OnlyThePass), "To do: "),
    "an instance": (unchanged(nn.ReLU()), "Not yet: this is one block, already built"),
    "a list for a class": (unchanged([]), "Not yet: a class is needed, got a list"),
    "builds text": (unchanged(lambda *_, **__: "a block"), "Not yet: .*a Module is needed, got 'a block'"),
    "no return": (forward_gives(lambda *_: None), r"Not yet: .*forward gives None\. Is there a return\?"),
    "builds None": (unchanged(lambda *_, **__: None), r"Not yet: .*gives None\. Is there a return\?"),
    "builds a list": (
        unchanged(lambda *_, **__: [nn.ReLU()]),
        "Not yet: .*a Module is needed, got a list. What makes one of several layers",
    ),
    "layers in a list": (hidden(lambda made: [made]), "Not yet: .*a plain list or dict hides them"),
    "an endless loop in init": (
        raises_in_init(endless),
        "Not yet: [^:]*: your code did not end within 0.05 s",
    ),
    "dropout": (
        forward_gives(lambda b, _, y: F.dropout(y, 0.5, b.training)),
        "Not yet: .*Is there a dropout",
    ),
}
BLOCK: Kinds = {
    **NETWORK,
    "an Ellipsis": (unchanged(...), "To do: "),
    "a blank in the forward": (unchanged(BlankForward), "To do: "),
    "a blank for a layer": (unchanged(BlankLayer), "To do: "),
    "an empty forward": (unchanged(EmptyForward), "To do: "),
    "a tuple": (forward_gives(lambda *a: (a[2], a[2])), "Not yet: .*forward gives a tuple where one tensor"),
    "a dict": (forward_gives(lambda *a: {"y": a[2]}), "Not yet: .*forward gives a dict where one tensor"),
    "one number": (forward_gives(lambda *_: 3), "Not yet: .*forward gives 3 where a tensor is needed"),
    "NaN": (forward_gives(lambda *a: a[2] / 0 * 0), "Not yet: .*forward gives NaN"),
    "no super": (unchanged(WithoutSuper), r"Not yet: .*`__init__` must call `super\(\).__init__\(\)` first"),
    "layers, no super": (
        unchanged(LayerWithoutSuper),
        r"Not yet: .*line \d+ .*must call `super\(\).__init__\(\)` first",
    ),
    "no forward": (unchanged(WithoutForward), "Not yet: .*your class has no `forward`"),
    "no Module": (unchanged(NoModule), r"Not yet: .*got a NoModule\. Does your class derive from nn.Module"),
    "no arguments": (unchanged(NoArguments), "Not yet: .*NoArguments.__init__` (takes|does not take)"),
    "layers in a dict": (hidden(lambda made: {0: made}), "Not yet: .*a plain list or dict hides them"),
    "layers made in forward": (made_in_forward, "Not yet: .*makes new layers in every call"),
    "no brackets": (
        without_brackets,
        "Not yet: .*`self.act` is the class ReLU, not a layer. Are its brackets",
    ),
    "dropout in eval mode, too": (
        forward_gives(lambda *a: F.dropout(a[2])),
        "Not yet: .*in eval mode its output changes from call to call",
    ),
    "noise": (forward_gives(noise), "Not yet: .*in training its output changes by chance"),
    "scaled in training": (forward_gives(scaled_in_training), "Not yet: .*in training its output is another"),
    "input changed in training": (
        forward_gives(changed_in_training),
        "Not yet: .*in training it changes its",
    ),
    "input changed": (
        forward_gives(lambda _, x, y: (y.clone(), x.add_(1))[0]),
        "Not yet: [^:]*: it changes its input",
    ),
    "a layer too many": (with_a_spare, "Not yet: .*Are there modules that its forward does not use"),
    "unknown name in init": (
        raises_in_init(unknown_name),
        r"Not yet: with .*line \d+.*`squeze` is not known",
    ),
    "unknown name": (
        slips_in_forward(unknown_name),
        r"Not yet: .*its forward fails: line \d+.*`squeze` is not",
    ),
    "exit": (slips_in_forward(leaves), r"Not yet: .*its forward fails: .*it raised SystemExit"),
    "an endless loop": (slips_in_forward(endless), "Not yet: [^:]*: your code did not end within 0.05 s"),
    "detached": (forward_gives(lambda *a: a[2].detach()), "Not yet: .*its parameters get no gradient: is"),
    "a batch of two": (
        forward_gives(lambda *a: a[2].view(2, *a[2].shape[1:])),
        "Not yet: .*: with one sample its forward fails: .*numbers cannot take the shape",
    ),
    "another output": (forward_gives(lambda *a: a[2] + 1), "Not yet: "),
    "a copy": (forward_gives(lambda *a: a[2].clone()), "Right: "),
    "float32 inside": (in_float32, "Right: "),
    "weights of torch.empty": (built_then(uninitialized), "Right: "),
    "an empty helper": (with_an_empty_helper, "Right: "),
    "a look at the values": (forward_gives(looked_at), "Right: "),
    "a function that builds": (functools.partial, "Right: "),
    "layers in a ModuleList": (hidden(lambda made: nn.ModuleList([made])), "Right: "),
}


def renamed(change: Callable[[str], Any], *, all_of_them: bool = False) -> Callable[[Any], Any]:
    """The right names but for the last, or for all."""

    def make(right: dict[str, str]) -> dict[str, Any]:
        last = list(right)[-1]
        return {k: change(name) if all_of_them or k == last else name for k, name in right.items()}

    return make


ALLOWED = "Not yet: [A-Z] must have one of the names '.*', got "
LETTERS = "Not yet: the letters must be 'A'.*each with one of the names '.*got "
NAMES: Kinds = {
    "None": (unchanged(None), "To do: "),
    "a blank": (renamed(lambda _: ...), "To do: "),
    "all blanks": (renamed(lambda _: ..., all_of_them=True), "To do: "),
    "a capital": (renamed(str.swapcase), f"{ALLOWED}.* Do you mean '"),
    "a typo": (renamed(lambda name: name[:-1]), f"{ALLOWED}.* Do you mean '"),
    "a copied bracket": (renamed(lambda name: f"{name} (see its steps)"), ALLOWED),
    "another name": (renamed(lambda _: "too slow"), f"{ALLOWED}'too slow'\\.$"),
    "no text": (renamed(lambda _: []), f"{ALLOWED}\\[\\]\\.$"),
    "small letters": (lambda right: {k.lower(): name for k, name in right.items()}, LETTERS),
    "a letter missing": (lambda right: dict(list(right.items())[1:]), LETTERS),
    "a letter too many": (lambda right: {**right, "Z": next(iter(right.values()))}, LETTERS),
    "a list": (lambda right: list(right.values()), "Not yet: a dict is needed, .*got list"),
    "text": (lambda right: next(iter(right.values())), "Not yet: a dict is needed, .*got str"),
    "in another order": (lambda right: dict(reversed(right.items())), "Right: "),
}
KINDS: dict[str, Kinds] = {
    "function": FUNCTION,
    "tensor": TENSOR,
    "number": NUMBER,
    "count": COUNT,
    "block": BLOCK,
    "network": NETWORK,
    "names": NAMES,
}
