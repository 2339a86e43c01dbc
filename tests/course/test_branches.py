"""Every branch of every checker is needed: without it one of the known answers gets another diagnosis."""

import importlib

import pytest

from course import chapters
from tests.course.branches import CORE, unnoticed
from tests.course.checkers import cases

pytestmark = pytest.mark.slow
CONCEPTS = [chapter.concept for chapter in chapters() if chapter.exercises]


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_branch_of_the_checkers_is_needed(concept: str) -> None:
    answers = importlib.import_module(f"tests.course.{concept}.test_exercises")
    modules = [f"course.{concept}.exercises"]
    left = unnoticed(modules, cases(answers, kinds=False))
    if left:  # those that are tried on every exercise may need what its own answers do not
        left = unnoticed(modules, cases(answers))
    assert not left, "\n".join(left)


def test_every_branch_of_the_core_is_needed() -> None:
    answers = (
        importlib.import_module(f"tests.course.{name}")
        for name in ("test_exercises_core", "residual.test_exercises", "linear_bottleneck.test_exercises")
    )
    left = unnoticed(CORE, [case for each in answers for case in cases(each)])
    assert not left, "\n".join(left)
