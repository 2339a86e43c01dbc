"""The map of the course: true to the package and the README, readable, and the same each time."""

import re
from dataclasses import replace
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import blocks
from course import chapters
from course.start_here import _course_map_picture as course_map
from course.start_here import _outlines as outlines
from course.start_here._course_map import course_map as shown
from course.start_here._course_map_picture import Stop, stops
from course.start_here._outlines import outline
from tests import ROOT

STOPS = stops()
SVG = "{http://www.w3.org/2000/svg}"


def test_every_concept_of_the_package_is_a_stop_in_the_order_of_the_notebooks() -> None:
    concepts = {getattr(blocks, name).__module__.split(".")[-1] for name in vars(blocks) if name[0].isupper()}
    assert {stop.concept for stop in STOPS} == concepts
    assert [stop.number for stop in STOPS] == sorted({stop.number for stop in STOPS})


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.concept)
def test_a_stop_says_what_the_module_and_the_readme_say(stop: Stop) -> None:
    assert (ROOT / "blocks" / f"{stop.concept}.py").is_file()
    (row,) = re.findall(rf"^\| {stop.number} \|.*", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert f"({'blocks/' + stop.concept}.py)" in row
    assert f"arxiv.org/abs/{stop.place.arxiv}" in row
    assert all(
        int(parent.number) < int(stop.number) for parent in STOPS if parent.concept in stop.place.parents
    )


def test_the_lines_fit_and_no_box_covers_another() -> None:
    assert course_map.too_wide() == []
    assert len({(stop.place.column, stop.place.row) for stop in STOPS}) == len(STOPS)


def test_a_line_that_does_not_fit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    long = replace(STOPS[0], place=replace(STOPS[0].place, networks="every network that was ever made of it"))
    monkeypatch.setattr(course_map, "stops", lambda: (long, *STOPS[1:]))
    (found,) = course_map.too_wide()
    assert found.startswith(f"{long.place.networks}: ")


def test_the_picture_is_well_formed_and_draws_every_stop_and_arrow() -> None:
    picture = course_map.course_map()
    assert picture == course_map.course_map()
    root = ET.fromstring(picture)  # noqa: S314 - our own picture
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert all(stop.name in texts and stop.number in texts for stop in STOPS)
    assert len(list(course_map._arrows())) == sum(len(stop.place.parents) for stop in STOPS)
    assert all(arrow in picture for arrow in course_map._arrows())
    rects = root.iter(f"{SVG}rect")
    sides = [[float(rect.get(side, "")) for side in ("x", "y", "width", "height")] for rect in rects]
    boxes = [box for box in sides[1:] if box[3] > 100]  # neither the card nor a number nor an outline
    assert len(boxes) == len(STOPS) + 1
    for (a, b, wide, high), (c, d, width, height) in combinations(boxes, 2):
        assert a + wide < c or c + width < a or b + high < d or d + height < b
    places = [(float(t.get("x", "")), float(t.get("y", ""))) for t in root.iter(f"{SVG}text")]
    assert all(abs(a - c) > 20 or abs(b - d) > 14 for (a, b), (c, d) in combinations(places, 2))


CHAPTERS = {chapter.concept: chapter for chapter in chapters() if chapter.drawn}


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.concept)
def test_an_outline_has_the_channels_of_the_module(stop: Stop) -> None:
    """The ends are the block's arguments, the heights the channels of its layers, in order."""
    drawn = CHAPTERS[stop.concept].drawn
    assert drawn
    found = outline(CHAPTERS[stop.concept])
    channels = [count for count, _ in found.tensors]
    assert (channels[0], channels[-1]) == (drawn.arguments[0], drawn.arguments[-1])
    due = {
        "residual": [64, 64, 64],
        "bottleneck": [256, 64, 64, 256],
        "linear_bottleneck": [32, 32, 16],
        "inverted_residual": [24, 144, 144, 24],
        "squeeze_excitation": [256, 16, 256],
        "mbconv": [24, 144, 144, 144, 24],
        "fused_mbconv": [48, 192, 48],
    }
    assert channels == due.get(stop.concept, channels)
    marks = re.findall(r'height="(\S+)"[^>]*data-value="(\S+)"', course_map._box(stop))
    assert [float(value) for _, value in marks] == pytest.approx([c / max(channels) for c in channels])
    assert [float(high) for high, _ in marks] == pytest.approx(
        [44 * c / max(channels) for c in channels], abs=0.01
    )


def test_what_is_activated_added_and_multiplied_is_read_off() -> None:
    linear, mbconv = outline(CHAPTERS["linear_bottleneck"]), outline(CHAPTERS["mbconv"])
    assert [is_activated for _, is_activated in linear.tensors] == [False, True, False]
    assert mbconv.bands == ("pointwise", "depthwise", "squeeze_excitation", "pointwise")
    assert mbconv.arcs == ((2, 3, "multiply"), (0, 4, "add"))
    assert outline(CHAPTERS["residual"]).arcs == ((0, 2, "add"),)
    assert outline(CHAPTERS["depthwise_separable"]).arcs == ()


def test_an_outline_of_square_roots_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = outlines.rect

    def root(x: float, y: float, width: float, height: float, *rest: Any, **more: Any) -> str:
        return right(x, y, width, (44 * height) ** 0.5, *rest, **more)

    monkeypatch.setattr(outlines, "rect", root)
    (stop,) = (stop for stop in STOPS if stop.concept == "inverted_residual")
    with pytest.raises(AssertionError):
        test_an_outline_has_the_channels_of_the_module(stop)


def test_a_chapter_without_a_block_has_no_outline() -> None:
    (networks,) = (chapter for chapter in chapters() if chapter.concept == "networks")
    with pytest.raises(ValueError, match=r"^outline: the chapter must have a drawn block, got networks"):
        outline(networks)


def test_the_words_are_the_alternative_text_and_name_every_paper_year() -> None:
    bundle = shown()._repr_mimebundle_()
    assert "data:image/svg+xml;base64," in bundle["text/html"]
    assert bundle["text/plain"] == course_map.in_words()
    for stop in STOPS:
        assert f"{stop.name}, {stop.place.year}" in bundle["text/html"].split("src=")[0]
