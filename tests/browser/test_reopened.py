"""A reader's own notebook, saved after a run and opened again without its kernel: stills, no dead widget."""

import json
import shutil
from pathlib import Path

import gallery
import lab
import nbformat
import pytest
from panels import Panel
from playwright.sync_api import Browser
from test_in_lab import DEAD, cells_with_picture

SMALL = (
    "from course.inverted_residual import channel_expansion, progress\nchannel_expansion()",
    "from course.residual.predictions import predict_depth\npredict_depth()",
    "moves = progress('training')\nmoves(1, 1)",
)
NO_KERNELS = {
    "KernelSpecManager.allowed_kernelspecs": "{'none'}",
    "KernelSpecManager.ensure_native_kernel": "False",
}


def run_and_save(page: lab.NotebookPage, path: Path, panels: int) -> None:
    page.go(path.name)
    page.run_all()
    assert page.page.locator(lab.LIVE).count() == panels
    page.save()
    assert "widgets" not in nbformat.read(path, as_version=4).metadata  # the file stays as small as it was


@pytest.fixture(scope="module")
def small(jupyterlab: lab.NotebookPage, folder: Path) -> Path:
    """An explorer, a prediction and a progress bar, run and saved."""
    path = folder / "small.ipynb"
    gallery.write_cells(path, *SMALL)
    run_and_save(jupyterlab, path, 2)
    return path


def check(page: lab.NotebookPage, panels: int) -> None:
    """Raise AssertionError if a panel is not shown by its still or its folded answer."""
    page.trust()  # as JupyterLab trusts what its user ran
    page.page.wait_for_timeout(5000)  # for what may still come, "Loading widget..." among it
    dead = DEAD.search(page.page.locator(".jp-NotebookPanel").inner_text())
    assert not dead, dead
    assert len(cells_with_picture(page)) == panels


def check_without_a_kernel(browser: Browser, path: Path, alone: Path, panels: int) -> None:
    shutil.copy(path, alone)
    with (
        lab.server(alone, alone, options=NO_KERNELS) as running,
        lab.opened(browser, running, path.name, has_kernel=False) as page,
    ):
        check(page, panels)


def test_without_a_kernel(browser: Browser, small: Path, tmp_path: Path) -> None:
    check_without_a_kernel(browser, small, tmp_path, 2)


@pytest.mark.slow
def test_every_panel_without_a_kernel(
    browser: Browser, jupyterlab: lab.NotebookPage, folder: Path, tmp_path: Path
) -> None:
    run_and_save(jupyterlab, folder / gallery.NAME, len(gallery.PANELS))
    check_without_a_kernel(browser, folder / gallery.NAME, tmp_path, len(gallery.PANELS))


def test_with_another_kernel(jupyterlab: lab.NotebookPage, small: Path) -> None:
    jupyterlab.go(small.name)
    check(jupyterlab, 2)
    jupyterlab.run_all()
    assert jupyterlab.page.locator(lab.LIVE).count() == 2


def test_with_its_kernel_it_is_alive(jupyterlab: lab.NotebookPage, small: Path) -> None:
    run_and_save(jupyterlab, small, 2)
    jupyterlab.load(small.name)
    jupyterlab.trust()
    explorer = jupyterlab.page.locator(".cnn-explorer")
    explorer.wait_for()
    Panel(explorer, "after the page was loaded again").press_first()


def test_a_dead_widget_is_seen(browser: Browser, small: Path, tmp_path: Path) -> None:
    """Without the plugin that postBuild installs."""
    shutil.copy(small, tmp_path)
    config = tmp_path / "CONFIG_DIR" / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"disabledExtensions": {"cnn-blocks-stills": True}}))
    with (
        lab.server(tmp_path, tmp_path) as running,
        lab.opened(browser, running, small.name) as page,
        pytest.raises(AssertionError, match="Error displaying widget"),
    ):
        check(page, 2)
