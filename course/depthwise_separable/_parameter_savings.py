"""What a depthwise separable convolution saves against a full one, counted on the two real modules.

Area is weights: the full kernel is a square of k x k tiles, a tile for each of its places; the separable one
is one such tile, its 1x1, and a strip as wide as the square and 1/out as high, its depthwise convolution.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from blocks import ConvNormAct, DepthwiseSeparable
from blocks.measure import Graph, graph
from course.kit.drawing.style import CARD, COLORS, INK, LARGE, QUIET, RULE, TENSOR, TENSOR_EDGE, Color
from course.kit.drawing.svg import PLAIN, Mark, card, group, number, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.panel.controls import CHANNELS

MAP = 14  # pixels of a side of the map: of the layers of MobileNetV1 that are 512 wide
FULL, BOTH = "the full one", "both"
# The chapter's layer is 512 wide, so its sliders end there. The page also names 11 as a kernel, 48 to 80 to
# count, and 1024 out.
_STOPS = tuple(stop for stop in CHANNELS if stop <= 512)
_IN_ON_PAGE = (1, 3, 16, 32, 48, 64, 256, 512)
_OUT_ON_PAGE = (1, 3, 8, 16, 32, 64, 80, 256, 512, 1024)
PRESETS = {
    "MobileNetV1, 512 to 512": {"in_channels": 512, "out_channels": 512, "kernel_size": 3, "counted": BOTH},
    "3 to 32": {"in_channels": 3, "out_channels": 32, "kernel_size": 3, "counted": BOTH},
    "1 to 1": {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "counted": BOTH},
    "kernel 1": {"in_channels": 512, "out_channels": 512, "kernel_size": 1, "counted": BOTH},
}
_ROLES = {"conv": "convolution", "depthwise.conv": "depthwise", "project.conv": "pointwise"}
Products = tuple[tuple[int, ...], ...]  # a sum of products
Segments = tuple[tuple[str, int], ...]  # the kind of step, and its count


@dataclass(frozen=True)
class Count:
    """One count of a module: its formula as a sum of products, and what each kind of step counts itself."""

    formula: Products
    segments: Segments

    @property
    def total(self) -> int:
        """What the module counts."""
        return sum(count for _, count in self.segments)

    @property
    def weights(self) -> int:
        """The same without the norms: of the convolutions alone."""
        return sum(count for kind, count in self.segments if kind != "norm")

    def of(self, kind: str) -> int:
        """What the steps of one kind count."""
        return dict(self.segments)[kind]


@dataclass(frozen=True)
class Savings:
    """A full and a separable convolution of the same channels, kernel and map: (full, separable) counts.

    shows_both: whether the reader has asked for the separable one's weights; until then they are not told.
    """

    in_channels: int
    out_channels: int
    kernel_size: int
    resolution: int
    parameters: tuple[Count, Count]
    multiply_adds: tuple[Count, Count]
    shows_both: bool = True

    @property
    def kernel(self) -> str:
        """Its size in words: 3x3."""
        return f"{self.kernel_size}x{self.kernel_size}"


def savings(
    in_channels: int, out_channels: int, kernel_size: int, resolution: int = MAP, counted: str = BOTH
) -> Savings:
    """Build both convolutions without memory, record them, and hold their counts to the formulas.

    Raises:
        TypeError, ValueError: a block refuses its arguments.
        RuntimeError: a module's count is not what the formula says.
    """
    i, o, k, r = in_channels, out_channels, kernel_size, resolution
    full, separable = _recorded(i, o, k, r, ConvNormAct), _recorded(i, o, k, r, DepthwiseSeparable)
    return Savings(
        i,
        o,
        k,
        r,
        (
            _count(((k, k, i, o), (2, o)), full, "parameters"),
            _count(((k, k, i), (2, i), (i, o), (2, o)), separable, "parameters"),
        ),
        (
            _count(((r, r, k, k, i, o),), full, "multiply_adds"),
            _count(((r, r, k, k, i), (r, r, i, o)), separable, "multiply_adds"),
        ),
        counted == BOTH,
    )


@lru_cache(maxsize=512)
def _recorded(i: int, o: int, k: int, r: int, block: Callable[..., nn.Module]) -> Graph:
    with torch.device("meta"):
        return graph(block(i, o, kernel_size=k), (1, i, r, r))


def _count(formula: Products, recorded: Graph, what: str) -> Count:
    by_kind: dict[str, int] = {}
    for step in recorded.steps:
        kind = _ROLES.get(step.name, step.kind)  # between single channels no convolution is depthwise
        by_kind[kind] = by_kind.get(kind, 0) + getattr(step, what)
    count = Count(formula, tuple((kind, number) for kind, number in by_kind.items() if number))
    if count.total != sum(map(math.prod, formula)):
        raise RuntimeError(
            f"savings: {what} are {written(formula)} by the formula, {count.total:,} by the module."
        )
    return count


def written(formula: Products) -> str:
    """The formula with its numbers: 3·3·512 + 2·512."""
    return " + ".join("·".join(map(str, factors)) for factors in formula)


def compared(full: int, separable: int) -> str:
    """How the separable convolution's count stands to the full one's."""
    if full == separable:
        return "as many"
    more = separable > full
    factor = separable / full if more else full / separable
    times = f"{factor:.2f}" if factor < 1.1 else f"{factor:.1f}"
    if times == "1.00":
        return "slightly more" if more else "slightly fewer"
    return f"{times} times as many" if more else f"{times} times fewer"


def say(data: Savings) -> Said:
    """The words of the explorer; nothing of the separable convolution before it is asked for."""
    full, separable = data.parameters
    times = compared(full.weights, separable.weights)
    heard = (
        f"{data.kernel}, {data.in_channels} to {data.out_channels} channels, {data.resolution}x"
        f"{data.resolution} map. Full: {full.weights:,} weights, {data.multiply_adds[0].total:,}"
        " multiply-adds."
    )
    if not data.shows_both:
        seen = f"{full.weights:,} weights: {data.kernel_size**2} for each pair of channels in and out"
        return Said(seen, f"{heard} With its norm it has {full.total:,} parameters.")
    multiply_adds = data.multiply_adds[1]
    depthwise = 100 * multiply_adds.of("depthwise") / multiply_adds.total
    heard += (
        f" Depthwise separable: {separable.weights:,} weights ({times}), {separable.of('depthwise'):,} in the"
        f" depthwise convolution and {separable.of('pointwise'):,} in the 1x1; {multiply_adds.total:,}"
        f" multiply-adds ({compared(data.multiply_adds[0].total, multiply_adds.total)}), {depthwise:.1f} % of"
        f" these depthwise. With their norms they have {full.total:,} and {separable.total:,} parameters."
    )
    return Said(f"{separable.weights:,} weights, where the full one has {full.weights:,}: {times}", heard)


_FULL, _DEPTHWISE, _POINTWISE = COLORS["convolution"], COLORS["depthwise"], COLORS["pointwise"]
_WIDTH, _SIDE = 400, 208  # of a card; of the square that the full kernel's weights fill
_LEFT, _TOP = 20, 192  # the square's upper left corner
_WORDS = _LEFT + _SIDE + 18  # where the words beside it begin
_PIXELS = 11  # of a sheet's side: the largest kernel covers one
_SHEET = (
    76,
    22,
    20,
)  # a sheet's width, its height as seen from the side, the shift of its back edge
_PITCH, _MOST = 28, 4  # from sheet to sheet, and how many at most stand for the channels
_STACKS = (20, 152, 284)  # where the sheets stand: in, between, out
_SHEETS = 44  # the first sheet's back edge


def draw(data: Savings, heard: str) -> Picture:
    """Both convolutions, each with its reach above and its weights, as area, below."""
    drawn, bottom = _parts(data) if data.shows_both else (_question(), _TOP + _SIDE)
    separable = _separable_card(data, drawn, bottom)
    # A tile of the first card comes over to the second when it is asked for: on its way it is not cut off.
    return _full_card(data, bottom, heard), separable.replace('style="', 'style="overflow:visible;', 1)


def _full_card(data: Savings, bottom: float, heard: str) -> str:
    k, count = data.kernel_size, data.parameters[0].weights
    ins, outs = _sheets(data.in_channels), _sheets(data.out_channels)
    body = text(_LEFT, 28, f"Full {data.kernel}: all channels, all its pixels at once", _FULL.text, bold=True)
    body += _stack(0, ins, "full") + _stack(2, outs, "full")
    body += _column(0, ins, k / _PIXELS, _FULL.fill, _aim(outs), "full")
    body += _windows(0, ins, k / _PIXELS, _FULL.fill, "full-in")
    body += _windows(2, [_aim(outs)], 1 / _PIXELS, _FULL.fill, "full-out")
    body += _channels(0, data.in_channels) + _channels(2, data.out_channels)
    body += _tiles(data)
    pairs = f"{data.in_channels}·{data.out_channels}"
    body += _amount(0, _FULL, f"{k * k} x {count // (k * k):,}", f"a tile: {pairs}" if k > 1 else pairs)
    body += _total(count, "weight" if count == 1 else "weights") + _places(data, 0, _TOP + _SIDE)
    return card(body, _WIDTH, bottom + 40, heard)


def _separable_card(data: Savings, drawn: str, bottom: float) -> str:
    i, o, k = data.in_channels, data.out_channels, data.kernel_size
    ins, outs, pixel = _sheets(i), _sheets(o), 1 / _PIXELS
    body = text(_LEFT, 28, f"First each channel alone, {data.kernel}", _DEPTHWISE.text, bold=True)
    body += text(_WIDTH - 20, 28, "then all, 1x1", _POINTWISE.text, bold=True, anchor="end")
    body += _stack(0, ins) + _stack(1, ins) + _stack(2, outs)
    body += _cones(ins, k / _PIXELS) + _column(1, ins, pixel, _POINTWISE.fill, _aim(outs), "mix")
    body += _windows(0, ins, k / _PIXELS, _DEPTHWISE.fill, "own")
    body += _windows(1, ins, pixel, _POINTWISE.fill, "pixel")
    body += _windows(2, [_aim(outs)], pixel, _POINTWISE.fill, "mix-out")
    body += _channels(0, i) + _channels(1, i) + _channels(2, o)
    body += rect(_LEFT, _TOP, _SIDE, _SIDE, TENSOR) + _lines(k) + drawn  # the full one's square, empty
    label = f"Depthwise separable, {data.kernel}, {i} to {o} channels"
    if not data.shows_both:
        return card(body, _WIDTH, bottom + 40, f"{label}: its weights are not counted yet")
    full, separable = (count.weights for count in data.parameters)
    mixing, own = (data.parameters[1].of(kind) for kind in ("pointwise", "depthwise"))
    body += _amount(0, _POINTWISE, f"{mixing:,}", f"{i}·{o}")
    body += _amount(1, _DEPTHWISE, f"{own:,}", f"{k}·{k}·{i}")
    body += _total(separable, compared(full, separable))
    body += text(_WORDS, _TOP + 182, f"1/{k}² + 1/{o} = {separable / full:.3f}", QUIET)
    label += f": {separable:,} weights, {separable / full:.4f} of the full one's"
    return card(body + _places(data, 1, bottom), _WIDTH, bottom + 40, label)


def _tiles(data: Savings) -> str:
    """The square: a tile for each place of the kernel, each with a weight for every pair of channels."""
    k, each = data.kernel_size, data.parameters[0].weights // data.kernel_size**2
    side = _SIDE / k
    title = f"One of {k * k} places of the kernel: {each:,} weights"
    body = ""
    for row in range(k):
        for column in range(k):
            # The first tile is where the 1x1 comes from when it is asked for: it goes over to the other card.
            key = "tile" if row == column == 0 and not data.shows_both else f"full-{row}-{column}"
            mark = Mark(key, value=each, scale="area", unit="weights", title=title)
            body += rect(_LEFT + column * side, _TOP + row * side, side, side, _FULL.fill, mark)
    return body + _lines(k)


def _parts(data: Savings) -> tuple[str, float]:
    """What the separable one needs of the square, or beyond it: the 1x1 and below it the strip; their end."""
    full = data.parameters[0].weights
    mixing, own = (data.parameters[1].of(kind) for kind in ("pointwise", "depthwise"))
    side, height = _SIDE / data.kernel_size, _SIDE * own / full
    tile = Mark("tile", value=mixing, scale="area", unit="weights", title=f"1x1: {mixing:,} weights")
    strip = Mark("strip", value=own, scale="area", unit="weights", title=f"Depthwise: {own:,} weights")
    body = rect(_LEFT, _TOP, side, side, _POINTWISE.fill, tile)
    body += rect(_LEFT, _TOP + side, _SIDE, height, _DEPTHWISE.fill, strip)
    at = number(_TOP + side + height / 2)
    body += path(f"M{_LEFT + _SIDE + 2} {at}l9 -5v10z", _DEPTHWISE.fill, Mark("pointer"))  # it may be a hair
    bottom = _TOP + side + height
    if bottom > _TOP + _SIDE + 0.01:  # where the full one ends
        body += path(f"M{_LEFT} {_TOP + _SIDE}h{_SIDE + 12}", "none", stroke=INK, width=2)
        body += text(_WORDS, _TOP + _SIDE + 5, "end of the full one", INK)
    return body, max(bottom, _TOP + _SIDE)


def _lines(k: int) -> str:
    """Between the tiles."""
    places = [_SIDE * n / k for n in range(1, k)]
    drawn = "".join(
        f"M{number(_LEFT + at)} {_TOP}v{_SIDE}M{_LEFT} {number(_TOP + at)}h{_SIDE}" for at in places
    )
    return path(drawn, "none", stroke=CARD, width=2 if k < 7 else 1.2) if drawn else ""


def _question() -> str:
    """In the empty square: a click counts the weights."""
    middle = _LEFT + _SIDE / 2
    body = rect(_LEFT, _TOP, _SIDE, _SIDE, "transparent")
    body += text(middle, _TOP + 104, "?", QUIET, bold=True, size=64, anchor="middle")
    body += rect(middle - 66, _TOP + 132, 132, 34, CARD, stroke=TENSOR_EDGE, rx=17)
    body += text(middle, _TOP + 154, "Count its weights", INK, anchor="middle")
    return group(body, Mark(sets={"counted": BOTH}, title="Count the weights of the separable one"))


def _amount(row: int, color: Color, count: str, formula: str) -> str:
    """Beside the square: the color, the weights, and what makes them."""
    top = _TOP + 4 + 52 * row
    body = rect(_WORDS, top, 14, 14, color.fill, rx=2)
    body += text(_WORDS + 21, top + 13, count, color.text, bold=True, size=LARGE)
    return body + text(_WORDS + 21, top + 32, formula, QUIET)


def _total(weights: int, words: str) -> str:
    """Their sum, and what it is."""
    top = _TOP + 108
    body = path(f"M{_WORDS} {top}h{_WIDTH - 20 - _WORDS}", "none", stroke=RULE)
    body += text(_WORDS, top + 30, f"{weights:,}", INK, bold=True, size=24)
    return body + text(_WORDS, top + 54, words, INK, bold=True, size=LARGE)


def _places(data: Savings, which: int, bottom: float) -> str:
    """Multiply-adds: the weights once more, at each place of the map."""
    r, count = data.resolution, data.multiply_adds[which].total
    return text(_LEFT, bottom + 25, f"at {r}x{r} places: {count:,} multiply-adds", QUIET)


Points = tuple[tuple[float, float], ...]


def _sheets(channels: int) -> list[float]:
    """Where the sheets of so many channels stand, in sheets from the top: four at most, in the middle."""
    count = min(channels, _MOST)
    return [n + (_MOST - count) / 2 for n in range(count)]


def _aim(outs: Sequence[float]) -> float:
    """The sheet out of which one pixel is computed."""
    return outs[1 if len(outs) > 1 else 0]


def _point(stack: int, sheet: float, u: float, v: float) -> tuple[float, float]:
    """A place on a sheet, (u, v) from its left back corner, both 0 to 1, in the picture."""
    wide, high, shift = _SHEET
    return _STACKS[stack] + shift * (1 - v) + wide * u, _SHEETS + _PITCH * sheet + high * v


def _corners(stack: int, sheet: float, reach: float) -> Points:
    """The corners of a window in the sheet's middle that covers `reach` of its side: back, then front."""
    low, high = 0.5 - reach / 2, 0.5 + reach / 2
    return tuple(_point(stack, sheet, u, v) for u, v in ((low, low), (high, low), (high, high), (low, high)))


