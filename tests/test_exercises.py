"""The checkers of every notebook: each known answer gets its diagnosis, and nothing that is typed raises.

The answers stand in test_exercises_*.py, one file for each notebook, as CASES; its checkers as CHECKS.
"""

import importlib
from pathlib import Path
from typing import Any

import pytest

from tests.checkers import Check, assert_diagnosed, assert_never_raises

MODULES = [
    importlib.import_module(f"tests.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("test_exercises_*.py"))
]


@pytest.mark.parametrize(
    ("check", "answer", "expected"), [case for module in MODULES for case in module.CASES]
)
def test_each_answer_gets_its_diagnosis(
    check: Check, answer: Any, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_diagnosed(check, answer, expected, capsys)


@pytest.mark.parametrize("check", [check for module in MODULES for check in module.CHECKS])
def test_nothing_a_learner_types_raises(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    assert_never_raises(check, capsys)
