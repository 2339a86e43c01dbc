"""The whole atlas, built once for all tests that ask for it."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.web.site import site  # noqa: F401 - a fixture for all
from web import atlas, stored


@pytest.fixture(scope="session")
def whole_atlas() -> Iterator[Path]:
    """Where `make site` puts it; made here where it is not up to date."""
    folder = ROOT / "build" / "site" / "atlas"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent.parent / "atlas.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another of pytest's processes may be building it
        shown = stored.read(ROOT / "notebooks")
        atlas.build(folder, stored.every(shown), stills=shown)
        print(atlas.table(folder))
        fcntl.flock(lock, fcntl.LOCK_SH)  # all may read it, none may make another in the meantime
        yield folder
