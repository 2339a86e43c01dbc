"""The silhouette and the bars of inside_a_block are those of the tensors that the network really made."""

from math import prod
from typing import Any

import pytest

from blocks.measure._memory import BYTES
from course.inverted_residual._inside_a_block import PARTS, inside_a_block
from course.kit.panel import Explorer
from course.kit.training.sights import BLOCKS, STEPS
from tests.course.diagram_faults import root_of
from tests.course.test_walk_through import svgs


@pytest.fixture(scope="module")
def explorer() -> Explorer[Any]:
    return inside_a_block()


def marks(picture: str, unit: str) -> list[tuple[int, float, float]]:
    """Value, width and height of the marks of a unit."""
    return [
        (int(e.get("data-value", "")), float(e.get("width", "")), float(e.get("height", "")))
        for e in root_of(picture).iter()
        if e.get("data-unit") == unit
    ]


@pytest.mark.parametrize("block", [1, 3, 4, 17])
def test_widths_and_bars_are_those_of_the_tensors(explorer: Explorer[Any], block: int) -> None:
    seen = explorer._compute(photograph="cat", block=block, step="expanded")
    explorer.set({"photograph": "cat", "block": block, "step": "expanded"})
    where, silhouette, _ = svgs(explorer)
    found = [seen.steps[step].shape for step in STEPS if step in seen.steps]
    bars = marks(where, "bytes of a tensor")
    assert [value for value, *_ in bars] == [BYTES * prod(shape) for shape in found]
    assert [w / value for value, w, _ in bars] == pytest.approx(
        [bars[0][1] / bars[0][0]] * len(bars), rel=1e-3
    )
    columns = marks(where, "bytes of a block")
    assert len(columns) == BLOCKS
    assert columns[block - 1][0] == max(value for value, *_ in bars)
    assert [h / v for v, _, h in columns] == pytest.approx([columns[0][2] / columns[0][0]] * BLOCKS, rel=1e-3)
    channels = [value for value, *_ in marks(silhouette, "channels")]
    assert channels[:3] == [shape[0] for shape in found][:3]
    assert channels[-1] == found[-1][0]


def test_what_is_chosen_is_outlined_in_the_silhouette(explorer: Explorer[Any]) -> None:
    places = []
    for step in STEPS:
        explorer.set({"photograph": "cat", "block": 3, "step": step})
        (light,) = [e for e in root_of(svgs(explorer)[1]).iter() if e.get("data-key") == "here"]
        places.append(float(light.get("y", "")))
    assert places == sorted(set(places))
    assert len(places) == len(PARTS)


def test_a_click_goes_to_a_block_or_a_step(explorer: Explorer[Any]) -> None:
    explorer.set(explorer.start)
    where, silhouette, maps = svgs(explorer)
    for block in range(1, BLOCKS + 1):
        assert f'data-set="block={block}"' in where
    for step in STEPS:
        assert f'data-set="step=%22{step}%22"' in where
        assert f'data-set="step=%22{step}%22"' in silhouette
    assert "channel 1<" in maps  # read when a pointer rests on it
    assert ">channel 1</text>" not in maps
