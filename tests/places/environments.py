"""New environments that stand for other places, and a notebook that is run in one of them.

An environment is kept in the repository's folder until what was asked of it changes. torch is the one of the
running interpreter, its files linked: downloading it again would prove nothing and take minutes.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests import ROOT

TORCH = "torch", "torchgen", "functorch", "torch-*.dist-info"


def environment(name: str, *installs: Sequence[str]) -> Path:
    """The interpreter of an environment with torch, where `pip install` has run with each of `installs`."""
    folder = ROOT / name
    python, stamp = folder / "bin" / "python", folder / "asked.json"
    asked = json.dumps([sys.version, *installs])
    if stamp.exists() and stamp.read_text() == asked:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    _link_torch(folder)
    for arguments in installs:
        pip(python, "install", "-q", *arguments)
    stamp.write_text(asked)
    return python


def pip(python: Path, *arguments: str) -> str:
    command = [python, "-m", "pip", "--disable-pip-version-check", *arguments]
    # Not in the repository's folder: pip would take what setuptools left there for an installed package.
    done = subprocess.run(command, cwd=python.parent, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _link_torch(folder: Path) -> None:
    here = Path(sysconfig.get_path("purelib"))
    there = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for found in (path for pattern in TORCH for path in here.glob(pattern)):
        shutil.copytree(found, there / found.name, copy_function=os.link)


@dataclass(frozen=True)
class Run:
    """A notebook that was run to its end.

    Attributes:
        seconds: from the start of its kernel to its last cell.
        megabytes: the most memory that its kernel held (Linux: the high-water mark of its resident set).
    """

    notebook: NotebookNode
    seconds: float
    megabytes: float


def run(python: Path, notebook: NotebookNode, folder: Path, variables: Mapping[str, str]) -> Run:
    """Run a notebook, in `folder`, on a kernel of another environment; a cell that fails raises."""
    clean = {"PYTHONPATH": "", "IPYTHONDIR": str(folder / ".ipython")}  # no checkout, no settings
    specification = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "there",
        "language": "python",
        "env": clean | {"OMP_NUM_THREADS": "1"} | dict(variables),
    }
    kernel = folder / "kernels" / "there" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(specification))
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, kernel_name="there", timeout=180, resources=where)
    start = time.monotonic()
    with patch.dict(os.environ, JUPYTER_PATH=str(folder)), client.setup_kernel():
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
        seconds = time.monotonic() - start
        status = Path(f"/proc/{client.km.provisioner.pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return Run(notebook, seconds, int(kilobytes) * 1024 / 1e6)


def different_texts(ran: NotebookNode, stored: NotebookNode) -> list[str]:
    """One line for each cell whose text is not the one that is stored, or that wrote to stderr."""
    before = {cell.id: cell for cell in stored.cells}
    found = []
    for cell in ran.cells:
        if cell.cell_type != "code" or "NBVAL_IGNORE_OUTPUT" in cell.source:
            continue
        if any(output.get("name") == "stderr" for output in cell.outputs):
            found.append(f"{cell.id}: wrote to stderr: {cell.outputs}")
        if cell.id in before and _texts(cell) != _texts(before[cell.id]):
            found.append(f"{cell.id}: {_texts(cell)!r} instead of {_texts(before[cell.id])!r}")
    return found


def _texts(cell: NotebookNode) -> str:
    """What is printed, however it was cut into pieces, then what is shown."""
    printed = "".join(output.get("text", "") for output in cell.outputs)
    shown = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    return "\n".join([printed, *filter(None, shown)])


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)
