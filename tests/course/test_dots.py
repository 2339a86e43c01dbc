"""The picture of an experiment's runs: every run is a dot in its place, every verdict at its two rows."""

import re
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from course.kit.drawing import dots as module
from course.kit.drawing.dots import WIDTH, dots, in_words
from course.kit.drawing.letters import text_width
from course.kit.panel import show_runs
from course.kit.training import grids
from course.kit.training.runs import Run, verdict
from tests import ROOT

NOTEBOOKS = ROOT / "notebooks"
SVG = "{http://www.w3.org/2000/svg}"
TITLES = {
    title
    for path in NOTEBOOKS.glob("*.ipynb")
    for title in re.findall(r'title\s*=\s*\\"([^"]*)\\"', path.read_text("utf-8"))
}
SETTINGS = ("a", "residual-56", "width 4, LeakyReLU 0.3, no shortcut")
BOARD = grids.grid("networks.scoreboard")
PAIRS = [("residual", "plain"), ("inverted residual", "depthwise separable"), ("Fused-MBConv", "MBConv")]


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own picture


def texts(root: ET.Element) -> list[ET.Element]:
    return [text for text in root.iter(f"{SVG}text") if text.text]


def number(mark: ET.Element, name: str) -> float:
    return float(mark.get(name, ""))


def board() -> ET.Element:
    return read(dots(BOARD, title="Board", label="said", verdicts=[verdict(BOARD, *pair) for pair in PAIRS]))


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("title", sorted(TITLES))
def test_nothing_is_cut_off(title: str, *, paired: bool) -> None:
    runs = [Run(name, seed, 0.9 + seed / 100, 123_456) for name in SETTINGS for seed in range(2)]
    verdicts = [verdict(runs, *pair) for pair in pairwise(SETTINGS)] if paired else []
    root = read(dots(runs, title=title, label="said", verdicts=verdicts))
    words = " ".join(str(text.text) for text in texts(root))
    for whole in (title, *SETTINGS):
        assert all(word in words for word in whole.split())
    for text in texts(root):
        size = float(text.get("font-size", "13.5"))
        width = text_width(str(text.text), size, bold=bool(text.get("font-weight")))
        left = number(text, "x") - {"end": width, "middle": width / 2}.get(text.get("text-anchor", ""), 0)
        assert left >= 0
        assert left + width <= WIDTH, text.text
        assert size >= 13
        assert number(text, "y") < number(root, "height") - 4


def rows(root: ET.Element) -> dict[str, list[tuple[float, float, float]]]:
    """By setting (x, y, % right) of its dots: those between its name and the next one."""
    names = {str(text.text): number(text, "y") for text in texts(root)}
    found: dict[str, list[tuple[float, float, float]]] = {run.setting: [] for run in BOARD}
    for mark in root.iter(f"{SVG}circle"):
        told = re.match(r"seed \d+: (\S+) %", "".join(title.text or "" for title in mark))
        if told:
            above = [name for name in found if names[name] < number(mark, "cy")]
            setting = max(above, key=lambda name: names[name])
            found[setting].append((number(mark, "cx"), number(mark, "cy"), float(told.group(1))))
    return found


def test_every_run_is_a_dot_in_its_place() -> None:
    dots_: list[tuple[float, float]] = []
    for setting, row in rows(board()).items():
        due = sorted(100 * run.accuracy for run in BOARD if run.setting == setting)
        assert sorted(right for *_, right in row) == [round(right, 1) for right in due]
        assert len({y for _, y, _ in row}) == 1
        dots_ += zip(sorted(x for x, *_ in row), due, strict=True)
    (start, low), (end, high) = (pick(dots_, key=lambda dot: dot[1]) for pick in (min, max))
    for x, right in dots_:
        assert x == pytest.approx(start + (end - start) * (right - low) / (high - low), abs=0.2)


def brackets(root: ET.Element) -> dict[str, tuple[float, ...]]:
    """By what it says each verdict: where its bracket stands and its ends, its full marks, and all marks."""
    found = {}
    for group in root.iter(f"{SVG}g"):
        title = next(group.iter(f"{SVG}title")).text or ""
        ends = re.match(r"M(\S+) (\S+)h5V(\S+)h-5", next(group.iter(f"{SVG}path")).get("d", ""))
        assert ends
        marks = [*group.iter(f"{SVG}circle")]
        full = sum(mark.get("fill") == mark.get("stroke") for mark in marks)
        found[title] = (*map(float, ends.groups()), full, len(marks), number(marks[0], "cy"))
    return found


