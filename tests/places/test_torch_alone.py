"""`blocks` at home: installed as the README says, with torch and what torch requires, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.blocks import alone
from tests.places import environments
from tests.places.environments import ROOT, pip


@pytest.fixture(scope="session")
def python() -> Path:
    return environments.environment(".venv-alone", ["-e", str(ROOT)])


def test_nothing_else_is_installed(python: Path) -> None:
    lines = pip(python, "list", "--format=freeze").split()
    installed = {canonicalize_name(line.partition("==")[0]) for line in lines}
    assert installed == {*map(canonicalize_name, alone.needed("torch")), "cnn-building-blocks", "pip"}


def test_all_of_blocks_works(python: Path, online: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [python, alone.__file__], cwd=tmp_path, env=online, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "MBConv" in done.stdout
