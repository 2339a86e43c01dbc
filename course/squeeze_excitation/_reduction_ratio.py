"""What the reduction of squeeze-and-excitation costs, block by block and in SE-ResNet-50.

Width is channels: squeeze, reduce and expand as a silhouette whose waist the reduction sets. Area is cost:
ResNet-50 as a slab, and on it what the 16 blocks add, told only once it is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import torch
from torch import nn

from blocks import SqueezeExcitation
from blocks.measure import cost, graph
from blocks.networks.resnet import REPEATS_50, WIDE, resnet50
from course.kit.drawing.style import CARD, COLORS, HERE, INK, LARGE, QUIET, RULE, TENSOR, TENSOR_BACK
from course.kit.drawing.svg import Mark, card, circle, group, number, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.panel.controls import CHANNELS

_STOPS = tuple(stop for stop in CHANNELS if stop <= 256)  # 256: of the first stage of SE-ResNet-50
_ON_PAGE = (4, 8, 16, 32, 64, 96, 128, 256)  # exercises 2 and 3 have 96 and 4
RATIOS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
BLOCK, BOTH = "one block", "one block and SE-ResNet-50"
SIZE = 224  # of the photos that ResNet-50's multiply-adds are counted for
# Top-1 error in % on ImageNet: Hu et al. 2017, arXiv 1709.01507, table 10; None is ResNet-50 itself.
ERRORS = {2: 22.29, 4: 22.25, 8: 22.26, 16: 22.28, 32: 22.72, None: 23.30}
PRESETS = {
    "SENet's 16": {"reduction": 16, "counted": BOTH},
    "4: hardly reduced": {"reduction": 4, "counted": BOTH},
    "32: the error rises": {"reduction": 32, "counted": BOTH},
    "256: one to eight numbers": {"reduction": 256, "counted": BOTH},
}


@dataclass(frozen=True)
class Gate:
    """The squeeze-and-excitation of `blocks` blocks with `channels` channels each.

    Attributes:
        squeezed: the reduced width.
        parameters, multiply_adds: of one block.
        of_layers: the parameters of its two layers, which reduce and expand.
    """

    blocks: int
    channels: int
    squeezed: int
    parameters: int
    multiply_adds: int
    of_layers: tuple[int, int]

    @property
    def total(self) -> int:
        """The parameters of all these blocks."""
        return self.blocks * self.parameters


@dataclass(frozen=True)
class Reduction:
    """What one reduction costs: in a block of the chosen width, and in SE-ResNet-50's four stages.

    Attributes:
        network, multiply_adds: the parameters and multiply-adds of ResNet-50, without squeeze-and-excitation.
        shows_network: whether the reader has asked for SE-ResNet-50; until then it is not told.
    """

    reduction: int
    block: Gate
    stages: tuple[Gate, ...]
    network: int
    multiply_adds: int
    shows_network: bool = True

    @property
    def added(self) -> int:
        """The parameters of all squeeze-and-excitation blocks."""
        return sum(stage.total for stage in self.stages)

    @property
    def added_multiply_adds(self) -> int:
        """Their multiply-adds."""
        return sum(stage.blocks * stage.multiply_adds for stage in self.stages)


def reduction(reduction: int, channels: int, counted: str = BOTH) -> Reduction:
    """Build the blocks without memory, count them, and hold the counts to the formula.

    Raises:
        TypeError, ValueError: the block refuses its arguments.
        RuntimeError: a module's count is not what the formula says.
    """
    stages = tuple(
        _gate(count, width, reduction, SqueezeExcitation)
        for count, width in zip(REPEATS_50, WIDE, strict=True)
    )
    block = _gate(1, channels, reduction, SqueezeExcitation)
    return Reduction(reduction, block, stages, *_resnet50(), counted == BOTH)


@lru_cache(maxsize=256)
def _gate(blocks: int, channels: int, reduction: int, block: Callable[..., nn.Module]) -> Gate:
    with torch.device("meta"):
        module = block(channels, reduction=reduction)
    steps = {step.name: step for step in graph(module, (1, channels, 1, 1)).steps}
    squeezed = steps["reduce"].shape[1]
    counted = sum(step.parameters for step in steps.values())
    if counted != formula(channels, squeezed):
        raise RuntimeError(
            f"reduction: parameters of {channels} channels reduced to {squeezed} are"
            f" {formula(channels, squeezed):,} by the formula, {counted:,} by the module."
        )
    products = sum(step.multiply_adds for step in steps.values())
    layers = steps["reduce"].parameters, steps["expand"].parameters
    return Gate(blocks, channels, squeezed, counted, products, layers)


def formula(channels: int, squeezed: int) -> int:
    """The parameters: two 1x1 convolutions with their biases."""
    return 2 * channels * squeezed + channels + squeezed


@cache
def _resnet50() -> tuple[int, int]:
    """Its parameters, and its multiply-adds for a photo of SIZE by SIZE pixels."""
    with torch.device("meta"):
        network = resnet50()
    found = cost(network, (1, 3, SIZE, SIZE))
    return found.parameters, found.multiply_adds


def say(data: Reduction) -> Said:
    """The words of the explorer; nothing of the network before it is asked for."""
    last, block = data.stages[-1], data.block
    error = ERRORS.get(data.reduction)
    measured = (
        f" SENet's table 10 gives {error:.2f} % top-1 error with it, {ERRORS[None]:.2f} % without any."
        if error
        else " No published error is quoted for this reduction."
    )
    channels = f"{block.channels} {'channel' if block.channels == 1 else 'channels'}"
    heard = (
        f"Reduction {data.reduction}: {channels} reduced to {block.squeezed} and back are"
        f" {block.parameters:,} parameters."
    )
    if not data.shows_network:
        seen = f"{channels} reduced to {block.squeezed} and back: {block.parameters:,} parameters"
        return Said(seen, heard + measured)
    share, products = data.added / data.network, data.added_multiply_adds / data.multiply_adds
    return Said(
        f"Reduction {data.reduction} adds {_percent(share)} to ResNet-50's parameters,"
        f" {_percent(products)} to its multiply-adds",
        f"{heard} In SE-ResNet-50 the 16 blocks together have {data.added:,}, {_percent(share)} on top of"
        f" ResNet-50's {data.network:,}; {100 * last.total / data.added:.0f} % of them are in the last"
        f" {last.blocks} blocks. They add {data.added_multiply_adds:,} multiply-adds, {_percent(products)} on"
        f" top of {data.multiply_adds:,}.{measured}",
    )


def _percent(share: float) -> str:
    """A share in words, with a digit that is not 0 where there is one."""
    digits = 1 if share >= 0.005 else 2 if share >= 0.00005 else 4
    return f"{100 * share:.{digits}f} %"


_POOL, _LAYER, _GATE = COLORS["pool"], COLORS["pointwise"], COLORS["squeeze_excitation"]
_WIDTH, _HEIGHT = 400, 404
_LEFT, _LONG = 20, 270  # the silhouette's left edge, and how long the widest tensor is


def draw(data: Reduction, heard: str) -> Picture:
    """The block's silhouette, what it adds to a whole network, and the error that was published."""
    return _block_card(data.block, heard), _network_card(data), _error_card(data.reduction)


