"""A network as a silhouette that grows in three directions, its three dials, and its cost: an SVG card.

A block is a step to the right, its channels are as high as they are many, its map hangs down as far as it has
pixels on a side. Both cards of a picture have one scale, and it never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.kit.drawing.plot import shortened
from course.kit.drawing.style import HERE, INK, LARGE, QUIET, RULE, TENSOR_BACK, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, circle, group, path, rect, text

WIDTH, HEIGHT = 400, 430
LEFT, STEP, IMAGE = 34, 5.6, 10  # where the blocks begin, the width of one, and that of the input image
LINE, CHANNEL, PIXEL = 182.0, 0.19, 0.16  # the base line; pixels of the card for a channel, and for a pixel
DIALS, ROW, TRACK, PHI = 306, 25, 72, 33.0  # the dials: top, rows, left end, and how far phi 1 is from 0
COSTLIEST = 40e9  # multiply-adds of the longest bar
ROOM = WIDTH - 32


@dataclass(frozen=True)
class Dial:
    """One of the three quantities: its name, how many times B0's, the phi that gives it, and in words."""

    name: str
    times: float
    phi: float
    words: str


@dataclass(frozen=True)
class Shape:
    """A network: the side of its images, (channels, side) of each block, its dials, multiply-adds."""

    side: int
    blocks: tuple[tuple[int, int], ...]
    dials: tuple[Dial, ...]
    multiply_adds: int


def scaled_card(
    title: str,
    choices: Sequence[tuple[str, Mapping[str, Any]]],
    chosen: int | None,
    shape: Shape | None,
    first: Shape,
    label: str,
) -> str:
    """The card: what can be chosen, the silhouette over the outline of the first network, dials and cost.

    Args:
        shape: None where nothing is chosen yet.
    """
    body = _choices(title, choices, chosen)
    body += text(LEFT, 66, "channels", QUIET) + text(LEFT, 276, "pixels", QUIET)
    if shape:
        body += _silhouette(title, shape)
    body += _outline(first)
    body += _dials(title, shape)
    if shape:
        mark = Mark(f"{title} cost", None, shape.multiply_adds, "width", "multiply-adds")
        body += text(16, 408, "multiply-adds", QUIET)
        body += text(WIDTH - 16, 408, shortened(shape.multiply_adds), INK, anchor="end")
        body += rect(16, 414, ROOM * shape.multiply_adds / COSTLIEST, 7, QUIET, mark)
    return card(body, WIDTH, HEIGHT, label)


def _choices(title: str, choices: Sequence[tuple[str, Mapping[str, Any]]], chosen: int | None) -> str:
    """The name of the card, and a row to choose from."""
    body, wide = text(16, 32, title, INK, size=LARGE, bold=True), 36
    for n, (name, sets) in enumerate(choices):
        x, is_chosen = WIDTH - 14 - wide * (len(choices) - n), n == chosen
        button = rect(
            x + 1, 12, wide - 2, 29, TENSOR_BACK, more=f'fill-opacity="{0.9 if is_chosen else 0.35}"'
        )
        button += text(x + wide / 2, 32, name, INK, size=LARGE, bold=is_chosen, anchor="middle")
        body += group(button, Mark(sets=sets, title=f"{title} {name}"))
        if is_chosen:
            body += rect(x + 1, 41, wide - 2, 4, HERE, Mark(key=f"{title} chosen"))
    return body


def _silhouette(title: str, shape: Shape) -> str:
    """Every block up and down, before them the image, and under them a line as long as they are many."""
    mark = Mark(f"{title} image", None, shape.side, "height", "pixels", f"{shape.side} x {shape.side} pixels")
    body = rect(LEFT - IMAGE - 4, LINE, IMAGE, PIXEL * shape.side, TENSOR_EDGE, mark)
    for n, (channels, side) in enumerate(shape.blocks):
        x, high, deep = LEFT + STEP * n, CHANNEL * channels, PIXEL * side
        what = f"block {n + 1}: {channels} channels, {side} x {side}"
        up = Mark(f"{title} up {n}", None, channels, "height", "channels", what)
        down = Mark(f"{title} down {n}", None, side, "height", "pixels", what)
        body += rect(x, LINE - high, STEP - 0.6, high, QUIET, up)
        body += rect(x, LINE, STEP - 0.6, deep, TENSOR_EDGE, down)
    mark = Mark(f"{title} blocks", None, len(shape.blocks), "width", "blocks")
    body += rect(LEFT, LINE - 1, STEP * len(shape.blocks), 2, INK, mark)
    end = LEFT + STEP * len(shape.blocks)
    return body + text(min(end, WIDTH - 16), LINE + 20, f"{len(shape.blocks)} blocks", INK, anchor="end")


def _outline(first: Shape) -> str:
    """The first network, to compare with."""
    up, down = f"M{LEFT} {LINE}", f"M{LEFT} {LINE}"
    for n, (channels, side) in enumerate(first.blocks):
        end = LEFT + STEP * (n + 1)
        up += f"V{LINE - CHANNEL * channels:.1f}H{end:.1f}"
        down += f"V{LINE + PIXEL * side:.1f}H{end:.1f}"
    image = f"M{LEFT - IMAGE - 4} {LINE}v{PIXEL * first.side:.1f}h{IMAGE}v-{PIXEL * first.side:.1f}"
    dash = 'stroke-dasharray="4 3" pointer-events="none"'
    x, y = LEFT + STEP * (len(first.blocks) - 1), LINE - CHANNEL * first.blocks[-1][0]
    body = path(f"{up}V{LINE}{down}V{LINE}{image}", "none", stroke=INK, width=2, more=dash)
    return body + text(x, y - 6, "B0", INK, anchor="middle")


def _dials(title: str, shape: Shape | None) -> str:
    """Three tracks, each with a handle at the phi that would give its value, and a line through them."""
    body, through = "", ""
    for phi in range(8):
        x = TRACK + PHI * phi
        body += path(f"M{x} {DIALS - 8}V{DIALS + 2 * ROW + 8}", "none", stroke=RULE, width=1)
        body += text(x, DIALS + 2 * ROW + 26, str(phi), QUIET, anchor="middle")
    body += text(16, DIALS + 2 * ROW + 26, "phi", QUIET)
    for n, name in enumerate(("width", "depth", "pixels")):
        y = DIALS + ROW * n
        body += path(f"M{TRACK} {y}h{PHI * 7.6:.1f}", "none", stroke=RULE, width=3)
        body += text(16, y + 5, name, INK)
        if shape:
            dial = shape.dials[n]
            mark = Mark(f"{title} {name}", None, dial.times, "log-width", f"times {name}")
            body += rect(TRACK, y - 2.5, PHI * dial.phi, 5, QUIET, mark)
            body += text(WIDTH - 16, y + 5, dial.words, INK, anchor="end")
            through += f"{'L' if through else 'M'}{TRACK + PHI * dial.phi:.1f} {y}"
    if shape:
        body += path(through, "none", stroke=INK, width=2.5)
        for n, dial in enumerate(shape.dials):
            handle = Mark(
                f"{title} handle {dial.name}", title=f"{dial.name} {dial.words}: phi {dial.phi:.1f}"
            )
            body += circle(TRACK + PHI * dial.phi, DIALS + ROW * n, 7.5, INK, handle)
    return body
