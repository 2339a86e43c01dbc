"""The exercises in the notebooks: untouched they say what to do, and the folded solutions are right."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.course.test_notebooks import CONCEPTS, Exercise, code, exercises
from tools import links

CASES = [
    pytest.param(path, exercise, id=f"{path.stem}: {exercise.title}")
    for path in CONCEPTS
    for exercise in exercises(nbformat.read(path, as_version=4))
    if exercise.stub is not None
]


def names_of(path: Path) -> dict[str, Any]:
    """The names that a notebook's first code cell behind its setup cell, the imports, defines."""
    names: dict[str, Any] = {"__name__": "exercise"}
    cells = code(nbformat.read(path, as_version=4))
    run(cells[links.SETUP in cells[0].metadata.get("tags", ())].source, names)
    return names


def run(source: str, names: dict[str, Any]) -> None:
    exec(source, names)  # noqa: S102 - the code of our own notebooks, which is what is tested here


@pytest.mark.parametrize(("path", "exercise"), CASES)
def test_untouched_says_what_to_do(
    path: Path, exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    run(exercise.stub.source, names_of(path))
    assert re.match(r"To do: .+", capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize(("path", "exercise"), CASES)
def test_the_solution_is_right(path: Path, exercise: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    names = names_of(path)
    (answer,) = re.findall(r"```python\n(.*?)```", exercise.solution, re.DOTALL)
    run(answer, names)
    run(exercise.stub.source.splitlines()[-1], names)
    assert re.match(r"Right: .+", capsys.readouterr().out.splitlines()[-1])
