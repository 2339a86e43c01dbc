"""What stands in an explorer's place where the official weights are not on the machine: what to do."""

from course.kit.drawing.style import INK
from course.kit.drawing.svg import card
from course.kit.panel.explorer import Explorer

_SAID = (
    f'<text x="20" y="36" font-size="15" fill="{INK}">'
    "The official weights are not on this machine. What to do stands below.</text>"
)


def unavailable(reason: str) -> Explorer[str]:
    """An explorer without controls that says why it cannot work, and what to do."""
    return Explorer(
        {},
        compute=lambda: reason,
        draw=lambda _, text: (card(_SAID, 860, 60, text),),
        say=lambda text: text,
        variant="without weights",
    )
