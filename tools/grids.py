"""Run experiments over all seeds; store their rows, and two studied networks. Authors only: `make grids`.

    python tools/grids.py [NAME ...]

Without names all of them, which takes a quarter of an hour or more. Writes grids/NAME.json, and the networks
cue_task.pt and plain_digits.pt, into blocks/experiments/data.
"""

import datetime as dt
import json
import os
import platform
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path

import torch

from blocks.experiments import (
    bottleneck,
    conv_norm_act,
    depthwise_separable,
    fused_mbconv,
    gates,
    inverted_residual,
    linear_bottleneck,
    mbconv,
    residual,
    scoreboard,
    squeeze_excitation,
    untrained,
)
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
    "conv_norm_act.rates": conv_norm_act.rates,
    "bottleneck.comparison": bottleneck.comparison,
    "depthwise_separable.comparison": depthwise_separable.comparison,
    "depthwise_separable.rank_dial": depthwise_separable.rank_dial,
    "fused_mbconv.comparison": fused_mbconv.comparison,
    "inverted_residual.expansion": inverted_residual.expansion,
    "linear_bottleneck.narrow_end": linear_bottleneck.narrow_end,
    "mbconv.squeeze_excitation": mbconv.squeeze_excitation,
    "residual.depth": residual.depth,
    "residual.deletion": residual.deletion,
    "residual.probe": untrained.probe,
    "squeeze_excitation.cue_task": cue_task,
    "squeeze_excitation.plain_digits": plain_digits,
}


def measure(name: str, seed: int) -> list[list[object]]:
    """The rows of one experiment and seed, in their stored form."""
    torch.set_num_threads(1)
    rows = [list(astuple(run)) for run in EXPERIMENTS[name](seed)]
    print(f"{name}, seed {seed}: {len(rows)} rows", flush=True)
    return [[setting, seed, round(accuracy, 4), parameters] for setting, seed, accuracy, parameters in rows]


def made(name: str) -> dict[str, str]:
    """What the rows depend on."""
    return {
        "command": f"python tools/grids.py {name}",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": f"{os.cpu_count()} CPU cores, {PROCESSES} processes of one thread each",
    }


def write(name: str, rows: list[list[object]], how: dict[str, str]) -> None:
    """One row a line, so that a change shows as one in a diff."""
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    text = f'{{\n "made": {json.dumps(how)},\n "rows": [\n{lines}\n ]\n}}\n'
    (FOLDER / "grids" / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    names = sys.argv[1:] or list(EXPERIMENTS)
    if unknown := set(names) - set(EXPERIMENTS):
        sys.exit(f"grids: {', '.join(unknown)} is none of {', '.join(EXPERIMENTS)}")
    with ProcessPoolExecutor(PROCESSES) as pool:
        waiting = {name: [pool.submit(measure, name, seed) for seed in SEEDS] for name in names}
        for name, jobs in waiting.items():
            write(name, [row for job in jobs for row in job.result()], made(name))
