"""The pages in a real browser: every width, light and dark, on slow and strict servers, files, paper."""

import math
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from playwright.sync_api import TimeoutError as Hung

from tests import ROOT
from tests.browser.lab import chromium
from tests.web.serving import POLICY, Site, served

SHOTS = ROOT / "artifacts" / "web"  # pictures for people to look at
STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
PAGES = ["index", *STEMS, "teaching/index", *(f"teaching/{stem}" for stem in STEMS)]
WIDTHS = (1280, 820, 390)
READABLE = 2_000  # milliseconds until a page is seen, at 80 ms and 1.5 Mbit/s
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SLOW = pytest.mark.slow
WITH_ALL = "06_inverted_residual"  # has formulas, tables, folds, predictions, both kinds of pictures
LOOKED_AT = ("index", WITH_ALL, "teaching/02_residual")  # each kind of page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[Site]:
    with served(site) as running:
        yield running


class Watched:
    """A page, what it complains of, and what it asks for outside of its own host, which it does not get."""

    def __init__(self, browser: Browser, own: str, **context: Any) -> None:
        self.page: Page = browser.new_context(**context).new_page()
        self.page.set_default_timeout(20_000)
        self.outside: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self._hear(request.url, own))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._read)

    def _hear(self, url: str, own: str) -> None:
        if not url.startswith((own, "data:", "blob:")):
            self.outside.append(url)

    def _read(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def close(self) -> None:
        self.page.context.close()


@pytest.fixture
def page(browser: Browser, server: Site) -> Iterator[Page]:
    """A page of the server that must have nothing to complain of, and must not ask elsewhere."""
    server.reset()
    watched = Watched(browser, server.url, viewport={"width": 1280, "height": 900})
    yield watched.page
    watched.close()
    assert (watched.outside, watched.faults) == ([], [])


def opened(page: Page, server: Site, name: str) -> Page:
    page.goto(f"{server.url}/{name}.html")
    return page


# --- every page looked at

_TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const out = e => e.getBoundingClientRect().right > room + 1;
    return [...document.querySelectorAll('body *')]
        .filter(e => out(e) && !e.closest('.scrolls, .formula, pre, .skip'))
        .map(e => `${e.tagName}.${e.className} is as wide as ${e.getBoundingClientRect().right}`);
}"""


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    return page.evaluate(_TOO_WIDE)


def unheard(page: Page, *, colors: bool = True) -> list[str]:
    """What axe-core finds; colors take most of its time."""
    if page.evaluate("() => !window.axe"):
        page.evaluate(AXE)
    rules = {"color-contrast": {"enabled": colors}}
    found = page.evaluate("rules => axe.run({rules})", rules)
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(name: str, page: Page, server: Site) -> None:
    opened(page, server, name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert too_wide(page) == [], width
    assert unheard(page, colors=False) == []


@pytest.mark.parametrize(
    "name", [name if name in LOOKED_AT else pytest.param(name, marks=SLOW) for name in PAGES]
)
def test_how_a_page_looks(name: str, page: Page, server: Site) -> None:
    opened(page, server, name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if (width, scheme) in ((1280, "light"), (390, "dark")):
                assert unheard(page) == [], (width, scheme)
            path = SHOTS / f"{name.replace('/', '-')}-{width}-{scheme}.jpg"
            page.screenshot(path=path, full_page=True, type="jpeg", quality=60)


@pytest.mark.parametrize(
    ("planted", "check", "told"),
    [
        ("<div style='width: 120vw'>x</div>", too_wide, "is as wide as"),
        ("<p style='color: #aaa; background: #fff'>pale words</p>", unheard, "color-contrast"),
        (
            "<pre style='width: 9rem'>a line that is longer than its place</pre>",
            unheard,
            "scrollable-region-focusable",
        ),
        ("<img src='icon.svg'>", unheard, "image-alt"),
    ],
)
def test_what_is_wrong_is_seen(planted: str, check: Any, told: str, page: Page, server: Site) -> None:
    opened(page, server, "index")
    page.evaluate("html => { document.querySelector('main').innerHTML += html; }", planted)
    assert any(told in line for line in check(page))


LETTERS = """picture => Math.min(...[...picture.querySelectorAll('svg text')].map(
    text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""


def test_a_picture_can_be_read_on_a_phone(page: Page, server: Site) -> None:
    """A card fits; what is wider scrolls sideways, by keyboard, too, and the page does not."""
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, server, WITH_ALL)
    explorer = page.locator("cnn-explorer").first
    still, picture = explorer.locator(".still").first, explorer.locator(".cnn-picture")
    width = "e => e.scrollWidth"
    before, pans = still.evaluate(width), still.evaluate("still => still.classList.contains('scrolls')")
    answers(page, "channel_expansion")
    after = picture.evaluate(width)
    if pans:
        assert 390 < before == after, "the still and the picture differ in size"
    else:
        widths = "all => all.map(one => one.getBoundingClientRect().width)"
        cards = picture.locator(".cnn-cards > *").evaluate_all(widths)
        assert max(before, *cards) <= 390
        assert after <= 390 or "cnn-row" in (picture.get_attribute("class") or ""), "it is cut off"
        assert picture.evaluate(LETTERS) >= 11
    assert too_wide(page) == []
    assert unheard(page, colors=False) == []


# --- where it is shown


def answers(page: Page, key: str) -> None:
    """Wait until an explorer stands, press an arrow key on its first slider, and see another picture."""
    explorer = page.locator(f"cnn-explorer[id='{key}']")
    explorer.scroll_into_view_if_needed()
    slider = explorer.locator("input[type=range]").first
    slider.wait_for()
    before = explorer.locator(".cnn-picture").inner_html()
    slider.focus()
    page.keyboard.press("ArrowLeft" if slider.evaluate("e => e.value === e.max") else "ArrowRight")
    page.wait_for_function(
        "([e, before]) => e.innerHTML !== before",
        arg=[explorer.locator(".cnn-picture").element_handle(), before],
    )


def found(page: Page, words: str) -> list[str]:
    """What the search finds, as links."""
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Search the course").fill("")
    expect(page.locator("#search-said")).to_be_empty()
    page.get_by_label("Search the course").fill(words)
    expect(page.locator("#search-said")).to_contain_text("found")
    return page.locator("#search-found a").evaluate_all("all => all.map(a => a.href)")


def test_under_a_strict_policy(page: Page, server: Site) -> None:
    server.headers["Content-Security-Policy"] = POLICY
    opened(page, server, WITH_ALL)
    answers(page, "channel_expansion")
    page.locator("cnn-prediction button").first.click()
    expect(page.locator("cnn-prediction [role=status]").first).not_to_be_empty()
    assert any("07_squeeze_excitation.html" in url for url in found(page, "gates of another picture"))


def test_the_policy_is_kept(browser: Browser, server: Site) -> None:
    server.reset()
    server.headers["Content-Security-Policy"] = POLICY
    watched = Watched(browser, server.url)
    opened(watched.page, server, WITH_ALL)
    watched.page.evaluate(
        "() => document.body.append(Object.assign(document.createElement('script'), {text: 'x'}))"
    )
    assert any("Content Security Policy" in fault for fault in watched.faults)
    watched.close()


def seen_after(page: Page) -> float:
    """Milliseconds until the page's text was painted."""
    return page.evaluate(
        "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"
    )


@pytest.mark.parametrize("name", ["index", "00_start_here", WITH_ALL, "10_networks"])
def test_a_page_is_soon_read(name: str, page: Page, server: Site) -> None:
    """The best of three: a busy machine is slow, and now and then Chromium's emulated line hangs."""
    rate = 1.5e6 / 8
    seen = [math.inf]
    while min(seen) >= READABLE and len(seen) <= 3:
        slow = page.context.new_page()
        line = slow.context.new_cdp_session(slow)
        line.send("Network.enable")
        line.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 80, "downloadThroughput": rate, "uploadThroughput": rate},
        )
        with suppress(Hung):
            opened(slow, server, name)
            slow.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
            assert slow.evaluate("() => document.readyState") != "loading"
            seen.append(seen_after(slow))
            continue
        seen.append(math.inf)
    assert min(seen) < READABLE


