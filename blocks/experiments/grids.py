"""Stored results of whole experiments over several seeds, too slow to run live. `make grids` makes them."""

import functools
import json
from importlib import resources
from typing import Any

from blocks.experiments import data
from blocks.experiments.runs import Run

NAMES = (
    "scoreboard",
    "depthwise_separable.comparison",
    "depthwise_separable.rank_dial",
    "inverted_residual.expansion",
    "squeeze_excitation.cue_task",
    "squeeze_excitation.plain_digits",
)
"""An experiment's file, and its function there where the file has several."""


def grid(name: str) -> tuple[Run, ...]:
    """The stored rows of one experiment, one of NAMES: every setting with every seed.

    Raises:
        ValueError: `name` is none of NAMES.
    """
    if name not in NAMES:
        raise ValueError(f"grid: name must be one of {', '.join(NAMES)}, got {name!r}.")
    return tuple(Run(*row) for row in _stored()["grids"][name])


def made() -> dict[str, str]:
    """How the grids were made: command, date, versions, CPU cores, seconds."""
    return dict(_stored()["made"])


@functools.cache
def _stored() -> dict[str, Any]:
    return json.loads(resources.files(data).joinpath("grids.json").read_text(encoding="utf-8"))
