"""No picture is written with matplotlib's mathtext: it needs math fonts, and warns where there are none."""

import io
from typing import NoReturn

import pytest
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from course import EXPLORERS


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


def test_a_picture_with_mathtext_is_seen() -> None:
    figure = Figure()
    figure.add_subplot().set(xscale="log", xlim=(1, 1e6))
    with pytest.raises(AssertionError, match="mathtext: "):
        figure.savefig(io.BytesIO())
