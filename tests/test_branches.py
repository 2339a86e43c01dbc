"""Every branch of every checker is needed: without it one of the known answers gets another diagnosis."""

import importlib

import pytest

from tests.branches import unnoticed
from tests.checkers import cases

CONVERTED = ("residual",)


@pytest.mark.parametrize("concept", CONVERTED)
def test_every_branch_of_the_checkers_is_needed(concept: str) -> None:
    left = unnoticed(concept, cases(importlib.import_module(f"tests.test_exercises_{concept}")))
    assert not left, "\n".join(left)