def _polygon(points: Points, fill: str, mark: Mark = PLAIN, *, stroke: str = "", more: str = "") -> str:
    drawn = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return path(f"M{drawn}Z", fill, mark, stroke=stroke, width=1, more=more)


def _stack(stack: int, sheets: Sequence[float], of: str = "separable") -> str:
    """Sheets of pixels, one for each channel."""
    return "".join(
        _polygon(_corners(stack, sheet, 1), TENSOR, Mark(f"{of}-sheet-{stack}-{n}"), stroke=TENSOR_EDGE)
        for n, sheet in enumerate(sheets)
    )


def _windows(stack: int, sheets: Sequence[float], reach: float, fill: str, key: str) -> str:
    return "".join(
        _polygon(_corners(stack, sheet, reach), fill, Mark(f"{key}-{n}")) for n, sheet in enumerate(sheets)
    )


def _column(stack: int, sheets: Sequence[float], reach: float, fill: str, aim: float, key: str) -> str:
    """Through the windows of all sheets, and from there to the one pixel that is computed."""
    first, last = _corners(stack, sheets[0], reach), _corners(stack, sheets[-1], reach)
    column = (first[0], first[1], last[1], last[2], last[3], first[3])
    beam = (first[1], last[2], _point(2, aim, 0.5, 0.5))
    body = _polygon(beam, fill, Mark(f"{key}-beam"), more='opacity="0.2"')
    return body + _polygon(column, fill, Mark(f"{key}-column"), more='opacity="0.35"')


