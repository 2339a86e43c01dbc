"""How every picture looks: one colour and one name per kind of step, the card, the letters.

The colours are told apart with normal sight and with each common kind of colour blindness, by
lightness as much as by hue; tests/course/test_style.py simulates it (Machado, Oliveira and Fernandes
2009, doi 10.1109/TVCG.2009.113). No picture says a thing by colour alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colour:
    """The colour of one kind of step.

    Attributes:
        name: of the kind, for a person: "depthwise convolution".
        fill: of chips and bars.
        ink: of text on the fill; at least 4.5:1 against it.
        text: of text in this colour on the card; at least 4.5:1 against it.
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

COLOURS = {
    "convolution": Colour("full convolution", "#C83E0B", WHITE, "#B5370A"),
    "grouped": Colour("grouped convolution", "#8B56D5", WHITE, "#7440BF"),
    "depthwise": Colour("depthwise convolution", "#12488A", WHITE, "#12488A"),
    "pointwise": Colour("1x1 convolution", "#118165", WHITE, "#0E7059"),
    "linear": Colour("linear layer", "#653903", WHITE, "#653903"),
    "norm": Colour("normalisation", "#D4DFE9", INK, "#4A5B6D"),
    "activation": Colour("activation", "#F0BE21", INK, "#7A5A00"),
    "pool": Colour("mean or pooling", "#7EBEEF", INK, "#1C6597"),
    "squeeze_excitation": Colour("squeeze-and-excitation", "#C773B4", INK, "#96387F"),
    "add": Colour("addition", "#20252B", WHITE, "#20252B"),
    "multiply": Colour("product with the gate", "#C773B4", INK, "#96387F"),
    "other": Colour("other step", "#55585F", WHITE, "#55585F"),
    "input": Colour("tensor", TENSOR, INK, QUIET),
}

# Every colour there is, each once.
PALETTE = tuple(
    dict.fromkeys(
        [INK, QUIET, RULE, CARD, WHITE] + [part for c in COLOURS.values() for part in (c.fill, c.text)]
    )
)

# What every front end has; Liberation and DejaVu stand in for Arial on Linux.
FONTS = ("Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans")
FAMILY = ",".join(f"'{name}'" if " " in name else name for name in FONTS) + ",sans-serif"
MONOSPACE = "'DejaVu Sans Mono',Menlo,Consolas,monospace"

# Letter sizes in CSS pixels, for a picture at its own width.
LARGE = 15.0
MEDIUM = 13.5  # nothing smaller: a picture 1100 wide shown 900 wide then has letters of 11 pixels
