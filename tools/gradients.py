"""Measure the gradients of untrained networks, and store them for notebook 02. Authors only; half a minute.

    python -m tools.gradients

They stand in course/residual/data/gradients.json, as thousandths of a power of ten.
"""

import itertools
import json
import math
from pathlib import Path

from course.residual.experiment import DEPTHS, KINDS
from course.residual.untrained import STARTS, STORED_SEEDS, gradients, named
from tools.made import made

FILE = Path(__file__).parents[1] / "course" / "residual" / "data" / "gradients.json"


def thousandths(kind: str, layers: int, has_norm: bool, start: str, seed: int) -> list[int]:
    """What is stored of one network: 1,000 times the power of ten of each gradient, as a whole number."""
    return [round(1000 * math.log10(size)) for size in gradients(kind, layers, has_norm, start, seed)]


def main() -> None:
    """Measure all, and write the file: one start of a network a line."""
    how = made("python -m tools.gradients")
    parts = []
    for settings in itertools.product(KINDS, DEPTHS, (True, False), STARTS):
        rows = ",\n".join(f"   {json.dumps(thousandths(*settings, seed))}" for seed in STORED_SEEDS)
        parts.append(f"  {json.dumps(named(*settings))}: [\n{rows}\n  ]")
    body = ",\n".join(parts)
    FILE.write_text(
        f'{{\n "made": {json.dumps(how)},\n "thousandths": {{\n{body}\n }}\n}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main()
