"""The picture of whole_block: the silhouette with its gate, and a storey for each part."""

import pytest

from course.kit.drawing.style import COLORS
from course.mbconv import _whole_block as mbconv
from tests.course.diagram_faults import faults, parts, root_of


def test_each_part_has_its_storey() -> None:
    data = mbconv.compute(24, 24, 6.0, 3, 1, mbconv.INPUT)
    _, towers = mbconv.draw(data, "words")
    assert isinstance(towers, str)
    for unit, counts in (
        ("parameters", [3744, 1584, 1878, 3504]),
        ("multiply-adds", [10_838_016, 4_064_256, 1728, 10_838_016]),
    ):
        drawn = [e for e in root_of(towers).iter() if e.get("data-unit") == unit]
        assert [int(e.get("data-value", "")) for e in drawn] == counts
        heights = [float(e.get("height", "")) for e in drawn]
        assert heights == pytest.approx([heights[0] * n / counts[0] for n in counts], abs=0.01)
        assert drawn[2].get("fill") == COLORS["squeeze_excitation"].fill


def test_the_gate_is_drawn_once_it_is_chosen() -> None:
    """How wide it is inside, a vote asks before."""
    explorer = mbconv.whole_block()
    assert "squeeze_" not in explorer.picture.value
    assert "1,878" not in explorer.picture.value + explorer.message.value
    explorer.buttons["EfficientNet-B0, block 3"].click()
    assert ">squeeze_</text>" in explorer.picture.value
    assert "10,710 parameters" in explorer.message.value


def test_a_gate_is_in_the_scale_of_the_block() -> None:
    block, _ = mbconv.draw(mbconv.compute(24, 24, 6.0, 3, 1, mbconv.EXPANDED), "words")
    assert isinstance(block, str)
    assert sorted(count for _, count in parts(block).slabs) == [24, 24, 40, 144, 144, 144]
    assert faults(block) == []
