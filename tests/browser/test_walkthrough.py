"""The walk-through for a class: every lesson behind Voila, how soon it opens, and whether it answers."""

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
import nbformat
import pytest
from classroom import PROJECTOR, folder, lesson, opened
from conftest import NOTEBOOKS
from panels import Panel
from playwright.sync_api import Browser, Page

OPTIONS = ("--progressive_rendering=True", "--no-browser")  # as in make walkthrough
ONE_EXPLORER = "from blocks.explorers import channel_expansion", "channel_expansion()"
OPEN_SECONDS = 10
UNFINISHED = ".voila-skeleton-container"  # Voila's, in place of what a cell has not given yet
LEAST = "least"  # a page with one explorer and nothing else: on a busy machine it is slow, too
TIMES = 2  # how many times as long as the least page a lesson may take there


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
    page.screenshot(path=folder(path, "walkthrough") / "whole.jpg")
    page.set_viewport_size(PROJECTOR)
    assert page.locator(".jp-InputArea-editor, .jp-CodeMirrorEditor").count() == 0, "code is shown"
    assert "Traceback" not in page.locator("body").inner_text()
    Panel(page.locator(".cnn-explorer").first, path.stem).press_first()
    if seconds >= max(OPEN_SECONDS, TIMES * least):
        now = seconds_to_open(page, walkthrough, LEAST)
        assert seconds < TIMES * now, f"{seconds:.1f} s, the least page {now:.1f} s"
    page.close()
