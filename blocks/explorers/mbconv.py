"""MBConv with every knob: the whole block, what each part costs, and which network has such a block."""

from dataclasses import dataclass
from functools import cache, lru_cache

import torch
from torch import nn

from blocks import ConvNormAct, InvertedResidual, MBConv, SqueezeExcitation
from blocks.explorers.controls import Choice, Number
from blocks.explorers.explorer import Explorer
from blocks.explorers.inverted_residual import CHANNELS
from blocks.explorers.still import Picture
from blocks.figures.diagram import diagram
from blocks.figures.layer_bars import WIDTH, Row, Section, layer_bars
from blocks.measure import Cost, Graph, graph
from blocks.measure.cost import of_graph
from blocks.networks import efficientnet_b0, mobilenet_v3_large, mobilenet_v3_small
from blocks.networks.efficientnet import B0
from blocks.networks.make_divisible import make_divisible
from blocks.networks.mobilenet import V3_LARGE, V3_SMALL

RESOLUTION = 28
INPUT, EXPANDED, NONE = "input / 4", "expanded / 4", "none"
_BLOCK_3 = {
    "in_channels": 24,
    "out_channels": 24,
    "expansion": 6.0,
    "kernel_size": 3,
    "stride": 1,
    "squeeze": INPUT,
}
PRESETS = {
    "EfficientNet-B0, block 3": _BLOCK_3,
    "block 4": {**_BLOCK_3, "out_channels": 40, "kernel_size": 5, "stride": 2},
    "block 1": {**_BLOCK_3, "in_channels": 32, "out_channels": 16, "expansion": 1.0},
    "MobileNetV3-Large, block 5": {
        **_BLOCK_3,
        "in_channels": 40,
        "out_channels": 40,
        "expansion": 3.0,
        "kernel_size": 5,
        "squeeze": EXPANDED,
    },
    "break it: squeeze from the expanded": {**_BLOCK_3, "squeeze": EXPANDED},
}


@dataclass(frozen=True)
class Setting:
    """What makes two blocks the same but for their activation; squeezed and gate are empty where there
    is no squeeze-and-excitation."""

    in_channels: int
    out_channels: int
    hidden: int
    kernel_size: int
    stride: int
    squeezed: int = 0
    gate: str = ""


@dataclass(frozen=True)
class Place:
    """Where a network has such blocks: numbers of the blocks and of the row of its table, from 1."""

    network: str
    total: int
    row: int
    blocks: tuple[int, ...]
    act: str


@dataclass(frozen=True)
class Whole:
    """A recorded block, its costs, its setting, and the places where a network has it."""

    graph: Graph
    cost: Cost
    setting: Setting
    act: str
    places: tuple[Place, ...]

    @property
    def has_shortcut(self) -> bool:
        """Whether the recorded forward adds anything."""
        return any(step.kind == "add" for step in self.graph.steps)


@lru_cache(maxsize=512)  # recording costs more than drawing, and sliders come back
def compute(
    in_channels: int, out_channels: int, expansion: float, kernel_size: int, stride: int, squeeze: str
) -> Whole:
    """Build the block without memory, record it, and look it up in the networks.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
    """
    gates = {INPUT: None, EXPANDED: _mobilenet_v3, NONE: lambda _: nn.Identity()}
    with torch.device("meta"):
        block = MBConv(
            in_channels,
            out_channels,
            expansion=expansion,
            kernel_size=kernel_size,
            stride=stride,
            act=nn.Hardswish if squeeze == EXPANDED else nn.SiLU,
            squeeze_excitation=gates[squeeze],
        )
    recorded = graph(block, (1, in_channels, RESOLUTION, RESOLUTION))
    counted = of_graph(recorded, sum(p.numel() for p in block.parameters()))
    setting = setting_of(block)
    return Whole(recorded, counted, setting, _act(block), places().get(setting, ()))


def _mobilenet_v3(expanded: int) -> SqueezeExcitation:
    return SqueezeExcitation(expanded, squeezed_channels=make_divisible(expanded / 4), gate=nn.Hardsigmoid)


def setting_of(block: nn.Module) -> Setting:
    """The setting of an MBConv or InvertedResidual, read from its layers."""
    expand, depthwise, project = (block.get_submodule(name) for name in ("expand", "depthwise", "project"))
    if not isinstance(depthwise, ConvNormAct) or not isinstance(project, ConvNormAct):
        raise TypeError(
            f"setting_of: block must be an MBConv or InvertedResidual, got {type(block).__name__}."
        )
    wide = depthwise.conv
    narrow = expand.conv.in_channels if isinstance(expand, ConvNormAct) else wide.in_channels
    size = (narrow, project.conv.out_channels, wide.out_channels, wide.kernel_size[0], wide.stride[0])
    squeeze = getattr(block, "squeeze_excitation", None)
    if not isinstance(squeeze, SqueezeExcitation):
        return Setting(*size)
    return Setting(*size, squeeze.reduce.out_channels, type(squeeze.gate).__name__)


