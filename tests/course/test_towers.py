"""Towers: storeys as high as their counts, on a scale that stays or halves; the ghost in the same scale."""

import re
from typing import Any

import pytest

from course.kit.drawing import towers as drawing
from course.kit.drawing.crosses import Pixels, crossed_out
from course.kit.drawing.towers import Storey, Street, Tower, scale_of, short, towers
from tests.course.diagram_faults import Box, root_of, text_box

BLOCK = (Storey("expand", "pointwise", 3744), Storey("depthwise", "depthwise", 1584))
FULL = (Storey("expand", "pointwise", 3744), Storey("full", "convolution", 186_912))
LARGE = (Storey("a", "linear", 10**10), Storey("b", "linear", 0))


def drawn(*built: Tower) -> str:
    return towers((Street("parameters", built), Street("multiply-adds", built)), label="the towers")


def off_scale(picture: str) -> list[str]:
    """The storeys whose height is not their count times the picture's scale, by unit."""
    wrong = []
    for unit in ("parameters", "multiply-adds"):
        storeys = [e for e in root_of(picture).iter() if e.get("data-unit") == unit]
        sizes = [(int(e.get("data-value", "")), float(e.get("height", ""))) for e in storeys]
        most, high = max(sizes)
        wrong += [f"{count}: {height}" for count, height in sizes if abs(height - high * count / most) > 0.01]
    return wrong


TOWERS: list[tuple[Tower, ...]] = [
    (Tower("depthwise", BLOCK),),
    (Tower("depthwise", BLOCK), Tower("full 3x3", FULL, is_ghost=True, note="35.8 times")),
    (Tower("depthwise", BLOCK), Tower("full 3x3", ())),
    (Tower("large", LARGE), Tower("one", (Storey("a", "norm", 1),), is_ghost=True)),
]


@pytest.mark.parametrize("built", TOWERS)
def test_heights_are_counts_and_all_stays_on_the_card(built: tuple[Tower, ...]) -> None:
    picture = drawn(*built)
    assert off_scale(picture) == []
    root = root_of(picture)
    card = Box(0, 0, float(root.get("width", "")), float(root.get("height", "")))
    texts = [(e.text, text_box(e, root)) for e in root.iter() if e.tag.endswith("text")]
    assert all(card.holds(box) for _, box in texts)
    for n, (one, a) in enumerate(texts):
        assert not [two for two, b in texts[n + 1 :] if a.overlaps(b)], one


def test_a_square_root_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rect = drawing.rect

    def wrong(x: float, y: float, width: float, height: float, *more: Any, **options: Any) -> str:
        return rect(x, y, width, height**0.5, *more, **options)

    monkeypatch.setattr(drawing, "rect", wrong)
    assert off_scale(drawn(*TOWERS[1]))


def test_the_scale_stays_or_halves() -> None:
    scales = [scale_of(count, 200) for count in (1, 1000, 1024, 1025, 2048, 2049)]
    assert scales == [200, 200 / 1024, 200 / 1024, 200 / 2048, 200 / 2048, 200 / 4096]
    for count in range(1, 5000, 37):
        assert 100 < count * scale_of(count, 200) <= 200


def test_what_is_not_shown_has_no_number() -> None:
    picture = drawn(Tower("depthwise", BLOCK), Tower("full 3x3", (), sets={"compare": "it"}, hint="compare"))
    assert ">?</text>" in picture
    assert "Click: compare" in picture
    assert re.findall('data-set="(.*?)"', picture) == ["compare=%22it%22"] * 2


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0"),
        (999_999, "999,999"),
        (10_838_016, "10.8 M"),
        (585_252_864, "585 M"),
        (2_265_000_000, "2.3 G"),
    ],
)
def test_counts_in_few_letters(count: int, words: str) -> None:
    assert short(count) == words


def test_each_pixel_that_is_not_read_has_a_cross() -> None:
    read = ((True, False), (False, False))
    picture = crossed_out((Pixels("It reads", "pointwise", read, {"place": 1}, "the other"),), label="pixels")
    assert picture.count("m0 ") == 3
    for words in ("1 of 4 pixels", "3 are never read"):
        assert f">{words}</text>" in picture
    assert "never read" not in crossed_out((Pixels("It reads", "pointwise", ((True,),)),), label="pixels")
