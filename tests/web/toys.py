"""Small explorers, with all that a page has to take: refusals, equal states, bitmaps, presets."""

import html
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from course.kit.drawing.chart import Png
from course.kit.drawing.style import COLORS, INK
from course.kit.drawing.svg import Mark, card, circle, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from web.stored import Recipe

KINDS = {"a": COLORS["pointwise"].fill, "b": COLORS["depthwise"].fill}
_SVG = 'xmlns="http://www.w3.org/2000/svg" role="img"'


def recipe(name: str, argument: str = "", variant: str | None = None) -> Recipe:
    return Recipe(name, f"{name}({argument})", f"from tests.web.toys import {name}", variant)


def toys(*names: str) -> dict[str, Recipe]:
    return {name: recipe(name) for name in names}


def svg(shown: str, sentence: str) -> str:
    words = f'<text x="4" y="20">{html.escape(shown)}</text>'
    return f'<svg {_SVG} aria-label="{html.escape(sentence)}" width="60" height="40">{words}</svg>'


def png(shade: int, label: str = "") -> Png:
    made = io.BytesIO()
    Image.new("RGB", (8, 6), (shade, 0, 99)).save(made, "png")
    return Png(made.getvalue(), 4, 3, label)


def explorer(
    draw: Callable[..., Picture], compute: Callable[..., Any] = lambda a, b: (a, b), **more: Any
) -> Explorer[Any]:
    """12 positions, two controls."""
    controls = {
        "a": Number("A & b", 2.0, 0, 2.5, 0.5),
        "b": Choice("B", "it's", ("it's", 'so "they" say')),
    }
    return Explorer(
        controls,
        compute=compute,
        draw=draw,
        say=lambda data: Said(f"a < {data[0]}", f"a < {data[0]}, {data[1]}"),
        **more,
    )


def refuse_large(a: float, b: str) -> tuple[float, str]:
    if a > 2:
        raise ValueError(f"words: a must be at most 2, got {a} & {b}.")
    return a, b


@with_name
def words() -> Explorer[Any]:
    """SVG; refuses a > 2."""
    return explorer(
        lambda data, sentence: (svg(f"{data} id=3", sentence), svg("below", "the second part")),
        refuse_large,
        presets={"none": {"a": 0.0, "b": 'so "they" say'}, "one": {"a": 1.0}},
        stills=({}, {"a": 1.5}),
    )


@with_name
def shades() -> Explorer[Any]:
    """Bitmaps beside an SVG; a alone decides on the shade, and two values share one."""
    return explorer(
        lambda data, sentence: (png(int(data[0])), svg(data[1], sentence), png(7, "seven < eight")),
    )


@with_name
def same() -> Explorer[Any]:
    """Shows the same everywhere."""
    return explorer(lambda _, sentence: (png(7), svg("same", sentence)), lambda a, b: (0, "same"))  # noqa: ARG005


@with_name
def with_id() -> Explorer[Any]:
    """Its SVG has an id, which a second picture on the page would have, too."""
    return explorer(lambda *_: ("<svg aria-label='a > b'><g class=\"x\" id='arrow'/></svg>",))


@with_name
def fails() -> Explorer[Any]:
    """Has a fault of its own."""
    return explorer(lambda *_: ("<svg></svg>",), lambda a, b: ({2.0: a}[a], b))


@with_name
def dies(folder: str, times: int) -> Explorer[Any]:
    """Its process ends without a word, as often as said: what was tried is counted in the folder."""
    tried = Path(folder, "tried")
    tried.write_text(f"{tried.read_text() if tried.exists() else ''}x")
    if len(tried.read_text()) <= times:
        os._exit(9)
    return explorer(lambda _, sentence: (svg("alive", sentence),), lambda a, b: (0, "alive"))  # noqa: ARG005


@with_name
def unspeakable() -> Explorer[Any]:
    """A value that JSON does not know."""
    choice = Choice("C", (1, 2), ((1, 2), (3, 4)))
    return Explorer(
        {"c": choice},
        compute=lambda c: c,
        draw=lambda *_: ("<svg></svg>",),
        say=lambda c: Said(str(c), str(c)),
    )


@with_name
def touched() -> Explorer[Any]:
    """A bar that moves, a mark that sets all three controls, and a control that is folded."""

    def draw(data: tuple[float, str, int], heard: str) -> Picture:
        width, kind, height = data
        bar = rect(10, 10, 2 * width, height, KINDS[kind], Mark(key="bar", value=width))
        all_three = Mark(key="all", sets={"width": 80.0, "kind": "b", "height": 30}, title="all three")
        new = circle(200, 80, 5, INK, Mark(key="new")) if kind == "b" else ""
        words = text(60, 75, "all three", INK, Mark(key="words"))
        return (card(bar + rect(10, 60, 40, 20, INK, all_three) + words + new, 220, 100, heard),)

    return Explorer(
        {
            "width": Number("Width", 40.0, 10, 100, 0.5, page=(20.0, 40.0, 80.0)),
            "kind": Choice("Kind", "a", tuple(KINDS)),
            "height": Number("Height", 20, 10, 40, page=(20, 30), more=True),
        },
        compute=lambda **values: tuple(values.values()),
        draw=draw,
        say=lambda data: Said(f"{data[0]} wide", "{} wide, {}, {} high".format(*data)),
        presets={"wide": {"width": 80.0}, "as at first": {"width": 40.0, "kind": "a", "height": 20}},
    )


@with_name
def many(positions: int) -> Explorer[Any]:
    """As many positions as asked for."""
    return Explorer(
        {"n": Number("N", 0, 0, positions - 1)},
        compute=lambda n: n,
        draw=lambda n, sentence: (svg(str(n), sentence),),
        say=lambda n: Said(f"n is {n}", f"n is {n} of {positions}"),
        variant=f"{positions} positions",
    )