@pytest.mark.parametrize("name", [WITH_ALL, "10_networks"])
def test_without_javascript(name: str, browser: Browser, server: Site) -> None:
    server.reset()
    watched = Watched(browser, server.url, java_script_enabled=False)
    page = opened(watched.page, server, name)
    for still in page.locator("cnn-explorer img").all():
        assert still.is_visible()
    expect(page.locator("cnn-prediction details").first).to_be_visible()
    assert page.get_by_role("button").count() == 0
    assert watched.outside == []
    watched.close()


def test_opened_from_a_file(browser: Browser, site: Path) -> None:
    watched = Watched(browser, site.as_uri())
    page = watched.page
    page.goto((site / f"{WITH_ALL}.html").as_uri())
    for still in page.locator("cnn-explorer img").all():
        still.scroll_into_view_if_needed()
        assert still.evaluate("e => e.decode().then(() => e.naturalWidth, () => 0)") > 0
    page.get_by_role("button", name="Search").click()
    page.get_by_label("Search the course").fill("gates")
    expect(page.locator("#search-said")).to_contain_text("It needs a web server")
    page.keyboard.press("Escape")
    page.locator("a[rel=next]").click()
    expect(page.locator("h1")).to_have_text("Squeeze-and-excitation")
    assert watched.outside == []
    watched.close()


def test_on_paper(page: Page, server: Site) -> None:
    opened(page, server, WITH_ALL)
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in (".top", ".side", ".turn"):
        expect(page.locator(hidden)).to_be_hidden()
    ink = page.locator("body").evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    assert ink == ["rgb(27, 36, 48)", "rgb(255, 255, 255)"]
    page.pdf(path=SHOTS / f"{WITH_ALL}.pdf")


# --- the way about


