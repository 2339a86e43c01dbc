"""A digit on its way through 55 layers that were never trained, without shortcuts and with them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from course.kit.drawing.bitmap import inked
from course.kit.drawing.style import CARD, HERE, INK, QUIET, RULE, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, group, image, path, rect, text
from course.kit.panel import Explorer, Number, Picture, Said, with_name
from course.residual.answers import SEED, ten_pixels
from course.residual.experiment import KINDS, setting
from course.residual.fading import AFTER, LAYERS, stored_fading
from course.residual.untrained import TRAIN

LAST = AFTER[-1]
PRESETS = {f"after layer {layer}": {"layer": layer} for layer in (1, 13, 27, LAST)}


@dataclass(frozen=True, eq=False)
class Way:
    """One network, as far as the digit has come.

    Attributes:
        right: after each layer so far how many test images a linear decoder classifies correctly, 0 to 1.
        pixels: after each layer so far the digit as another one decodes it, (8, 8), 0 (paper) to 255 (ink).
        maps: all that there is after the last of them, (16, 4, 4), 0 to 255.
    """

    kind: str
    right: tuple[float, ...]
    pixels: tuple[NDArray[np.uint8], ...]
    maps: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Ways:
    """One digit on its way through both networks, and the digit itself, (8, 8), 0 to 255."""

    digit: int
    layer: int
    ways: tuple[Way, ...]
    image: NDArray[np.uint8]

    @property
    def errors(self) -> tuple[float, ...]:
        """By how much the last decoded pixels are off, root mean square, in the digits' 16 levels of gray."""
        wrong = (way.pixels[-1].astype(float) - self.image for way in self.ways)
        return tuple(16 / 255 * math.sqrt(float((each**2).mean())) for each in wrong)


def compute(digit: int, layer: int) -> Ways:
    """Look the digit up among what is stored of both networks.

    Raises:
        ValueError: after this layer nobody has looked.
    """
    if layer not in AFTER:
        raise ValueError(
            f"fading_digit: layer must be 1 or the second of a block, 3 to {LAST}, got {layer}."
            " Within a block the shortcut has not been added yet."
        )
    until = AFTER.index(layer) + 1
    ways = []
    for kind in KINDS:
        found = stored_fading(kind)
        pixels = tuple(found.pixels[:until, digit])
        ways.append(Way(kind, found.right[:until], pixels, found.maps[until - 1, digit]))
    return Ways(digit, layer, tuple(ways), ten_pixels()[digit])


def say(data: Ways) -> Said:
    """The words of the explorer."""
    plain, residual = (f"{100 * way.right[-1]:.0f} %" for way in data.ways)
    names = " and ".join(setting(way.kind, LAYERS) for way in data.ways)
    errors = " and ".join(f"{error:.1f}" for error in data.errors)
    return Said(
        f"After layer {data.layer} a linear probe gets {plain} right; with shortcuts {residual}.",
        f"{names}, not trained, seed {SEED}: a test image of a {data.digit} after layer {data.layer} of"
        f" {LAYERS}. A linear probe, fitted there to {TRAIN:,} images, gets {plain} of the test images right"
        f" without shortcuts and {residual} with them; chance is 10 %. The pixels that a linear decoder gives"
        f" back are off by {errors} of 16 levels of gray (root mean square).",
    )


WIDTH, HEIGHT, EDGE, SCALE = 400, 432, 14, 1.15
SMALL, LARGE, EACH = 30, 84, 6  # digits in a row, what is looked at; layers from one small one to the next
HALF = (WIDTH - 2 * EDGE - 8) / 2
LOOK, WIRES, CHART, LOW = 76, (204, 272), 342, 408  # heights: the large pictures, wires, and the chart's ends


def draw(data: Ways, heard: str) -> Picture:
    """Ten digits to choose from; what is left of the chosen one; both ways to it; the probe's accuracy."""
    body = _choice(data)
    body += "".join(_look(way, data.layer, EDGE + n * (HALF + 8)) for n, way in enumerate(data.ways))
    x = _across(data.layer)
    body += rect(x - 1.5, WIRES[0] - 12, 3, LOW - WIRES[0] + 12, HERE, Mark("here"))
    body += "".join(_way(way, data.layer, y) for way, y in zip(data.ways, WIRES, strict=True))
    return (card(body + _chart(data), WIDTH, HEIGHT, heard, scale=SCALE),)


def _across(layer: int) -> float:
    """Where a layer stands, in pixels from the left."""
    first = EDGE + SMALL / 2
    return first + (WIDTH - 2 * first) * (layer - 1) / (LAST - 1)


def _choice(data: Ways) -> str:
    body, step = "", (WIDTH - 2 * EDGE) / 10
    for digit, pixels in enumerate(ten_pixels()):
        x = EDGE + (digit + 0.5) * step - SMALL / 2
        is_here = digit == data.digit
        edge = f'stroke-width="{3 if is_here else 1}"'
        tile = image(x, 12, SMALL, SMALL, inked(pixels))
        tile += rect(x, 12, SMALL, SMALL, "none", stroke=HERE if is_here else RULE, more=edge)
        body += group(tile, Mark(sets={"digit": digit}, title=f"Send the {digit} through"))
    return body


