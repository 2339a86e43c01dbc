"""Time MBConv and Fused-MBConv at every setting, for readers without a kernel. Authors only.

    python -m tools.times

Twice, as PyTorch comes and with freed memory kept, each setting in a process of its own: some three minutes.
The machine must have nothing else to do.
"""

import datetime as dt
import json
import platform
from pathlib import Path

from course.fused_mbconv import _fused_crossover, times
from course.kit.panel import Measured

FILE = Path(__file__).parents[1] / "course" / "fused_mbconv" / "data" / "times.json"
SECONDS = 0.5


def main() -> None:
    """Measure, write the file, print both tables."""
    stored: dict[str, object] = {
        "command": "python -m tools.times",
        "date": dt.date.today().isoformat(),
        "python": platform.python_version(),
    }
    settings = [*_fused_crossover.pairs()]
    alone = {
        (memory, setting): times.measured_alone(setting, memory, SECONDS)
        for setting in settings  # one after the other with both, so that a busy minute hits both
        for memory in times.MEMORY
    }
    for memory in times.MEMORY:
        machine = alone[memory, settings[0]].machine
        found = {setting: alone[memory, setting].times[setting] for setting in settings}
        stored[memory] = Measured(found, machine).to_json()
        print(times.time_table(Measured(found, machine), memory))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
