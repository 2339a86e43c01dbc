"""What the tests of other places share."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from blocks.networks.weights import SHIPPED


@pytest.fixture(scope="session")
def online(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a place that has fetched the official weights from the network, as it would."""
    cache = tmp_path_factory.mktemp("torch")
    (cache / "hub" / "checkpoints").mkdir(parents=True)
    for file, (package, _) in SHIPPED.items():
        spec = find_spec(package)
        assert spec, f"{package} is not installed"
        (path,) = (path for folder in spec.submodule_search_locations for path in Path(folder).rglob(file))
        shutil.copy(path, cache / "hub" / "checkpoints")
    return {"TORCH_HOME": str(cache)}


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """The variables of a place without weights, from which nothing reaches the network."""
    return {"TORCH_HOME": str(tmp_path / "empty"), "HTTPS_PROXY": "http://127.0.0.1:9"}
