"""The wheel holds all that `blocks` and `course` read, and draws every explorer without the repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from course import EXPLORERS
from tests import ROOT

BUILD = "from setuptools import build_meta; build_meta.build_wheel('..')"  # offline, as pip would call it
DRAW = """
import sys
from course import EXPLORERS
for name, make in EXPLORERS.items():
    data, _ = make()._repr_mimebundle_()
    print(name, *sorted(data))
for name, module in sys.modules.items():
    if name.partition(".")[0] in ("blocks", "course"):
        assert module.__file__.startswith(sys.argv[1]), module
"""


def copied(folder: Path) -> Path:
    """What the wheel is built of; not in the repository, where setuptools would leave its files."""
    for name in ("blocks", "course"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


def unpacked(source: Path) -> Path:
    """Build the wheel of a copy and unpack it beside it."""
    subprocess.run([sys.executable, "-c", BUILD], cwd=source, capture_output=True, check=True)
    (wheel,) = source.parent.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(source.parent / "wheel")
    return source.parent / "wheel"


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for name in ("blocks", "course")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(copied(tmp_path_factory.mktemp("built") / "copy"))


def test_no_file_is_missing(wheel: Path) -> None:
    assert files(wheel) == files(wheel.parent / "copy")
    for kind in ("py.typed", "imagenet_classes.txt", ".json", ".pt", ".npz", ".png"):
        assert any(name.endswith(kind) for name in files(wheel)), kind


@pytest.mark.parametrize(
    ("right", "wrong", "missing"),
    [
        (', "runs/*"', "", "course/networks/runs/scoreboard.json"),
        ('"data/*", ', "", "blocks/networks/data/imagenet_classes.txt"),
        (', "course.*"', ', "course.kit*"', "course/mbconv/__init__.py"),
    ],
)
def test_what_the_wheel_leaves_out_is_found(right: str, wrong: str, missing: str, tmp_path: Path) -> None:
    copy = copied(tmp_path / "copy")
    settings = (copy / "pyproject.toml").read_text("utf-8")
    assert right in settings
    (copy / "pyproject.toml").write_text(settings.replace(right, wrong), "utf-8")
    assert missing in files(copy) - files(unpacked(copy))


def drawn(folder: Path, elsewhere: Path) -> subprocess.CompletedProcess[str]:
    """Draw every explorer with that folder on the path, and the installed packages but for our own."""
    # -S: no .pth file is read, and so no repository that was installed for editing is found
    return subprocess.run(
        [sys.executable, "-S", "-c", DRAW, folder],
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), sysconfig.get_path("purelib")])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_every_explorer_is_drawn_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    done = drawn(wheel, tmp_path)
    assert done.returncode == 0, done.stderr
    kinds = "application/vnd.jupyter.widget-view+json text/html text/plain"
    assert done.stdout.splitlines() == [f"{name} {kinds}" for name in EXPLORERS]


@pytest.mark.slow
@pytest.mark.parametrize(
    "lost", ["course/networks/_scatter_picture.py", "course/residual/runs/deletion.json"]
)
def test_an_explorer_that_is_not_drawn_is_found(lost: str, wheel: Path, tmp_path: Path) -> None:
    shutil.copytree(wheel, tmp_path / "wheel")
    (tmp_path / "wheel" / lost).unlink()
    assert drawn(tmp_path / "wheel", tmp_path).returncode