# The block


_MAP, _MEANS, _WAIST, _GATES, _PRODUCT = 44, 128, 206, 286, 324  # upper edges
_BAR = 14  # how high a row of numbers is


def _block_card(block: Gate, heard: str) -> str:
    squeezed = _LONG * block.squeezed / block.channels
    body = text(_LEFT, 28, "One block", INK, bold=True, size=LARGE)
    body += _map(_MAP) + _row(_MEANS, block.channels, "means", _POOL.fill)
    body += text(
        _LEFT + _LONG / 2, _MEANS - 10, "squeeze: the mean of each channel", _POOL.text, anchor="middle"
    )
    # Where the silhouette is not: two notches in a full block, which stretch as the waist does.
    top, bottom = _MEANS + _BAR + 3, _GATES - 3
    body += rect(_LEFT, top, _LONG, bottom - top, _LAYER.fill, more='opacity="0.45"')
    deep = (_LONG - squeezed) / 2
    if deep > 0:
        for edge, way, key in ((_LEFT - 1, 1, "left"), (_LEFT + _LONG + 1, -1, "right")):
            inner = number(edge + way * (deep + 1))
            notch = f"M{edge} {top - 1}L{inner} {_WAIST - 3}V{_WAIST + _BAR + 3}L{edge} {bottom + 1}Z"
            body += path(notch, CARD, Mark(f"notch-{key}"))
    body += rect(_LEFT + deep, _WAIST, squeezed, _BAR, _LAYER.fill, _wide("reduced", block.squeezed))
    body += _row(_GATES, block.channels, "gates", _GATE.fill)
    for y, count in ((_MEANS, block.channels), (_WAIST, block.squeezed), (_GATES, block.channels)):
        body += text(_LEFT + _LONG + 14, y + 13, f"{count:,}", INK, bold=True, size=LARGE)
    for y, name, count in zip((175, 257), ("reduce", "expand"), block.of_layers, strict=True):
        body += text(_LEFT + _LONG + 14, y, name, _LAYER.text, bold=True)
        body += text(_LEFT + _LONG + 14, y + 17, f"{count:,}", QUIET)
    body += text(_LEFT + _LONG / 2, _PRODUCT - 6, "a gate for each channel", _GATE.text, anchor="middle")
    total = f"{block.parameters:,} parameters"
    body += text(_LEFT, _HEIGHT - 44, total, INK, bold=True, size=24)
    body += text(_LEFT, _HEIGHT - 20, "Width is channels", QUIET)
    return card(body, _WIDTH, _HEIGHT, heard)


