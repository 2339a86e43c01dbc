"""Time MBConv and Fused-MBConv at every setting, for readers without a kernel. Authors only.

    python -m tools.times

Twice, as PyTorch comes and with freed memory kept, each setting in a process of its own: some five minutes.
The machine must have nothing else to do. Where the turns disagree nonetheless the setting is measured again
when this is run again; to begin anew, delete the file.
"""

import datetime as dt
import json
import platform
from pathlib import Path
from typing import Any

from course.fused_mbconv import _fused_crossover, times
from course.kit.panel import Measured

FILE = Path(__file__).parents[1] / "course" / "fused_mbconv" / "data" / "times.json"
SECONDS = 1.0


def main() -> None:
    """Measure what is not there or cannot be told, write the file, print both tables."""
    stored: dict[str, Any] = {
        "command": "python -m tools.times",
        "date": dt.date.today().isoformat(),
        "python": platform.python_version(),
    }
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    known = {name: Measured.from_json(before[name]).times for name in times.MEMORY if name in before}
    found: dict[str, dict[Any, Any]] = {name: {} for name in times.MEMORY}
    machine = ""
    for setting in _fused_crossover.pairs():
        for memory in times.MEMORY:  # one after the other, so that a busy minute hits both
            old = known.get(memory, {})
            cell = _fused_crossover.cell(old, setting, "time")  # type: ignore[arg-type]
            if cell is not None and cell.is_told:
                found[memory][setting] = old[setting]
                continue
            measured = times.measured_alone(setting, memory, SECONDS)
            found[memory][setting], machine = measured.times[setting], measured.machine
    for memory, taken in found.items():
        whole = Measured(taken, machine or Measured.from_json(before[memory]).machine)
        stored[memory] = whole.to_json()
        print(times.time_table(whole, memory))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
