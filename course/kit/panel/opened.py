"""A recorded module in parts that fit a picture, and in words what its numbers leave out."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from blocks.measure import Cost, Graph, Part, Step

LARGEST = 18  # steps of a part, so that its picture stays readable


def parts(recorded: Graph) -> dict[Part, tuple[int, ...]]:
    """The parts in running order, with the numbers of their steps.

    A part is a direct child, or a function that the module calls; one of more than LARGEST steps is
    opened into its own children, and so is one that would be the only part.
    """
    opened: set[str] = set()
    while True:
        counts = Counter(part_of(step, opened) for step in recorded.steps[1:])
        large = {
            name
            for name, count in counts.items()
            if (count > LARGEST or len(counts) == 1) and any(_inside(step, name) for step in recorded.steps)
        }
        if not large:
            break
        opened |= large
    found: dict[str, list[int]] = {}
    for index, step in enumerate(recorded.steps[1:], 1):
        found.setdefault(part_of(step, opened), []).append(index)
    return {_part(name, [recorded.steps[i] for i in group]): tuple(group) for name, group in found.items()}


def part_of(step: Step, opened: Collection[str]) -> str:
    """The name of the part that a step belongs to."""
    first, *rest = step.name.split(".")
    while first in opened and rest:
        first = f"{first}.{rest.pop(0)}"
    return first


def picture_of(recorded: Graph, indices: Collection[int]) -> tuple[Graph, int]:
    """The steps of one part as a graph of their own, and how many tensors from outside it leaves out.

    Its input is the first tensor from outside that a step of it reads.
    """
    place: dict[int, int] = {}
    steps: list[Step] = []
    outside: list[int] = []
    for index in indices:
        step = recorded.steps[index]
        outside += [k for k in step.inputs if k not in indices and k not in outside]
        if not steps and outside:
            shape = recorded.steps[outside[0]].shape
            steps.append(Step("input", "input", "", shape, 0, 0, ()))
            place[outside[0]] = 0
        elif not steps:  # made from nothing that was recorded
            steps.append(Step("input", "input", "", step.shape, 0, 0, ()))
        place[index] = len(steps)
        steps.append(replace(step, inputs=tuple(place[k] for k in step.inputs if k in place)))
    return Graph(tuple(steps)), max(len(outside) - 1, 0)


def not_counted(cost: Cost, module: str) -> str:
    """Sentences on what the numbers of a cost leave out, with a space before each; "" if nothing is."""
    words = ""
    if cost.uncounted:
        names = _listed([name or module for name in cost.uncounted])
        words += f" Not in the multiply-adds: the products inside {names}."
        words += f" They make {cost.products:,} more." if cost.products else ""
    if cost.unregistered:
        words += (
            f" {cost.unregistered:,} parameters are used but not registered, so an optimizer does not see"
            " them. Keep layers in nn.ModuleList instead of a list."
        )
    if cost.unused:
        unused = cost.parameters + cost.unregistered - sum(part.parameters for part in cost.parts)
        words += f" {unused:,} parameters are in no step of this forward. They are {_listed(cost.unused)}."
    return words


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _inside(step: Step, name: str) -> bool:
    return step.name.startswith(f"{name}.")


def _part(name: str, steps: Collection[Step]) -> Part:
    counts = sum(step.parameters for step in steps), sum(step.multiply_adds for step in steps)
    return Part(name, list(steps)[-1].shape, *counts)
