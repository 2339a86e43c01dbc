"""Time MBConv and Fused-MBConv at every setting, for readers without a kernel. Authors only.

    python -m tools.times

Twice, as PyTorch comes and with freed memory kept, each setting in a process of its own: some five minutes.
The machine must have nothing else to do. Where the turns of a setting disagree, the table says so.
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
    """Measure every setting, write the file, print both tables."""
    stored: dict[str, Any] = {
        "command": "python -m tools.times",
        "date": dt.date.today().isoformat(),
        "python": platform.python_version(),
    }
    found: dict[str, dict[Any, Any]] = {name: {} for name in times.MEMORY}
    machine = ""
    for setting in _fused_crossover.pairs():
        for memory in times.MEMORY:  # one after the other, so that a busy minute hits both
            measured = times.measured_alone(setting, memory, SECONDS)
            found[memory][setting], machine = measured.times[setting], measured.machine
    for memory, taken in found.items():
        whole = Measured(taken, machine)
        stored[memory] = whole.to_json()
        print(times.time_table(whole, memory))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
