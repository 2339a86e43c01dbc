"""Store how far MobileNetV2's logits are from torchvision's, for readers without torchvision. Authors only.

    python -m tools.logits

After a new version of torch or torchvision in constraints.txt; a test asks for it.
"""

import dataclasses
import json
import runpy
from pathlib import Path

from course.networks import logits

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Compute them and write them, with the versions."""
    # Lets torchvision be imported beside the CPU build of torch, as long as this object lives.
    kept = runpy.run_path(str(ROOT / "tests" / "conftest.py"))
    found = dataclasses.asdict(logits.computed())
    del found["is_live"], kept
    found["largest"] = {name: float(f"{value:.3g}") for name, value in found["largest"].items()}
    file = ROOT / "course" / "networks" / "data" / "logits.json"
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(logits.stored())


if __name__ == "__main__":
    main()
