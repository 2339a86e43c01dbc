"""Look at ten digits after each layer of untrained networks, and store what is left for notebook 02.

    python -m tools.fading

Authors only; half a minute. Maps and decoded digits stand in course/residual/data/fading.json, a byte each.
"""

import base64
import json
import platform
from pathlib import Path

import torch

from blocks.measure import machine
from course.residual.experiment import KINDS
from course.residual.fading import LAYERS, SEED, Fading, fading

FILE = Path(__file__).parents[1] / "course" / "residual" / "data" / "fading.json"


def row(found: Fading) -> dict[str, object]:
    """What is stored of one network: accuracies to four places, arrays as base64."""
    arrays = {"maps": found.maps, "pixels": found.pixels}
    return {
        "right": [round(one, 4) for one in found.right],
        **{name: base64.b64encode(array.tobytes()).decode() for name, array in arrays.items()},
    }


def main() -> None:
    """Look through both networks, and write the file: one network a line."""
    made = {
        "command": "python -m tools.fading",
        "seed": SEED,
        "layers": LAYERS,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": machine(),
    }
    rows = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(row(fading(kind)))}" for kind in KINDS)
    FILE.write_text(f'{{\n "made": {json.dumps(made)},\n "networks": {{\n{rows}\n }}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
