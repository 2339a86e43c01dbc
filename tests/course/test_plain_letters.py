"""No picture is written with matplotlib's mathtext: it needs math fonts, and warns where there are none."""

import io
from typing import NoReturn

import pytest
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from course import EXPLORERS
from course.kit.drawing.times import Point, times
from course.kit.panel import show_runs
from course.kit.panel.runs import shown
from course.kit.training import grids


@pytest.fixture(autouse=True)
def no_mathtext(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object, text: str, *__: object, **___: object) -> NoReturn:
        raise AssertionError(f"mathtext: {text}")

    monkeypatch.setattr(MathTextParser, "parse", refuse)


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_has_plain_letters(name: str) -> None:
    explorer = EXPLORERS[name]()
    for values in ({}, *explorer.stills):
        explorer.answer({**explorer.start, **values})


@pytest.mark.parametrize("times_more", [2, 30, 30_000])  # an axis within a power of ten, of some, and many
def test_measured_times_have_plain_letters(times_more: int) -> None:
    points = [Point("8", 10**5, 1e-5, 0.5), Point("512", 10**5 * times_more, 1e-5 * times_more, 60)]
    shown(times({"full": points}, title="Times", note="here"), "said")


def test_stored_runs_have_plain_letters() -> None:
    show_runs(grids.grid("depthwise_separable.comparison"), title="Runs")


def test_a_picture_with_mathtext_is_seen() -> None:
    figure = Figure()
    figure.add_subplot().set(xscale="log", xlim=(1, 1e6))
    with pytest.raises(AssertionError, match="mathtext: "):
        figure.savefig(io.BytesIO())
