"""`what_the_network_sees`: the strip is the network, to scale; test_sights holds what it shows of a part."""

import pytest
import torch

from blocks.networks import blocks_of, load_official
from course.kit.drawing import feature_maps
from course.kit.training import data
from course.networks._what_the_network_sees import Seen, _look, say, what_the_network_sees
from tests.course.picture_marks import clicks, marks, to_scale


def shapes() -> list[tuple[int, ...]]:
    """Of the stem's, the blocks' and the head's maps, from one forward of the network here."""
    network = load_official("mobilenet_v2")
    found: list[tuple[int, ...]] = []
    parts = [network.get_submodule("stem"), *blocks_of(network), network.get_submodule("head.conv")]
    handles = [part.register_forward_hook(lambda *given: found.append(given[-1].shape[1:])) for part in parts]
    with torch.no_grad():
        network(torch.zeros(1, 3, 224, 224))
    for handle in handles:
        handle.remove()
    return [tuple(shape) for shape in found]


def strip(part: int) -> str:
    explorer = what_the_network_sees()
    return str(explorer.answer({**explorer.start, "part": part})[0][0])


def check_strip(found: list[tuple[float, float, str]]) -> None:
    due = shapes()
    assert [value for _, value, unit in found if unit == "side"] == [side for _, side, _ in due]
    assert [value for _, value, unit in found if unit == "channels"] == [channels for channels, *_ in due]
    assert to_scale(found)


def test_the_strip_is_the_network_to_scale() -> None:
    check_strip(marks(strip(3)))
    wrong = [(size**0.5, value, unit) for size, value, unit in marks(strip(3))]
    with pytest.raises(AssertionError):
        check_strip(wrong)


@pytest.mark.parametrize("part", [0, 13, 18])
def test_every_part_can_be_clicked(part: int) -> None:
    assert {one["part"] for one in clicks(strip(part))} == set(range(19))


@pytest.mark.parametrize("photograph", data.PHOTOGRAPHS)
def test_the_words_name_the_part(photograph: str) -> None:
    look = _look(photograph)
    for name, sight in look.sights.items():
        channels, side, _ = sight.shape
        said = say(Seen(photograph, name, look))
        assert f"{name}: {channels:,} channels of {side} x {side}" in said.seen
        share = f"{100 * (sight.negative or sight.zero):.0f} %"
        assert share in said.seen
        assert share in said.heard


def test_a_card_has_a_map_for_each_channel() -> None:
    explorer = what_the_network_sees()
    for part, count in ((1, 16), (3, 24), (18, 24)):
        card = str(explorer.answer({**explorer.start, "part": part})[0][1])
        assert card.count("<title>channel ") == count


def test_maps_are_drawn_by_whole_pixels() -> None:
    """Each pixel of a map is a square of the same size: the sides of all maps divide the tile."""
    assert {feature_maps._TILE * 2 % side for _, side, _ in shapes()} == {0}
