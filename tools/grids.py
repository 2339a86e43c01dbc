"""Run experiments over all seeds; store their rows, and two studied networks. Authors only: `make grids`.

    python tools/grids.py [NAME ...]

Without names all of them, which takes half an hour. Of CHAPTER.EXPERIMENT it writes
course/CHAPTER/runs/EXPERIMENT.json; for squeeze-and-excitation also the studied network, EXPERIMENT.pt.
"""

import datetime as dt
import json
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path

import torch

from course import chapters
from course.squeeze_excitation import experiment as studies

ROOT = Path(__file__).parents[1] / "course"
SEEDS = (0, 1, 2, 3)
PROCESSES = 2  # each on one thread, so the numbers do not depend on it
EXPERIMENTS = {
    f"{chapter.concept}.{name}": (chapter, reference)
    for chapter in chapters()
    for name, reference in chapter.runs.items()
}
STUDIES = {
    "squeeze_excitation.cue_task": studies.cue_task,
    "squeeze_excitation.plain_digits": studies.plain_digits,
}


def measure(name: str, seed: int) -> list[list[object]]:
    """The rows of one experiment and seed, in their stored form."""
    torch.set_num_threads(1)
    chapter, reference = EXPERIMENTS[name]
    rows = [list(astuple(run)) for run in chapter.resolve(reference)(seed)]
    if name in STUDIES and seed == SEEDS[0]:  # the study is kept, so this trains nothing again
        torch.save(STUDIES[name](seed).network.state_dict(), file(name).with_suffix(".pt"))
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


def file(name: str) -> Path:
    """Where the rows of an experiment are stored."""
    concept, experiment = name.split(".")
    folder = ROOT / concept / "runs"
    folder.mkdir(exist_ok=True)
    return folder / f"{experiment}.json"


def write(name: str, rows: list[list[object]], how: dict[str, str]) -> None:
    """One row a line, so that a change shows as one in a diff."""
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    text = f'{{\n "made": {json.dumps(how)},\n "rows": [\n{lines}\n ]\n}}\n'
    file(name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    names = sys.argv[1:] or list(EXPERIMENTS)
    if unknown := set(names) - set(EXPERIMENTS):
        sys.exit(f"grids: {', '.join(unknown)} is none of {', '.join(EXPERIMENTS)}")
    with ProcessPoolExecutor(PROCESSES) as pool:
        waiting = {name: [pool.submit(measure, name, seed) for seed in SEEDS] for name in names}
        for name, jobs in waiting.items():
            write(name, [row for job in jobs for row in job.result()], made(name))
