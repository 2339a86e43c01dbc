"""Stored rows of whole experiments over ten seeds, too slow to run live. `make grids` makes them."""

import functools
import json
import re
from importlib import resources
from typing import Any

from course.kit.training.runs import Run

INSTALLED = "as installed"
"""The arithmetic of a run on the machine as it is; the others are those of tools/grids.py."""
COLUMNS = (
    "trained",
    "setting",
    "seed",
    "accuracy",
    "train_accuracy",
    "parameters",
    "weights",
    "seconds",
    "made",
    "error",
)
"""Of a stored row. What was trained, for one network may give several rows; those of `Run`; how long the
training took; the number in "made" of how and where; and what went wrong, if the run failed."""


def grid(name: str, arithmetic: str = INSTALLED) -> tuple[Run, ...]:
    """The stored rows of one experiment: every setting with every seed.

    Args:
        name: "inverted_residual.expansion" for the experiment `expansion` in the folder of that chapter.
        arithmetic: with which the runs were made.

    Raises:
        ValueError: there is no such chapter, or its folder `runs` has no such rows.
    """
    found = stored(name)
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in found["rows"])
    return tuple(
        Run(**{field: row[field] for field in Run.__dataclass_fields__})
        for row in rows
        if not row["error"] and found["made"][row["made"]]["arithmetic"] == arithmetic
    )


def made(name: str) -> tuple[dict[str, Any], ...]:
    """How and where the rows were made: command, date, versions, machine, arithmetic, environment.

    Raises:
        ValueError: there is no such grid.
    """
    return tuple(stored(name)["made"])


@functools.cache
def stored(name: str) -> dict[str, Any]:
    """The file as it is: "made" and "rows", see COLUMNS.

    Raises:
        ValueError: there is no such grid.
    """
    if re.fullmatch(r"\w+\.\w+", name):
        concept, experiment = name.split(".")
        file = resources.files("course").joinpath(concept, "runs", f"{experiment}.json")
        if file.is_file():
            return dict(json.loads(file.read_text(encoding="utf-8")))
    raise ValueError(
        f"grid: name must be a chapter and an experiment with stored runs, such as"
        f" 'inverted_residual.expansion', got {name!r}."
    )
