"""Slides for a class: opened offline, each in turn. Neither a kernel nor the network is needed."""

import re
from pathlib import Path

import pytest
from classroom import folder, opened
from conftest import EACH
from playwright.sync_api import Browser, Page

from web import frame, pages, slides

LESS = ("00_start_here", "10_networks")  # without formulas on their slides


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make slides` writes."""
    assert slides.REVEAL.exists(), "reveal.js is missing: make slides fetches it"
    made = tmp_path_factory.mktemp("site")
    pages.write_static(made)
    slides.write(made, pages.ROOT / "notebooks", "")
    return made


# Of the slide that is shown: how many stills are to be seen, the least scale of their cards, whether words
# stand below them, and what else is on the slide.
_SEEN = """() => {
    const slide = document.querySelector('section.present'), steps = slide.querySelector('.steps');
    if (!steps) return null;
    const seen = [...steps.children].filter(e => getComputedStyle(e).visibility === 'visible'
        && getComputedStyle(e).opacity === '1');
    const cards = seen.flatMap(e => [...e.querySelectorAll('img')]);
    const inside = cards.every(e => {
        const box = e.getBoundingClientRect();
        return box.right <= innerWidth && box.bottom <= innerHeight;
    });
    return {
        steps: steps.children.length, seen: seen.length, inside, alt: cards.every(e => e.alt),
        scale: Math.min(...cards.map(e => e.getBoundingClientRect().width / e.getAttribute('width'))),
        width: Math.max(...cards.map(e => Number(e.getAttribute('width')))),
        words: slide.querySelectorAll('.steps p, cnn-explorer p').length,
    };
}"""
CARD, SMALLEST, LEAST = (
    400,
    13,
    18,
)  # CSS pixels of a card and of its letters, and pixels of those on the slide


def check_steps(page: Page, where: str) -> int:
    """A slide with pictures shows one still, and with each step the next, all large; how many there are."""
    seen = page.evaluate(_SEEN)
    for step in range(seen["steps"] if seen else 0):
        if step:
            page.evaluate("() => Reveal.next()")
            page.wait_for_timeout(50)
            seen = page.evaluate(_SEEN)
        assert (seen["seen"], seen["words"], seen["inside"], seen["alt"]) == (1, 0, True, True), (where, seen)
        if seen["width"] <= CARD:
            assert seen["scale"] * SMALLEST >= LEAST, (where, seen)
    return seen["steps"] if seen else 0


@pytest.mark.parametrize("path", EACH)
def test_slides(browser: Browser, site: Path, path: Path) -> None:
    page, outside = opened(browser, site.as_uri())
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((site / "slides" / f"{path.stem}.html").as_uri())
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    count = page.evaluate("() => Reveal.getTotalSlides()")
    assert count >= 3
    pictures, stills = 0, 0
    for number in range(count):
        page.evaluate("n => Reveal.slide(n, 0, -1)", number)
        now = page.locator("section.present")
        now.wait_for()
        assert now.inner_text().strip() or now.locator("img").count()
        for image in now.locator("img").all():
            assert (
                image.evaluate("e => e.decode().then(() => e.getBoundingClientRect().width, () => 0)") > 100
            )
            pictures += 1
        assert now.evaluate("e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth"), number
        page.screenshot(path=folder(path, "slides") / f"{number + 1:02}.jpg")
        stills += check_steps(page, f"slide {number + 1}")
    assert pictures >= stills > 0
    assert page.locator("section pre.code").count() == 0, "code is shown"
    text = page.locator(".slides").evaluate("e => e.textContent")
    assert "$" not in text.replace("$1", ""), "a formula is not set"
    assert page.locator("math").count() or path.stem in LESS
    assert (outside, faults) == ([], [])
    page.close()


def card(width: int, height: int, name: str) -> str:
    return f'<img alt="{name}" width="{width}" height="{height}" src="data:image/png;base64,AA==" style="x">'


def still(*cards: str, words: str = "a &lt; b") -> str:
    return f'<div class="cnn-cards" style="x">{"".join(cards)}</div>\n<p>{words}</p>'


@pytest.mark.parametrize(
    ("stills", "steps"),
    [
        ([["a"]], ["a"]),
        ([["a"], ["b"]], ["a", "b"]),
        ([["a", "b"], ["c"]], ["ab", "c"]),
        ([["a", "b", "c"]], ["ab", "c"]),  # two rows of 300 pixels are too high
        ([["a", "b", "c", "d"], ["e"]], ["ab", "cd", "e"]),
    ],
)
def test_a_step_holds_what_can_be_read(stills: list[list[str]], steps: list[str]) -> None:
    html = "\n".join(still(*(card(400, 300, name) for name in names)) for names in stills)
    made = slides.steps(f"<b>before</b>{html}<b>after</b>")
    groups = made.split('<div class="cnn-cards">')[1:]
    assert ["".join(re.findall('alt="(.)"', group)) for group in groups] == steps
    assert "<p>" not in made
    assert made.startswith("<b>before</b>")
    assert made.endswith("<b>after</b>")
    fades = re.findall(r'class="fragment ([\w-]+)" data-fragment-index="(\d)"', made)
    wanted = [("fade-out", "0"), ("fade-in-then-out", "0"), ("fade-in", "1")]
    assert fades == ([] if len(steps) == 1 else [wanted[0], ("fade-in", "0")] if len(steps) == 2 else wanted)


def test_what_has_no_pictures_is_left_as_it_is() -> None:
    assert slides.steps("<p>A question.</p>") == "<p>A question.</p>"


@pytest.mark.parametrize("stacked", [False, True])
def test_cards_on_a_slide_are_large(
    stacked: bool, browser: Browser, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stacked on one slide they are too small, and the check says so."""
    if stacked:
        monkeypatch.setattr(slides, "_fit", lambda _: True)
    made = slides.steps(still(*(card(400, 300, name) for name in "abcd")) + still(card(390, 200, "e")))
    template = frame.environment().get_template("slides.html.j2")
    made = f'<div class="shown"><cnn-explorer>{made}</cnn-explorer></div>'
    path = site / "slides" / "cards.html"
    path.write_text(template.render(title="Cards", slides=[made]), encoding="utf-8")
    page, _ = opened(browser, site.as_uri())
    page.goto(path.as_uri())
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    if stacked:
        with pytest.raises(AssertionError, match="'steps': 2"):
            check_steps(page, "cards")
    else:
        assert check_steps(page, "cards") == 3
    page.close()
