"""What a network gets, and beside it what it answers: the likeliest classes as bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.kit.drawing.bitmap import photo
from course.kit.drawing.style import HERE, INK, LARGE, QUIET, RULE
from course.kit.drawing.svg import Mark, card, rect, text

ROWS = 5
WIDTH, HEIGHT = 400, 262
_PHOTO, _TOP, _MARGIN, _THUMB, _ROW, _LONGEST = 156, 42, 14, 42, 41, 198
Answers = Sequence[tuple[str, float]]  # name, and probability from 0 to 1


@dataclass(frozen=True)
class Photo:
    """A photograph as a data address; `sets`: what a click on it sets, `lit`: the one that is shown large."""

    source: str
    name: str
    sets: Mapping[str, Any] | None = None
    lit: bool = False


def answers_card(
    title: str,
    shown: Photo,
    answers: Answers,
    right: str,
    label: str,
    *,
    words: str = "",
    others: Sequence[Photo] = (),
) -> str:
    """The card of a photograph and ROWS bars; the bar of the class `right` is thick and dark.

    Below the photograph stand `words`, or `others` in small, to click.
    """
    body = text(_MARGIN, 28, title, INK, bold=True, size=LARGE)
    body += photo(_MARGIN, _TOP, _PHOTO, _PHOTO, shown.source, Mark(f"{title} photo", title=shown.name))
    body += text(_MARGIN, _TOP + _PHOTO + 22, words, QUIET) if words else ""
    for n, one in enumerate(others):
        place = _MARGIN + n * (_THUMB + 8), _TOP + _PHOTO + 12
        body += photo(*place, _THUMB, _THUMB, one.source, Mark(sets=one.sets, title=one.name))
        edge = 'stroke-width="3" pointer-events="none"' if one.lit else 'pointer-events="none"'
        body += rect(*place, _THUMB, _THUMB, "none", stroke=HERE if one.lit else RULE, more=edge)
    left = _MARGIN + _PHOTO + 16
    for n, (name, share) in enumerate(answers[:ROWS]):
        y, marked = _TOP + n * _ROW, name == right
        size = LARGE if n == 0 else 13.5
        body += text(left, y + 12, shortened(name), INK, Mark(f"{title} {name} name"), bold=n == 0, size=size)
        body += text(left + _LONGEST, y + 12, percent(share), INK, bold=n == 0, anchor="end", size=size)
        mark = Mark(f"{title} {name}", value=share, scale="width", unit="probability", title=percent(share))
        high = 13 if marked else 5
        body += rect(left, y + 18, share * _LONGEST, high, INK if marked else QUIET, mark)
        body += rect(left, y + 18 + high, _LONGEST, 0.8, RULE)
    return card(body, WIDTH, HEIGHT, label)


def shortened(name: str, most: int = 20) -> str:
    """A name as long as the room beside its probability."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def percent(share: float) -> str:
    """A share in words: 72 %, 0.6 %; below a tenth of a per cent the words say so."""
    if share < 0.001:
        return "under 0.1 %"
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"
