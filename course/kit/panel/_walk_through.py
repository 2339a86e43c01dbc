"""A block, step by step: the line of `forward`, the band of its silhouette and the row of its costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from blocks import InvertedResidual
from blocks.measure import Cost, Graph, Part
from blocks.measure._cost import of_graph
from blocks.measure._graph import graph
from course.kit.drawing.diagram import Touch, diagram, is_in
from course.kit.drawing.listing import Lit, Row, listing
from course.kit.panel._forward_lines import ForwardLines, forward_lines
from course.kit.panel._with_name import with_name
from course.kit.panel.controls import Number
from course.kit.panel.explorer import Explorer
from course.kit.panel.opened import not_counted
from course.kit.panel.said import Said
from course.kit.panel.still import Picture

PIXELS = 56


@dataclass(frozen=True)
class Walk:
    """A recorded block, its source, and the step that is lit, counted from 1."""

    block: str
    graph: Graph
    cost: Cost
    source: ForwardLines
    step: int

    @property
    def part(self) -> Part:
        """The part that is lit."""
        return self.cost.parts[self.step - 1]

    @property
    def lit_lines(self) -> tuple[int, ...]:
        """The lines that run it."""
        return self.source.of_part[self.part.name]


@with_name
def walk_through(
    module: nn.Module | None = None, input_shape: tuple[int, ...] | None = None
) -> Explorer[Walk]:
    """A step to choose; lit are its line of source, its band, and its row of parameters and multiply-adds.

    Args:
        module: any module; None for an inverted residual of MobileNetV2.
        input_shape: (N, C, H, W); None for one image of 56 x 56 with the channels that the module's
            first convolution takes.

    Raises:
        TypeError: module is not a Module.
        ValueError: the shape does not fit, is not given where nothing tells it, or there is no step.
    """
    is_ours = module is None
    if module is None:
        with torch.device("meta"):  # no random numbers are drawn beside a cell that is running
            module = InvertedResidual(24, 24)
    recorded = graph(module, input_shape or _usual_shape(module))
    counted = of_graph(recorded, sum(p.numel() for p in module.parameters()))
    if not counted.parts:
        raise ValueError(f"walk_through: module must do something, got {type(module).__name__}.")
    source = forward_lines(module, [part.name for part in counted.parts])
    name = type(module).__name__  # the module itself is not kept alive

    def compute(step: int) -> Walk:
        return Walk(name, recorded, counted, source, step)

    steps = Number("Step", 1, 1, len(counted.parts))
    variant = None if is_ours and input_shape is None else in_words(name, recorded)
    return Explorer({"step": steps}, compute=compute, draw=draw, say=say, variant=variant)


def in_words(name: str, recorded: Graph) -> str:
    """The module's name, and what goes in and comes out."""
    shapes = (" x ".join(map(str, step.shape)) for step in (recorded.steps[0], recorded.steps[-1]))
    return f"{name}, {' to '.join(shapes)}"


def _usual_shape(module: nn.Module) -> tuple[int, ...]:
    """One image with the channels that the first convolution takes."""
    if not isinstance(module, nn.Module):
        raise TypeError(f"walk_through: module must be a Module or None, got {module!r}.")
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            return (1, part.in_channels, PIXELS, PIXELS)
    raise ValueError(
        f"walk_through: input_shape must be given for a module without convolutions, got None for"
        f" {type(module).__name__}."
    )


def say(data: Walk) -> Said:
    """The words of the explorer."""
    part, steps, code = (
        data.part,
        len(data.cost.parts),
        [data.source.lines[n].strip() for n in data.lit_lines],
    )
    where = f", in {' and '.join(f'“{line}”' for line in code)}" if code else ", in no line of forward itself"
    channels, *size = part.shape[1:]
    sizes = f", {' x '.join(map(str, size))}" if size else ""
    heard = (
        f"{data.block}, step {data.step} of {steps}: {part.name}{where}. It gives {channels:,}"
        f" {'channel' if channels == 1 else 'channels'}{sizes}; {part.parameters:,} of the"
        f" {data.cost.parameters + data.cost.unregistered:,} parameters and {part.multiply_adds:,} of the"
        f" {data.cost.multiply_adds:,} multiply-adds are here.{not_counted(data.cost, data.block)}"
    )
    return Said(f"Step {data.step} of {steps}, {part.name}: {share(part, data.cost)}.", heard)


def share(part: Part, cost: Cost) -> str:
    """How much of the multiply-adds a part has, or of the parameters where there are none."""
    for noun, count, of in (
        ("multiply-adds", part.multiply_adds, cost.multiply_adds),
        ("parameters", part.parameters, cost.parameters + cost.unregistered),
    ):
        if count:
            return f"{100 * count / of:.3g} % of the {noun}"
    return "no parameters, 0 multiply-adds"


def rows(parts: Sequence[Part], recorded: Graph, name: str) -> list[Row]:
    """The costs by part, in the color of the step with the most multiply-adds; `name` is the module's."""
    found = []
    for part in parts:
        steps = [step for step in recorded.steps[1:] if is_in(step, part.name) or not part.name]
        kind = max(steps, key=lambda step: (step.multiply_adds, step.parameters)).kind if steps else "other"
        found.append(Row(part.name or name, kind, (part.parameters, part.multiply_adds)))
    return found


def draw(data: Walk, heard: str) -> Picture:
    """The silhouette, and beside it the source and the costs; in each the same part is lit."""
    names = [part.name for part in data.cost.parts]
    touch: Touch = {name: ({"step": n}, name) for n, name in enumerate(names, 1)}
    # a line that runs several parts goes to the next one of them
    of_line = {
        line: {"step": n}
        for n in (*range(len(names), 0, -1), *range(len(names), data.step, -1))
        for line in data.source.of_part[names[n - 1]]
    }
    lit = Lit(data.lit_lines, data.step - 1, of_line, {n: {"step": n + 1} for n in range(len(names))})
    total = data.cost.parameters, data.cost.multiply_adds
    label = f"Lines of forward and costs by part, {data.part.name} lit"
    costs = rows(data.cost.parts, data.graph, data.block)
    return (
        diagram(data.graph, label=heard, lit=data.part.name, touch=touch),
        listing(data.source.lines, costs, total, lit, label=label),
    )
