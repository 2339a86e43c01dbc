"""Count every published network and write blocks/networks/data/costs.json: parameters, multiply-adds.

python tools/network_costs.py
"""

import json
from pathlib import Path

import torch

from blocks.explorers.network_costs import NetworkCost, counted, name
from blocks.networks import PUBLISHED

FILE = Path(__file__).resolve().parent.parent / "blocks" / "networks" / "data" / "costs.json"


def count() -> dict[str, NetworkCost]:
    """Every network that a published accuracy belongs to, counted on the built modules."""
    found = {}
    for network in PUBLISHED:
        for accuracy in filter(None, (network.paper, network.torchvision)):
            if (key := name(accuracy.build, accuracy.side)) not in found:
                with torch.device("meta"):
                    found[key] = counted(accuracy.build(), accuracy.side)
    return found


if __name__ == "__main__":
    lines = [f"{json.dumps(key)}: [{c.parameters}, {c.multiply_adds}]" for key, c in count().items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
