"""A full convolution cut to a few depthwise filters per channel: which are kept, and what is left, an SVG."""

from collections.abc import Sequence

from course.kit.drawing.card import card, words
from course.kit.drawing.columns import BOTTOM, HEIGHT, LEFT, LIT, RIGHT, WIDTH, axis, column
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE

_KEPT = COLORS["depthwise"]


def rank_dial(
    accuracies: Sequence[Sequence[float]],
    parameters: Sequence[int],
    whole: tuple[float, int],
    chosen: int,
    *,
    label: str,
) -> str:
    """The SVG.

    Args:
        accuracies: for each number of filters, from 1, the accuracies (0 to 1), one per seed.
        parameters: of the network cut to each number of filters.
        whole: mean accuracy and parameters of the network that was cut.
        chosen: the number of filters that stands out.
    """
    step = (WIDTH - LEFT - RIGHT) / len(accuracies)
    filters = f"Each channel's 3x3 filters, rebuilt from {chosen} of {len(accuracies)} depthwise filters"
    body = words(
        14, 22, f"{filters}: {parameters[chosen - 1]:,} parameters ({whole[1]:,} before)", INK, bold=True
    )
    body += words(
        14, 112, "Test accuracy, a dot for each seed, a bar for the mean, dashed: not cut", INK, bold=True
    )
    body += axis(whole[0])
    for number, values in enumerate(accuracies, 1):
        middle = LEFT + (number - 0.5) * step
        body += _filter(middle, kept=number <= chosen)
        body += column(middle, 46, values, number == chosen)
        body += words(middle, BOTTOM + 20, str(number), INK, anchor="middle", bold=number == chosen)
    return card(body + words(14, BOTTOM + 20, "filters k", QUIET), WIDTH, HEIGHT, label)


def _filter(middle: float, *, kept: bool) -> str:
    """A 3x3 grid, filled if the filter is kept, else crossed out."""
    fill, edge = (_KEPT.fill, CARD) if kept else (CARD, RULE)
    body = "".join(
        f'<rect x="{middle - 21 + 14 * x:.1f}" y="{38 + 14 * y}" width="14" height="14" fill="{fill}"'
        f' stroke="{edge}"/>'
        for y in range(3)
        for x in range(3)
    )
    if not kept:
        body += f'<path d="M{middle - 21:.1f} 38l42 42m0 -42l-42 42" stroke="{LIT.fill}" stroke-width="1.6"/>'
    return body
