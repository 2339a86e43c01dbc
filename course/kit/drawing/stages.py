"""A photograph on its way through convolution, norm and activation: maps, and below each its histogram."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from course.kit.drawing.bitmap import photo, png
from course.kit.drawing.feature_maps import paletted
from course.kit.drawing.style import COLORS, HERE, INK, QUIET, RULE
from course.kit.drawing.svg import Mark, card, image, path, rect, text

WIDTH, HEIGHT = 400, 330
SIDE, EDGE = 236, 3.0  # pixels of a map, where its colors and its histogram end
BINS = 48
_SHOWN, _GAP, _LEFT, _TOP, _HISTOGRAM, _BASE = 118, 9, 14, 84, 56, 272
_THUMB = 40


@dataclass(frozen=True, eq=False)
class Stage:
    """What is shown of one stage.

    Attributes:
        kind: of the step that gave it, as in `style.COLORS`.
        title: above its map.
        values: (SIDE, SIDE).
        note: below its histogram.
        span: a mean and a deviation, drawn below the histogram from mean - deviation to mean + deviation.
    """

    kind: str
    title: str
    values: NDArray[np.float64]
    note: str
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Thumb:
    """A photograph of the batch as a data address; `lit`: the one that is followed."""

    source: str
    lit: bool
    name: str


def stages_card(title: str, words: str, batch: Sequence[Thumb], stages: Sequence[Stage], label: str) -> str:
    """The card of up to three stages; `title` is also the first part of its marks' keys.

    The maps are on one scale: blue below zero, white at zero, orange above, full at EDGE. A histogram's
    highest bar has the full height; what lies beyond EDGE is counted in its last bars.
    """
    body = text(_LEFT, 30, title, INK, bold=True, size=20) + text(_LEFT, 52, words, QUIET)
    for n, thumb in enumerate(reversed(batch)):
        left = WIDTH - _LEFT - (n + 1) * _THUMB - n * 5
        body += photo(left, 14, _THUMB, _THUMB, thumb.source, Mark(f"{title} {thumb.name}", title=thumb.name))
        edge = 'stroke-width="3"' if thumb.lit else 'stroke-width="1"'
        body += rect(left, 14, _THUMB, _THUMB, "none", stroke=HERE if thumb.lit else RULE, more=edge)
    for n, stage in enumerate(stages):
        body += _column(f"{title} {stage.kind}", _LEFT + n * (_SHOWN + _GAP), stage)
    return card(body, WIDTH, HEIGHT, label)


def thumb(pixels: NDArray[np.uint8]) -> str:
    """A photograph (H, W, 3) as the data address that a `Thumb` shows, twice as large as it is shown."""
    step = max(1, len(pixels) // (2 * _THUMB))
    side = len(pixels) // step * step
    small = pixels[:side, :side].reshape(side // step, step, side // step, step, 3).mean((1, 3))
    return png(small.round().astype(np.uint8), 64)


def _column(key: str, left: float, stage: Stage) -> str:
    source = png(paletted(stage.values.astype(np.float32), EDGE, signed=True))
    body = text(left, _TOP - 8, stage.title, COLORS[stage.kind].text, bold=True)
    body += image(left, _TOP, _SHOWN, _SHOWN, source)
    body += rect(left, _TOP, _SHOWN, _SHOWN, "none", stroke=RULE)
    counts, _ = np.histogram(np.clip(stage.values, -EDGE, EDGE), BINS, (-EDGE, EDGE))
    filled = np.flatnonzero(counts)
    first, last, wide = int(filled[0]), int(filled[-1]), _SHOWN / BINS
    line = "".join(
        f"V{_BASE - _HISTOGRAM * c / counts.max():.1f}h{wide:.3f}" for c in counts[first : last + 1]
    )
    fill, middle = COLORS[stage.kind].fill, left + _SHOWN / 2
    body += path(f"M{middle:.1f} {_BASE - _HISTOGRAM}V{_BASE + 5}", "none", stroke=RULE, width=1)
    curve = f"M{left + first * wide:.2f} {_BASE}{line}V{_BASE}Z"
    body += path(curve, fill, Mark(f"{key} histogram"), stroke=QUIET, width=0.5)
    body += path(f"M{left} {_BASE}h{_SHOWN}", "none", stroke=QUIET, width=1)
    if stage.span is not None:
        body += _span(f"{key} span", left, stage.span)
    return body + text(middle, HEIGHT - 18, stage.note, INK, size=13, anchor="middle")


def _span(key: str, left: float, span: tuple[float, float]) -> str:
    """From mean - deviation to mean + deviation, as far as the axis goes."""
    each = _SHOWN / (2 * EDGE)
    ends = [min(max(span[0] + sign * span[1], -EDGE), EDGE) for sign in (-1, 1)]
    start, end, y = left + (ends[0] + EDGE) * each, left + (ends[1] + EDGE) * each, _BASE + 14
    whole = max(abs(span[0] + span[1]), abs(span[0] - span[1])) <= EDGE
    mark = Mark(key, value=2 * span[1] if whole else None, scale="width", unit="deviation")
    body = rect(start, y - 2.5, end - start, 5, QUIET, mark)
    return body + rect(left + (span[0] + EDGE) * each - 1.2, y - 7, 2.4, 14, INK, Mark(f"{key} mean"))
