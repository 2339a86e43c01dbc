"""`blocks` needs torch alone: every other package is hidden from a process that uses all of it."""

import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import blocks
from tests import ROOT
from tests.blocks import alone
from tests.blocks.test_networks import NAMES


def hidden(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Use the `blocks` in that folder, with all but torch hidden."""
    return subprocess.run(
        [sys.executable, alone.__file__, "hide"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_blocks_need_torch_alone(online: dict[str, str]) -> None:
    done = hidden(ROOT, online)
    assert done.returncode == 0, done.stderr
    public = [name for name, _ in inspect.getmembers(blocks, inspect.isclass)]
    assert sorted(done.stdout.split()) == sorted([*public, *NAMES])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "right", "wrong", "found"),
    [
        ("measure/kinds.py", "import torch\n", "import torch\nimport numpy\n", "No module named 'numpy'"),
        (
            "networks/imagenet.py",
            "import torch\n",
            "import torch\nfrom PIL import Image\n",
            "No module named 'PIL'",
        ),
        ("residual.py", "import torch\n", "import torch\nimport torchinfo\n", "No module named 'torchinfo'"),
        ("residual.py", "import torch\n", "import torch\ntorch.warnings.warn('ours')\n", "UserWarning: ours"),
        ("networks/imagenet.py", "Pillow must be installed", "cannot", "AssertionError"),
    ],
)
def test_what_needs_more_is_found(
    file: str, right: str, wrong: str, found: str, tmp_path: Path, online: dict[str, str]
) -> None:
    shutil.copytree(ROOT / "blocks", tmp_path / "blocks", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "blocks" / file
    source = path.read_text("utf-8")
    assert right in source
    path.write_text(source.replace(right, wrong, 1), "utf-8")
    assert found in hidden(tmp_path, online).stderr
