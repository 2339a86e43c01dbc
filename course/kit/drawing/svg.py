"""Marks of an SVG picture, as text: data only, never a handler.

What a mark stands for goes into its attributes, and one script (course/kit/panel/touch.js) reads them: what
a click sets (`data-set`), which mark it was in the picture before (`data-key`), and what its size must be
proportional to (`data-value`, `data-scale`, `data-unit`), which a test holds against the drawing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal
from urllib.parse import quote

from course.kit.drawing.style import CARD, CARD_EDGE, FAMILY, MEDIUM

Scale = Literal["width", "height", "area", "log-width", "log-height"]


@dataclass(frozen=True)
class Mark:
    """What a mark is beside its shape.

    Attributes:
        key: its name in this picture and in the next one: the script moves it from its old place. A mark with
            a key has no transform of its own.
        sets: what a click on it sets, by control.
        value: the number that it stands for.
        scale: what of it is proportional to the value: its width or height (or the logarithm of the value to
            those), or its area.
        unit: marks of one unit share one scale in the whole picture.
        title: what a pointer that rests on it reads.
    """

    key: str = ""
    sets: Mapping[str, Any] | None = None
    value: float | None = None
    scale: Scale = "width"
    unit: str = ""
    title: str = ""

    @property
    def attributes(self) -> str:
        """As SVG, with a space before each."""
        found = f' data-key="{escape(self.key)}"' if self.key else ""
        if self.sets:
            found += f' data-set="{setting(self.sets)}"'
        if self.value is not None:
            found += f' data-value="{self.value:.12g}" data-scale="{self.scale}"'
            found += f' data-unit="{escape(self.unit)}"' if self.unit else ""
        return found


PLAIN = Mark()


def card(
    body: str, width: float, height: float, label: str, *, left: float = 0, top: float = 0, scale: float = 1
) -> str:
    """The SVG: `body` on a card of this size; `label`, in words, is its alternative text.

    (left, top) is the card's upper left corner as `body` counts, `scale` how large it is on the page.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}"'
        f' width="{number(width * scale)}" height="{number(height * scale)}"'
        f' viewBox="{number(left)} {number(top)} {number(width)} {number(height)}"'
        f' style="max-width:100%;height:auto" font-family="{FAMILY}" font-size="{MEDIUM}">'
        # a pixel in: where the page makes it smaller, the last half pixel may be cut off
        f'<rect x="{number(left + 1)}" y="{number(top + 1)}" width="{number(width - 2)}"'
        f' height="{number(height - 2)}" rx="10" fill="{CARD}" stroke="{CARD_EDGE}"/>{body}</svg>'
    )


def number(value: float) -> str:
    """A coordinate: a tenth of a pixel is enough."""
    return f"{round(value, 1):g}" if round(value, 1) else "0"


def setting(values: Mapping[str, Any]) -> str:
    """The value of `data-set`: name=value;name=value, each value as JSON, percent-encoded."""
    return ";".join(f"{name}={quote(json.dumps(value), safe='')}" for name, value in values.items())


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    mark: Mark = PLAIN,
    *,
    stroke: str = "",
    rx: float = 0,
    more: str = "",
) -> str:
    """A rectangle; `more` are further attributes."""
    edge = f' stroke="{stroke}"' if stroke else ""
    round_ = f' rx="{number(rx)}"' if rx else ""
    place = f'x="{_fine(x)}" y="{_fine(y)}" width="{_fine(width)}" height="{_fine(height)}"'
    return _tag(f'rect {place}{round_} fill="{fill}"{edge}{_more(more)}', mark)


def circle(x: float, y: float, r: float, fill: str, mark: Mark = PLAIN, *, more: str = "") -> str:
    """A circle."""
    return _tag(f'circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" fill="{fill}"{_more(more)}', mark)


def path(
    d: str, fill: str, mark: Mark = PLAIN, *, stroke: str = "", width: float = 1.6, more: str = ""
) -> str:
    """A path."""
    edge = f' stroke="{stroke}" stroke-width="{number(width)}" stroke-linejoin="round"' if stroke else ""
    return _tag(f'path d="{d}" fill="{fill}"{edge}{_more(more)}', mark)


def text(
    x: float,
    y: float,
    words: str,
    fill: str,
    mark: Mark = PLAIN,
    *,
    size: float = MEDIUM,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    """A line of text; (x, y) is its start, middle or end on the base line."""
    weight = ' font-weight="700"' if bold else ""
    larger = f' font-size="{number(size)}"' if size != MEDIUM else ""
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    shown = escape(words, quote=False)
    start = f'<text x="{number(x)}" y="{number(y)}" fill="{fill}"{at}{weight}{larger}{mark.attributes}>'
    return f"{start}{shown}{_title(mark)}</text>"


def image(x: float, y: float, width: float, height: float, source: str, mark: Mark = PLAIN) -> str:
    """A bitmap from a data address, its pixels as sharp squares where it is enlarged."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    look = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
    return _tag(f'image {place} {look} href="{source}"', mark)


def group(body: str, mark: Mark = PLAIN, *, more: str = "") -> str:
    """Marks that are one thing to touch."""
    return f"<g{_more(more)}{mark.attributes}>{_title(mark)}{body}</g>"


def _tag(start: str, mark: Mark) -> str:
    if not mark.title:
        return f"<{start}{mark.attributes}/>"
    return f"<{start}{mark.attributes}>{_title(mark)}</{start.split(maxsplit=1)[0]}>"


def _title(mark: Mark) -> str:
    return f"<title>{escape(mark.title)}</title>" if mark.title else ""


def _more(attributes: str) -> str:
    return f" {attributes}" if attributes else ""


def _fine(value: float) -> str:
    """A length that is measured: two places more than what only stands somewhere."""
    return f"{round(value, 3):g}" if round(value, 3) else "0"
