"""Where the windows of a convolution fall, and which weight meets which pixel: asked of the module itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE, TENSOR, TENSOR_EDGE, WHITE
from course.kit.drawing.svg import card
from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.panel.layers import many

DERIVED = "derived"
_START = {"size": 7, "kernel_size": 3, "stride": 1, "padding": DERIVED, "dilation": 1, "row": 1, "column": 1}
PRESETS = {
    "the size stays": {**_START, "row": 4, "column": 4},
    "no padding: 6 to 4": {**_START, "size": 6, "padding": 0},
    "stride 2": {**_START, "stride": 2, "row": 2, "column": 2},
    "dilation 2": {**_START, "size": 9, "dilation": 2, "row": 5, "column": 5},
    "1x1": {**_START, "kernel_size": 1, "row": 4, "column": 4},
    "pixels left out": {**_START, "size": 6, "stride": 2, "padding": 0, "row": 2, "column": 2},
}


WIDTH, TOP, LEFT = 880, 62, 16
_INPUT, _LARGEST, _SMALLEST = 340, 48, 20  # the input's side, and bounds of a cell, in pixels
_KERNEL_LEFT, _KERNEL_CELL, _OUTPUT_LEFT, _OUTPUT = 420, 30, 620, 240
# The weights' colors go from corner to corner of the kernel: each its own, neighbors alike.
_CORNERS = [COLORS[kind].fill for kind in ("activation", "convolution", "pointwise", "depthwise")]
_DARK, _LIGHT = 0.183, 0.255  # up to here white letters have 4.5 to 1, from here on dark ones


@dataclass(frozen=True)
class Windows:
    """A convolution's windows on a square input of one channel, and the window of one output pixel.

    Attributes:
        padding: zeros on each side; derived: whether the module chose it.
        out: height and width of the output, by the module.
        row, column: of the output pixel, counted from 1.
        weights: for each place of the padded input the number, from 1, of the weight that meets it in
            this window; 0 where none does.
        reads: for each place of the padded input how many windows read it.
        centers: the places (row, column) in the padded input, from 0, where a window's middle lies.
    """

    size: int
    kernel_size: int
    stride: int
    padding: int
    derived: bool
    dilation: int
    out: int
    row: int
    column: int
    weights: tuple[tuple[int, ...], ...]
    reads: tuple[tuple[int, ...], ...]
    centers: tuple[tuple[int, int], ...]

    @property
    def formula(self) -> int:
        """The output size by the formula."""
        free = self.size + 2 * self.padding - self.dilation * (self.kernel_size - 1) - 1
        return free // self.stride + 1


def compute(
    size: int, kernel_size: int, stride: int, padding: int | str, dilation: int, row: int, column: int
) -> Windows:
    """Give the module's weights the numbers 1, 2, 3, ...: an output's gradient then names them.

    A row or column beyond the output's last means the last.

    Raises:
        TypeError, ValueError: the module refuses its arguments, or the window does not fit.
        RuntimeError: the module's output size is not what the formula says.
    """
    given = None if padding == DERIVED else int(padding)
    zeros, out = _sizes(size, kernel_size, stride, given, dilation)
    return _windows(size, kernel_size, stride, given, zeros, dilation, out, min(row, out), min(column, out))


@lru_cache(maxsize=64)
def _sizes(size: int, kernel_size: int, stride: int, padding: int | None, dilation: int) -> tuple[int, int]:
    """The module's padding, and the size of its output."""
    unit = _numbered(kernel_size, stride, padding, dilation)
    zeros = int(unit.conv.padding[0])
    try:
        return zeros, unit(torch.zeros(1, 1, size, size, dtype=torch.float64)).shape[-1]
    except RuntimeError as error:
        raise ValueError(
            "window_geometry: the window must fit into the padded input, got a window that reaches over"
            f" {dilation * (kernel_size - 1) + 1} pixels and an input of {size + 2 * zeros} with its padding."
        ) from error


@lru_cache(maxsize=512)
def _windows(
    size: int,
    kernel_size: int,
    stride: int,
    padding: int | None,
    zeros: int,
    dilation: int,
    out: int,
    row: int,
    column: int,
) -> Windows:
    bare = _numbered(kernel_size, stride, 0, dilation)  # on an input padded by hand: zeros get gradients too
    weights = _gradient(bare, size, zeros, (row - 1, column - 1))
    with torch.no_grad():
        bare.conv.weight.fill_(1)
    reads = _gradient(bare, size, zeros, None)
    middle = (kernel_size * kernel_size - 1) // 2
    with torch.no_grad():
        bare.conv.weight.zero_().view(-1)[middle] = 1
    centers = _gradient(bare, size, zeros, None).nonzero().tolist()
    data = Windows(
        size,
        kernel_size,
        stride,
        zeros,
        padding is None,
        dilation,
        out,
        row,
        column,
        _rows(weights),
        _rows(reads),
        tuple((y, x) for y, x in centers),
    )
    if data.formula != out:
        raise RuntimeError(f"window_geometry: {data.formula} by the formula, {out} by the module.")
    return data