def _act(block: nn.Module) -> str:
    return type(block.get_submodule("depthwise.act")).__name__


@cache
def places() -> dict[Setting, tuple[Place, ...]]:
    """Every setting of the MBConvs and inverted residuals of three networks, and where it stands."""
    networks = (
        ("EfficientNet-B0", efficientnet_b0, [row[-1] for row in B0]),
        ("MobileNetV3-Large", mobilenet_v3_large, [1 for _ in V3_LARGE]),
        ("MobileNetV3-Small", mobilenet_v3_small, [1 for _ in V3_SMALL]),
    )
    found: dict[Setting, tuple[Place, ...]] = {}
    for name, build, repeats in networks:
        with torch.device("meta"):
            blocks = list(build().get_submodule("blocks").children())
        rows = [row for row, count in enumerate(repeats, 1) for _ in range(count)]
        for number, (block, row) in enumerate(zip(blocks, rows, strict=True), 1):
            if isinstance(block, MBConv | InvertedResidual):
                place = Place(name, len(blocks), row, (number,), _act(block))
                found[setting_of(block)] = _joined(found.get(setting_of(block), ()), place)
    return found


def _joined(places: tuple[Place, ...], new: Place) -> tuple[Place, ...]:
    """With `new`, which makes one place with the last where both are blocks of one row or network."""
    last = places[-1] if places else None
    if last and (last.network, last.act) == (new.network, new.act):
        return (*places[:-1], Place(last.network, last.total, last.row, last.blocks + new.blocks, last.act))
    return (*places, new)


def say(data: Whole) -> str:
    """The sentence of the explorer."""
    s, counted = data.setting, data.cost
    wide = f"{s.in_channels:,} expanded to {s.hidden:,}" if _expands(data) else f"{s.hidden:,}, not expanded"
    parts = {part.name: part for part in counted.parts}
    weighed, shares = "not weighed", ""
    if part := parts.get("squeeze_excitation"):
        weighed = f"weighed by way of {s.squeezed:,} numbers"
        shares = (
            f" Squeeze-and-excitation has {100 * part.parameters / counted.parameters:.1f} % of the"
            f" parameters and {100 * part.multiply_adds / counted.multiply_adds:.2f} % of the multiply-adds."
        )
    return (
        f"Channels: {wide}, filtered one by one by a {s.kernel_size}x{s.kernel_size} convolution, {weighed},"
        f" projected to {s.out_channels:,}. On a {RESOLUTION} x {RESOLUTION} map {counted.parameters:,}"
        f" parameters and {counted.multiply_adds:,} multiply-adds.{shares}"
        f" It has {'a' if data.has_shortcut else 'no'} shortcut. {_where(data)}"
    )


def _expands(data: Whole) -> bool:
    return data.cost.parts[0].name == "expand"


def _where(data: Whole) -> str:
    if not data.places:
        return "No block of EfficientNet-B0 or MobileNetV3 is so."
    return "This is " + "; ".join(_place(place, data.act) for place in data.places) + "."


def _place(place: Place, act: str) -> str:
    *first, last = map(str, place.blocks)
    numbers = f"blocks {', '.join(first)} and {last}" if first else f"block {last}"
    other = "" if place.act == act else f", there with {place.act}"
    row = "" if place.row == place.blocks[0] == place.blocks[-1] else f", row {place.row} of its table"
    return f"{numbers} of the {place.total} of {place.network}{row}{other}"


def draw(data: Whole, sentence: str) -> Picture:
    """The block, and below it the bars of its parts."""
    kinds: dict[str, str] = {}
    for step in data.graph.steps:
        kinds.setdefault(step.name.split(".")[0], step.kind)
    kinds["squeeze_excitation"] = "squeeze_excitation"
    rows = tuple(
        Row(_NAMES.get(part.name, part.name), kinds[part.name], (part.parameters, part.multiply_adds))
        for part in data.cost.parts
        if part.parameters
    )
    totals = (f"{data.cost.parameters:,} parameters", f"{data.cost.multiply_adds:,} multiply-adds")
    bars = layer_bars((Section("Cost by part", totals, rows),), label="Parameters and multiply-adds by part")
    return diagram(data.graph, label=sentence, least_width=WIDTH), bars


_NAMES = {"squeeze_excitation": "squeeze-excit."}


def whole_block() -> Explorer[Whole]:
    """Every knob of MBConv; the block, the costs of its parts, and the network that has it."""
    return Explorer(
        {
            "in_channels": Number("Channels in", 24, 1, 2048, stops=CHANNELS),
            "out_channels": Number("Channels out", 24, 1, 2048, stops=CHANNELS),
            "expansion": Number("Expansion", 6.0, 1, 10, 0.5),
            "kernel_size": Choice("Kernel", 3, (3, 5, 7)),
            "stride": Choice("Stride", 1, (1, 2)),
            "squeeze": Choice("Squeezed to", INPUT, (INPUT, EXPANDED, NONE)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
