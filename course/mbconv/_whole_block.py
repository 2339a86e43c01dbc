"""MBConv with every knob: the whole block, what each part costs, and which network has such a block."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from blocks import MBConv
from blocks.measure import Cost, Graph, graph
from blocks.measure._cost import of_graph
from blocks.networks.mobilenet import v3_squeeze_excitation
from course.kit.drawing.diagram import Touch, diagram
from course.kit.drawing.towers import towers
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.panel.controls import CHANNELS
from course.kit.panel.layers import Compared, after, by_part, many, streets
from course.mbconv.places import Place, Setting, activation, places, setting

RESOLUTION = 56  # where EfficientNet-B0 has blocks 3 and 4
HEIGHT = 400  # of a card, at least
INPUT, EXPANDED, NONE = "input / 4 (EfficientNet)", "expanded / 4 (MobileNetV3)", "none"
_SQUEEZES = (NONE, INPUT, EXPANDED)
_SLIDER = tuple(stop for stop in CHANNELS if stop <= 256)
# Every block of EfficientNet-B0; no network has a kernel of 7.
_IN_ON_PAGE = (16, 24, 32, 40, 80, 112, 160, 192)
_OUT_ON_PAGE = (16, 24, 25, 40, 80, 112, 160, 192, 320)
_EXPANSIONS = (1.0, 3.0, 4.0, 6.0, 10.0)
_BLOCK_3 = {
    "in_channels": 24,
    "out_channels": 24,
    "expansion": 6.0,
    "kernel_size": 3,
    "stride": 1,
    "squeeze": INPUT,
}
_V3_BLOCK_5 = {"in_channels": 40, "out_channels": 40, "expansion": 3.0, "kernel_size": 5}
PRESETS = {
    "EfficientNet-B0, block 3": _BLOCK_3,
    "block 4": {**_BLOCK_3, "out_channels": 40, "kernel_size": 5, "stride": 2},
    "block 1": {**_BLOCK_3, "in_channels": 32, "out_channels": 16, "expansion": 1.0},
    "MobileNetV3-Large, block 5": {**_BLOCK_3, **_V3_BLOCK_5, "squeeze": EXPANDED},
    "block 3, squeezed as in MobileNetV3": {**_BLOCK_3, "squeeze": EXPANDED},
    "break it: 24 to 25": {**_BLOCK_3, "out_channels": 25},
}


@dataclass(frozen=True)
class Whole:
    """A recorded block, its costs, setting and activation, and the places where a network has it.

    Attributes:
        squeeze: the rule that was asked for.
    """

    squeeze: str
    graph: Graph
    cost: Cost
    setting: Setting
    act: str
    places: tuple[Place, ...]

    @property
    def has_shortcut(self) -> bool:
        """Whether the recorded forward adds anything."""
        return any(step.kind == "add" for step in self.graph.steps)

    @property
    def expands(self) -> bool:
        """Whether the recorded forward begins with an expansion."""
        return self.cost.parts[0].name == "expand"


@lru_cache(maxsize=512)  # recording costs more than drawing, and sliders come back
def compute(
    in_channels: int, out_channels: int, expansion: float, kernel_size: int, stride: int, squeeze: str
) -> Whole:
    """Build the block without memory, record it, and look it up in the networks.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
    """
    squeezes = {INPUT: None, EXPANDED: v3_squeeze_excitation, NONE: lambda _: nn.Identity()}
    with torch.device("meta"):
        block = MBConv(
            in_channels,
            out_channels,
            expansion=expansion,
            kernel_size=kernel_size,
            stride=stride,
            act=nn.Hardswish if squeeze == EXPANDED else nn.SiLU,
            squeeze_excitation=squeezes[squeeze],
        )
    recorded = graph(block, (1, in_channels, RESOLUTION, RESOLUTION))
    counted = of_graph(recorded, sum(p.numel() for p in block.parameters()))
    return Whole(squeeze, recorded, counted, setting(block), activation(block), places(block))


def say(data: Whole) -> Said:
    """The words of the explorer."""
    s, counted = data.setting, data.cost
    widened = f"{s.in_channels:,} expanded to {s.hidden:,}" if data.expands else f"{s.hidden:,}, not expanded"
    weighed = f"weighed by way of {many(s.squeezed, 'number')}" if s.squeezed else "not weighed"
    heard = (
        f"Channels: {widened}, filtered one by one by a {s.kernel_size}x{s.kernel_size} convolution,"
        f" {weighed}, projected to {s.out_channels:,}. On a {RESOLUTION} x {RESOLUTION} map"
        f" {many(counted.parameters, 'parameter')} and {many(counted.multiply_adds, 'multiply-add')}"
        f"{_share(counted)}. It has {'a' if data.has_shortcut else 'no'} shortcut. {_where(data)}"
    )
    excited = [part for part in counted.parts if part.name == "squeeze_excitation"]
    seen = f"{many(counted.parameters, 'parameter')}"
    seen += f", {excited[0].parameters:,} of them in squeeze-and-excitation" if excited else ", no gates"
    if data.places:
        place = data.places[0]
        seen += f": {place.network}, block {place.numbers[0]}"
    return Said(f"{seen}.", heard)


def _share(counted: Cost) -> str:
    """What squeeze-and-excitation has of both, if there is any."""
    for part in counted.parts:
        if part.name == "squeeze_excitation":
            parameters = 100 * part.parameters / counted.parameters
            multiply_adds = 100 * part.multiply_adds / counted.multiply_adds
            return f"; squeeze-and-excitation has {parameters:.1f} % and {multiply_adds:.3f} % of them"
    return ""


def _where(data: Whole) -> str:
    if not data.places:
        return "Neither EfficientNet-B0 nor MobileNetV3 has such a block."
    return " ".join(_place(place, data.act) for place in data.places)


def _place(place: Place, act: str) -> str:
    *first, last = map(str, place.numbers)
    numbers = f"numbers {', '.join(first)} and {last}" if first else f"number {last}"
    stage = f", in stage {place.stage}" if place.stage else ""
    other = "" if place.act == act else f", there with {place.act}"
    return f"{place.network} has this block: {numbers} of its {place.total}{stage}{other}."


def touch(data: Whole) -> Touch:
    """What a click on a part of the picture sets."""
    s = data.setting
    expansion = after(s.hidden / s.in_channels, (1.0, 3.0, 6.0, 10.0))
    wider = {"expansion": expansion}, f"expansion {expansion:g}"
    kernel, stride = 8 - s.kernel_size if s.kernel_size in (3, 5) else 3, 3 - s.stride
    squeeze = after(data.squeeze, _SQUEEZES)
    gates = {"squeeze": squeeze}, f"squeezed to {squeeze}"
    strided: tuple[dict[str, int], str] = {"stride": stride}, f"stride {stride}"
    out = 40 if s.out_channels == 24 else 24
    return {
        "expand": wider,
        "t:expand": wider,
        "t:input": wider,
        "depthwise": ({"kernel_size": kernel}, f"kernel {kernel}x{kernel}"),
        "t:depthwise": gates,
        "squeeze_excitation": gates,
        "t:squeeze_excitation": gates,
        "shortcut": strided,
        "project": ({"out_channels": out}, f"{out} channels out"),
        "t:project": ({"out_channels": out}, f"{out} channels out"),
    }


def draw(data: Whole, heard: str) -> Picture:
    """The block, and beside it the towers of its parts."""
    street = streets((Compared("", by_part(data.graph)),))
    return (
        diagram(data.graph, label=heard, touch=touch(data), least_height=HEIGHT),
        towers(street, label="Parameters and multiply-adds by part", height=HEIGHT),
    )


@with_name
def whole_block() -> Explorer[Whole]:
    """Every knob of MBConv; the block, the costs of its parts, and the network that has it."""
    return Explorer(
        {
            "squeeze": Choice("Squeezed to", NONE, _SQUEEZES),
            "expansion": Number("Expansion", 6.0, 1, 10, 0.5, page=_EXPANSIONS),
            "kernel_size": Choice("Kernel", 3, (3, 5, 7), page=(3, 5)),
            "stride": Choice("Stride", 1, (1, 2)),
            "in_channels": Number("Channels in", 24, 1, 2048, stops=_SLIDER, page=_IN_ON_PAGE),
            "out_channels": Number("Channels out", 24, 1, 2048, stops=_SLIDER, page=_OUT_ON_PAGE),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"squeeze": INPUT},),
    )
