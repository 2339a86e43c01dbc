"""The checkers of every notebook: each answer gets its diagnosis, and nothing that is typed raises.

The answers stand in the folder of each chapter, in test_exercises.py; see checkers.py.
"""

from collections import Counter
from collections.abc import Iterator
from types import ModuleType

import pytest

from course import chapters
from tests.blocks.claims import module_of
from tests.course.checkers import Case, cases, wrong

# A chapter without its file is named by test_chapter_is_complete.
MODULES = [module for chapter in chapters() if (module := module_of(chapter.concept, "test_exercises"))]


def concept(module: ModuleType) -> str:
    return module.__name__.split(".")[2]


EXERCISES = [
    pytest.param(module, exercise, id=f"{concept(module)}-{exercise.check.__name__}")
    for module in MODULES
    for exercise in module.EXERCISES
]


QUICK = {"Right": 2, "Not yet": 4, "To do": 2}  # of an exercise's own answers; all the others are slow


def first_of_each_type() -> set[object]:
    """The checkers that meet KINDS, which say the same of every checker, in the quick tests."""
    first: dict[str, object] = {}
    for module in MODULES:
        for exercise in module.EXERCISES:
            first.setdefault(exercise.type, exercise.check)
    return set(first.values())


MEET_KINDS = first_of_each_type()


def params(module: ModuleType) -> Iterator[object]:
    """Every answer; those that add seconds and little news are marked as slow."""
    own = {(case.check, case.kind) for case in cases(module, kinds=False)}
    told: Counter[tuple[object, str]] = Counter()
    for case in cases(module):
        outcome = case.check, case.expected.partition(":")[0]
        is_own = (case.check, case.kind) in own
        told[outcome] += is_own
        quick = told[outcome] <= QUICK[outcome[1]] if is_own else case.check in MEET_KINDS
        name = f"{concept(module)}-{case.check.__name__}-{case.kind}"
        yield pytest.param(case, id=name, marks=() if quick else pytest.mark.slow)


ANSWERS = [param for module in MODULES for param in params(module)]


@pytest.mark.parametrize("case", ANSWERS)
def test_each_answer_gets_its_diagnosis(case: Case) -> None:
    assert wrong(case) is None


@pytest.mark.parametrize(("module", "exercise"), EXERCISES)
def test_each_exercise_has_answers_of_its_own(module: ModuleType, exercise: object) -> None:
    """Four wrong ones, no two of which share kind and phrase, and two right ones."""
    check = exercise.check  # type: ignore[attr-defined]
    told = Counter((kind, phrase) for own, _, kind, phrase in module.WRONG if own is check)
    assert len(told) >= 4
    assert max(told.values()) == 1
    assert sum(own is check for own, *_ in module.RIGHT) >= 2
