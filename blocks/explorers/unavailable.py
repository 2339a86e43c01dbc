"""What stands in an explorer's place where the official weights are not on the machine: what to do."""

import html

from blocks.explorers.explorer import Explorer
from blocks.figures.style import CARD, FAMILY, INK


def unavailable(reason: str) -> Explorer[str]:
    """An explorer without controls that says why it cannot work, and what to do."""
    return Explorer({}, compute=lambda: reason, draw=lambda _, text: (_card(text),), say=lambda text: text)


def _card(text: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="60" role="img"'
        f' aria-label="{html.escape(text)}"><rect width="860" height="60" rx="6" fill="{CARD}"/>'
        f'<text x="20" y="36" font-size="15" fill="{INK}" font-family="{html.escape(FAMILY)}">'
        "The official weights are not on this machine. What to do stands below.</text></svg>"
    )
