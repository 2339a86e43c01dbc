"""Look at ten digits after each layer of untrained networks, and store what is left for notebook 02.

    python -m tools.fading

Authors only; half a minute. Maps and decoded digits stand in course/residual/data/fading.json, a byte each.
"""

import base64
from pathlib import Path

from course.residual.experiment import KINDS
from course.residual.fading import LAYERS, SEED, Fading, fading
from tools.made import made, write

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
    how = made("python -m tools.fading", seed=SEED, layers=LAYERS)
    write(FILE, how, {kind: row(fading(kind)) for kind in KINDS})


if __name__ == "__main__":
    main()
