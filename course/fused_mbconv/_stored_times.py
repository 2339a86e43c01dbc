"""The stored times of both blocks, as PyTorch comes and with freed memory kept.

On Linux the C library may give the memory of a map back to the system after a step; the next step asks for it
again, page by page. Two settings, which it reads when a process starts, make it keep the memory instead.
"""

import json
from importlib import resources

from course.kit.panel import Measured

KEPT = 1 << 30  # bytes: no map here is as large
MEMORY = {
    "as PyTorch comes": {},
    "freed memory kept": dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(KEPT)),
}
"""By name, what the environment of a new process is given."""


def stored_times(memory: str = "as PyTorch comes") -> Measured:
    """The stored times of all settings, each measured in a new process (tools/times.py).

    Args:
        memory: one of MEMORY.

    Raises:
        ValueError: there are no such times.
    """
    if memory not in MEMORY:
        raise ValueError(
            f"stored_times: memory must be one of {', '.join(map(repr, MEMORY))}, got {memory!r}."
        )
    file = resources.files(__package__).joinpath("data", "times.json")
    found = json.loads(file.read_text(encoding="utf-8"))
    return Measured.from_json(found[memory])
