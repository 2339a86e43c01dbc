"""Slides for a class: opened offline, each in turn. Neither a kernel nor the network is needed."""

import shutil
from pathlib import Path

import pytest
from classroom import folder, opened
from conftest import EACH
from playwright.sync_api import Browser

from web import pages, slides

LESS = ("00_start_here", "10_networks")  # without formulas on their slides


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make slides` writes."""
    assert slides.REVEAL.exists(), "reveal.js is missing: make slides fetches it"
    made = tmp_path_factory.mktemp("site")
    for path in pages.STATIC.iterdir():
        shutil.copy(path, made)
    slides.write(made, pages.ROOT / "notebooks", "")
    return made


@pytest.mark.parametrize("path", EACH)
def test_slides(browser: Browser, site: Path, path: Path) -> None:
    page, outside = opened(browser, site.as_uri())
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((site / "slides" / f"{path.stem}.html").as_uri())
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    count = page.evaluate("() => Reveal.getTotalSlides()")
    assert count >= 3
    pictures = 0
    for number in range(count):
        page.evaluate("n => Reveal.slide(n)", number)
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
    assert pictures
    assert page.locator("section pre.code").count() == 0, "code is shown"
    text = page.locator(".slides").evaluate("e => e.textContent")
    assert "$" not in text.replace("$1", ""), "a formula is not set"
    assert page.locator("math").count() or path.stem in LESS
    assert (outside, faults) == ([], [])
    page.close()
