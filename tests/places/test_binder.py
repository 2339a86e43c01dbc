"""Binder and conda, as far as they can be had here: the pip lines of environment.yml in a new environment.

The extra index is left out, and torch is the one at hand, its CPU build. Conda's Python and the real
Binder are not seen here; its single core and its memory are: one thread, and a bound on each kernel.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import lab
from tests.places import environments
from tests.places.environments import ROOT, read
from tests.test_setup import pip_lines
from tools import links

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_MEGABYTES = 600


@pytest.fixture(scope="session")
def python() -> Path:
    lines = [line for line in pip_lines((ROOT / "environment.yml").read_text()) if "index" not in line]
    words = [word for line in lines for word in line.split()]
    python = environments.environment(
        ".venv-binder", [word.replace(".[course]", f"{ROOT}[course]") for word in words]
    )
    subprocess.run([python, ROOT / "postBuild"], check=True)
    return python


@pytest.fixture(scope="session")
def footprints() -> dict[str, environments.Run]:
    return {}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(
    python: Path, offline: dict[str, str], footprints: dict[str, environments.Run], path: Path, tmp_path: Path
) -> None:
    ran = environments.run(python, read(path), tmp_path, offline)  # postBuild brought the weights
    footprints[path.stem] = ran
    assert environments.different_texts(ran.notebook, read(path)) == []
    assert ran.megabytes < MOST_MEGABYTES


def test_table(footprints: dict[str, environments.Run], capsys: pytest.CaptureFixture[str]) -> None:
    """Print what each notebook takes."""
    with capsys.disabled():
        print(f"\n{'notebook':28} seconds  peak MB  kB stored")
        for name, ran in footprints.items():
            size = (ROOT / "notebooks" / f"{name}.ipynb").stat().st_size / 1000
            print(f"{name:28} {ran.seconds:7.0f} {ran.megabytes:8.0f} {size:10.0f}")


@pytest.fixture(scope="module")
def running(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    """JupyterLab of that environment on the files of the repository, as Binder starts it."""
    copy = tmp_path_factory.mktemp("binder")
    shutil.copytree(ROOT / "notebooks", copy / "repository" / "notebooks")
    with lab.server(copy / "repository", copy, python=python) as started:
        yield started


def test_the_badge_opens_the_start_page(running: lab.Server) -> None:
    badge = links.binder("https://github.com/somebody/cnn-blocks", links.START)
    path = badge.rpartition("urlpath=")[2].removesuffix(")")
    with lab.chromium() as browser:
        page = browser.new_page()
        page.goto(f"{running.url}/{path}?token={lab.TOKEN}")
        page.get_by_role("heading", name="CNN Blocks: start here").wait_for(timeout=60_000)
        page.wait_for_timeout(2000)
        assert page.locator(".jp-Dialog, .jp-toast-message").count() == 0


def test_jupyterlab_has_our_defaults(running: lab.Server) -> None:
    for plugin, wanted in json.loads((ROOT / "jupyterlab" / "cnn-blocks.json").read_text()).items():
        answer = running.ask(f"/lab/api/settings/{plugin}")
        for name, value in wanted.items():
            assert answer["schema"]["properties"][name]["default"] == value
