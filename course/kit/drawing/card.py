"""What SVG pictures share: the card that each one brings along, and a line of words on it."""

from html import escape

from course.kit.drawing.style import CARD, CARD_EDGE, FAMILY, MEDIUM


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


def words(x: float, y: float, text: str, fill: str, *, bold: bool = False, anchor: str = "start") -> str:
    """A line of text in the letters of the card; (x, y) is its start, middle or end on the base line."""
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
