"""Comparisons on the pages: each is declared in a record, computed from stored rows, and holds elsewhere."""

import json
import re
from pathlib import Path

import pytest

from course.kit.training.runs import Verdict
from tests import ROOT
from tools.claims import Fate, fates
from tools.grids import ARITHMETICS, INSTALLED

FATES = fates()
LINE = re.compile(r"in \d+ of \d+ runs")


def texts(path: Path) -> str:
    """All words of a stored notebook's outputs that nbval compares."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = (
        output
        for cell in cells
        if "IGNORE" not in "".join(cell["source"])
        for output in cell.get("outputs", [])
    )
    return "\n".join(
        "".join(output.get("text", output.get("data", {}).get("text/plain", ""))) for output in outputs
    )


SAID = {path.stem: texts(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}


@pytest.mark.parametrize(
    "fate", FATES, ids=lambda fate: f"{fate.name}: {fate.verdict.first}, {fate.verdict.second}"
)
def test_a_declared_comparison_stands_on_a_page_as_the_rows_say(fate: Fate) -> None:
    assert any(str(fate.verdict) in said for said in SAID.values()), str(fate.verdict)


@pytest.mark.parametrize("notebook", SAID)
def test_a_page_compares_nothing_that_is_not_declared(notebook: str) -> None:
    said = SAID[notebook]
    for fate in FATES:
        said = said.replace(str(fate.verdict), "")
    assert LINE.findall(said) == []


FALLEN = {("mbconv.squeeze_excitation", "with SE", "without SE")}
"""Clear as installed, but not so under other arithmetic: no summary, prediction or headline claims it."""


def test_what_is_clear_holds_under_other_arithmetic_but_for_the_few_that_are_named() -> None:
    named = {(fate.name, fate.verdict.first, fate.verdict.second): fate for fate in FATES}
    found = {key for key, fate in named.items() if fate.verdict.clear and fate.others and not fate.holds}
    assert found == FALLEN


PENDING: dict[str, set[str]] = {
    "residual.depth": {"two threads"},
    "linear_bottleneck.narrow_end": {"two threads"},
    "squeeze_excitation.cue_task": {"two threads"},
}
"""Experiments whose clear comparisons have not all been tried yet, and the arithmetics that are missing."""


def test_what_is_clear_was_tried_in_every_other_arithmetic() -> None:
    """Three seeds in each: `make grids-arithmetic`."""
    missing: dict[str, set[str]] = {}
    for fate in FATES:
        if fate.verdict.clear and (left := set(ARITHMETICS) - {INSTALLED} - set(fate.others)):
            missing.setdefault(fate.name, set()).update(left)
    assert missing == PENDING


def test_fates_are_told_apart() -> None:
    up = Verdict("a", "b", (0.1,) * 9 + (0.11,))
    luck = Verdict("a", "b", (0.1, -0.1) * 5)
    assert Fate("x.y", up, {"AVX2": (0.1, 0.1, -0.1)}, ()).holds
    assert not Fate("x.y", up, {"AVX2": (0.1, 0.1, 0.1), "SSE4.1": (0.1, -0.1, -0.1)}, ()).holds
    assert not Fate("x.y", luck, {"AVX2": (0.1, 0.1, 0.1)}, ()).holds
    assert str(Fate("x.y", up, {"AVX2": (-0.1,) * 3}, ("AVX2",))).endswith("| AVX2 (-10.0) | falls")
    assert str(Fate("x.y", up, {}, ())).endswith("| not tried")