def _numbered(kernel_size: int, stride: int, padding: int | None, dilation: int) -> ConvNormAct:
    """A convolution from one channel to one, weights 1 to k*k; drawn from no random numbers."""
    with torch.device("meta"):
        unit = ConvNormAct(
            1,
            1,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            norm=None,
            act=None,
        )
    weights = torch.arange(1, kernel_size**2 + 1, dtype=torch.float64).view_as(unit.conv.weight)
    unit.conv.weight, unit.conv.bias = nn.Parameter(weights), nn.Parameter(weights.new_zeros(1))
    return unit


def _gradient(bare: ConvNormAct, size: int, zeros: int, pixel: tuple[int, int] | None) -> Tensor:
    """The gradient of one output pixel, or of all together, for each place of the padded input."""
    x = F.pad(torch.zeros(1, 1, size, size, dtype=torch.float64), [zeros] * 4).requires_grad_()
    y = bare(x)[0, 0]
    (found,) = torch.autograd.grad(y.sum() if pixel is None else y[pixel], x)
    return found[0, 0]


def _rows(values: Tensor) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(round(value) for value in row) for row in values.tolist())


def say(data: Windows) -> str:
    """The sentence of the explorer."""
    k, p, reach = data.kernel_size, data.padding, data.dilation * (data.kernel_size - 1) + 1
    inside = range(p, p + data.size)
    pixels = sum(data.weights[y][x] > 0 for y in inside for x in inside)
    unread = sum(data.reads[y][x] == 0 for y in inside for x in inside)
    zeros = f" and {many(k * k - pixels, 'zero')} of the padding" if pixels < k * k else ""
    left_out = f"{many(unread, 'pixel')} of the input {'is' if unread == 1 else 'are'} read by no window."
    row, column = _place(data.row, data.out), _place(data.column, data.out)
    chosen = f"{p} (derived)" if data.derived else f"{p}"
    return (
        f"Input {data.size} x {data.size}, kernel {k}x{k}, stride {data.stride}, padding {chosen}, dilation"
        f" {data.dilation}. Output by formula, ({data.size} + 2 x {p} - {reach}) / {data.stride} rounded"
        f" down, + 1 = {data.formula}; by the module {data.out} x {data.out}. For the output pixel in row"
        f" {row}, column {column} the window reaches over {reach} x {reach} and reads"
        f" {many(pixels, 'pixel')}{zeros}."
        f" {left_out if unread else 'Every pixel of the input is read by some window.'}"
    )


def _place(number: int, out: int) -> str:
    return f"{number} (the last)" if number == out else f"{number}"  # the control may stand beyond it


