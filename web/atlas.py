"""The atlas: every picture that an explorer shows on a page without a kernel, made by the explorer itself.

    python -m web.atlas build/site/atlas [--thin]

`states.py` says what positions and states are. A shard holds those of consecutive positions, equal ones once.

    names.json              {"channel_expansion": "channel_expansion-3f2a91c0", ...}
    KEY-HASH/index.json     controls, presets, the number of positions, the first position of each shard
    KEY-HASH/N.bin          gzip of {"order": [for each position the number of its state], "states": [...]}
    KEY-HASH/made.json      what it took to make, for the next build
    p/HASH.webp             the bitmaps of all explorers, named by their pixels
    report.json             what all of them take

The hash in a folder's name is that of what a page reads there. So a page from yesterday never meets shards of
today, even where only the machine is another one, which rounds another way and so has other pictures.
"""

import argparse
import gzip
import hashlib
import itertools
import json
import multiprocessing
import os
import re
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from web import states, stored
from web.sources import ROOT, Sources
from web.states import PATIENCE, Opened, Run
from web.stored import Recipe, Shown

FORMAT = 1  # of all files: with another one everything is made again
POSITIONS, MEGABYTES, SECONDS = 60_000, 150, 400  # of all; seconds are told and not held, machines differ
POSITIONS_OF_ONE, MEGABYTES_OF_ONE = 6_000, 20
LARGE = ("window_geometry",)  # a picture for each window of each map: held by what all may take
KEY, PICTURES = r"[a-z0-9_]+(?:\.[a-z0-9_]+)?", "p"
AIM, MOST = 14_000, 20_000  # bytes of a shard, compressed
FIRST, LONGEST = 200_000, 1_000_000  # bytes of it unpacked: before it is known how they compress, and at most


@dataclass
class _Task:
    """An explorer to be made, and its runs as they come."""

    key: str
    recipe: Recipe
    sources: str
    stills: list[Shown]
    index: dict[str, Any] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    missing: int = 0


def main(arguments: list[str]) -> None:
    """Build the atlas of all notebooks in the folder named, and print what it takes."""
    parser = argparse.ArgumentParser(prog="python -m web.atlas")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--thin", action="store_true", help="fewer positions of each explorer")
    given = parser.parse_args(arguments)
    shown = stored.read(ROOT / "notebooks")
    build(given.folder, stored.every(shown), stills=shown, thin=given.thin)
    print(table(given.folder))


def build(
    folder: Path,
    explorers: Mapping[str, Recipe],
    *,
    stills: Iterable[Shown] = (),
    thin: bool = False,
    workers: Executor | None = None,
) -> dict[str, str]:
    """Make the atlas of these explorers, where it is not yet there, and remove what is no longer needed.

    Args:
        explorers: by key.
        stills: stored outputs, which must be what their explorers draw now.
        thin: at most some four stops of a control, for tests; every preset can still be reached.
        workers: where the explorers are made, shut down afterwards; None for a process on each core.

    Returns:
        By key the name of the explorer's folder.

    Raises:
        ValueError: stills are out of date, an explorer cannot be put on a page, a budget is not held, or the
            processes that make the explorers died twice.
    """
    started, used = time.perf_counter(), _processor_seconds()
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    of_key: dict[str, list[Shown]] = defaultdict(list)
    for still in stills:
        of_key[still.key].append(still)
    sources, kept = Sources(), _kept(folder)
    names, tasks = dict[str, str](), list[_Task]()
    for key, recipe in explorers.items():
        if not re.fullmatch(KEY, key):
            raise ValueError(f"atlas: a key must be of a to z, 0 to 9, _ and a dot, got {key!r}.")
        told = [(still.html, still.plain, still.settings, still.drawn) for still in of_key[key]]
        found = sources.fingerprint(recipe, FORMAT, thin, told)
        if found in kept:
            names[key] = kept[found]
        else:
            tasks.append(_Task(key, recipe, found, of_key[key]))
    for task in _made(tasks, folder / PICTURES, workers, thin=thin):
        names[task.key] = _write(task, folder)
    report = _report(folder, names)
    report["build"] = {
        "thin": thin,
        "made": len(tasks),
        "seconds": time.perf_counter() - started,
        "processor_seconds": _processor_seconds() - used,
    }
    if over := _over(report):
        raise ValueError(f"atlas: over budget: {'; '.join(over)}. Name fewer stops in the controls' page=.")
    names = dict(sorted(names.items()))
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    _remove_others(folder, set(names.values()))
    return names


