"""Count the published and the scaled networks; write blocks/networks/data/costs.json.

python tools/network_costs.py
"""

import json
from functools import partial
from pathlib import Path

import torch

from blocks.networks import PUBLISHED
from blocks.networks.efficientnet import scaled
from course.networks._compound_scaling import LAST, by_formula
from course.networks.network_costs import NetworkCost, counted, name

FILE = Path(__file__).resolve().parent.parent / "blocks" / "networks" / "data" / "costs.json"


def count() -> dict[str, NetworkCost]:
    """Every network that a published accuracy belongs to, and B0 scaled by the formula; the built modules."""
    wanted = [(a.build, a.side) for n in PUBLISHED for a in (n.paper, n.torchvision) if a]
    for width, depth, side in map(by_formula, range(LAST + 1)):
        wanted.append((partial(scaled, width, depth), side))
    found = {}
    for build, side in wanted:
        if (key := name(build, side)) not in found:
            with torch.device("meta"):
                found[key] = counted(build(), side)
    return found


if __name__ == "__main__":
    lines = [f"{json.dumps(key)}: [{c.parameters}, {c.multiply_adds}]" for key, c in count().items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
