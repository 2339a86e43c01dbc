"""The map of the course: true to the package and the README, readable, and the same each time."""

import re
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

import blocks
from course.start_here import _course_map_picture as course_map
from course.start_here._course_map import course_map as shown
from course.start_here._course_map_picture import Stop, stops
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
    assert len(list(root.iter(f"{SVG}path"))) == sum(len(stop.place.parents) for stop in STOPS)
    rects = root.iter(f"{SVG}rect")
    sides = [[float(rect.get(side, "")) for side in ("x", "y", "width", "height")] for rect in rects]
    boxes = [box for box in sides[1:] if box[3] > 50]  # neither the card nor a number
    assert len(boxes) == len(STOPS) + 1
    for (a, b, wide, high), (c, d, width, height) in combinations(boxes, 2):
        assert a + wide < c or c + width < a or b + high < d or d + height < b
    places = [(float(t.get("x", "")), float(t.get("y", ""))) for t in root.iter(f"{SVG}text")]
    assert all(abs(a - c) > 20 or abs(b - d) > 14 for (a, b), (c, d) in combinations(places, 2))


def test_the_words_are_the_alternative_text_and_name_every_paper_year() -> None:
    bundle = shown()._repr_mimebundle_()
    assert "data:image/svg+xml;base64," in bundle["text/html"]
    assert bundle["text/plain"] == course_map.in_words()
    for stop in STOPS:
        assert f"{stop.name}, {stop.place.year}" in bundle["text/html"].split("src=")[0]