def test_a_verdict_stands_at_the_two_rows_that_it_compares() -> None:
    root = board()
    places = {setting: row[0][1] for setting, row in rows(root).items()}
    found = brackets(root)
    assert len(found) == len(PAIRS)
    for first, second in PAIRS:
        due = verdict(BOARD, first, second)
        _, top, bottom, full, every, _ = found[str(due)]
        assert (top, bottom) == pytest.approx((places[first], places[second]), abs=0.1)
        assert (full, every) == (due.in_favor, len(due.differences))


def test_verdicts_that_are_turned_round_and_full_marks_too_many_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = module._verdicts

    def turned(verdicts: Any, places: dict[str, float], *rest: Any) -> Any:
        return right(verdicts, dict(zip(places, reversed(places.values()), strict=True)), *rest)

    with monkeypatch.context() as wrong:
        wrong.setattr(module, "_verdicts", turned)
        with pytest.raises(AssertionError):
            test_a_verdict_stands_at_the_two_rows_that_it_compares()
    monkeypatch.setattr(module, "CARD", module.TENSOR_EDGE)
    with pytest.raises(AssertionError):
        test_a_verdict_stands_at_the_two_rows_that_it_compares()


def test_no_two_verdicts_and_no_two_brackets_share_a_place() -> None:
    runs = grids.grid("residual.depth")
    chosen = [("plain-56", "plain-10"), ("residual-56", "residual-10"), ("residual-56", "plain-56")]
    svg = dots(runs, title="Depth", label="said", verdicts=[verdict(runs, *pair) for pair in chosen])
    found = [*brackets(read(svg)).values()]
    for one, other in combinations(found, 2):
        (a, b), (c, d) = sorted(one[1:3]), sorted(other[1:3])
        assert one[0] != other[0] or b <= c or d <= a
    tops = sorted(top for *_, top in found)
    assert all(below - above >= module.VERDICT for above, below in pairwise(tops))


def test_a_clear_verdict_points_at_the_better_row() -> None:
    for pair in (PAIRS[1], PAIRS[1][::-1]):  # the better one first, and second
        svg = dots(BOARD, title="t", label="said", verdicts=[verdict(BOARD, *pair)])
        assert "not clear" not in svg
        assert ">4.3 points</text>" in svg
        arrow = re.findall(r'd="M\S+ (\S+)l8 -5v10z"', svg)
        assert [*map(float, arrow)] == [rows(read(svg))["inverted residual"][0][1]]
    svg = dots(BOARD, title="t", label="said", verdicts=[verdict(BOARD, *PAIRS[0])])
    assert "not clear" in svg
    assert "l8 -5v10z" not in svg


def test_an_axis_spans_at_least_eight_points_and_ends_at_all_right() -> None:
    across = module._axis([Run("a", seed, 0.99 + seed / 200, 10) for seed in range(2)], 384)
    assert across.high - across.low >= 8
    assert 100 < across.high < 101


def test_what_is_none_of_the_runs_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^dots: runs must hold at least one run, got none\."):
        dots([], title="t", label="said")
    with pytest.raises(ValueError, match=r"^dots: marked must be among \['a'\], got \['b'\]"):
        dots(A, title="t", label="said", marked=("b",))


def test_shown_runs_keep_their_sentence_and_the_fold() -> None:
    bundle = show_runs(BOARD, title="The scoreboard", pairs=PAIRS[:1])._repr_mimebundle_()
    first, deeper = bundle["text/plain"].splitlines()
    due = verdict(BOARD, *PAIRS[0])
    assert first == f"The scoreboard. {due} {in_words(BOARD)}"
    assert deeper == due.in_numbers()
    assert "<summary>Deeper</summary>" in bundle["text/html"]


A, B = (Run("a", 0, 0.9, 10), Run("a", 1, 0.8, 10)), (Run("b", 0, 0.7, 10), Run("b", 1, 0.7, 10))
WIDE, LONE = (Run("wide", 0, 0.9, 20), Run("wide", 1, 0.9, 20)), (Run("lone", 0, 0.9, 10),)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (LONE, ". lone: 90.0 % (1 seed), 10 parameters."),
        (A, ", mean and range of 2 seeds. a: 85.0 % (80.0 to 90.0), 10 parameters."),
        (LONE + A, ". lone: 90.0 % (1 seed); a: 85.0 % (80.0 to 90.0, 2 seeds); 10 parameters each."),
        (
            A + B + WIDE,
            (
                ", mean and range of 2 seeds. a: 85.0 % (80.0 to 90.0); b: 70.0 % (70.0 to 70.0);"
                " 10 parameters each. wide: 90.0 % (90.0 to 90.0), 20 parameters."
            ),
        ),
    ],
)
def test_what_settings_have_in_common_is_said_once(found: tuple[Run, ...], words: str) -> None:
    assert in_words(found) == f"Test accuracy{words}"
