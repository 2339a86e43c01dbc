"""Both blocks' times, measured in a process of their own, and as tables."""

import json
import os
import subprocess
import sys

from blocks.measure import Latency
from course.fused_mbconv._fused_crossover import (
    CHANNELS,
    EQUAL,
    SIZES,
    UNTOLD,
    Setting,
    Times,
    cell,
    compared,
    written,
)
from course.fused_mbconv._stored_times import MEMORY
from course.kit.panel import Measured

_CODE = """
import json, sys
from blocks.measure import sweep
from course.fused_mbconv import pairs
from course.kit.panel import Measured
setting, seconds = (int(sys.argv[1]), int(sys.argv[2])), float(sys.argv[3])
print(json.dumps(Measured.of(sweep({setting: pairs()[setting]}, seconds=seconds)).to_json()))
"""


def in_new_process(
    channels: int, size: int, memory: str = "as PyTorch comes", *, seconds: float = 1
) -> tuple[Latency, ...]:
    """Time MBConv and Fused-MBConv in turns, in a Python process that does nothing else.

    Args:
        memory: one of MEMORY.
        seconds: how long to measure each, at least.

    Raises:
        ValueError: `pairs` has no such setting, or MEMORY no such name.
    """
    return measured_alone((channels, size), memory, seconds).times[channels, size]


def measured_alone(setting: Setting, memory: str, seconds: float) -> Measured:
    """The same, with the machine.

    Raises:
        ValueError: as `in_new_process`.
    """
    if memory not in MEMORY:
        raise ValueError(
            f"in_new_process: memory must be one of {', '.join(map(repr, MEMORY))}, got {memory!r}."
        )
    done = subprocess.run(  # noqa: S603 - the process is our own
        [sys.executable, "-c", _CODE, *map(str, (*setting, seconds))],
        env=os.environ | MEMORY[memory],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ValueError(f"in_new_process: no times for {setting}: {done.stderr.strip().splitlines()[-1]}")
    return Measured.from_json(json.loads(done.stdout))


def time_table(times: Times | Measured, title: str) -> str:
    """Fused-MBConv's time divided by MBConv's at every setting, as lines of text that name the machine."""
    measured = Measured.of(times)
    if measured is None:
        return f"{title}: not measured"
    found: Times = measured.times  # type: ignore[assignment]
    lines = [
        f"Fused-MBConv's time / MBConv's, {title}",
        f"on {measured.machine}; expansion 4, one image, one thread",
        "channels " + "".join(f"{channels:>6}" for channels in CHANNELS),
    ]
    for size in SIZES:
        row = "".join(f"{_entry(found, (channels, size)):>6}" for channels in CHANNELS)
        lines.append(f"{size:>3} x {size:<3}{row}")
    lines.append(f"~1: {EQUAL}; ?: {UNTOLD}; -: not measured")
    if pair := found.get((24, 112)):
        lines.append("24 channels, 112 x 112: MBConv {}, Fused-MBConv {}".format(*pair))
        lines.append(compared(*pair))
    return "\n".join(lines)


def _entry(times: Times, setting: Setting) -> str:
    found = cell(times, setting, "time")
    if found is None or not found.is_told:
        return "-" if found is None else "?"
    return "~1" if found.less is None else written(found.ratio)