def _cones(sheets: Sequence[float], reach: float) -> str:
    """From each sheet's window to the one pixel that it becomes, on a sheet of its own."""
    return "".join(
        _polygon(
            (*_corners(0, sheet, reach)[1:3], _point(1, sheet, 0.5, 0.5)),
            _DEPTHWISE.fill,
            Mark(f"cone-{n}"),
            more='opacity="0.3"',
        )
        for n, sheet in enumerate(sheets)
    )


def _channels(stack: int, channels: int) -> str:
    """How many channels the sheets stand for."""
    wide, _, shift = _SHEET
    words = f"{channels:,} {'channel' if channels == 1 else 'channels'}"
    place = _STACKS[stack] + (wide + shift) / 2
    return text(place, _SHEETS + _PITCH * (_MOST - 1) + 38, words, QUIET, anchor="middle")


@with_name
def parameter_savings() -> Explorer[Savings]:
    """Channels and kernel to choose; the weights of both convolutions, as area."""
    return Explorer(
        {
            "in_channels": Number("Channels in", 512, 1, 2048, stops=_STOPS, page=_IN_ON_PAGE),
            "out_channels": Number("Channels out", 512, 1, 2048, stops=_STOPS, page=_OUT_ON_PAGE),
            "kernel_size": Number("Kernel", 3, 1, 11, 2, page=(1, 3, 5, 7, 11)),
            "counted": Choice("Weights of", FULL, (FULL, BOTH)),
        },
        compute=savings,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"counted": BOTH},),
    )