def _map(top: float) -> str:
    """The map that goes in: as wide as it has channels, each with many pixels."""
    body = rect(_LEFT, top, _LONG, 56, TENSOR)
    lines = "".join(f"M{_LEFT} {top + 7 * n}h{_LONG}" for n in range(1, 8))
    return body + path(lines, "none", stroke=CARD, width=1.5)


def _wide(key: str, channels: int) -> Mark:
    return Mark(key, value=channels, scale="width", unit="channels", title=f"{key}: {channels:,} numbers")


def _row(top: float, channels: int, key: str, fill: str) -> str:
    return rect(_LEFT, top, _LONG, _BAR, fill, _wide(key, channels))


# The network

_COLUMNS, _SLAB, _BASE = (20, 212), (168, 96), 314  # left edges; the size of ResNet-50; where it stands


def _network_card(data: Reduction) -> str:
    title = "SE-ResNet-50: 16 such blocks" if data.shows_network else "ResNet-50 has 16 blocks"
    body = text(_LEFT, 28, title, INK, bold=True, size=LARGE)
    wide, high = _SLAB
    counts = (("parameters", data.network), ("multiply-adds", data.multiply_adds))
    for left, (name, count) in zip(_COLUMNS, counts, strict=True):
        whole = Mark(
            f"whole-{name}", value=count, scale="area", unit=name, title=f"ResNet-50: {count:,} {name}"
        )
        body += rect(left, _BASE - high, wide, high, TENSOR_BACK, whole)
        body += text(left + wide / 2, _BASE - high / 2 + 5, "ResNet-50", INK, anchor="middle")
        body += text(
            left,
            _BASE + 24,
            f"{count / 1e6:,.1f} M" if count < 1e9 else f"{count / 1e9:.2f} G",
            INK,
            bold=True,
        )
        body += text(left, _BASE + 44, name, QUIET)
    if not data.shows_network:
        return card(body + _question(), _WIDTH, _HEIGHT, f"{title}: {data.network:,} parameters without it")
    added = [stage.total for stage in data.stages]
    drawn, top = _stages(added, data)
    body += drawn + _plus(0, top, data.added / data.network)
    products = data.added_multiply_adds
    height = high * products / data.multiply_adds
    mark = Mark(
        "more", value=products, scale="area", unit="multiply-adds", title=f"{products:,} multiply-adds"
    )
    top = _BASE - high - height
    body += rect(_COLUMNS[1], top, wide, height, _GATE.fill, mark) + _plus(
        1, top, products / data.multiply_adds
    )
    return card(body, _WIDTH, _HEIGHT, f"{title}: {data.added:,} parameters more")


