"""Every branch of every checker is needed: without it one of the known answers gets another diagnosis."""

import importlib

import pytest

from tests.branches import CORE, unnoticed
from tests.checkers import cases

CONVERTED = (
    "depthwise_separable",
    "fused_mbconv",
    "inverted_residual",
    "mbconv",
    "networks",
    "residual",
    "squeeze_excitation",
)


@pytest.mark.parametrize("concept", CONVERTED)
def test_every_branch_of_the_checkers_is_needed(concept: str) -> None:
    left = unnoticed(
        f"blocks.exercises.{concept}", cases(importlib.import_module(f"tests.test_exercises_{concept}"))
    )
    assert not left, "\n".join(left)


@pytest.mark.parametrize("module", CORE[:4])
def test_every_branch_of_the_core_is_needed(module: str) -> None:
    names = ("core", "residual")
    answers = [
        case for name in names for case in cases(importlib.import_module(f"tests.test_exercises_{name}"))
    ]
    left = unnoticed(module, answers)
    assert not left, "\n".join(left)
