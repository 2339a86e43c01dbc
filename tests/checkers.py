"""What every test of a notebook's checkers does: a diagnosis for each answer, and nothing that raises."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

Check = Callable[[Any], None]


def raising(*_: Any, **__: Any) -> Any:
    raise SystemExit(3)


JUNK = [3, "x", [], {}, object(), int, print, raising, lambda: 0, nn.ReLU(), (), {"A": []}, torch.ones(2)]
STUBS = [None, ..., lambda: ..., {"A": ...}]


def assert_diagnosed(check: Check, answer: Any, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The checker prints one line, which matches `expected`."""
    check(answer)
    printed = capsys.readouterr().out
    assert re.match(expected, printed.rstrip("\n")), printed
    assert printed.count("\n") == 1


def assert_never_raises(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a learner types gets a diagnosis, and a stub what to do."""
    for junk in JUNK:
        check(junk)
        assert "Not yet: " in capsys.readouterr().out, junk
    for stub in STUBS:
        check(stub)
        assert re.match(r"To do: .+\n$", capsys.readouterr().out), stub