def _stages(added: list[int], data: Reduction) -> tuple[str, float]:
    """On the slab what the four stages add, side by side: as high as all together, as wide as its share."""
    wide, high = _SLAB
    height = high * data.added / data.network
    at, y, body, lines = float(_COLUMNS[0]), _BASE - high - height, "", ""
    for n, (stage, count) in enumerate(zip(data.stages, added, strict=True), 1):
        title = f"Stage {n}, {stage.blocks} blocks of {stage.channels:,} channels: {count:,} parameters"
        mark = Mark(f"stage-{n}", value=count, scale="area", unit="parameters", title=title)
        body += rect(at, y, wide * count / data.added, height, _GATE.fill, mark)
        at += wide * count / data.added
        lines += f"M{number(at)} {number(y)}v{number(height)}" if n < len(added) else ""
    body += path(lines, "none", stroke=CARD, width=1.5)
    last = f"last 3 blocks: {100 * added[-1] / data.added:.0f} %"
    return body + text(_COLUMNS[0], _BASE + 64, last, _GATE.text), y


def _plus(column: int, y: float, share: float) -> str:
    """How much is added, above it."""
    return text(
        _COLUMNS[column], y - 8, f"+{_percent(share)}", _GATE.text, Mark(f"plus-{column}"), bold=True, size=24
    )


def _question() -> str:
    """Above the network without it: a click puts it in."""
    body = rect(_COLUMNS[0], 60, _WIDTH - 40, 150, "transparent")
    body += text(_WIDTH / 2, 142, "?", QUIET, bold=True, size=64, anchor="middle")
    body += rect(_WIDTH / 2 - 108, 162, 216, 38, CARD, stroke=_GATE.fill, rx=19, more='stroke-width="2"')
    body += text(_WIDTH / 2, 186, "Put it into ResNet-50", INK, bold=True, anchor="middle")
    return group(body, Mark(sets={"counted": BOTH}, title="Count what it adds to ResNet-50"))


# The error

_POINTS, _STEP, _LOW, _RISE = 58, 60, 300, 140  # the first point; to the next; 22 %; a per cent


def _error_card(chosen: int) -> str:
    body = text(_LEFT, 28, "Error on ImageNet, top-1", INK, bold=True, size=LARGE)
    for percent in (22, 23):
        line = _LOW - _RISE * (percent - 22)
        body += path(f"M{_LEFT + 10} {line}H{_WIDTH - 14}", "none", stroke=RULE, width=1)
        body += text(_LEFT - 4, line - 6, f"{percent} %", QUIET)
    for n, (ratio, error) in enumerate(ERRORS.items()):
        x, y = _POINTS + _STEP * n, _LOW - _RISE * (error - 22)
        is_chosen = ratio == chosen
        drawn = rect(x - 28, 60, 56, _LOW - 28, "transparent")
        drawn += circle(x, y, 7, QUIET) + text(
            x, y - 18, f"{error:.2f}", INK, bold=is_chosen, anchor="middle"
        )
        name = f"{ratio}" if ratio else "without"
        drawn += text(x, _LOW + 24, name, INK, bold=is_chosen, anchor="middle")
        sets = {"reduction": ratio} if ratio else None
        title = f"Reduction {ratio}: {error} %" if ratio else f"Without: {error} %"
        body += group(drawn, Mark(sets=sets, title=title))
        if is_chosen:
            body += circle(x, y, 12, "none", Mark("here"), more=f'stroke="{HERE}" stroke-width="3"')
    body += text(_LEFT, _LOW + 48, "reduction", QUIET)
    if chosen not in ERRORS:
        body += text(_WIDTH - 20, _LOW + 48, f"none published for {chosen}", INK, anchor="end")
    body += text(_LEFT, _HEIGHT - 20, "SE-ResNet-50, Hu et al. 2017, table 10", QUIET)
    return card(
        body,
        _WIDTH,
        _HEIGHT,
        "Published top-1 errors by reduction, "
        + ", ".join(f"{ratio or 'without'}: {error} %" for ratio, error in ERRORS.items()),
    )


@with_name
def reduction_ratio() -> Explorer[Reduction]:
    """The reduction, and the width of one block, to choose; parameters, beside the paper's errors."""
    return Explorer(
        {
            "reduction": Number("Reduction", 16, 1, 256, stops=RATIOS),
            "counted": Choice("Count", BLOCK, (BLOCK, BOTH)),
            "channels": Number("Channels of one block", 256, 1, 2048, stops=_STOPS, page=_ON_PAGE),
        },
        compute=reduction,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"reduction": 4, "counted": BOTH}, {"reduction": 16, "counted": BOTH}),
    )
