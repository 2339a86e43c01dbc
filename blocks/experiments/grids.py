"""Stored results of whole experiments over several seeds, too slow to run live. `make grids` makes them."""

import functools
import json
from importlib import resources
from typing import Any

from blocks.experiments import data
from blocks.experiments.runs import Run

_FOLDER = resources.files(data) / "grids"
NAMES = tuple(sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir()))
"""An experiment's file, and its function there where the file has several."""


def grid(name: str) -> tuple[Run, ...]:
    """The stored rows of one experiment, one of NAMES: every setting with every seed.

    Raises:
        ValueError: `name` is none of NAMES.
    """
    return tuple(Run(*row) for row in _stored(name)["rows"])


def made(name: str) -> dict[str, str]:
    """How the grid was made: command, date, versions, CPU cores.

    Raises:
        ValueError: `name` is none of NAMES.
    """
    return dict(_stored(name)["made"])


@functools.cache
def _stored(name: str) -> dict[str, Any]:
    if name not in NAMES:
        raise ValueError(f"grid: name must be one of {', '.join(NAMES)}, got {name!r}.")
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
