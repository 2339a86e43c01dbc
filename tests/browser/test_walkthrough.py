"""The walk-through for a class: how soon every lesson opens behind Voila, if it answers, what it leaves."""

import os
import re
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
import psutil
import pytest
from classroom import PROJECTOR, folder, opened
from conftest import EACH, NOTEBOOKS
from lab import ROOT
from playwright.sync_api import Browser, Page

from tools import teaching

OPTIONS = ("--template=course", "--progressive_rendering=True", "--no-browser")  # as in make walkthrough
CULL = re.search(r"^CULL = (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
ONE_EXPLORER = "from course.inverted_residual import channel_expansion", "channel_expansion()"
OPEN_SECONDS = 10
UNFINISHED = ".voila-skeleton-container"  # Voila's, in place of what a cell has not given yet
LEAST = "least"  # a page with one explorer and nothing else: on a busy machine it is slow, too
TIMES = 2  # how many times as long as the least page a lesson may take there


@contextmanager
def voila(folder: Path, *options: str) -> Iterator[tuple[str, psutil.Process]]:
    """Voila on a walk-through, as `make walkthrough` starts it: its address, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", *OPTIONS, *options, f"--port={port}", str(folder / "lessons")],
        env=os.environ
        | {"IPYTHONDIR": str(folder / "ipython"), "JUPYTER_PATH": str(folder / "jupyter")}
        | {"OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError), urllib.request.urlopen(address, timeout=5):
                break
            time.sleep(0.3)
        yield address, psutil.Process(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module")
def walkthrough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = tmp_path_factory.mktemp("walkthrough")
    teaching.write(made)
    gallery.write_cells(made / "lessons" / f"{LEAST}.ipynb", *ONE_EXPLORER)
    with voila(made) as (address, _):
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


def answers(page: Page) -> None:
    """The first explorer gives another picture when its first slider, or its first choice, is moved."""
    explorer = page.locator(".cnn-explorer").first
    picture = explorer.locator(".cnn-picture")
    before = picture.inner_html()
    control = explorer.locator(".noUi-handle, .widget-toggle-button:not(.mod-active)").first
    at_end = "e => e.ariaValueMax !== null && e.ariaValueMax === e.ariaValueNow"
    key = "Space" if control.evaluate("e => e.localName === 'button'") else "ArrowRight"
    control.press("ArrowLeft" if control.evaluate(at_end) else key)
    page.wait_for_function(
        "([picture, before]) => picture.innerHTML !== before", arg=[picture.element_handle(), before]
    )


@pytest.mark.parametrize("path", EACH)
def test_walkthrough(browser: Browser, walkthrough: str, least: float, path: Path) -> None:
    page, _ = opened(browser, walkthrough)
    seconds = seconds_to_open(page, walkthrough, path.stem)
    page.locator(UNFINISHED).first.wait_for(state="detached", timeout=60_000)
    page.set_viewport_size({**PROJECTOR, "height": 4000})
    page.screenshot(path=folder(path, "walkthrough") / "whole.jpg")
    page.set_viewport_size(PROJECTOR)
    assert page.locator(".jp-InputArea-editor, .jp-CodeMirrorEditor").count() == 0, "code is shown"
    assert "Traceback" not in page.locator("body").inner_text()
    answers(page)
    if seconds >= max(OPEN_SECONDS, TIMES * least):
        now = seconds_to_open(page, walkthrough, LEAST)
        assert seconds < TIMES * now, f"{seconds:.1f} s, the least page {now:.1f} s"
    page.close()


# --- what the last row of a class sees

LETTERS = {(1280, 720): 20, (1920, 1080): 28}  # pixels, at least
# Of each text that is shown the size of its letters, and what it says. Indices of formulas are left out, and
# so is a picture that is wider than a card.
_SIZES = """wide => {
    const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const {parentElement: e, data} = walk.currentNode, range = document.createRange();
        range.selectNodeContents(walk.currentNode);
        if (!data.trim() || !range.getBoundingClientRect().width) continue;
        if (e.closest('style, script, mjx-container, .MathJax')) continue;
        const svg = e.ownerSVGElement;
        if (svg && Number(svg.getAttribute('width')) > wide) continue;
        const scale = svg ? e.getScreenCTM().a : e.currentCSSZoom;
        found.push([Math.round(10 * scale * parseFloat(getComputedStyle(e).fontSize)) / 10, data.trim()]);
    }
    return found;
}"""
CARD = 400  # CSS pixels


def small_letters(page: Page) -> list[str]:
    """The texts that the last row cannot read, on both projectors."""
    faults = []
    for (width, height), least in LETTERS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        found = page.evaluate(_SIZES, CARD)
        assert found
        faults += [f"{width}: {size} pixels, {words[:40]!r}" for size, words in found if size < least]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    page.set_viewport_size(PROJECTOR)
    return faults


@pytest.fixture
def shown(browser: Browser, walkthrough: str) -> Iterator[Page]:
    """The front page."""
    page, _ = opened(browser, walkthrough)
    page.goto(walkthrough)
    yield page
    page.close()


def test_the_front_page_is_the_map(shown: Page) -> None:
    links = [link.get_attribute("href") for link in shown.get_by_role("link").all()]
    assert sorted(links) == [f"/voila/render/{path.name}" for path in NOTEBOOKS]
    assert small_letters(shown) == []
    assert shown.evaluate("document.documentElement.scrollHeight <= innerHeight")
    outside = """() => [...document.querySelectorAll('svg a')].filter(box => {
        const [shape, ...words] = [...box.children].map(one => one.getBoundingClientRect());
        return words.some(word => word.left < shape.left || word.right > shape.right
            || word.top < shape.top || word.bottom > shape.bottom);
    }).map(box => box.textContent)"""
    assert shown.evaluate(outside) == []


def test_from_the_map_to_a_lesson_and_back(shown: Page) -> None:
    """Its text, predictions and cards are large, two cards stand side by side, and it leads back."""
    shown.get_by_role("link", name="06").click()
    shown.locator(".cnn-explorer .cnn-picture").locator("svg, img").first.wait_for(timeout=60_000)
    shown.locator(UNFINISHED).first.wait_for(state="detached", timeout=60_000)
    assert small_letters(shown) == []
    column, inner = shown.evaluate(
        """card => {
            const text = document.querySelector('.jp-MarkdownCell .jp-RenderedHTMLCommon');
            const width = e => e.getBoundingClientRect().width;
            const picture = document.querySelector('.cnn-picture .cnn-cards');
            return [width(text) / parseFloat(getComputedStyle(text).fontSize),
                width(picture) / picture.currentCSSZoom];
        }"""
    )
    assert column <= 62
    assert inner >= 2 * CARD + 6
    shown.evaluate("document.documentElement.style.setProperty('--jp-content-font-size1', '14px')")
    shown.evaluate("document.body.style.setProperty('--jp-content-font-size1', '14px')")
    assert any("14 pixels" in fault for fault in small_letters(shown))  # as it was
    shown.get_by_role("link", name="The map of the course").click()
    shown.get_by_role("link", name="06").wait_for()


# --- what a page leaves behind


def kernels(server: psutil.Process) -> int:
    return sum("ipykernel_launcher" in " ".join(child.cmdline()) for child in server.children(recursive=True))


def kernels_after(server: psutil.Process, seconds: float, due: int) -> int:
    """How many are left when there are as many as are due, or the seconds are over."""
    end = time.monotonic() + seconds
    while (left := kernels(server)) != due and time.monotonic() < end:
        time.sleep(0.5)
    return left


def check_left(browser: Browser, folder: Path, *options: str) -> None:
    """Open a page, load it again, leave it: the kernel of the open page stays, the others end."""
    teaching.write(folder)
    gallery.write_cells(folder / "lessons" / f"{LEAST}.ipynb", *ONE_EXPLORER)
    with voila(folder, *options) as (address, server):
        page, _ = opened(browser, address)
        for _ in range(2):
            seconds_to_open(page, address, LEAST)
        assert kernels_after(server, 20, 1) == 1, "a page that was loaded again left a kernel"
        page.wait_for_timeout(8000)  # twice the time after which an idle kernel ends
        assert kernels(server) == 1, "the kernel of an open page ended"
        answers(page)
        page.close()
        assert kernels_after(server, 20, 0) == 0, "a page that was closed left a kernel"


def test_a_page_that_is_left_leaves_no_kernel(browser: Browser, tmp_path: Path) -> None:
    assert CULL
    options = [option.rpartition("=")[0] for option in CULL[1].split()]
    check_left(browser, tmp_path, *(f"{name}={n}" for name, n in zip(options, (1, 4), strict=True)))
    makefile = (ROOT / "Makefile").read_text()
    assert "$(BIN)/voila --template=course --progressive_rendering=True \\\n\t$(CULL) " in makefile


def test_a_kernel_that_is_left_is_seen(browser: Browser, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="loaded again left a kernel"):
        check_left(browser, tmp_path)
