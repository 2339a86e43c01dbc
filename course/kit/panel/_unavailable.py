"""What stands in an explorer's place where the official weights are not on the machine: what to do."""

import textwrap

from course.kit.drawing.style import INK
from course.kit.drawing.svg import card, text
from course.kit.panel.explorer import Explorer
from course.kit.panel.said import Said

LETTERS = 52  # of a line, in a card of 400 pixels


def unavailable(reason: str) -> Explorer[str]:
    """An explorer without controls that says why it cannot work, and what to do."""

    def draw(_: str, heard: str) -> tuple[str]:
        lines = textwrap.wrap(reason, LETTERS)
        words = "".join(text(16, 28 + 19 * n, line, INK) for n, line in enumerate(lines))
        return (card(words, 400, 28 + 19 * len(lines), heard),)

    return Explorer(
        {},
        compute=lambda: reason,
        draw=draw,
        say=lambda reason: Said("The official weights are not on this machine.", reason),
        variant="without weights",
    )
