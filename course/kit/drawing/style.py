"""How every picture looks: one color and one name per kind of step, the card, the letters.

The colors are told apart with normal sight and with each common kind of color blindness, by
lightness as much as by hue; tests/course/test_style.py simulates it (Machado, Oliveira and Fernandes
2009, doi 10.1109/TVCG.2009.113). No picture says a thing by color alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Color:
    """The color of one kind of step.

    Attributes:
        name: of the kind, for a person: "depthwise convolution".
        fill: of chips and bars.
        ink: of text on the fill; at least 4.5:1 against it.
        text: of text in this color on the card; at least 4.5:1 against it.
    """

    name: str
    fill: str
    ink: str
    text: str


INK = "#1B2430"  # text, arrows
QUIET = "#56616F"  # text of less weight: sizes, captions
RULE = "#C9D2DC"  # grid lines and frames
CARD = "#FCFDFE"  # the background that each picture brings along, so that it reads on a dark page too
CARD_EDGE = "#D9E0E8"
TENSOR = "#E6EEF6"  # the boxes that stand for tensors
TENSOR_BACK = "#C7D5E4"  # their top and side
TENSOR_EDGE = "#6B7F95"
PANEL = "#FAF0F7"  # behind the steps of a gate
WHITE = "#FFFFFF"
ON_COLOR = "#1B2431"  # text on a light chip, whose color stays on a dark page: not INK, which turns
HERE = "#E8A200"  # "you are here": an outline, or what is lit; nothing else has this color

COLORS = {
    "convolution": Color("full convolution", "#C83E0B", WHITE, "#B5370A"),
    "grouped": Color("grouped convolution", "#8B56D5", WHITE, "#7440BF"),
    "depthwise": Color("depthwise convolution", "#12488A", WHITE, "#12488A"),
    "pointwise": Color("1x1 convolution", "#118165", WHITE, "#0E7059"),
    "linear": Color("linear layer", "#653903", WHITE, "#653903"),
    "norm": Color("normalization", "#D4DFE9", ON_COLOR, "#4A5B6D"),
    "activation": Color("activation", "#F0BE21", ON_COLOR, "#7A5A00"),
    "pool": Color("mean or pooling", "#7EBEEF", ON_COLOR, "#1C6597"),
    "squeeze_excitation": Color("squeeze-and-excitation", "#C773B4", ON_COLOR, "#96387F"),
    "add": Color("addition", "#20252B", WHITE, "#20252B"),
    "multiply": Color("product with the gate", "#C773B4", ON_COLOR, "#96387F"),
    "other": Color("other step", "#55585F", WHITE, "#55585F"),
    "input": Color("tensor", TENSOR, INK, QUIET),
}

# Every color there is, each once.
PALETTE = tuple(
    dict.fromkeys(
        [INK, QUIET, RULE, CARD, WHITE] + [part for c in COLORS.values() for part in (c.fill, c.text)]
    )
)

# What every front end has; Liberation and DejaVu stand in for Arial on Linux.
FONTS = ("Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans")
FAMILY = ",".join(f"'{name}'" if " " in name else name for name in FONTS) + ",sans-serif"
MONOSPACE = "'DejaVu Sans Mono',Menlo,Consolas,monospace"

# Letter sizes in CSS pixels, for a picture at its own width.
LARGE = 15.0
MEDIUM = 13.5  # nothing smaller: a picture 1100 wide shown 900 wide then has letters of 11 pixels
