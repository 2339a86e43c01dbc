"""The check of the reader's machine: silent where all is here, else a plain sentence for what is not."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from blocks.networks import weights
from course.start_here import environment
from tests import ROOT

PYPROJECT = ROOT / "pyproject.toml"


def pretend(monkeypatch: pytest.MonkeyPatch, versions: dict[str, str | None]) -> None:
    """Other versions of some packages than those installed; None for missing."""
    real = metadata.version

    def version(name: str) -> str:
        given = versions.get(name, real(name) if name not in versions else None)
        if given is None:
            raise metadata.PackageNotFoundError(name)
        return given

    monkeypatch.setattr(environment.metadata, "version", version)


def test_here_everything_is() -> None:
    assert environment.problems() == []
    assert environment.report() == environment.READY


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        ({"torchinfo": None}, r"torchinfo is missing: run %pip install torchinfo in a cell, and restart"),
        (
            {"ipywidgets": "7.6.5"},
            r'ipywidgets is 7\.6\.5, but at least 7\.7 is needed: .* "ipywidgets>=7\.7"',
        ),
        ({"ipywidgets": "6"}, r"ipywidgets is 6, but at least 7\.7"),
        ({"jupyterlab_widgets": None}, r"JupyterLab's side of the sliders is missing: .*jupyterlab_widgets"),
    ],
)
def test_what_is_missing_is_said(
    versions: dict[str, str | None], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, versions)
    assert re.match(sentence, environment.report())
    assert len(environment.problems()) == 1


@pytest.mark.parametrize(
    "versions",
    [{"ipywidgets": "7.7.1"}, {"ipywidgets": "10.0rc1"}, {"jupyterlab": None, "jupyterlab_widgets": None}],
)
def test_what_is_enough_is_not_complained_of(
    versions: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colab's ipywidgets; 10 is more than 7; without JupyterLab its side of the sliders is not needed."""
    pretend(monkeypatch, versions)
    assert environment.problems() == []


def test_several_are_said_at_once_and_an_old_python_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, {"torchinfo": None, "tqdm": None})
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 1))
    assert [line.split(" ")[0] for line in environment.report().splitlines()] == [
        "Python",
        "torchinfo",
        "tqdm",
    ]
    assert environment.problems()[0].startswith("Python is 3.9, but at least 3.11 is needed")


def test_missing_weights_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "_shipped", lambda _: None)
    monkeypatch.setattr(weights, "_cached", lambda file: tmp_path / file)
    (problem,) = environment.problems()
    assert "MobileNetV2" in problem
    assert environment.WEIGHTS in problem


def test_it_asks_for_what_the_package_needs() -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["course"]
    needed = {r.name: str(r.specifier) for r in map(Requirement, asked)}
    assert needed.pop("jupyterlab") == ""
    assert {name: f">={least}" if least else "" for name, least in environment.NEEDED.items()} == needed
    assert project["requires-python"] == ">=" + ".".join(map(str, environment.PYTHON))
    assert environment.WEIGHTS in {package for _, package in weights.SHIPPED.values()}
