"""What the layers of a recorded block cost, as rows of bars: a convolution and its norm together."""

from collections.abc import Sequence

from blocks.measure import Graph, Step
from course.kit.drawing.layer_bars import Row, Section

COUNTED = ("parameter", "multiply-add")  # the values of a row


def many(count: int, noun: str) -> str:
    """A count with its noun, "1 channel" or "1,024 channels"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def row(name: str, steps: Sequence[Step]) -> Row:
    """Steps as one layer; the first tells its kind."""
    counts = sum(step.parameters for step in steps), sum(step.multiply_adds for step in steps)
    return Row(name, steps[0].kind, counts)


def rows(recorded: Graph) -> tuple[Row, ...]:
    """The layers that cost something, in the order of the forward."""
    parts: dict[str, list[Step]] = {}
    for step in recorded.steps:
        if step.parameters:
            parts.setdefault(step.name.split(".")[-2], []).append(step)
    return tuple(row(name, steps) for name, steps in parts.items())


def totals(layers: Sequence[Row]) -> tuple[int, int]:
    """Parameters and multiply-adds of all layers."""
    parameters, multiply_adds = (
        sum(values) for values in zip(*(layer.values for layer in layers), strict=True)
    )
    return parameters, multiply_adds


def section(title: str, layers: Sequence[Row], more: Sequence[str] = ("", "")) -> Section:
    """The bars of one block; `more` stands behind its totals."""
    counts = zip(totals(layers), COUNTED, more, strict=True)
    return Section(title, tuple(many(count, noun) + words for count, noun, words in counts), tuple(layers))
