"""Run every experiment over all seeds; store its rows, and two studied networks. Takes 5 to 15 minutes.

Writes grids.json, cue_task.pt and plain_digits.pt into blocks/experiments/data. Authors only: `make grids`.
"""

import datetime as dt
import json
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path

import torch

from blocks.experiments import depthwise_separable, gates, inverted_residual, scoreboard, squeeze_excitation
from blocks.experiments.grids import NAMES
from blocks.experiments.runs import Run

FOLDER = Path(__file__).parents[1] / "blocks" / "experiments" / "data"
SEEDS = (0, 1, 2, 3)
PROCESSES = 2  # each on one thread, so the numbers do not depend on it


def cue_task(seed: int) -> tuple[Run, ...]:
    """Rows of the cue task, and its control; the network of the first seed is kept."""
    first, *others = _study("cue_task", squeeze_excitation.cue_task(seed), seed)
    return (first, squeeze_excitation.cue_control(seed), *others)


def plain_digits(seed: int) -> tuple[Run, ...]:
    """Rows of the plain digits; the network of the first seed is kept."""
    return _study("plain_digits", squeeze_excitation.plain_digits(seed), seed)


def _study(name: str, study: gates.GateStudy, seed: int) -> tuple[Run, ...]:
    if seed == SEEDS[0]:
        torch.save(study.network.state_dict(), FOLDER / f"{name}.pt")
    return gates.rows(study, seed)


EXPERIMENTS: dict[str, Callable[[int], tuple[Run, ...]]] = {
    "scoreboard": scoreboard.scoreboard,
    "depthwise_separable.comparison": depthwise_separable.comparison,
    "depthwise_separable.rank_dial": depthwise_separable.rank_dial,
    "inverted_residual.expansion": inverted_residual.expansion,
    "squeeze_excitation.cue_task": cue_task,
    "squeeze_excitation.plain_digits": plain_digits,
}


def measure(name: str, seed: int) -> list[list[object]]:
    """The rows of one experiment and seed, in their stored form."""
    torch.set_num_threads(1)
    rows = [list(astuple(run)) for run in EXPERIMENTS[name](seed)]
    print(f"{name}, seed {seed}: {len(rows)} rows", flush=True)
    return [[setting, seed, round(accuracy, 4), parameters] for setting, seed, accuracy, parameters in rows]


def write(grids: dict[str, list[list[object]]], seconds: float) -> None:
    """One row a line, so that a change shows as one in a diff."""
    made = {
        "command": "make grids",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": f"{os.cpu_count()} CPU cores, {PROCESSES} processes of one thread each",
        "seconds": f"{seconds:.0f}",
    }
    blocks = []
    for name, rows in grids.items():
        lines = ",\n".join(f"   {json.dumps(row)}" for row in rows)
        blocks.append(f"  {json.dumps(name)}: [\n{lines}\n  ]")
    text = f'{{\n "made": {json.dumps(made)},\n "grids": {{\n' + ",\n".join(blocks) + "\n }\n}\n"
    (FOLDER / "grids.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    start = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        waiting = {name: [pool.submit(measure, name, seed) for seed in SEEDS] for name in NAMES}
        found = {name: [row for job in jobs for row in job.result()] for name, jobs in waiting.items()}
    write(found, time.perf_counter() - start)