@lru_cache(maxsize=64)  # many positions of the row and the column are the output's last
def draw(data: Windows, sentence: str) -> Picture:
    """Input, kernel and output side by side, a number and a color for each weight."""
    side = data.size + 2 * data.padding
    cell = max(_SMALLEST, min(_LARGEST, _INPUT // side))
    shown = f"{data.size} x {data.size}"
    zeros = f"and zeros round it, {data.padding} on each side" if data.padding else "no padding"
    body = _heading(LEFT, f"Input {shown}", zeros)
    body += "".join(_input_cell(data, y, x, cell) for y, x in _places(side))
    body += "".join(
        _dot(LEFT + (x + 0.5) * cell, TOP + (y + 0.5) * cell)
        for y, x in data.centers
        if not data.weights[y][x]
    )
    k = data.kernel_size
    body += _heading(_KERNEL_LEFT, f"Kernel {k}x{k}", "one number per weight")
    for n, (y, x) in enumerate(_places(k), 1):
        body += _weight(_KERNEL_LEFT + x * _KERNEL_CELL, TOP + y * _KERNEL_CELL, _KERNEL_CELL, n, k)
    body += _heading(_OUTPUT_LEFT, f"Output {data.out} x {data.out}", "the dark pixel is looked at")
    small = min(_LARGEST, _OUTPUT // data.out)
    for y, x in _places(data.out):
        fill = INK if (y, x) == (data.row - 1, data.column - 1) else TENSOR
        body += _box(_OUTPUT_LEFT + x * small, TOP + y * small, small, fill, TENSOR_EDGE)
    height = TOP + max(_INPUT, side * cell) + 16
    return (card(body + _legend(height), WIDTH, height, sentence),)


def weight_color(number: int, kernel_size: int) -> str:
    """The fill of weight `number`, from 1: a blend of the four corners' colors.

    A blend on which neither dark nor white letters stand out by 4.5 to 1 is darkened until white ones do.
    """
    row, column = divmod(number - 1, kernel_size)
    last = max(kernel_size - 1, 1)
    down, right = row / last, column / last
    shares = ((1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right)
    mixed = [
        sum(share * int(corner[i : i + 2], 16) for share, corner in zip(shares, _CORNERS, strict=True))
        for i in (1, 3, 5)
    ]
    while _DARK < _luminance(mixed) < _LIGHT:
        mixed = [0.98 * value for value in mixed]
    return "#" + "".join(f"{int(value):02X}" for value in mixed)


def ink_on(fill: str) -> str:
    """The text color that stands out from `fill`, which weight_color made."""
    values = [int(fill[i : i + 2], 16) for i in (1, 3, 5)]
    return WHITE if _luminance(values) <= _DARK else INK


def _luminance(values: Sequence[float]) -> float:
    """Relative luminance (WCAG 2.2) of red, green and blue from 0 to 255."""
    parts = (value / 255 for value in values)
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _places(side: int) -> Iterator[tuple[int, int]]:
    return ((y, x) for y in range(side) for x in range(side))


def _input_cell(data: Windows, y: int, x: int, cell: int) -> str:
    left, top = LEFT + x * cell, TOP + y * cell
    if number := data.weights[y][x]:
        return _weight(left, top, cell, number, data.kernel_size)
    inside = range(data.padding, data.padding + data.size)
    if y in inside and x in inside:
        box = _box(left, top, cell, TENSOR, TENSOR_EDGE)
        return box if data.reads[y][x] else box + _cross(left, top, cell)
    zero = "" if (y, x) in data.centers else _middle(left, top, cell, "0", QUIET)
    return _box(left, top, cell, CARD, RULE, dashed=True) + zero


def _weight(left: int, top: int, cell: int, number: int, kernel_size: int) -> str:
    fill = weight_color(number, kernel_size)
    return _box(left, top, cell, fill, WHITE) + _middle(left, top, cell, str(number), ink_on(fill), bold=True)


def _box(left: int, top: int, cell: int, fill: str, edge: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="3 2"' if dashed else ""
    return (
        f'<rect x="{left + 0.5}" y="{top + 0.5}" width="{cell - 1}" height="{cell - 1}" fill="{fill}"'
        f' stroke="{edge}"{dashes}/>'
    )


def _cross(left: int, top: int, cell: int) -> str:
    a, b, c, d = left + 6, top + 6, left + cell - 6, top + cell - 6
    path, stroke = f"M{a} {b}L{c} {d}M{c} {b}L{a} {d}", COLORS["convolution"].fill
    return f'<path d="{path}" stroke="{stroke}" stroke-width="2"/>'


def _middle(left: int, top: int, cell: int, text: str, fill: str, *, bold: bool = False) -> str:
    return _text(left + cell / 2, top + cell / 2 + 5, text, fill, anchor="middle", bold=bold)


def _heading(left: int, title: str, note: str) -> str:
    return _text(left, 26, title, INK, bold=True) + _text(left, 46, note, QUIET)


def _legend(height: int) -> str:
    """What the marks mean, below the kernel and the output."""
    y, x = height - 82, _KERNEL_LEFT
    body = _dot(x + 8, y) + _text(x + 24, y + 5, "the middle of another window", QUIET)
    body += _box(x, y + 16, 17, CARD, RULE, dashed=True)
    body += _text(x + 24, y + 29, "padding: zeros, no pixels", QUIET)
    body += _box(x, y + 40, 17, TENSOR, TENSOR_EDGE) + _cross(x - 1, y + 39, 19)
    return body + _text(x + 24, y + 53, "a pixel that no window reads", QUIET)


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="3" fill="{INK}"/>'


def _text(x: float, y: float, text: str, fill: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


@with_name
def window_geometry() -> Explorer[Windows]:
    """Input, kernel, stride, padding, dilation and an output pixel to choose; which pixels it reads."""
    return Explorer(
        {
            "size": Number("Input size", 7, 4, 9, page=(6, 7, 9)),
            "kernel_size": Choice("Kernel", 3, (1, 3, 5)),
            "stride": Choice("Stride", 1, (1, 2, 3), page=(1, 2)),
            "padding": Choice("Padding", DERIVED, (DERIVED, 0, 1, 2, 3), page=(DERIVED, 0, 1, 2)),
            "dilation": Choice("Dilation", 1, (1, 2)),
            "row": Number("Output row", 1, 1, 15, page=tuple(range(1, 14))),
            "column": Number("Output column", 1, 1, 15, page=tuple(range(1, 14))),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
