"""A part of the tests that takes far longer than its budget ends `.ci/run`."""

import re
from pathlib import Path

import pytest

from tests import ROOT
from tools import seconds

NAMES = {
    "blocks and measure": "tests.blocks.test_contract",
    "chapters and checkers": "course.kit.record",
    "nbval": "notebooks.02_residual.ipynb",
    "browser": "tests.browser.test_panels",
    "site": "tests.web.test_atlas",
    "places": "tests.places.test_colab",
}


def write(folder: Path, run: str, time: float, **parts: float) -> None:
    """What a run of so many seconds leaves, with a test of so many seconds for each part."""
    tests = [f'<testcase classname="{name}" name="test_it" time="{each}" />' for name, each in parts.items()]
    suite = f'<testsuite name="pytest" time="{time}">{"".join(tests)}</testsuite>'
    (folder / f"{run}.xml").write_text(f"<testsuites>{suite}</testsuites>", encoding="utf-8")


def within(folder: Path) -> None:
    """Runs in which every part keeps to its budget: two workers, 60 and 120 s of seven tests."""
    first, second = list(NAMES.values())[:3], list(NAMES.values())[3:]
    write(folder, "test", 60, **dict.fromkeys(first, 40))
    write(folder, "browser", 120, **dict.fromkeys(second, 80))


def test_a_part_has_its_share_of_each_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    within(tmp_path)
    write(tmp_path, "slow", 30, **{NAMES["nbval"]: 45, "tests.test_links": 15})
    assert seconds.by_part(tmp_path) == {
        "blocks and measure": 20,
        "chapters and checkers": 27.5,
        "nbval": 42.5,
        "browser": 40,
        "site": 40,
        "places": 40,
    }
    seconds.main(tmp_path)
    rows = capsys.readouterr().out.splitlines()
    assert [row[:23].strip() for row in rows] == list(NAMES)
    assert re.fullmatch(r"nbval +42 s, budget  240 s", rows[2])


@pytest.mark.parametrize("part", NAMES)
def test_a_part_that_has_grown_is_named(part: str, tmp_path: Path) -> None:
    within(tmp_path)
    budget = seconds.PARTS[part][0]
    write(tmp_path, "slow", seconds.MOST * budget - 50, **{NAMES[part]: 1})
    seconds.main(tmp_path)
    write(tmp_path, "slow", seconds.MOST * budget + 1, **{NAMES[part]: 1})
    with pytest.raises(SystemExit, match=f"^{part}: .* s are more than 4 times the budget of {budget} s$"):
        seconds.main(tmp_path)


def test_a_part_that_was_not_run_is_named(tmp_path: Path) -> None:
    within(tmp_path)
    (tmp_path / "test.xml").unlink()
    with pytest.raises(SystemExit, match=r"^blocks and measure: no tests were run\nchapters and ch.*\nnbval"):
        seconds.main(tmp_path)


def test_every_test_belongs_to_a_part() -> None:
    paths = [*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("blocks/**/*.py"), *ROOT.glob("course/**/*.py")]
    for path in [*paths, *ROOT.glob("notebooks/*.ipynb")]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        assert seconds.part_of(name)
    with pytest.raises(ValueError, match=r"^seconds: each test must belong to a part, got tests\.new\.x\.$"):
        seconds.part_of("tests.new.x")
