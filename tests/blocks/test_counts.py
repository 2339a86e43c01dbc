"""Parameters and multiply-adds equal those measured on the reference implementations."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

import blocks
from blocks import SqueezeExcitation, measure

ROWS = json.loads((Path(__file__).parent / "data" / "counts.json").read_text())["blocks"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["reference"])
def test_counts(row: dict[str, Any]) -> None:
    arguments = dict(row["arguments"])
    if row["block"] == "MBConv" and "squeezed_channels" in arguments:
        squeezed = arguments.pop("squeezed_channels")
        arguments["squeeze_excitation"] = partial(SqueezeExcitation, squeezed_channels=squeezed)
    with torch.device("meta"):
        block = getattr(blocks, row["block"])(**arguments)
    cost = measure.cost(block, row["input"])
    assert (cost.parameters, cost.multiply_adds) == (row["parameters"], row["multiply_adds"])


def test_every_row_is_there() -> None:
    assert len(ROWS) == 115
