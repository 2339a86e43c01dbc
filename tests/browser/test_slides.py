"""Slides for a class: opened offline, each in turn. Neither a kernel nor the network is needed."""

from pathlib import Path

import lab
import pytest
from classroom import folder, lesson, opened
from conftest import NOTEBOOKS
from playwright.sync_api import Browser

from tools import teaching

BUILT = lab.ROOT / "build" / "slides" / "node_modules"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_slides(browser: Browser, tmp_path: Path, path: Path) -> None:
    assert BUILT.exists(), "reveal.js and MathJax are missing: make slides fetches them"
    (tmp_path / "node_modules").symlink_to(BUILT)
    file = tmp_path / f"{path.stem}.html"
    file.write_text(teaching.slides(lesson(path), path.stem), encoding="utf-8")
    page, outside = opened(browser, tmp_path.as_uri())
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    page.wait_for_function("() => window.MathJax && MathJax.startup && MathJax.startup.promise")
    page.evaluate("() => MathJax.startup.promise")
    count = page.evaluate("() => Reveal.getTotalSlides()")
    assert count >= 3
    pictures = 0
    for number in range(count):
        page.evaluate("n => Reveal.slide(n)", number)
        now = page.locator("section.present section.present")
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
    assert page.locator(".jp-InputArea-editor, .jp-CodeMirrorEditor").count() == 0, "code is shown"
    text = page.locator(".slides").evaluate("e => e.textContent")
    assert "$" not in text.replace("$1", ""), "a formula is not set"
    assert page.locator("mjx-container").count() or path.stem in ("00_start_here", "10_networks")
    assert page.locator("mjx-merror").count() == 0
    assert (outside, faults) == ([], [])
    page.close()
