"""Stored results of whole experiments over several seeds, too slow to run live. `make grids` makes them."""

import functools
import json
import re
from importlib import resources
from typing import Any

from course.kit.training.runs import Run


def grid(name: str) -> tuple[Run, ...]:
    """The stored rows of one experiment: every setting with every seed.

    Args:
        name: "inverted_residual.expansion" for the experiment `expansion` in the folder of that chapter.

    Raises:
        ValueError: there is no such chapter, or its folder `runs` has no such rows.
    """
    return tuple(Run(*row) for row in _stored(name)["rows"])


def made(name: str) -> dict[str, str]:
    """How the grid was made: command, date, versions, CPU cores.

    Raises:
        ValueError: there is no such grid.
    """
    return dict(_stored(name)["made"])


@functools.cache
def _stored(name: str) -> dict[str, Any]:
    if re.fullmatch(r"\w+\.\w+", name):
        concept, experiment = name.split(".")
        file = resources.files("course").joinpath(concept, "runs", f"{experiment}.json")
        if file.is_file():
            return dict(json.loads(file.read_text(encoding="utf-8")))
    raise ValueError(
        f"grid: name must be a chapter and an experiment with stored runs, such as"
        f" 'inverted_residual.expansion', got {name!r}."
    )
