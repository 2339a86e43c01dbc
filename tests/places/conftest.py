"""What the tests of other places share."""

from pathlib import Path

import pytest


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """The variables of a place without weights, from which nothing reaches the network."""
    return {"TORCH_HOME": str(tmp_path / "empty"), "HTTPS_PROXY": "http://127.0.0.1:9"}
