"""What SVG pictures share: the card that each one brings along, and a line of words on it."""

from html import escape

from blocks.figures.style import CARD, CARD_EDGE, FAMILY, MEDIUM


def card(body: str, width: float, height: float, label: str) -> str:
    """The SVG: `body` on a card of this size in pixels; `label`, in words, is its alternative text."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" width="{width}"'
        f' height="{height}" viewBox="0 0 {width} {height}" style="max-width:100%;height:auto"'
        f' font-family="{FAMILY}" font-size="{MEDIUM}">'
        # a pixel in: where the page makes it smaller, the last half pixel may be cut off
        f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" rx="10" fill="{CARD}"'
        f' stroke="{CARD_EDGE}"/>{body}</svg>'
    )


def words(x: float, y: float, text: str, fill: str, *, bold: bool = False, anchor: str = "start") -> str:
    """A line of text in the letters of the card; (x, y) is its start, middle or end on the base line."""
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
