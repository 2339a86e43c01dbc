"""Any module of the reader's own, drawn, costed and walked through as ours are."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from blocks.measure import Cost, Graph, Part, graph
from blocks.measure._cost import of_graph
from course.kit.drawing.diagram import Touch, diagram
from course.kit.drawing.listing import Lit, listing
from course.kit.panel import Explorer, Number, Picture, Said, with_name
from course.kit.panel._forward_lines import ForwardLines, forward_lines
from course.kit.panel._walk_through import in_words, rows, share
from course.kit.panel.opened import LARGEST, not_counted, parts, picture_of

LINES, ROWS, LETTERS = 20, 14, 76  # lines of code and rows that are shown at once, letters of a line


@dataclass(frozen=True)
class Inspected:
    """A module and the part that is lit, counted from 1.

    Attributes:
        recorded: the whole module.
        graph: what is drawn: the whole module where it is small, else the lit part alone.
        is_whole: which of the two.
        left_out: tensors from outside that the lit part reads and the picture leaves out.
        cost: of the whole module.
    """

    name: str
    recorded: Graph
    graph: Graph
    is_whole: bool
    left_out: int
    parts: tuple[Part, ...]
    cost: Cost
    source: ForwardLines
    step: int

    @property
    def part(self) -> Part:
        """The part that is lit."""
        return self.parts[self.step - 1]

    @property
    def lit_lines(self) -> tuple[int, ...]:
        """The lines of the module's own forward that run it."""
        return self.source.of_part[self.part.name.split(".")[0]]


@with_name
def inspect_module(module: nn.Module, input_shape: Sequence[int]) -> Explorer[Inspected]:
    """Draw, cost and walk through any module whose forward takes one tensor of floats.

    A small module is drawn whole; of a large one, such as a network, the part that is lit, while the table
    lists all parts. The module is neither run nor changed: a copy without memory is recorded, in eval mode.

    Modules with several inputs, inputs of whole numbers (embeddings), and forwards that look at values
    (`if x.sum() > 0`) cannot be recorded. A path that this one input does not take is not seen. The
    multiply-adds are those of convolutions and linear layers, as in `blocks.measure.cost`; products of two
    maps, such as those of attention, are named beside them. Only the last step's output is drawn.

    Args:
        input_shape: with the batch, such as (1, 3, 224, 224).

    Raises:
        TypeError: module is not a Module.
        ValueError: it cannot be recorded for this shape, or does nothing.
    """
    recorded = _recorded(module, input_shape)
    groups = parts(recorded)
    listed = tuple(groups)
    names = list(dict.fromkeys(part.name.split(".")[0] for part in listed))
    source = _short(forward_lines(module, names))
    is_whole = len(recorded.steps) - 1 <= LARGEST
    name = type(module).__name__  # this and the cost are read here: no module is kept alive
    counted = of_graph(recorded, sum(p.numel() for p in module.parameters()))

    def compute(step: int) -> Inspected:
        drawn, left_out = (recorded, 0) if is_whole else picture_of(recorded, groups[listed[step - 1]])
        return Inspected(name, recorded, drawn, is_whole, left_out, listed, counted, source, step)

    steps = Number("Step", 1, 1, len(listed))
    variant = in_words(name, recorded)
    return Explorer({"step": steps}, compute=compute, draw=draw, say=say, variant=variant)


def _recorded(module: nn.Module, input_shape: Sequence[int]) -> Graph:
    if not isinstance(module, nn.Module):
        raise TypeError(f"inspect_module: module must be a Module, such as nn.Linear(8, 2), got {module!r}.")
    try:
        recorded = graph(module, input_shape)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"inspect_module: {str(error).removeprefix('graph: ')} (The input is one tensor of floats.)"
        ) from error
    if len(recorded.steps) < 2:
        name = type(module).__name__
        raise ValueError(f"inspect_module: {name} must do something with its input, got no step.")
    return recorded


def _short(source: ForwardLines) -> ForwardLines:
    """The lines cut to LETTERS; none where none of them names a part, as in a Sequential's loop."""
    if not any(source.of_part.values()):
        return ForwardLines((), source.of_part)
    lines = tuple(line if len(line) <= LETTERS else f"{line[: LETTERS - 3]}..." for line in source.lines)
    return ForwardLines(lines, source.of_part)


def say(data: Inspected) -> Said:
    """The words of the explorer."""
    part, shape = data.part, " x ".join(map(str, data.part.shape[1:])) or "one number"
    used = data.cost.parameters + data.cost.unregistered
    words = (
        f"{data.name}, step {data.step} of {len(data.parts)}: {part.name or 'the layer itself'}."
        f" It gives {shape} for each input; {part.parameters:,} of the {used:,} parameters and"
        f" {part.multiply_adds:,} of the {data.cost.multiply_adds:,} multiply-adds are here."
    )
    if not data.is_whole:
        words += " The picture shows this part alone."
    if data.left_out:
        words += f" It reads {data.left_out + 1} tensors, of which one is drawn."
    seen = f"Step {data.step} of {len(data.parts)}, {part.name or data.name}: {share(part, data.cost)}."
    return Said(seen, words + not_counted(data.cost, data.name))


def draw(data: Inspected, heard: str) -> Picture:
    """The silhouette, and beside it the source and the costs, as many lines of each as fit."""
    lit_name = data.part.name or data.name
    first, last = _window(len(data.parts), data.step - 1, ROWS)
    top, end = _window(len(data.source.lines), min(data.lit_lines, default=0), LINES)
    lit = Lit(
        [n - top for n in data.lit_lines if top <= n < end],
        data.step - 1 - first,
        of_row={n - first: {"step": n + 1} for n in range(first, last)},
    )
    costs = rows(data.parts[first:last], data.recorded, data.name)
    total = data.cost.parameters + data.cost.unregistered, data.cost.multiply_adds
    label = (
        f"Lines of forward and costs by part, {lit_name} lit, rows {first + 1} to {last} of {len(data.parts)}"
    )
    has_picture = (
        data.is_whole or len(data.graph.steps) <= LARGEST + 1
    )  # else a function, called again and again
    code = listing(data.source.lines[top:end], costs, total, lit, label=label if has_picture else heard)
    if not has_picture:
        return (code,)
    touch: Touch = {part.name: ({"step": n}, part.name) for n, part in enumerate(data.parts, 1) if part.name}
    return (
        diagram(
            data.graph,
            label=heard,
            lit=(data.part.name or None) if data.is_whole else None,
            touch=touch if data.is_whole else None,
        ),
        code,
    )


def _window(count: int, middle: int, most: int) -> tuple[int, int]:
    """The first of `most` places round `middle`, and the place after the last."""
    first = max(0, min(middle - most // 2, count - most))
    return first, min(first + most, count)
