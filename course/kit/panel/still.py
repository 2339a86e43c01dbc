"""What an explorer shows, as HTML for the live widget and as the still that a stored notebook keeps.

A still is HTML with images and their sentences: a stored image/svg+xml would be invisible in a fresh clone,
which JupyterLab does not trust, and a stored image/png has neither alternative text nor words beneath.
"""

import base64
import html
import re
from collections.abc import Sequence
from typing import Any

from course.kit.drawing.chart import Png, smaller

Picture = tuple[Png | str, ...]  # charts, and diagrams as SVG strings, one below the other
_CARD = "display:block;max-width:100%;height:auto"
_GAP = '<div style="height:6px"></div>'


def live_html(picture: Picture, sentence: str) -> str:
    """The picture for a live page: charts as `<img>`, diagrams as they are."""
    shown = _GAP.join(part if isinstance(part, str) else _image(part, sentence) for part in picture)
    return f'<div style="line-height:0">{shown}</div>'  # else an empty line's height is left below a diagram


def still(pictures: Sequence[tuple[Picture, str]]) -> dict[str, Any]:
    """The MIME bundle of pictures, one below the other, each with its sentence beneath."""
    parts: list[str] = []
    for picture, sentence in pictures:
        parts += [_image(part if isinstance(part, str) else smaller(part), sentence) for part in picture]
        parts.append(f"<p>{html.escape(sentence)}</p>")
    return {
        "text/plain": "\n".join(sentence for _, sentence in pictures),
        "text/html": "\n".join(parts),
    }


def _image(part: Png | str, sentence: str) -> str:
    if isinstance(part, str):
        kind, content, size = "svg+xml", part.encode(), ""
        named = re.search('aria-label="(.*?)"', part)
        alt = named.group(1) if named else html.escape(sentence)
    else:
        kind, content, size = "png", part.data, f' width="{part.width}" height="{part.height}"'
        alt = html.escape(part.label or sentence)
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return f'<img alt="{alt}"{size} src="{source}" style="{_CARD}">'
