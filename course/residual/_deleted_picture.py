"""A chain of blocks with one taken out, and below each block how right the network is without it: an SVG."""

from collections.abc import Sequence

from course.kit.drawing.card import card, words
from course.kit.drawing.columns import BOTTOM, HEIGHT, LEFT, LIT, RIGHT, WIDTH, axis, column
from course.kit.drawing.style import CARD, INK, QUIET, TENSOR, TENSOR_EDGE

CHAIN = 62


def deleted_block(
    accuracies: Sequence[Sequence[float]], whole: Sequence[float], chosen: int, shortcut: bool, *, label: str
) -> str:
    """The SVG.

    Args:
        accuracies: for each block, the accuracies (0 to 1) without it, one per seed.
        whole: those of the whole network.
        chosen: the block that is out, counted from 1.
        shortcut: whether an arc leads round each block.
    """
    step = (WIDTH - LEFT - RIGHT) / len(accuracies)
    body = words(14, 22, "The trained network, one block taken out", INK, bold=True)
    body += words(
        14,
        112,
        "Test accuracy without this block: a dot for each seed, a bar for the mean, dashed: whole",
        INK,
        bold=True,
    )
    body += axis(sum(whole) / len(whole))
    body += f'<path d="M{LEFT - 14} {CHAIN}H{WIDTH - RIGHT + 6}" stroke="{INK}" stroke-width="1.6"/>'
    for number, values in enumerate(accuracies, 1):
        middle = LEFT + (number - 0.5) * step
        body += _block(middle, min(step * 0.56, 62), number == chosen, shortcut)
        body += column(middle, min(step * 0.5, 46), values, number == chosen)
        body += words(middle, BOTTOM + 20, str(number), INK, anchor="middle", bold=number == chosen)
    body += words(14, BOTTOM + 20, "block", QUIET)
    return card(body, WIDTH, HEIGHT, label)


def _block(middle: float, width: float, is_out: bool, shortcut: bool) -> str:
    left, right = middle - width / 2, middle + width / 2
    body = f'<rect x="{left:.1f}" y="{CHAIN - 14}" width="{width:.1f}" height="28" rx="4"'
    if is_out:
        body += f' fill="{CARD}" stroke="{LIT.fill}" stroke-width="2" stroke-dasharray="4 3"/>'
        body += words(middle, CHAIN + 5, "out", LIT.text, anchor="middle", bold=True)
    else:
        body += f' fill="{TENSOR}" stroke="{TENSOR_EDGE}"/>'
    a, b = left - 5, right + 5
    path = f"M{a:.1f} {CHAIN}C{a:.1f} {CHAIN - 34} {b:.1f} {CHAIN - 34} {b:.1f} {CHAIN}"
    return body + (f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="1.6"/>' if shortcut else "")
