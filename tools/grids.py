"""Run the experiments with ten seeds, store every run. Authors only: `make grids`, `make grids-arithmetic`.

    python -m tools.grids [NAME ...] [--arithmetic]

Without names all of them. Of CHAPTER.EXPERIMENT the runs stand in course/CHAPTER/runs/EXPERIMENT.json; for
squeeze-and-excitation also the studied network, EXPERIMENT.pt. What is there already is not run again: to
begin anew, delete the file. With --arithmetic the settings of every comparison that is called clear are
trained once more, with three seeds and in other ways to add and multiply; the rows stand in the same file.
"""

import argparse
import dataclasses
import datetime as dt
import json
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from course import chapters
from course.kit.record import Chapter
from course.kit.training import experiments, loop
from course.kit.training.experiments import Experiment
from course.kit.training.grids import COLUMNS, INSTALLED
from course.kit.training.runs import Run, verdict
from course.squeeze_excitation import experiment as studies
from tools.made import made as made_by

ROOT = Path(__file__).parents[1] / "course"
SEEDS = tuple(range(10))
FEW = SEEDS[:3]
CHAPTERS: dict[str, Chapter] = {
    f"{chapter.concept}.{name}": chapter for chapter in chapters() for name in chapter.runs
}
STUDIES = {
    "squeeze_excitation.cue_task": studies.cue_task,
    "squeeze_excitation.plain_digits": studies.plain_digits,
}


@dataclass(frozen=True)
class Arithmetic:
    """A way to add and multiply.

    Attributes:
        environment: variables, read when torch is loaded.
        threads: of one training.
        onednn: whether oneDNN computes the convolutions.
    """

    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    threads: int = 1
    onednn: bool = True


