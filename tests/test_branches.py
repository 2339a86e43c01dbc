"""Every branch of every checker is needed: without it one of the known answers gets another diagnosis."""

import importlib
from pathlib import Path

import pytest

from tests.branches import CORE, unnoticed
from tests.checkers import cases

CONCEPTS = sorted(
    path.stem.removeprefix("test_exercises_")
    for path in Path(__file__).parent.glob("test_exercises_*.py")
    if path.stem != "test_exercises_core"
)


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_branch_of_the_checkers_is_needed(concept: str) -> None:
    answers = importlib.import_module(f"tests.test_exercises_{concept}")
    modules = [f"course.kit.checks.{concept}"]
    left = unnoticed(modules, cases(answers, kinds=False))
    if left:  # those that are tried on every exercise may need what its own answers do not
        left = unnoticed(modules, cases(answers))
    assert not left, "\n".join(left)


def test_every_branch_of_the_core_is_needed() -> None:
    answers = (
        importlib.import_module(f"tests.test_exercises_{name}")
        for name in ("core", "residual", "linear_bottleneck")
    )
    left = unnoticed(CORE, [case for each in answers for case in cases(each)])
    assert not left, "\n".join(left)
