"""Makes torchvision importable beside the CPU build of torch, and a cache with the official weights.

PyPI's torchvision is built for CUDA. Beside CPU torch its C++ library cannot be loaded, and then its import
stops at two operators for which it registers shapes only. Nothing here uses them, so their signatures are
declared, which is enough. Where the library loads (a matching CPU torchvision), nothing is declared.
"""

import importlib.util
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from blocks.networks.weights import SHIPPED

_SCHEMAS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_library = torch.library.Library("torchvision", "FRAGMENT")  # its declarations live as long as this object


def _declare_missing_operators() -> list[str]:
    spec = importlib.util.find_spec("torchvision")  # finds the package without importing it
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or []:
        for path in Path(folder).glob("_C*.so"):
            with suppress(OSError):  # the CUDA build beside CPU torch
                torch.ops.load_library(str(path))
    missing = [name for name in _SCHEMAS if not hasattr(torch.ops.torchvision, name)]
    for name in missing:
        _library.define(name + _SCHEMAS[name])
    return missing


_declare_missing_operators()


@pytest.fixture(scope="session")
def online(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a place that has fetched the official weights from the network, as it would."""
    cache = tmp_path_factory.mktemp("torch")
    (cache / "hub" / "checkpoints").mkdir(parents=True)
    for file, (package, _) in SHIPPED.items():
        spec = importlib.util.find_spec(package)
        assert spec, f"{package} is not installed"
        (path,) = (path for folder in spec.submodule_search_locations for path in Path(folder).rglob(file))
        shutil.copy(path, cache / "hub" / "checkpoints")
    return {"TORCH_HOME": str(cache)}
