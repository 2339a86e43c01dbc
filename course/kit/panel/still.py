"""What an explorer shows, as HTML for the live widget and as the still that a stored notebook keeps.

A still is HTML with images and their numbers in words: a stored image/svg+xml would be invisible in a fresh
clone, which JupyterLab does not trust, and a stored image/png has neither alternative text nor words beneath.
Here each diagram is an image of its SVG; `tools/freeze.py` stores it as PNG, which every page shows.
"""

import base64
import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

from course.kit.drawing.chart import Png, smaller

Picture = tuple[Png | str, ...]  # charts, and diagrams as SVG strings, one below the other
_CARD = "display:block;max-width:100%;height:auto"
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
# Cards stand beside each other where the page is wide enough. Without the line height an empty line's height
# would be left below a diagram.
_ROW = "display:flex;flex-wrap:wrap;gap:6px;align-items:flex-start;line-height:0"


def live_html(picture: Picture, heard: str) -> str:
    """The picture for a live page: charts as `<img>`, diagrams as they are."""
    return _cards(part if isinstance(part, str) else _image(part, heard) for part in picture)


def still(pictures: Sequence[tuple[Picture, str]]) -> dict[str, Any]:
    """The MIME bundle of pictures, one below the other, each with its numbers beneath."""
    parts: list[str] = []
    for picture, heard in pictures:
        cards = [part if isinstance(part, str) else smaller(part) for part in picture]
        parts.append(_cards(_image(card, heard) for card in cards))
        parts.append(f"<p>{html.escape(heard)}</p>")
    return {
        "text/plain": "\n".join(heard for _, heard in pictures),
        "text/html": "\n".join(parts),
    }


def _cards(cards: Iterable[str]) -> str:
    return f'<div class="cnn-cards" style="{_ROW}">{"".join(cards)}</div>'


def _image(part: Png | str, heard: str) -> str:
    if isinstance(part, str):
        kind, content, found = "svg+xml", part.encode(), _SIZE.match(part)
        size = f' width="{found[1]}" height="{found[2]}"' if found else ""
        named = re.search('aria-label="(.*?)"', part)
        alt = named.group(1) if named else html.escape(heard)
    else:
        kind, content, size = "png", part.data, f' width="{part.width}" height="{part.height}"'
        alt = html.escape(part.label or heard)
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return f'<img alt="{alt}"{size} src="{source}" style="{_CARD}">'
