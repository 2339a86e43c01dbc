"""Touch and motion: what a click in a picture sets, and how its marks go from their old places to the new.

Most of it is the one script on a page of its own; that JupyterLab runs it is tried on one explorer.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import gallery
import lab
import pytest
from playwright.sync_api import Browser, Page

from course.kit.drawing.svg import Mark, card, group, rect, text
from course.kit.panel.explorer import TOUCH

STYLE = ".cnn-picture svg [data-key]{transform-box:fill-box;transform-origin:0 0}"


def picture(width: float, fill: str = "#12488A", *more: str) -> str:
    """A bar to click, with a label that goes with it."""
    bar = rect(10, 10, width, 20, fill, Mark(key="bar", sets={"a": 2.5, "kind of": "a;b=c"}))
    words = "the far end" if width > 100 else "end"
    return card(
        bar + text(10 + width, 60, words, "#000", Mark(key="label"), anchor="middle") + "".join(more),
        300,
        80,
        "",
    )


def page_of(browser: Browser, *, reduced: bool = False, script: str = "") -> Page:
    page = browser.new_page(reduced_motion="reduce" if reduced else "no-preference")
    page.set_content(
        f"<style>{STYLE}</style><div id=root><div class=cnn-picture>{picture(100)}</div>"
        "<div class=cnn-message></div></div>"
    )
    page.add_script_tag(content=script or TOUCH.read_text(encoding="utf-8"))
    page.evaluate("window.asked = []; cnnTouch(document.querySelector('#root'), one => asked.push(one))")
    page.wait_for_timeout(150)  # until it has looked where things stand
    return page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = page_of(browser)
    yield opened
    opened.close()


# The places of a mark at the first moment of its motion, and at the end.
MOVED = """html => new Promise(resolve => {
    document.querySelector('.cnn-picture').innerHTML = html;
    requestAnimationFrame(() => {
        const all = document.getAnimations();
        all.forEach(one => { one.pause(); one.currentTime = 0; });
        const place = key => {
            const mark = document.querySelector(`[data-key=${key}]`), box = mark.getBoundingClientRect();
            return [box.x, box.width, getComputedStyle(mark).fill, Number(getComputedStyle(mark).opacity)];
        };
        const keys = [...document.querySelectorAll('[data-key]')].map(mark => mark.dataset.key);
        const first = Object.fromEntries(keys.map(key => [key, place(key)]));
        all.forEach(one => one.finish());
        resolve([all.length, first, Object.fromEntries(keys.map(key => [key, place(key)]))]);
    });
})"""


def test_a_click_sets_all_its_controls_at_once(page: Page) -> None:
    page.click("[data-key=bar]")
    page.click("[data-key=label]")  # it sets nothing
    assert page.evaluate("asked") == [{"a": 2.5, "kind of": "a;b=c"}]


def test_a_mark_goes_from_its_old_place(page: Page) -> None:
    x = page.evaluate("document.querySelector('.cnn-picture').getBoundingClientRect().x")
    number, first, last = page.evaluate(MOVED, picture(200, "#118165"))
    assert number == 2
    assert first["bar"][:2] == pytest.approx([x + 10, 100], abs=1)
    assert last["bar"][:2] == pytest.approx([x + 10, 200], abs=1)
    assert (first["bar"][2], last["bar"][2]) == ("rgb(18, 72, 138)", "rgb(17, 129, 101)")
    assert last["label"][0] - first["label"][0] == pytest.approx(100, abs=1)
    assert last["label"][1] == pytest.approx(first["label"][1], abs=0.5)  # letters are not stretched


def test_what_is_new_appears(page: Page) -> None:
    _, first, last = page.evaluate(
        MOVED, picture(100, "#12488A", group("<path d='M0 0h9'/>", Mark(key="new")))
    )
    assert first["new"][3] < 0.05
    assert last["new"][3] == 1


def test_what_stays_does_not_move(page: Page) -> None:
    assert page.evaluate(MOVED, picture(100))[0] == 0


def test_nothing_moves_where_motion_is_not_wanted(browser: Browser) -> None:
    page = page_of(browser, reduced=True)
    assert page.evaluate(MOVED, picture(200))[0] == 0
    page.close()


def test_numbers_stay_open(page: Page) -> None:
    fold = "<details class=cnn-numbers><summary>Numbers</summary>{}</details>"
    write = "html => { document.querySelector('.cnn-message').innerHTML = html; }"
    page.evaluate(write, fold.format("one"))
    page.click("summary")
    page.evaluate(write, fold.format("two"))
    page.wait_for_selector("details[open]", timeout=2000)
    page.click("summary")
    page.evaluate(write, fold.format("three"))
    page.wait_for_timeout(100)
    assert not page.query_selector("details[open]")


FAULTS = {
    "does not decode": ("decodeURIComponent(value)", "value", test_a_click_sets_all_its_controls_at_once),
    "measures too late": (
        "const before = known;",
        "const before = places();",
        test_a_mark_goes_from_its_old_place,
    ),
    "stretches letters": ("/^(g|text)$/", "/^(g)$/", test_a_mark_goes_from_its_old_place),
    "forgets the fold": ("fold.open = isOpen;", ";", test_numbers_stay_open),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_script_is_refused(browser: Browser, fault: str) -> None:
    right, wrong, check = FAULTS[fault]
    script = TOUCH.read_text(encoding="utf-8")
    assert right in script
    page = page_of(browser, script=script.replace(right, wrong))
    with pytest.raises(Exception, match=r"(?s)."):
        check(page)
    page.close()


CELL = """
from course.kit.drawing.svg import Mark, card, rect, text
from course.kit.panel import Choice, Explorer, Number, Said

