"""The tables of times: as measured, and the stored ones, which the texts of notebook 09 rest on."""

import json
from importlib import resources
from typing import Any

import pytest

from blocks.measure import Latency, machine
from course.fused_mbconv import times
from course.fused_mbconv._fused_crossover import cell, fused_crossover, pairs
from course.fused_mbconv._stored_times import MEMORY, stored_times
from course.fused_mbconv.times import in_new_process, measured_alone, time_table
from course.kit.panel import Measured
from tests.course.fused_mbconv.test_explorers import TIMES, took

NAMES = tuple(MEMORY)


def test_a_table_names_the_machine_and_tells_what_it_can() -> None:
    lines = time_table(TIMES, "as PyTorch comes").splitlines()
    assert lines[0] == "Fused-MBConv's time / MBConv's, as PyTorch comes"
    assert lines[1] == f"on {machine()}; expansion 4, one image, one thread"
    assert lines[2] == "channels     16    24    48    64   128   256"
    assert lines[6] == " 14 x 14   0.50  0.75     ?   1.2    ~1     ?"
    assert lines[7] == "  7 x 7       -     -     -     -     -     -"
    assert lines[8] == "~1: about as fast; ?: can't tell; -: not measured"
    assert len(lines) == 9
    found = time_table({(24, 112): (took(2), took(1))}, "x").splitlines()[-2:]
    assert found[0].startswith("24 channels, 112 x 112: MBConv 2.00 ms (IQR ")
    assert found[1].startswith("Fused-MBConv against MBConv: 2.0 times as fast")
    assert time_table({}, "here") == "here: not measured"


def faults(stored: Any) -> list[str]:
    """What is wrong with the stored times."""
    found = []
    if {"command", "date", "python", *MEMORY} != {*stored}:
        found.append(f"they must say how they were made, and hold {NAMES}")
    for name in MEMORY:
        measured = Measured.from_json(stored[name])
        if [*measured.times] != [*pairs()]:
            found.append(f"{name}: they are of other settings than pairs()")
        if any(len(one.turns) < 5 for pair in measured.times.values() for one in pair):
            found.append(f"{name}: five turns are missing")
        told = [cell(measured.times, setting, "time") for setting in measured.times]  # type: ignore[arg-type]
        if sum(not each.is_told for each in told if each) > 2:
            found.append(f"{name}: the machine was busy")
    if len({stored[name]["machine"] for name in MEMORY}) > 1:
        found.append("they are of two machines")
    return found


def stored() -> Any:
    file = resources.files("course.fused_mbconv").joinpath("data", "times.json")
    return json.loads(file.read_text(encoding="utf-8"))


def test_the_stored_times_are_whole_and_of_a_quiet_machine() -> None:
    assert faults(stored()) == []


def test_what_is_stored_wrongly_is_found() -> None:
    busy = {setting: (took(2, 2, 2, 2, 2), took(2.3, 1.8, 2, 4, 1)) for setting in pairs()}
    short = {setting: (took(2), took(1)) for setting in pairs()}
    few = dict([*stored_times().times.items()][1:])
    for wrong in (
        {key: value for key, value in stored().items() if key != "date"},
        *(stored() | {NAMES[1]: Measured(each, "m").to_json()} for each in (busy, short, few)),
        stored() | {NAMES[0]: Measured(stored_times().times, "another").to_json()},
    ):
        assert faults(wrong) != []


def test_stored_times_can_be_explored() -> None:
    explorer = fused_crossover(stored_times(NAMES[1]))
    assert explorer._repr_mimebundle_()[1]["cnn"]["measured"] == stored()[NAMES[1]]


def test_a_new_process_has_the_memory_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process is given, and that it gives back what it measured: no time is compared."""
    code = (
        times._CODE
        + "\nimport os\nprint(sorted(k for k in os.environ if k.startswith('MALLOC_T')), file=sys.stderr)"
    )
    monkeypatch.setattr(times, "_CODE", code)
    seen: list[str] = []
    run = times.subprocess.run

    def watched(*given: Any, **more: Any) -> Any:
        done = run(*given, **more)
        seen.append(done.stderr.strip())
        return done

    monkeypatch.setattr(times.subprocess, "run", watched)
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    for memory in MEMORY:
        pair = in_new_process(16, 7, memory, seconds=0.01)
        assert [len(one.turns) for one in pair] == [5, 5]
        assert isinstance(pair[0], Latency)
    assert seen == ["[]", "['MALLOC_TRIM_THRESHOLD_']"]


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^in_new_process: memory must be one of 'as PyTorch comes', .* got 'all'"
    ):
        in_new_process(24, 112, "all")
    with pytest.raises(ValueError, match=r"^stored_times: memory must be one of .* got 'all'\."):
        stored_times("all")
    with pytest.raises(ValueError, match=r"^in_new_process: no times for \(25, 112\): KeyError"):
        measured_alone((25, 112), NAMES[0], 0.01)
