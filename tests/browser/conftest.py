"""One browser and one server for all tests of the folder; a page is opened where it is wanted."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import gallery
import lab
import pytest
from playwright.sync_api import Browser

NOTEBOOKS = sorted((lab.ROOT / "notebooks").glob("*.ipynb"))
SAMPLE = ("00_start_here", "08_mbconv")  # together they have every kind of thing that the others have
EACH = [
    pytest.param(path, id=path.stem, marks=() if path.stem in SAMPLE else pytest.mark.slow)
    for path in NOTEBOOKS
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with lab.chromium() as started:
        yield started


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lab") / "notebooks"
    made.mkdir()
    for path in NOTEBOOKS:
        shutil.copy(path, made)
    gallery.write(made)
    return made


@pytest.fixture(scope="session")
def running(folder: Path) -> Iterator[lab.Server]:
    with lab.server(folder, folder.parent) as started:
        yield started


@pytest.fixture(scope="session")
def jupyterlab(browser: Browser, running: lab.Server) -> Iterator[lab.NotebookPage]:
    """One JupyterLab for all notebooks that are content with it: a test lets it `go` to its own."""
    with lab.opened(browser, running, NOTEBOOKS[0].name) as opened:
        yield opened
