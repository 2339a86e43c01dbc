"""A module's picture from its recorded graph: a small SVG string, the same byte for byte each time.

The path runs from left to right: tensors as boxes, steps as chips in the colors of
`course.kit.drawing.style`, shortcuts and gates as arcs above it. Nothing is drawn that the graph does not
hold. Text is text, so that it can be searched and read aloud.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from course.kit.drawing.flow import flow
from course.kit.drawing.layout import PAD, RISE, STRIP, Chip, Lane, Layout, Piece, gate_parameters, layout
from course.kit.drawing.letters import text_width
from course.kit.drawing.style import (
    CARD,
    COLORS,
    INK,
    LARGE,
    MEDIUM,
    PANEL,
    QUIET,
    TENSOR,
    TENSOR_BACK,
    TENSOR_EDGE,
)
from course.kit.drawing.svg import card
from course.kit.drawing.svg import number as _n

if TYPE_CHECKING:
    from blocks.measure import Graph, Step

MARGIN = 13
WIDEST = 1100
ROUND = 6


def diagram(graph: Graph, *, label: str, lit: str | None = None, least_width: float = 0) -> str:
    """The SVG of `graph`.

    Args:
        label: what the picture shows, in words; its alternative text.
        lit: the name of a part ("expand", "squeeze_excitation.reduce") to show in full, the others
            dimmed; None for all in full.
        least_width: of the card, in pixels, with the picture in its middle: beside another picture
            of that width nothing then moves when a block grows.

    Raises:
        ValueError: the graph has no part of the name `lit`.
    """
    if lit is not None and not any(_is_in(step, lit) for step in graph.steps):
        parts = list(dict.fromkeys(step.name.split(".")[0] for step in graph.steps))
        raise ValueError(f"diagram: lit must be None or a part of the graph, such as {parts}, got {lit!r}.")
    placed = layout(flow(graph))
    body = [*_wires(placed), *(_lane(lane, lit) for lane in placed.lanes)]
    body += [_piece(piece, lit, placed.label_y) for piece in placed.pieces]
    return _frame(placed, body, label, least_width)


def _frame(placed: Layout, body: Iterable[str], label: str, least_width: float) -> str:
    """The body on its card."""
    natural = placed.right - placed.left + 2 * MARGIN
    width = max(natural, least_width)
    left, top = placed.left - MARGIN - (width - natural) / 2, placed.top - MARGIN + 4
    height = placed.bottom + 4 - top
    note = ""
    if placed.hidden:
        are = "connection is" if placed.hidden == 1 else "connections are"
        words = f"Simplified: {placed.hidden} {are} not drawn"
        note = _text(left + MARGIN, placed.bottom + 8, words, QUIET, anchor="start")
        height += 18
    scale = min(1.0, WIDEST / width)
    return card("".join(body) + note, width, height, label, left=left, top=top, scale=scale)


def _wires(placed: Layout) -> list[str]:
    """The arrows of the path."""
    lines = ""
    for one, two in zip(placed.pieces, placed.pieces[1:], strict=False):
        lines += f"M{_n(one.x + one.width + 3)} 0H{_n(two.x - 3)}m-6 -5l6 5l-6 5"
    return [_line(lines)] if lines else []


def _piece(piece: Piece, lit: str | None, label_y: float) -> str:
    """A piece of the path with its title and labels."""
    labels = ""
    for n, text in enumerate(piece.labels):
        heavy = piece.is_tensor and n == 0
        labels += _text(piece.middle, label_y + 17 * n, text, INK if heavy else QUIET, bold=heavy)
    if piece.chips:
        return _chips(piece, lit) + _dimmed(labels, piece.steps, lit)
    return _dimmed((_box(piece) if piece.is_tensor else _sign(piece)) + labels, piece.steps, lit)


def _box(piece: Piece) -> str:
    """A tensor as a box: the front, and in one darker path the top and the right side."""
    run, rise = piece.depth, RISE * piece.depth
    front = piece.width - run
    x, y, height = piece.x, piece.y + rise, piece.height - rise
    edge = f'stroke="{TENSOR_EDGE}" stroke-linejoin="round"'
    return (
        f'<path d="M{_n(x)} {_n(y)}l{_n(run)} {_n(-rise)}h{_n(front)}v{_n(height)}l{_n(-run)} {_n(rise)}'
        f'v{_n(-height)}z" fill="{TENSOR_BACK}" {edge}/>'
        f'<path d="M{_n(x + front)} {_n(y)}l{_n(run)} {_n(-rise)}" {edge}/>'
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(front)}" height="{_n(height)}" fill="{TENSOR}" {edge}/>'
    )


def _chips(piece: Piece, lit: str | None) -> str:
    """A group: chips that touch, rounded outside, the title above."""
    body = ""
    if piece.title:
        color = COLORS[piece.steps[0].kind].text
        title = _text(piece.middle, piece.y - 7, piece.title, color, bold=True)
        body += _dimmed(title, piece.steps, lit)
    for n, chip in enumerate(piece.chips):
        ends = n == 0, n == len(piece.chips) - 1
        body += _dimmed(_chip(chip, *ends), (chip.step,), lit)
    lit_chips = [chip for chip in piece.chips if lit is not None and _is_in(chip.step, lit)]
    if lit_chips:
        top, bottom = lit_chips[0].y, lit_chips[-1].y + lit_chips[-1].height
        body += (
            f'<rect x="{_n(piece.x - 3)}" y="{_n(top - 3)}" width="{_n(piece.width + 6)}"'
            f' height="{_n(bottom - top + 6)}" rx="{ROUND + 3}" fill="none" stroke="{INK}" stroke-width="2"/>'
        )
    return body


def _chip(chip: Chip, is_first: bool, is_last: bool) -> str:
    """One chip with its text."""
    color = COLORS[chip.step.kind]
    a, b = ROUND if is_first else 0, ROUND if is_last else 0
    w, h = chip.width, chip.height
    body = (
        f'<path d="M{_n(chip.x)} {_n(chip.y + a)}{_corner(a, a, -a)}h{_n(w - 2 * a)}{_corner(a, a, a)}'
        f'v{_n(h - a - b)}{_corner(b, -b, b)}h{_n(2 * b - w)}{_corner(b, -b, -b)}z" fill="{color.fill}"/>'
    )
    middle = chip.x + w / 2
    if len(chip.lines) == 1:
        return body + _text(middle, chip.y + h / 2 + 4.7, chip.lines[0], color.ink)
    top, bottom = chip.lines
    return (
        body
        + _text(middle, chip.y + 19, top, color.ink, size=LARGE, bold=True)
        + _text(middle, chip.y + 36, bottom, color.ink)
    )


def _corner(radius: float, dx: float, dy: float) -> str:
    """A rounded corner, clockwise."""
    return f"a{_n(radius)} {_n(radius)} 0 0 1 {_n(dx)} {_n(dy)}" if radius else ""


def _sign(piece: Piece) -> str:
    """A plus or a times in a circle."""
    color = COLORS[piece.steps[0].kind]
    x, y, r = piece.middle, piece.y + piece.height / 2, piece.height / 2
    if piece.steps[0].kind == "add":
        strokes = f"M{_n(x - 7)} {_n(y)}h14m-7 -7v14"
    else:
        strokes = f"M{_n(x - 4.8)} {_n(y - 4.8)}l9.6 9.6m0 -9.6l-9.6 9.6"
    return (
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" fill="{color.fill}"/>'
        f'<path d="{strokes}" stroke="{color.ink}" stroke-width="2.6" stroke-linecap="round"/>'
    )


def _lane(lane: Lane, lit: str | None) -> str:
    """A branch: for a gate a panel with its boxes, else an arc with what stands on it."""
    return _gate(lane, lit) if lane.branch.is_gate else _arc(lane, lit)


def _arc(lane: Lane, lit: str | None) -> str:
    """A shortcut: up, along through its chips or its name, and down into the sign."""
    (x1, y1), (x2, y2), y = lane.start, lane.end, lane.y
    line = (
        f"M{_n(x1)} {_n(y1)}V{_n(y + 12)}q0 -12 12 -12H{_n(x2 - 12)}q12 0 12 12V{_n(y2 - 3)}m-5 -6l5 6l5 -6"
    )
    body = _line(line)
    if lane.title:
        middle, half = (x1 + x2) / 2, text_width(lane.title, MEDIUM, bold=True) / 2 + 8
        body += (
            f'<rect x="{_n(middle - half)}" y="{_n(y - STRIP / 2)}" width="{_n(2 * half)}" height="{STRIP}"'
            f' fill="{CARD}"/>{_text(middle, y + 4.7, lane.title, COLORS["add"].text, bold=True)}'
        )
    for piece in lane.pieces:  # the line must not shine through what is dimmed
        body += (
            f'<rect x="{_n(piece.x)}" y="{_n(piece.y)}" width="{_n(piece.width)}"'
            f' height="{_n(piece.height)}" rx="{ROUND}" fill="{CARD}"/>{_chips(piece, lit)}'
        )
    return body


def _gate(lane: Lane, lit: str | None) -> str:
    """A gate: from the map up through its panel of steps, and down into the product."""
    color = COLORS["squeeze_excitation"]
    first, last = lane.pieces[0], lane.pieces[-1]
    width, height = lane.right - lane.left, lane.bottom - lane.top
    body = (
        f'<rect x="{_n(lane.left)}" y="{_n(lane.top)}" width="{_n(width)}" height="{_n(height)}" rx="10"'
        f' fill="{PANEL}" stroke="{color.fill}" stroke-width="1.5"/>'
        + _text(lane.left + PAD, lane.top + 20, lane.title, color.text, bold=True, anchor="start")
        + _text(lane.right - PAD, lane.top + 20, gate_parameters(lane.branch), QUIET, anchor="end")
    )
    (x1, y1), (x2, y2) = lane.start, lane.end
    if first.x < x1 < first.x + first.width:
        lines = f"M{_n(x1)} {_n(y1)}V{_n(first.y + first.height + 3)}m-5 6l5 -6l5 6"
    else:
        lines = f"M{_n(x1)} {_n(y1)}V{_n(lane.y + 8)}q0 -8 8 -8H{_n(first.x - 2)}m-5 -4l5 4l-5 4"
    for one, two in zip(lane.pieces, lane.pieces[1:], strict=False):
        lines += f"M{_n(one.x + one.width + 2)} {_n(lane.y)}H{_n(two.x - 2)}m-5 -4l5 4l-5 4"
    lines += f"M{_n(x2)} {_n(last.y + last.height + 2)}V{_n(y2 - 3)}m-5 -6l5 6l5 -6"
    for piece in lane.pieces:
        if piece.is_tensor:
            low = max(STRIP, piece.height) / 2 + 15
            label = _text(piece.middle, lane.y + low, piece.labels[0], INK, bold=True)
            body += _dimmed(_box(piece) + label, piece.steps, lit)
        else:
            body += _chips(piece, lit)
    return body + _line(lines)


def _line(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="1.6" stroke-linejoin="round"/>'


def _text(
    x: float,
    y: float,
    text: str,
    fill: str,
    *,
    size: float = MEDIUM,
    bold: bool = False,
    anchor: str = "middle",
) -> str:
    weight = ' font-weight="700"' if bold else ""
    bigger = f' font-size="{_n(size)}"' if size != MEDIUM else ""
    place = f'x="{_n(x)}" y="{_n(y)}" fill="{fill}" text-anchor="{anchor}"'
    return f"<text {place}{weight}{bigger}>{escape(text)}</text>" if text else ""


def _dimmed(body: str, steps: Iterable[Step], lit: str | None) -> str:
    """`body`, faint unless one of its steps is in the part `lit`."""
    if lit is None or not body or any(_is_in(step, lit) for step in steps):
        return body
    return f'<g opacity="0.3">{body}</g>'


def _is_in(step: Step, part: str) -> bool:
    return step.name == part or step.name.startswith(part + ".")
