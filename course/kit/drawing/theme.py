"""The dark theme of live pictures: which color stands for which of `style`'s on a dark page.

A picture names the colors of the light theme; a page that is dark replaces them by a style sheet. Stills
are images and stay light cards.
"""

from course.kit.drawing.style import (
    CARD,
    CARD_EDGE,
    COLORS,
    INK,
    PANEL,
    QUIET,
    RULE,
    TENSOR,
    TENSOR_BACK,
    TENSOR_EDGE,
)

GROUND = {
    INK: "#E4EAF1",
    QUIET: "#A9B4C1",
    RULE: "#3A4653",
    CARD: "#151B22",
    CARD_EDGE: "#33404D",
    TENSOR: "#2A3644",
    TENSOR_BACK: "#3B4A5C",
    TENSOR_EDGE: "#8498AE",
    PANEL: "#2C2130",
}
"""Text, lines and grounds."""
LETTERS = {
    COLORS["convolution"].text: "#FF9A70",
    COLORS["grouped"].text: "#C3A0F2",
    COLORS["depthwise"].text: "#8FBCF3",
    COLORS["pointwise"].text: "#63D2B1",
    COLORS["linear"].text: "#D9A868",
    COLORS["norm"].text: "#AFC0D1",
    COLORS["activation"].text: "#F0BE21",
    COLORS["pool"].text: "#7EBEEF",
    COLORS["squeeze_excitation"].text: "#E7A3D8",
    COLORS["add"].text: "#E4EAF1",
    COLORS["other"].text: "#B4B9C2",
}
"""Text in the color of a kind of step."""
SHAPES = {
    COLORS["depthwise"].fill: "#2F6DB8",
    COLORS["linear"].fill: "#96591A",
    COLORS["add"].fill: "#5B6675",
    COLORS["other"].fill: "#6E747E",
}
"""Chips and bars whose color is too dark for a dark card."""


def dark(scope: str) -> str:
    """The style sheet that turns pictures inside `scope`, a CSS selector, to the dark theme."""
    rules = [f'{scope} svg [fill="{old}"]{{fill:{new}}}' for old, new in (GROUND | SHAPES).items()]
    rules += [f'{scope} svg [stroke="{old}"]{{stroke:{new}}}' for old, new in (GROUND | SHAPES).items()]
    rules += [f'{scope} svg text[fill="{old}"]{{fill:{new}}}' for old, new in (LETTERS | GROUND).items()]
    return "".join(rules)