def test_the_search_leads_to_a_section(page: Page, server: Site) -> None:
    opened(page, server, "teaching/02_residual")
    hits = found(page, "stochastic depth")
    assert all(url.startswith(server.url) for url in hits)
    target = next(url for url in hits if "08_mbconv.html#" in url)
    page.locator("#search-found a").nth(hits.index(target)).click()
    expect(page.locator("h1")).to_have_text("MBConv")
    place = page.evaluate(
        "() => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.tagName ?? ''"
    )
    assert place.startswith("H")


def test_a_search_that_finds_nothing_says_so(page: Page, server: Site) -> None:
    opened(page, server, "index")
    assert found(page, "xylophone") == []
    told = "Nothing found for “xylophone”. Try fewer letters, or another word."
    expect(page.locator("#search-said")).to_have_text(told)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


def test_a_slip_in_a_word_is_searched_around(page: Page, server: Site) -> None:
    opened(page, server, "index")
    assert any("07_squeeze_excitation.html" in url for url in found(page, "squeze"))
    expect(page.locator("#search-said")).to_have_text("Nothing found for “squeze”. These have “sque”:")


def test_the_theme_is_kept_and_nothing_else(page: Page, server: Site) -> None:
    page.emulate_media(color_scheme="light")
    opened(page, server, "index")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark mode").click()
    expect(page.get_by_role("button", name="Light mode")).to_be_visible()
    opened(page, server, WITH_ALL)
    answers(page, "channel_expansion")
    page.locator("cnn-prediction button").first.click()
    assert page.evaluate(ground) != light
    page.get_by_role("button", name="Light mode").click()  # it says what it does
    assert page.evaluate(ground) == light
    kept = "async () => [Object.entries({...localStorage, ...sessionStorage}), await indexedDB.databases()]"
    assert page.evaluate(kept) == [[["theme", "light"]], []]
    assert page.context.cookies() == []


def test_no_page_flashes(page: Page, server: Site) -> None:
    """The theme that was chosen is there before anything is painted."""
    opened(page, server, "index")
    page.evaluate("() => localStorage.setItem('theme', 'dark')")
    page.emulate_media(color_scheme="light")
    page.add_init_script(
        """new MutationObserver((_, seen) => {
            if (!document.body) return;
            window.themeAtBody = document.documentElement.dataset.theme;
            seen.disconnect();
        }).observe(document, {childList: true, subtree: true});"""
    )
    opened(page, server, WITH_ALL)
    assert page.evaluate("() => window.themeAtBody") == "dark"


@pytest.mark.parametrize("width", [360, *WIDTHS])
def test_the_top_stays_in_view(width: int, page: Page, server: Site) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    opened(page, server, WITH_ALL)
    page.evaluate("() => { location.hash = 'Exercises'; }")
    page.wait_for_function("() => scrollY > 2000")
    top = page.locator(".top").bounding_box()
    heading = page.get_by_role("heading", name="Exercises", exact=True).bounding_box()
    assert top
    assert heading
    assert top["y"] == 0
    assert top["height"] < 60
    assert top["height"] <= heading["y"] < top["height"] + 60
    for name in ("CNN Blocks", "Notebooks", "Teaching"):
        expect(page.locator(".top").get_by_role("link", name=name)).to_be_in_viewport()
    for name in ("Search", "Dark mode"):
        box = page.locator(".top").get_by_role("button", name=name).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 36


@pytest.mark.parametrize("width", [390, 1280])
def test_a_phone_is_told_what_can_be_swiped(width: int, page: Page, server: Site) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    opened(page, server, WITH_ALL)
    hint = page.get_by_text("Swipe sideways over what is cut off at the edge.")
    assert hint.is_visible() == (width == 390)
    fades = "e => getComputedStyle(e).maskImage !== 'none'"
    for formula in page.locator(".formula").all():
        is_cut = formula.evaluate("e => e.scrollWidth > e.clientWidth")
        assert formula.evaluate(fades) == is_cut
    opened(page, server, "index")
    assert page.locator(".map").evaluate(fades) == (width == 390)
    assert page.get_by_text("Swipe the map sideways").is_visible() == (width == 390)


def test_by_keyboard_the_content_is_two_keys_away(page: Page, server: Site) -> None:
    opened(page, server, WITH_ALL)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => !!document.activeElement.closest('main')")


# --- slides


def test_slides_answer_where_they_are_served(page: Page, server: Site) -> None:
    opened(page, server, f"slides/{WITH_ALL}")
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    now = "() => Reveal.getIndices().h"
    first = "[...document.querySelectorAll('section')].findIndex(e => e.querySelector('cnn-explorer'))"
    page.evaluate(f"() => Reveal.slide({first})")
    at = page.evaluate(now)
    answers(page, "channel_expansion")
    assert page.evaluate(now) == at, "an arrow key on a slider turned the slide"
    slide = page.locator("section.present")
    assert slide.evaluate("e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth")
    page.screenshot(path=SHOTS / "slide.jpg", type="jpeg")
    preset = slide.locator(".cnn-presets button").last
    preset.focus()
    page.keyboard.press("Space")
    assert page.evaluate(now) == at, "a key that presses a button turned the slide"
    slide.locator("input[type=range]").first.focus()
    page.keyboard.press("PageDown")
    assert page.evaluate(now) == at + 1, "a presenter's remote did not turn the slide"
