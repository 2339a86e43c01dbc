"""The picture of an experiment's runs: every title of the notebooks is on it, whole, and no name is cut."""

import re

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from course.kit.drawing.dots import dots, in_words
from course.kit.training.runs import Run
from tests import ROOT

NOTEBOOKS = ROOT / "notebooks"
TITLES = {
    title
    for path in NOTEBOOKS.glob("*.ipynb")
    for title in re.findall(r'title\s*=\s*\\"([^"]*)\\"', path.read_text("utf-8"))
}
SETTINGS = ("a", "residual-56", "width 4, LeakyReLU 0.3, no shortcut")


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("title", sorted(TITLES))
def test_nothing_is_cut_off(title: str, setting: str) -> None:
    figure = dots([Run(setting, seed, 0.9, 123_456) for seed in range(2)], title=title)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,) = figure.axes
    shown = [axes.get_title(loc="left"), *(label.get_text() for label in axes.get_yticklabels())]
    assert shown == [title, setting]
    renderer = canvas.get_renderer()
    for text in (axes._left_title, *axes.get_yticklabels(), *axes.texts):
        box = text.get_window_extent(renderer)
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width, text.get_text()


def test_a_title_that_fits_starts_over_its_dots() -> None:
    figure = dots([Run("plain", 0, 0.9, 10)], title="One seed")
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    assert axes._left_title.get_window_extent().x0 == pytest.approx(axes.get_window_extent().x0, abs=1)


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
