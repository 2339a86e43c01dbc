"""For a class: slides, which need no kernel and no network, and the walk-through, which runs behind Voila."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import gallery
import lab
import nbformat
import pytest
from panels import Panel
from playwright.sync_api import Browser, Page, Route

from tools import teaching

NOTEBOOKS = sorted((lab.ROOT / "notebooks").glob("*.ipynb"))
SHOTS = lab.ROOT / "artefacts" / "teaching"
BUILT = lab.ROOT / "build" / "slides" / "node_modules"
PROJECTOR = {"width": 1280, "height": 720}
OPTIONS = ("--progressive_rendering=True", "--no-browser")  # as in make walkthrough
ONE_EXPLORER = "from blocks.explorers import channel_expansion", "channel_expansion()"
OPEN_SECONDS = 10
UNFINISHED = ".voila-skeleton-container"  # Voila's, in place of what a cell has not given yet
LEAST = "least"  # a page with one explorer and nothing else: on a busy machine it is slow, too
# How many times as long as the least page a lesson may take there. 09's explorer shows times of this machine.
TIMES, MEASURES_FIRST = 2, {"09_fused_mbconv": 4}


def lesson(path: Path) -> nbformat.NotebookNode:
    return teaching.lesson_of(nbformat.read(path, as_version=4))


def opened(browser: Browser, own: str) -> tuple[Page, list[str]]:
    """A page on a projector, and what it asks for outside `own`, which it does not get."""
    page = browser.new_page(viewport=PROJECTOR)
    page.set_default_timeout(30_000)
    outside: list[str] = []

    def cut(route: Route) -> None:
        outside.append(route.request.url)
        route.abort()

    page.route(lambda url: not url.startswith((own, "data:", "blob:")), cut)
    return page, outside


# --- slides


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
        page.screenshot(path=folder(path, "slides") / f"{number + 1:02}.png")
    assert pictures
    assert page.locator(".jp-InputArea-editor, .jp-CodeMirrorEditor").count() == 0, "code is shown"
    text = page.locator(".slides").evaluate("e => e.textContent")
    assert "$" not in text.replace("$1", ""), "a formula is not set"
    assert page.locator("mjx-container").count() or path.stem in ("00_start_here", "10_networks")
    assert page.locator("mjx-merror").count() == 0
    assert (outside, faults) == ([], [])
    page.close()


def folder(path: Path, kind: str) -> Path:
    made = SHOTS / path.stem / kind
    made.mkdir(parents=True, exist_ok=True)
    return made


# --- the walk-through


@contextmanager
def voila(notebooks: Path) -> Iterator[str]:
    """Voila on a folder of notebooks, as `make walkthrough` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", *OPTIONS, f"--port={port}", str(notebooks)],
        env=os.environ | {"IPYTHONDIR": str(notebooks / ".ipython"), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError), urllib.request.urlopen(address, timeout=5):
                break
            time.sleep(0.3)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module")
def walkthrough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = tmp_path_factory.mktemp("walkthrough")
    for path in NOTEBOOKS:
        nbformat.write(lesson(path), made / path.name)
    gallery.write_cells(made / f"{LEAST}.ipynb", *ONE_EXPLORER)
    with voila(made) as address:
        yield address
    shutil.rmtree(made)


def seconds_to_open(page: Page, walkthrough: str, name: str) -> float:
    """From the click to the first explorer's picture."""
    start = time.monotonic()
    page.goto(f"{walkthrough}/voila/render/{name}.ipynb", wait_until="commit")
    page.locator(".cnn-explorer .cnn-picture").locator("svg, img").first.wait_for(timeout=60_000)
    return time.monotonic() - start


@pytest.fixture(scope="module")
def least(browser: Browser, walkthrough: str) -> float:
    """The seconds of the least page, a busy machine's among them."""
    page, _ = opened(browser, walkthrough)
    seconds = seconds_to_open(page, walkthrough, LEAST)
    page.close()
    return seconds


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_walkthrough(browser: Browser, walkthrough: str, least: float, path: Path) -> None:
    page, _ = opened(browser, walkthrough)
    seconds = seconds_to_open(page, walkthrough, path.stem)
    page.locator(UNFINISHED).first.wait_for(state="detached", timeout=60_000)
    page.set_viewport_size({**PROJECTOR, "height": 4000})
    page.screenshot(path=folder(path, "walkthrough") / "whole.png")
    page.set_viewport_size(PROJECTOR)
    assert page.locator(".jp-InputArea-editor, .jp-CodeMirrorEditor").count() == 0, "code is shown"
    assert "Traceback" not in page.locator("body").inner_text()
    Panel(page.locator(".cnn-explorer").first, path.stem).press_first()
    times = MEASURES_FIRST.get(path.stem, TIMES)
    if seconds >= max(OPEN_SECONDS, times * least):
        now = seconds_to_open(page, walkthrough, LEAST)
        assert seconds < times * now, f"{seconds:.1f} s, the least page {now:.1f} s"
    page.close()
