"""A block as a small outline, read off its recorded forward: tensors as high as they have channels."""

from dataclasses import dataclass

import torch

from blocks.measure import Graph, graph
from course.kit.drawing.style import COLORS, INK, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import Mark, circle, path, rect
from course.kit.record import Chapter

BAR, TALL, BAND = 6, 44, 34  # of a tensor: its width, the height of the widest one; the gap at most
MIXING = ("convolution", "grouped", "depthwise", "pointwise", "linear")
STRIPS = 5  # of a band in which every channel stays by itself


@dataclass(frozen=True)
class Outline:
    """A block: its tensors, what leads from each to the next, and what is added or multiplied.

    Attributes:
        tensors: for each its channels, and whether an activation ends it.
        bands: the kind of step between one tensor and the next.
        arcs: for each sum or product the tensor that is led round, and the one that it meets, and the kind.
    """

    tensors: tuple[tuple[int, bool], ...]
    bands: tuple[str, ...]
    arcs: tuple[tuple[int, int, str], ...]


def outline(chapter: Chapter) -> Outline:
    """Of the block that the chapter's record draws, built without memory.

    Raises:
        ValueError: the record draws none.
    """
    drawn = chapter.drawn
    if drawn is None:
        raise ValueError(f"outline: the chapter must have a drawn block, got {chapter.concept}.")
    options = {
        name: chapter.resolve(value) if isinstance(value, str) else value
        for name, value in drawn.options.items()
    }
    with torch.device("meta"):
        block = chapter.resolve(drawn.block)(*drawn.arguments, **options)
    return read(graph(block, (1, drawn.arguments[0], drawn.pixels, drawn.pixels)))


def read(recorded: Graph) -> Outline:
    """The outline of a recorded forward."""
    tensors: list[tuple[int, bool]] = [(recorded.steps[0].shape[1], False)]
    bands: list[str] = []
    arcs: list[tuple[int, int, str]] = []
    bar = {0: 0}  # by step the tensor that it ends in
    for n, step in enumerate(recorded.steps[1:], 1):
        if step.kind in MIXING:
            is_gate = step.shape[2:] == (1, 1)  # from the means of the maps
            if step.name.startswith("squeeze_excitation.") and bands[-1] == "squeeze_excitation":
                tensors.pop()  # a gate inside a block is one step: how narrow its middle is, notebook 08 asks
            else:
                bands.append("squeeze_excitation" if is_gate else step.kind)
            tensors.append((step.shape[1], False))
        bar[n] = len(tensors) - 1
        if step.kind == "activation":
            tensors[-1] = (tensors[-1][0], True)
        elif len(step.inputs) > 1:
            arcs.append((min(bar[i] for i in step.inputs), bar[n], step.kind))
        elif step.kind not in MIXING:
            bar[n] = bar[step.inputs[0]]
    return Outline(tuple(tensors), tuple(bands), tuple(arcs))


def silhouette(found: Outline, left: float, middle: float, room: float) -> str:
    """The outline as SVG, centered on `middle`, `room` wide: heights relative to the widest tensor."""
    widest = max(channels for channels, _ in found.tensors)
    gap = min(BAND, (room - BAR * len(found.tensors)) / max(1, len(found.bands)))
    x = left + (room - BAR * len(found.tensors) - gap * len(found.bands)) / 2
    places, body = [], ""
    for n, (channels, is_activated) in enumerate(found.tensors):
        high = TALL * channels / widest
        if n:
            body += _band(
                found.bands[n - 1], x - gap, x, TALL * found.tensors[n - 1][0] / widest, high, middle
            )
        mark = Mark(
            value=channels / widest, scale="height", unit="of the widest", title=f"{channels} channels"
        )
        fill = COLORS["activation"].fill if is_activated else TENSOR
        body += rect(
            x, middle - high / 2, BAR, high, fill, mark, stroke=TENSOR_EDGE, more='stroke-width="0.8"'
        )
        places.append(x + BAR / 2)
        x += BAR + gap
    for start, end, kind in found.arcs:
        body += _arc(places[start], places[end], kind, middle)
    return body


def _band(kind: str, left: float, right: float, before: float, after: float, middle: float) -> str:
    """From one tensor to the next; where each channel stays by itself, in strips."""
    color = COLORS[kind].fill
    strips = STRIPS if kind == "depthwise" else 1
    body = ""
    for n in range(strips):
        top, bottom = n / strips - 0.5, (n + (0.72 if strips > 1 else 1)) / strips - 0.5
        corners = (
            (left, before * top),
            (right, after * top),
            (right, after * bottom),
            (left, before * bottom),
        )
        body += (
            f'<polygon points="{" ".join(f"{x:.1f},{middle + y:.1f}" for x, y in corners)}" fill="{color}"/>'
        )
    return body


def _arc(start: float, end: float, kind: str, middle: float) -> str:
    """What is led round: a shortcut above, a tensor that a gate multiplies below."""
    color, side = (INK, -1) if kind == "add" else (COLORS[kind].fill, 1)
    edge = middle + side * (TALL / 2 + 3)
    d = f"M{start:.1f} {edge:.1f}v{side * 5}H{end:.1f}v{-side * 5}"
    return path(d, "none", stroke=color, width=2) + circle(end, edge, 3.4, color)
