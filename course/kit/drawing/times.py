"""Measured times against multiply-adds, and what the machine gets done against the arithmetic intensity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.kit.drawing.letters import text_width
from course.kit.drawing.plot import Box, Name, grid, log_axis, names, shortened, wrapped
from course.kit.drawing.style import COLORS, INK, LARGE, MEDIUM, QUIET
from course.kit.drawing.svg import Mark, card, path, text

_SHAPES = (
    ("M{x} {y}m-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z", COLORS["convolution"]),
    ("M{x} {y}m-5 -5h10v10h-10z", COLORS["depthwise"]),
    ("M{x} {y}m0 -6.5l6.5 11.5h-13z", COLORS["pointwise"]),
)
WIDTH, HEIGHT, LEFT, MARGIN, FOOT = 400, 380, 62, 16, 84
At = tuple[float, float]


@dataclass(frozen=True)
class Point:
    """One module, timed: its label, what it computes, how long it took, multiply-adds per byte moved."""

    label: str
    multiply_adds: int
    seconds: float
    per_byte: float


def times(series: Mapping[str, Sequence[Point]], *, title: str, note: str, label: str) -> tuple[str, str]:
    """Two SVG cards, both axes logarithmic, up to three series; `label` is the first one's alternative text.

    Raises:
        ValueError: there are more than three series, or none.
    """
    if not 1 <= len(series) <= len(_SHAPES):
        raise ValueError(f"times: series must be one to {len(_SHAPES)}, got {len(series)}.")
    taken = {
        name: [(point.label, (float(point.multiply_adds), 1e3 * point.seconds)) for point in points]
        for name, points in series.items()
    }
    done = {
        name: [(point.label, (point.per_byte, point.multiply_adds / point.seconds)) for point in points]
        for name, points in series.items()
    }
    return (
        _chart(taken, title, ("multiply-adds", "milliseconds"), note, label, joined=True),
        _chart(
            done,
            "How much gets done",
            ("multiply-adds for each byte moved", "multiply-adds a second"),
            note,
            "What the machine gets done, against the multiply-adds for each byte moved",
        ),
    )


def _chart(
    series: Mapping[str, Sequence[tuple[str, At]]],
    title: str,
    axes: tuple[str, str],
    note: str,
    label: str,
    *,
    joined: bool = False,
) -> str:
    """One card: named points, joined by lines or not, a legend, and one line at the foot."""
    body, top = "", 10.0
    for line in wrapped(title, WIDTH - 2 * MARGIN, 1.06 * LARGE):
        top += 20
        body += text(MARGIN, top, line, INK, size=LARGE, bold=True)
    top += 52
    body += _legend(series, top - 29) + text(MARGIN, top - 8, axes[1], QUIET)
    places = [at for points in series.values() for _, at in points]
    bottom = HEIGHT - FOOT
    across = log_axis([at[0] for at in places], LEFT, WIDTH - MARGIN, (0.08, 0.1))
    up = log_axis([at[1] for at in places], bottom, top, (0.12, 0.12))
    body += grid(across, up, MEDIUM, up.ticks())
    named, boxes = [], []
    for n, points in enumerate(series.values()):
        shape, color = _SHAPES[n]
        found = [(words, across.at(at[0]), up.at(at[1])) for words, at in points]
        if joined and len(found) > 1:
            line = "M" + "L".join(f"{x:.1f} {y:.1f}" for _, x, y in found)
            body += path(line, "none", stroke=color.fill, width=1.4)
        for (words, x, y), (_, at) in zip(found, points, strict=True):
            hint = Mark(title=f"{words}: {shortened(at[0])} {axes[0]}, {shortened(at[1])} {axes[1]}")
            body += path(shape.format(x=f"{x:.1f}", y=f"{y:.1f}"), color.fill, hint)
            named.append(Name(words, x, y))
            boxes.append(Box(x - 8, y - 8, x + 8, y + 8))
    body += names(named, Box(LEFT, top, WIDTH - 6, bottom), boxes, MEDIUM)
    body += text(WIDTH - MARGIN, bottom + 38, axes[0], QUIET, anchor="end")
    for n, line in enumerate(wrapped(note, WIDTH - 2 * MARGIN, MEDIUM)[:2]):
        body += text(MARGIN, HEIGHT - 28 + 17 * n, line, QUIET)
    return card(body, WIDTH, HEIGHT, label)


def _legend(series: Mapping[str, object], y: float) -> str:
    body, x = "", float(MARGIN)
    for name, (shape, color) in zip(series, _SHAPES, strict=False):
        body += path(shape.format(x=f"{x + 6:.1f}", y=f"{y - 5:.1f}"), color.fill)
        body += text(x + 18, y, name, color.text, bold=True)
        x += 40 + text_width(name, MEDIUM, bold=True)
    return body
