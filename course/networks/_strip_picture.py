"""A network as a strip: for each of its parts how high its maps are, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.kit.drawing.bitmap import photo
from course.kit.drawing.style import CARD, HERE, INK, LARGE, QUIET, RULE, TENSOR_BACK, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, path, rect, text

WIDTH, HEIGHT = 400, 322
_MARGIN, _PHOTO, _ANSWERS, _BAR = 14, 84, 112, 92
_BASE, _UP, _DOWN = 210, 80, 68  # where the maps stand, the highest of them, the most channels
_TALLEST, _MOST = 112, 1280


@dataclass(frozen=True)
class Part:
    """A part of the network: its name, how many channels it gives, the side of its maps."""

    name: str
    channels: int
    side: int


def strip_card(
    source: str, answers: Sequence[tuple[str, float, str]], parts: Sequence[Part], lit: int, label: str
) -> str:
    """The card: above the photograph and what is answered (name, share, in words), below it the strip.

    A click on a part sets `part` to its number, from 0.
    """
    body = photo(_MARGIN, _MARGIN, _PHOTO, _PHOTO, source)
    for n, (name, share, words) in enumerate(answers):
        y, size = _MARGIN + 19 + n * 28, LARGE if n == 0 else 13.5
        body += text(_ANSWERS, y, name, INK, bold=n == 0, size=size)
        mark = Mark(f"answer{n}", value=share, scale="width", unit="probability", title=words)
        body += rect(WIDTH - _MARGIN - 54 - _BAR, y - 11, share * _BAR, 12, QUIET, mark)
        body += text(WIDTH - _MARGIN, y, words, INK, bold=n == 0, anchor="end")
    wide = (WIDTH - 2 * _MARGIN) / len(parts)
    now = parts[lit]
    top, bottom = _BASE - _UP - 6, _BASE + _DOWN + 6
    left = _MARGIN + lit * wide
    body += rect(left, top, wide, bottom - top, HERE, Mark("here"), more='opacity="0.25"')
    hits = ""
    for n, part in enumerate(parts):
        x, sets = _MARGIN + n * wide, {"part": n}
        high, deep = part.side / _TALLEST * _UP, part.channels / _MOST * _DOWN
        name = f"{part.name}: {part.channels:,} channels, {part.side} x {part.side}"
        fill = HERE if n == lit else TENSOR_BACK
        side = Mark(f"side{n}", sets, part.side, "height", "side", name)
        body += rect(x + 1.5, _BASE - high, wide - 3, high, fill, side, stroke=TENSOR_EDGE, more=_THIN)
        channels = Mark(f"channels{n}", sets, part.channels, "height", "channels", name)
        body += rect(x + 1.5, _BASE, wide - 3, deep, HERE if n == lit else QUIET, channels)
        hits += rect(x, top, wide, bottom - top, CARD, Mark(sets=sets, title=name), more='fill-opacity="0"')
    body += path(f"M{_MARGIN} {_BASE}H{WIDTH - _MARGIN}", "none", stroke=RULE, width=1)
    body += rect(left, top, wide, bottom - top, "none", Mark("here edge"), stroke=HERE, more=_EDGE) + hits
    for words, y, key in (
        (f"{now.side} x {now.side}", top - 8, "size"),
        (f"{now.name}: {now.channels:,} channels", bottom + 20, "name"),
    ):
        half = len(words) * 3.9
        middle = min(max(left + wide / 2, _MARGIN + half), WIDTH - _MARGIN - half)
        body += text(middle, y, words, INK, Mark(key), bold=True, anchor="middle")
    return card(body, WIDTH, HEIGHT, label)


_THIN, _EDGE = 'stroke-width="0.8"', 'stroke-width="2.5" pointer-events="none"'
