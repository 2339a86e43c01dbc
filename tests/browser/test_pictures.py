"""Every explorer's pictures as a browser draws them: what stands for a number is as large as it says.

Marks of one unit in one picture share one scale, at the start, at each preset and at both ends of each
control; letters can be read on a phone, and the page does not scroll sideways there.
"""

from collections.abc import Iterator
from math import log
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from course import EXPLORERS
from course.kit.drawing.svg import Mark, card, rect, text
from course.kit.panel import Explorer
from course.kit.panel.still import live_html

PHONE, WIDE = 390, 1280
LETTERS = 11  # pixels, on a phone
PIXELS, SHARE = 0.75, 0.01  # a length may be off by so many, and by such a part of what it should be

_MARKS = """() => [...document.querySelectorAll('[data-value]')].map(mark => {
    const {width, height} = mark.getBBox(), {a} = mark.getScreenCTM(), {value, scale, unit} = mark.dataset;
    return [`${unit || ''} (${scale})`, scale, Number(value), width * a, height * a];
})"""
_LETTERS = """() => [...document.querySelectorAll('svg text')].filter(one => one.textContent.trim())
    .map(one => [one.textContent, parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a])"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": WIDE, "height": 900})
    yield opened
    opened.close()


def settings_of(explorer: Explorer[Any]) -> Iterator[dict[str, Any]]:
    """The start, the presets, both ends of every control."""
    yield explorer.start
    yield from ({**explorer.start, **settings} for settings in explorer.presets.values())
    for name, control in explorer.declared.items():
        yield from ({**explorer.start, name: end} for end in (control.on_page[0], control.on_page[-1]))


def show(page: Page, html: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(f"<style>body{{margin:12px}}svg,img{{max-width:100%;height:auto}}</style>{html}")


def check_scale(page: Page, html: str) -> int:
    """Sizes are proportional to values, within a unit; how many marks there are."""
    show(page, html, WIDE)
    units: dict[str, list[tuple[str, float, float, float]]] = {}
    for unit, *mark in page.evaluate(_MARKS):
        units.setdefault(unit, []).append(tuple(mark))
    for unit, marks in units.items():
        kind = marks[0][0]
        if kind.startswith("log"):
            check_logarithms(unit, [(value, w if "width" in kind else h) for _, value, w, h in marks])
            continue
        size = {"width": lambda w, _: w, "height": lambda _, h: h, "area": lambda w, h: w * h}[kind]
        _, most, *longest = max(marks, key=lambda mark: mark[1])
        assert most > 0, f"{unit}: no mark has a value"
        rate = size(*longest) / most
        for _, value, w, h in marks:
            due, is_ = rate * value, size(w, h)
            room = PIXELS * (w + h) if kind == "area" else PIXELS
            assert abs(is_ - due) <= room + SHARE * due, (
                f"{unit}: {value:g} is {is_:.1f} instead of {due:.1f}"
            )
    return sum(map(len, units.values()))


def check_logarithms(unit: str, marks: list[tuple[float, float]]) -> None:
    """Equal factors are equal steps."""
    (low, start), (high, end) = min(marks), max(marks)
    if low == high:
        return
    for value, is_ in marks:
        due = start + (end - start) * log(value / low) / log(high / low)
        assert abs(is_ - due) <= PIXELS + SHARE * due, f"{unit}: {value:g} is {is_:.1f} instead of {due:.1f}"


def check_letters(page: Page, html: str) -> None:
    """On a phone no letter is too small, and nothing is out of the window."""
    show(page, html, PHONE)
    small = [(words, round(size, 1)) for words, size in page.evaluate(_LETTERS) if size < LETTERS]
    assert not small, small
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "it scrolls sideways"


def pictures(explorer: Explorer[Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for settings in settings_of(explorer):
        try:
            picture, said = explorer.answer(settings)
        except (TypeError, ValueError):
            continue  # a refusal
        yield settings, live_html(picture, said.heard)


@pytest.mark.parametrize("name", sorted(EXPLORERS))
def test_scale(page: Page, name: str) -> None:
    for _, html in pictures(EXPLORERS[name]()):
        check_scale(page, html)


@pytest.mark.parametrize("name", sorted(EXPLORERS))
def test_letters_on_a_phone(page: Page, name: str) -> None:
    for _, html in pictures(EXPLORERS[name]()):
        check_letters(page, html)


def bars(sizes: dict[float, float], scale: Any = "width") -> str:
    marks = [
        rect(0, 20 * n, size, 10, "#000", Mark(value=value, scale=scale, unit="u"))
        for n, (value, size) in enumerate(sizes.items())
    ]
    return card("".join(marks), 360, 80, "bars")


RIGHT = {
    "lengths": bars({10: 20, 100: 200, 0: 0}),
    "areas": card(
        rect(0, 0, 100, 100, "#000", Mark(value=4, scale="area"))
        + rect(0, 0, 25, 100, "#000", Mark(value=1, scale="area")),
        200,
        200,
        "areas",
    ),
    "logarithms": bars({1: 10, 10: 110, 100: 210}, "log-width"),
    "two cards": bars({10: 20}) + bars({100: 200}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_true_picture_is_taken(page: Page, name: str) -> None:
    assert check_scale(page, RIGHT[name])


WRONG = {
    "a square root": bars({10: 200 / 10**0.5, 100: 200}),
    "a rescaled axis": bars({90: 20, 100: 200}),
    "nothing is seen": bars({0: 20, 100: 200}),
    "a side instead of an area": RIGHT["areas"].replace('value="1"', 'value="0.5"'),
    "no logarithm": bars({1: 2, 10: 20, 100: 200}, "log-width"),
    "two cards of two scales": bars({10: 200}) + bars({100: 200}),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_untrue_picture_is_refused(page: Page, name: str) -> None:
    with pytest.raises(AssertionError):
        check_scale(page, WRONG[name])


def test_small_letters_are_refused(page: Page) -> None:
    check_letters(page, card(text(9, 9, "words", "#000"), 360, 80, "small"))
    with pytest.raises(AssertionError, match="words"):
        check_letters(page, card(text(9, 9, "words", "#000"), 880, 80, "shrunk"))
    with pytest.raises(AssertionError, match="sideways"):
        check_letters(page, "<div style='width:500px;height:9px'></div>")
