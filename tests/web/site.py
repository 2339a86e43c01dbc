"""A thinned site, built once for all tests that look at it."""

import fcntl
from pathlib import Path

import pytest

from tests import ROOT
from web.__main__ import build


@pytest.fixture(scope="session")
def site(testrun_uid: str) -> Path:
    """To be read only; of its atlas only what has changed since the last run is made again."""
    folder = ROOT / "build" / "thin"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "thin.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another of pytest's processes may be building it
        lock.seek(0)
        if lock.read() != testrun_uid:
            left = folder / "atlas" / "still" / "left_by_an_earlier_build.js"
            left.parent.mkdir(parents=True, exist_ok=True)
            left.touch()
            build(folder, thin=True)
            lock.truncate(0)
            lock.write(testrun_uid)
    return folder
