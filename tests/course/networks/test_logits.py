"""The differences from torchvision: stored as computed here, and read where torchvision is missing."""

import importlib
import re
from dataclasses import replace
from types import ModuleType

import pytest

from course.networks import logits, mistakes
from course.networks.logits import NONE, Differences, computed, logit_differences, stored
from tests import ROOT


def faults(kept: Differences, live: Differences) -> list[str]:
    """What is wrong with the stored differences."""
    found = []
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^(torch|torchvision)==(\S+)$", text, flags=re.MULTILINE))
    if (kept.torchvision, kept.torch) != (pinned["torchvision"], pinned["torch"]):
        found.append("they are of other versions than in constraints.txt: run python -m tools.logits")
    if [*kept.largest] != [NONE, *mistakes.MISTAKES]:
        found.append("they are of other mistakes")
    elif kept.largest != pytest.approx(live.largest, rel=0.02, abs=1e-4):
        found.append(f"they are other ones: {kept.largest}, not {live.largest}")
    if max(kept.largest[NONE], live.largest[NONE]) > 1e-4:
        found.append("our network is not torchvision's")
    return found


@pytest.fixture(scope="module")
def live() -> Differences:
    return computed()


def test_what_is_stored_is_what_is_computed(live: Differences) -> None:
    assert faults(stored(), live) == []
    assert (live.is_live, stored().is_live) == (True, False)


def test_what_is_stored_wrongly_is_found(live: Differences) -> None:
    right = stored()
    for wrong in (
        replace(right, torch="2.12.0"),
        replace(right, torchvision="0.27.0"),
        replace(right, largest={NONE: 0.0}),
        replace(right, largest={**right.largest, NONE: 0.01}),
        replace(right, largest={**right.largest, "norm eps 1e-3": 19.0}),
    ):
        assert len(faults(wrong, live)) >= 1


def test_a_wrong_network_of_ours_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    network = mistakes.relu(logits.on_photos.mobilenet_v2())
    monkeypatch.setattr(logits.on_photos, "mobilenet_v2", lambda: network)
    assert computed().largest[NONE] > 0.3


@pytest.mark.parametrize("error", [ImportError, ModuleNotFoundError, RuntimeError])
def test_without_torchvision_the_stored_ones_are_shown(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    import_module = importlib.import_module

    def missing(name: str, package: str | None = None) -> ModuleType:
        if name == "torchvision":
            raise error(name)
        return import_module(name, package)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert logit_differences() == stored()
    monkeypatch.undo()
    assert logit_differences().is_live


def test_without_the_weights_the_stored_ones_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise FileNotFoundError

    monkeypatch.setattr(logits.on_photos, "mobilenet_v2", missing)
    assert logit_differences() == stored()


def test_in_words(live: Differences) -> None:
    assert str(stored()).startswith("largest difference from torchvision 0.")
    assert "(stored)\nno mistake  " in str(stored())
    assert "(computed now)\nno mistake  " in str(live)
    assert len(str(live).splitlines()) == 2 + len(mistakes.MISTAKES)