def draw(data, heard):
    bar = rect(10, 10, 20 * data[0], 30, "#12488A", Mark(key="bar", sets={"a": 7, "b": "two"}))
    return (card(bar + text(10, 60, data[1], "#000"), 300, 80, heard),)

Explorer(
    {
        "a": Number("A", 3, 0, 10),
        "b": Choice("B", "one", ("one", "two")),
        "c": Choice("C", 1, (1, 2), more=True),
    },
    compute=lambda a, b, c: (a, b, c),
    draw=draw,
    say=lambda data: Said(f"{data[0]} wide", f"{data[0]} wide, {data[1]}, {data[2]}"),
    presets={"wide": {"a": 9}},
)
"""


def test_in_jupyterlab(browser: Browser, running: lab.Server, folder: Path) -> None:
    gallery.write_cells(folder / "touch.ipynb", CELL)
    with lab.opened(browser, running, "touch.ipynb") as opened:
        opened.run_all()
        panel = opened.page.locator(".cnn-explorer")
        panel.locator("[data-key=bar]").click()
        panel.locator(".cnn-message", has_text="7 wide").first.wait_for(timeout=5000)
        assert "two" in panel.locator("svg").first.text_content()
        assert panel.locator("input[type=number]").input_value() == "7"
        # again, after a control was moved between: the same click is a new one
        panel.locator(".cnn-preset").click()
        panel.locator(".cnn-message", has_text="9 wide").first.wait_for(timeout=5000)
        assert "cnn-in-force" in panel.locator(".cnn-preset").get_attribute("class")
        panel.locator("[data-key=bar]").click()
        panel.locator(".cnn-message", has_text="7 wide").first.wait_for(timeout=5000)
        assert panel.locator("input[type=number]").input_value() == "7"
        assert not panel.locator("text=C").last.is_visible()
        panel.locator(".cnn-more").click()
        panel.get_by_role("button", name="2", exact=True).click()
        panel.locator(".cnn-numbers summary").click()
        panel.locator(".cnn-numbers", has_text="7 wide, two, 2").wait_for(timeout=5000)
        assert json.loads(json.dumps(opened.faults)) == []