def table(folder: Path) -> str:
    """What the last build of an atlas took, as lines of a table."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    heading = ("positions", "states", "shards", "kB", "pictures", "kB", "seconds")
    lines = [f"{'explorer':36}" + "".join(f"{word:>10}" for word in heading)]
    for key, figures in {**report["explorers"], "together": report["together"]}.items():
        counts = [figures["positions"], figures["states"], figures["shards"], figures["shard_bytes"] / 1e3]
        counts += [figures["pictures"], figures["picture_bytes"] / 1e3, figures["seconds"]]
        lines.append(f"{key:36}" + "".join(f"{count:10,.0f}" for count in counts))
    built = report["build"]
    lines.append(
        f"Of {len(report['explorers'])} explorers {built['made']} were made now, in {built['seconds']:.0f} s,"
        f" {built['processor_seconds']:.0f} processor seconds ({SECONDS} are meant to be enough for all)."
    )
    return "\n".join(lines)


def shards(found: Iterable[str]) -> Iterator[tuple[int, bytes]]:
    """Pack states into shards: for each how many positions it holds, and its bytes.

    Bounded by its bytes, not by positions: a state may be a short refusal or a picture of 60 kB. How long a
    shard may be unpacked follows from how the one before it compressed.
    """
    most = FIRST
    order, known, length = list[int](), dict[str, int](), 0
    for state in found:
        if order and length + len(state) * (state not in known) > most:
            files = list(_packed(order, list(known)))
            yield from files
            most = min(LONGEST, length * AIM * len(files) // sum(len(file) for _, file in files))
            order, known, length = [], {}, 0
        length += 2 + len(state) * (state not in known)
        order.append(known.setdefault(state, len(known)))
    if order:
        yield from _packed(order, list(known))


def _packed(order: list[int], held: list[str]) -> Iterator[tuple[int, bytes]]:
    """One shard; two or more if one would be larger than MOST."""
    file = gzip.compress(f'{{"order":{json.dumps(order)},"states":[{",".join(held)}]}}'.encode(), mtime=0)
    if len(file) <= MOST or len(order) == 1:
        yield len(order), file
        return
    for half in (order[: len(order) // 2], order[len(order) // 2 :]):
        new = {old: n for n, old in enumerate(dict.fromkeys(half))}
        yield from _packed([new[old] for old in half], [held[old] for old in new])


def _made(tasks: list[_Task], pictures: Path, workers: Executor | None, *, thin: bool) -> Iterator[_Task]:
    """Yield each explorer when all its states are there; if a process dies, make what is left once more."""
    left, deaths = {task.key: task for task in tasks}, 0
    while left:
        try:
            for task in _once(list(left.values()), pictures, workers or _processes(), thin=thin):
                del left[task.key]
                yield task
        except BrokenExecutor as death:
            deaths += 1
            if deaths > 1:
                raise ValueError(
                    f"atlas: a process that makes explorers died twice, with these left: {', '.join(left)}."
                    " Often memory is short: close other programs and build again. What is made is kept."
                ) from death
            workers = None
            left = {key: _Task(key, task.recipe, task.sources, task.stills) for key, task in left.items()}


def _once(tasks: list[_Task], pictures: Path, workers: Executor, *, thin: bool) -> Iterator[_Task]:
    """The same, until a process dies.

    What is left of one that was opened is cut into runs of some PATIENCE seconds, by the time that its first
    positions took: so all cores are busy to the end.
    """
    faults, unopened = list[str](), len(tasks)
    waiting: dict[Future[Any], _Task] = {}
    try:
        for task in tasks:
            waiting[workers.submit(states.opened, task.recipe, task.stills, pictures, thin=thin)] = task
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                task, result = waiting.pop(future), future.result()
                if isinstance(result, Opened):
                    unopened -= 1
                    faults += [*result.stale, *_too_many(task.key, result.index["positions"])]
                    task.index, result = result.index, result.first
                    for positions in () if faults else _rest(task.index["positions"], result):
                        run = workers.submit(states.run, task.recipe, positions, pictures, thin=thin)
                        waiting[run] = task
                        task.missing += 1
                else:
                    task.missing -= 1
                task.runs.append(result)
                if not task.missing and not faults:
                    yield task
            if faults and not unopened:
                raise ValueError("\n".join(faults))
    finally:
        workers.shutdown(cancel_futures=True)


def _rest(positions: int, first: Run) -> Iterator[range]:
    """The positions after the first run, in pieces of work."""
    size = max(1, int(PATIENCE / first.rate))
    for start in range(len(first.order), positions, size):
        yield range(start, min(start + size, positions))


def _write(task: _Task, folder: Path) -> str:
    """The folder of an explorer whose runs are all there, written whole or not at all, and its name."""
    runs = sorted(task.runs, key=lambda run: run.first)
    packed = list(shards(run.states[n] for run in runs for n in run.order))
    starts = list(itertools.accumulate((count for count, _ in packed[:-1]), initial=0))
    own = {"name": task.recipe.name, "variant": task.recipe.slug, "sources": task.sources}
    index = json.dumps({**own, **task.index, "shards": starts}, ensure_ascii=False).encode()
    digest = hashlib.sha256(index)
    part = folder / f"{task.key}-part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    (part / "index.json").write_bytes(index)
    for number, (_, file) in enumerate(packed):
        digest.update(file)
        (part / f"{number}.bin").write_bytes(file)
    made = {
        "states": len({state for run in runs for state in run.states}),
        "seconds": sum(run.seconds for run in runs),
        "pictures": {name: size for run in runs for name, size in run.pictures.items()},
    }
    (part / "made.json").write_text(json.dumps(made), encoding="utf-8")
    name = f"{task.key}-{digest.hexdigest()[:8]}"
    shutil.rmtree(folder / name, ignore_errors=True)
    part.rename(folder / name)
    task.runs.clear()
    return name


def _kept(folder: Path) -> dict[str, str]:
    """The folders that an earlier build left and that lack nothing, by the hash of their sources."""
    found = {}
    for path in sorted(folder.glob("*/made.json")):
        index, made = _read(path.with_name("index.json")), _read(path)
        files = [path.with_name(f"{number}.bin") for number in range(len(index["shards"]))]
        files += [folder / PICTURES / name for name in made["pictures"]]
        if re.fullmatch(f"{KEY}-[0-9a-f]{{8}}", path.parent.name) and all(file.exists() for file in files):
            found[index["sources"]] = path.parent.name
    return found


def _remove_others(folder: Path, names: set[str]) -> None:
    """Remove the explorers that are not named, what a build that broke off has left, and unused pictures."""
    for path in folder.iterdir():
        if re.fullmatch(f"{KEY}-([0-9a-f]{{8}}|part)", path.name) and path.name not in names:
            shutil.rmtree(path)
    used = {name for path in folder.glob("*/made.json") for name in _read(path)["pictures"]}
    for path in (folder / PICTURES).iterdir():
        if path.name not in used:
            path.unlink()


def _report(folder: Path, names: Mapping[str, str]) -> dict[str, Any]:
    """By explorer and together: counts, bytes, and the seconds when it was made."""
    explorers, pictures = {}, dict[str, int]()
    for key, name in sorted(names.items()):
        index, made = _read(folder / name / "index.json"), _read(folder / name / "made.json")
        explorers[key] = {
            "positions": index["positions"],
            "states": made["states"],
            "shards": len(index["shards"]),
            "shard_bytes": sum(path.stat().st_size for path in (folder / name).glob("*.bin")),
            "pictures": len(made["pictures"]),
            "picture_bytes": sum(made["pictures"].values()),
            "seconds": made["seconds"],
        }
        pictures |= made["pictures"]
    counts = next(iter(explorers.values()))
    together = {count: sum(figures[count] for figures in explorers.values()) for count in counts}
    together |= {"pictures": len(pictures), "picture_bytes": sum(pictures.values())}
    return {"explorers": explorers, "together": together}


def _over(report: Mapping[str, Any]) -> list[str]:
    """The budgets that are not held, in words."""
    together, over = report["together"], list[str]()
    if together["positions"] > POSITIONS:
        over.append(f"{together['positions']:,} positions of {POSITIONS:,}")
    for key, figures in {**report["explorers"], "all explorers": together}.items():
        most = MEGABYTES if figures is together else MEGABYTES_OF_ONE
        taken = (figures["shard_bytes"] + figures["picture_bytes"]) / 1e6
        if taken > most and key not in LARGE:
            over.append(f"{key}: {taken:.1f} MB of {most}")
    return over


def _too_many(key: str, positions: int) -> list[str]:
    """The same for the positions of one, known before its states are made."""
    if positions <= POSITIONS_OF_ONE or key in LARGE:
        return []
    return [f"atlas: {key} must have at most {POSITIONS_OF_ONE:,} positions, got {positions:,}. Use page=."]


def _processes() -> Executor:
    """A process for each core, started anew: torch's threads do not survive a fork."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(mp_context=spawn, initializer=states.one_thread)


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