def _look(way: Way, layer: int, left: float) -> str:
    """The 256 numbers after the layer, and the digit as it is decoded from them."""
    body = text(left, LOOK - 10, setting(way.kind, LAYERS), INK, size=16, bold=True)
    share = f"{100 * way.right[-1]:.0f} %"
    body += text(left + HALF, LOOK - 10, share, INK, size=16, bold=True, anchor="end")
    grid = way.maps.reshape(4, 4, 4, 4).transpose(0, 2, 1, 3).reshape(16, 16)
    right = left + HALF - LARGE
    body += image(
        left, LOOK, LARGE, LARGE, inked(grid), Mark(title=f"The 16 maps of 4 x 4 after layer {layer}")
    )
    for n in range(1, 4):
        at = n * LARGE / 4
        body += path(
            f"M{left + at:.1f} {LOOK}v{LARGE}M{left} {LOOK + at:.1f}h{LARGE}", "none", stroke=RULE, width=1
        )
    body += rect(left, LOOK, LARGE, LARGE, "none", stroke=RULE)
    start, end, y = left + LARGE + 2, right - 2, LOOK + LARGE / 2
    body += path(f"M{start} {y}H{end}M{end - 5} {y - 4}L{end} {y}L{end - 5} {y + 4}", "none", stroke=QUIET)
    body += image(
        right, LOOK, LARGE, LARGE, inked(way.pixels[-1]), Mark(title="The digit, decoded from them")
    )
    body += rect(right, LOOK, LARGE, LARGE, "none", stroke=RULE)
    mark = Mark(f"{way.kind}-right", value=100 * way.right[-1], scale="width", unit="accuracy")
    body += rect(left, LOOK + LARGE + 6, HALF, 8, TENSOR)
    return body + rect(left, LOOK + LARGE + 6, HALF * way.right[-1], 8, QUIET, mark)


def _way(way: Way, layer: int, y: float) -> str:
    """The blocks in a row, and below them what is decoded on the way; ahead of the digit all is empty."""
    x = _across(layer)
    body = path(f"M{EDGE} {y}H{WIDTH - EDGE}", "none", stroke=RULE)
    body += path(f"M{EDGE} {y}H{x:.1f}", "none", stroke=INK)
    if way.kind == "residual":
        for ahead, color in ((True, RULE), (False, INK)):
            ends = [(_across(n - 2), _across(n)) for n in AFTER[1:] if (n > layer) == ahead]
            arcs = "".join(
                f"M{a + 1:.1f} {y}C{a + 1:.1f} {y - 14} {b - 1:.1f} {y - 14} {b - 1:.1f} {y}" for a, b in ends
            )
            body += path(arcs, "none", stroke=color, width=1.4) if ends else ""
    for n in AFTER[1:]:
        middle = (_across(n - 2) + _across(n)) / 2
        mark = Mark(sets={"layer": n}, title=f"Go on to layer {n}")
        edge = TENSOR_EDGE if n <= layer else RULE
        body += rect(middle - 3.5, y - 4, 7, 8, TENSOR if n <= layer else CARD, mark, stroke=edge)
    for n in range(1, LAST + 1, EACH):
        left, top = _across(n) - SMALL / 2, y + 10
        tile = image(left, top, SMALL, SMALL, inked(way.pixels[AFTER.index(n)])) if n <= layer else ""
        tile += rect(left, top, SMALL, SMALL, "none" if tile else CARD, stroke=RULE)
        body += group(tile, Mark(sets={"layer": n}, title=f"Go to layer {n}"))
    return body


def _chart(data: Ways) -> str:
    """How many test images the probe gets right, after each layer so far."""
    body = "".join(
        path(f"M{EDGE} {_down(share):.1f}H{WIDTH - EDGE}", "none", stroke=RULE, width=1, more=more)
        for share, more in ((1.0, ""), (0.1, 'stroke-dasharray="3 3"'), (0.0, ""))
    )
    body += text(EDGE, CHART - 7, "test images that a linear probe gets right", QUIET)
    x, is_late = _across(data.layer), data.layer > 41
    for way in data.ways:
        is_plain = way.kind == "plain"
        y = CHART + 17 if not is_plain else max(CHART + 33, _down(way.right[-1]) + (-6 if is_late else 5))
        name = Mark(f"{way.kind}-name")
        body += text(x + (-8 if is_late else 8), y, way.kind, INK, name, anchor="end" if is_late else "start")
        line = " ".join(
            f"{_across(n):.1f} {_down(share):.1f}" for n, share in zip(AFTER, way.right, strict=False)
        )
        more = 'stroke-dasharray="5 3"' if is_plain else ""
        body += path(f"M{line}", "none", stroke=INK, width=2, more=more)
    for n in (1, 13, 27, 41, LAST):
        body += text(_across(n), LOW + 17, str(n), QUIET, anchor="middle")
    return body


def _down(share: float) -> float:
    return LOW - (LOW - CHART) * share


@with_name
def fading_digit() -> Explorer[Ways]:
    """A digit and a layer: what linear decoders still find after it, with shortcuts and without."""
    return Explorer(
        {
            "layer": Number("Layer", LAST, 1, LAST, 2),
            "digit": Number("Digit", 3, 0, 9),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"layer": 13}, {}),
    )
