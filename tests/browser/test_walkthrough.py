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
import nbformat
import psutil
import pytest
from classroom import PROJECTOR, folder, lesson, opened
from conftest import EACH, NOTEBOOKS
from lab import ROOT
from panels import Panel
from playwright.sync_api import Browser, Page

OPTIONS = ("--progressive_rendering=True", "--no-browser")  # as in make walkthrough
CULL = re.search(r"^CULL = (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
ONE_EXPLORER = "from course.inverted_residual import channel_expansion", "channel_expansion()"
OPEN_SECONDS = 10
UNFINISHED = ".voila-skeleton-container"  # Voila's, in place of what a cell has not given yet
LEAST = "least"  # a page with one explorer and nothing else: on a busy machine it is slow, too
TIMES = 2  # how many times as long as the least page a lesson may take there


@contextmanager
def voila(notebooks: Path, *options: str) -> Iterator[tuple[str, psutil.Process]]:
    """Voila on a folder of notebooks, as `make walkthrough` starts it: its address, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", *OPTIONS, *options, f"--port={port}", str(notebooks)],
        env=os.environ | {"IPYTHONDIR": str(notebooks / ".ipython"), "OMP_NUM_THREADS": "1"},
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
    for path in NOTEBOOKS:
        nbformat.write(lesson(path), made / path.name)
    gallery.write_cells(made / f"{LEAST}.ipynb", *ONE_EXPLORER)
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
    Panel(page.locator(".cnn-explorer").first, path.stem).press_first()
    if seconds >= max(OPEN_SECONDS, TIMES * least):
        now = seconds_to_open(page, walkthrough, LEAST)
        assert seconds < TIMES * now, f"{seconds:.1f} s, the least page {now:.1f} s"
    page.close()


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
    gallery.write_cells(folder / f"{LEAST}.ipynb", *ONE_EXPLORER)
    with voila(folder, *options) as (address, server):
        page, _ = opened(browser, address)
        for _ in range(2):
            seconds_to_open(page, address, LEAST)
        assert kernels_after(server, 20, 1) == 1, "a page that was loaded again left a kernel"
        page.wait_for_timeout(8000)  # twice the time after which an idle kernel ends
        assert kernels(server) == 1, "the kernel of an open page ended"
        Panel(page.locator(".cnn-explorer").first, "left open").press_first()
        page.close()
        assert kernels_after(server, 20, 0) == 0, "a page that was closed left a kernel"


def test_a_page_that_is_left_leaves_no_kernel(browser: Browser, tmp_path: Path) -> None:
    assert CULL
    options = [option.rpartition("=")[0] for option in CULL[1].split()]
    check_left(browser, tmp_path, *(f"{name}={n}" for name, n in zip(options, (1, 4), strict=True)))
    assert "$(BIN)/voila --progressive_rendering=True $(CULL) " in (ROOT / "Makefile").read_text()


def test_a_kernel_that_is_left_is_seen(browser: Browser, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="loaded again left a kernel"):
        check_left(browser, tmp_path)