# ATEN_CPU_CAPABILITY alone leaves oneDNN's convolutions as they are, bit for bit.
ARITHMETICS = {
    INSTALLED: Arithmetic(),
    "SSE4.1": Arithmetic({"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}),
    "AVX2": Arithmetic({"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}),
    "without oneDNN": Arithmetic(onednn=False),
    "two threads": Arithmetic(threads=2),
}
CORES = 2
Job = tuple[str, str, int]
"""An experiment, one of its settings, a seed."""


def experiment(name: str) -> Experiment:
    """One of CHAPTERS, resolved."""
    chapter = CHAPTERS[name]
    found: Experiment = chapter.resolve(chapter.runs[name.split(".")[1]])
    return found


def train(job: Job, arithmetic: str) -> list[list[Any]]:
    """The rows of a job, without the number of `made`; a run that fails is a row, too."""
    name, setting, seed = job
    how = ARITHMETICS[arithmetic]
    loop.THREADS = how.threads
    torch.set_num_threads(how.threads)
    torch.backends.mkldnn.set_flags(how.onednn)
    begin = time.perf_counter()
    try:
        found, error = experiment(name)(seed, settings=[setting]), ""
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is told
        found, error = (Run(setting, seed, 0.0, 0),), f"{type(problem).__name__}: {problem}"
    seconds = round(time.perf_counter() - begin, 1)
    rows = []
    for run in found:
        values = dataclasses.asdict(run) | {"trained": setting, "seconds": seconds, "error": error}
        for share in ("accuracy", "train_accuracy"):
            values[share] = None if values[share] is None else round(values[share], 4)
        rows.append([values.get(column) for column in COLUMNS])
    return rows


def made(name: str, arithmetic: str) -> dict[str, Any]:
    """What the rows depend on."""
    how = ARITHMETICS[arithmetic]
    more = "" if arithmetic == INSTALLED else " --arithmetic"
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return made_by(f"python -m tools.grids {name}{more}", date=today) | {
        "arithmetic": arithmetic,
        "threads": how.threads,
        "environment": how.environment,
    }


class Stored:
    """The file of an experiment: read, added to, written after every job."""

    def __init__(self, name: str) -> None:
        concept, short = name.split(".")
        self.name, self.path = name, ROOT / concept / "runs" / f"{short}.json"
        self.path.parent.mkdir(exist_ok=True)
        kept = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        self.made: list[dict[str, Any]] = kept.get("made", [])
        self.rows: list[list[Any]] = kept.get("rows", [])

    def done(self, arithmetic: str) -> set[tuple[str, int]]:
        """What was trained, and with which seed, and did not fail."""
        rows = (dict(zip(COLUMNS, row, strict=True)) for row in self.rows)
        return {
            (row["trained"], row["seed"])
            for row in rows
            if not row["error"] and self.made[row["made"]]["arithmetic"] == arithmetic
        }

    def add(self, rows: list[list[Any]], how: dict[str, Any]) -> None:
        """Keep the rows in the order of arithmetic, seed and setting, one a line for the sake of diffs."""
        if how not in self.made:
            self.made.append(how)
        for row in rows:
            row[COLUMNS.index("made")] = self.made.index(how)
        self.rows += rows
        settings = list(experiment(self.name).settings)
        columns = [COLUMNS.index(column) for column in ("made", "seed", "trained")]

        def place(row: list[Any]) -> tuple[int, int, int]:
            number, seed, trained = (row[column] for column in columns)
            return list(ARITHMETICS).index(self.made[number]["arithmetic"]), seed, settings.index(trained)

        self.rows.sort(key=place)
        parts = {"made": self.made, "rows": self.rows}
        text = ",\n".join(
            f' "{part}": [\n' + ",\n".join(f"  {json.dumps(each)}" for each in value) + "\n ]"
            for part, value in parts.items()
        )
        self.path.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def clear_settings(name: str) -> list[str]:
    """What must be trained for the comparisons that are called clear, in the experiment's order."""
    chapter, stored = CHAPTERS[name], Stored(name)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in stored.rows]
    rows = [row for row in rows if stored.made[row["made"]]["arithmetic"] == INSTALLED and not row["error"]]
    runs = [Run(row["setting"], row["seed"], row["accuracy"], row["parameters"]) for row in rows]
    trained = {row["setting"]: row["trained"] for row in rows}
    wanted = {
        trained[setting]
        for pair in chapter.comparisons.get(name.split(".")[1], ())
        if verdict(runs, *pair).clear
        for setting in pair
    }
    return [setting for setting in experiment(name).settings if setting in wanted]


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """These variables for processes that are started inside."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_all(jobs: Iterable[Job], arithmetic: str) -> None:
    """Train what is not there yet, each job in a process that has the arithmetic; store each at once."""
    files: dict[str, Stored] = {}
    left = []
    for job in jobs:
        stored = files.setdefault(job[0], Stored(job[0]))
        if job[1:] not in stored.done(arithmetic):
            left.append(job)
    if not left:
        return
    how = ARITHMETICS[arithmetic]
    spawn = multiprocessing.get_context("spawn")  # torch reads the variables when it is loaded
    with (
        environment(how.environment | {"OMP_NUM_THREADS": str(how.threads)}),
        ProcessPoolExecutor(CORES // how.threads, mp_context=spawn) as pool,
    ):
        waiting = {pool.submit(train, job, arithmetic): job for job in left}
        for count, finished in enumerate(as_completed(waiting), 1):
            name, setting, seed = waiting[finished]
            rows = finished.result()
            files[name].add(rows, made(name, arithmetic))
            problem = rows[0][COLUMNS.index("error")]
            seconds = rows[0][COLUMNS.index("seconds")]
            what = f"{name}, {setting}, seed {seed}, {arithmetic}"
            print(f"{count} of {len(left)}: {what}: {seconds} s {problem}", flush=True)


def keep_study(name: str) -> None:
    """The studied network of the first seed, trained once more, if it is not the one that is stored.

    Raises:
        RuntimeError: it is another network than that of the stored row.
    """
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in Stored(name).rows)
    due = next(row["weights"] for row in rows if (row["setting"], row["seed"]) == ("own", SEEDS[0]))
    path = Stored(name).path.with_suffix(".pt")
    if path.exists():
        kept = torch.load(path, weights_only=True)
        if experiments.fingerprint_of(kept) == due:
            return
    state = STUDIES[name](SEEDS[0]).network.state_dict()
    if experiments.fingerprint_of(state) != due:
        raise RuntimeError(f"{name}: trained again, seed {SEEDS[0]} gives another network than its row.")
    torch.save(state, path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run the experiments with ten seeds.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CHAPTERS)}")
    parser.add_argument("--arithmetic", action="store_true", help="clear comparisons, in other arithmetics")
    given = parser.parse_args()
    if unknown := set(given.names) - set(CHAPTERS):
        parser.error(f"{', '.join(sorted(unknown))} is none of {', '.join(CHAPTERS)}")
    names = given.names or list(CHAPTERS)
    begun = time.perf_counter()
    if given.arithmetic:
        again = [(name, setting, seed) for name in names for setting in clear_settings(name) for seed in FEW]
        for other in list(ARITHMETICS)[1:]:
            run_all(again, other)
    else:
        run_all(
            [(n, setting, s) for n in names for s in SEEDS for setting in experiment(n).settings], INSTALLED
        )
        for study in STUDIES.keys() & set(names):
            keep_study(study)
    print(f"{time.perf_counter() - begun:.0f} s")
