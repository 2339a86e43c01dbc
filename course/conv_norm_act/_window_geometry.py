"""A convolution's window on a piece of a photograph: which pixels it reads, and what it makes of them."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct
from course.conv_norm_act._window_picture import THUMB, Whole, cards, shown
from course.kit.drawing.bitmap import png
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.panel.layers import many
from course.kit.training.data import photograph

DERIVED = "derived"
BLUR, EDGES = "blur", "edges"
_START: dict[str, Any] = {
    "weights": BLUR,
    "size": 7,
    "kernel_size": 3,
    "stride": 1,
    "padding": DERIVED,
    "dilation": 1,
    "row": 2,
    "column": 2,
}
PRESETS = {
    "the size stays": {**_START, "row": 1, "column": 1},
    "edges": {**_START, "weights": EDGES, "row": 4, "column": 2},
    "no padding: 6 to 4": {**_START, "size": 6, "padding": 0},
    "pixels left out": {**_START, "size": 6, "stride": 2, "padding": 0},
}
PHOTO, LEFT, TOP, EACH = "cat", 236, 80, 9
"""The piece: its upper left corner in the photograph, and how many pixels of that make one of its own."""
MOST = 7  # of its pixels on a side
_SMOOTH = {1: (1.0,), 3: (1.0, 2.0, 1.0), 5: (1.0, 4.0, 6.0, 4.0, 1.0)}
_SLOPE = {1: (1.0,), 3: (-1.0, 0.0, 1.0), 5: (-1.0, -2.0, 0.0, 2.0, 1.0)}


@dataclass(frozen=True)
class Windows:
    """A convolution's windows on a square piece of a photograph, and the window of one output pixel.

    Attributes:
        name: of the weights.
        padding: zeros on each side; derived: whether the module chose it.
        out: height and width of the output, by the module.
        row, column: of the output pixel, counted from 1.
        weights: for each place of the padded input the number, from 1, of the weight that meets it in
            this window; 0 where none does.
        reads: for each place of the padded input how many windows read it.
        centers: for each output pixel, row by row, the place (row, column) in the padded input, from 0, where
            its window's middle lies.
        pixels: the input without its padding, gray values from 0 to 255.
        kernel: the weights, row by row.
        products: of the window: each weight times what it meets, row by row.
        output: what the module gives.
    """

    name: str
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
    pixels: tuple[tuple[int, ...], ...]
    kernel: tuple[float, ...]
    products: tuple[float, ...]
    output: tuple[tuple[float, ...], ...]

    @property
    def formula(self) -> int:
        """The output size by the formula."""
        free = self.size + 2 * self.padding - self.dilation * (self.kernel_size - 1) - 1
        return free // self.stride + 1

    @property
    def sum(self) -> float:
        """The output pixel that is looked at, as the module gives it."""
        return self.output[self.row - 1][self.column - 1]

    @property
    def unread(self) -> int:
        """How many pixels no window reads."""
        inside = range(self.padding, self.padding + self.size)
        return sum(self.reads[y][x] == 0 for y in inside for x in inside)


def compute(
    weights: str,
    size: int,
    kernel_size: int,
    stride: int,
    padding: int | str,
    dilation: int,
    row: int,
    column: int,
) -> Windows:
    """Give the module's weights the numbers 1, 2, 3, ...: an output's gradient then names them.

    A row or column beyond the output's last means the last.

    Raises:
        TypeError, ValueError: the module refuses its arguments, or the window does not fit.
        RuntimeError: the module's output size is not what the formula says.
    """
    given = None if padding == DERIVED else int(padding)
    zeros, out = _sizes(size, kernel_size, stride, given, dilation)
    place = min(row, out), min(column, out)
    return _windows(weights, size, kernel_size, stride, given, zeros, dilation, out, *place)


@lru_cache(maxsize=64)
def _sizes(size: int, kernel_size: int, stride: int, padding: int | None, dilation: int) -> tuple[int, int]:
    """The module's padding, and the size of its output."""
    unit = _unit(_numbers(kernel_size), stride, padding, dilation)
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
    name: str,
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
    bare = _unit(
        _numbers(kernel_size), stride, 0, dilation
    )  # on an input padded by hand: zeros get gradients
    weights = _gradient(bare, size, zeros, (row - 1, column - 1))
    with torch.no_grad():
        bare.conv.weight.fill_(1)
    reads = _gradient(bare, size, zeros, None)
    middle = (kernel_size * kernel_size - 1) // 2
    with torch.no_grad():
        bare.conv.weight.zero_().view(-1)[middle] = 1
    centers = _gradient(bare, size, zeros, None).nonzero().tolist()
    kernel, pixels = kernel_of(name, kernel_size), piece()[:size, :size]
    with torch.no_grad():
        output = _unit(kernel, stride, padding, dilation)(pixels[None, None])[0, 0]
    met = F.pad(pixels, [zeros] * 4)[weights > 0]  # row by row: in the order of their weights
    data = Windows(
        name,
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
        _rows(pixels),
        tuple(kernel.flatten().tolist()),
        tuple((met * kernel.flatten()).tolist()),
        tuple(map(tuple, output.tolist())),
    )
    if data.formula != out:
        raise RuntimeError(f"window_geometry: {data.formula} by the formula, {out} by the module.")
    return data


@cache
def piece() -> Tensor:
    """The piece of the photograph, (MOST, MOST): gray values, each the mean of EACH x EACH, rounded."""
    picture = np.asarray(photograph(PHOTO).convert("L"), dtype=np.float64)
    side = MOST * EACH
    cut = torch.from_numpy(picture[TOP : TOP + side, LEFT : LEFT + side].copy())
    return F.avg_pool2d(cut[None, None], EACH)[0, 0].round()


def kernel_of(name: str, kernel_size: int) -> Tensor:
    """The weights by their name: the mean of the window, or right minus left. A 1x1 has one, which is 1."""
    if name == BLUR:
        return torch.full((kernel_size, kernel_size), 1 / kernel_size**2, dtype=torch.float64)
    down, across = (torch.tensor(row[kernel_size], dtype=torch.float64) for row in (_SMOOTH, _SLOPE))
    return torch.outer(down, across)


def _numbers(kernel_size: int) -> Tensor:
    return torch.arange(1, kernel_size**2 + 1, dtype=torch.float64).view(kernel_size, kernel_size)


def _unit(weights: Tensor, stride: int, padding: int | None, dilation: int) -> ConvNormAct:
    """A convolution from one channel to one with these weights; drawn from no random numbers."""
    with torch.device("meta"):
        unit = ConvNormAct(
            1,
            1,
            kernel_size=len(weights),
            stride=stride,
            padding=padding,
            dilation=dilation,
            norm=None,
            act=None,
        )
    unit.conv.weight = nn.Parameter(weights.clone().view(1, 1, *weights.shape))
    unit.conv.bias = nn.Parameter(weights.new_zeros(1))
    return unit


def _gradient(bare: ConvNormAct, size: int, zeros: int, pixel: tuple[int, int] | None) -> Tensor:
    """The gradient of one output pixel, or of all together, for each place of the padded input."""
    x = F.pad(torch.zeros(1, 1, size, size, dtype=torch.float64), [zeros] * 4).requires_grad_()
    y = bare(x)[0, 0]
    (found,) = torch.autograd.grad(y.sum() if pixel is None else y[pixel], x)
    return found[0, 0]


def _rows(values: Tensor) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(round(value) for value in row) for row in values.tolist())


def say(data: Windows) -> Said:
    """The words of the explorer."""
    k, p, reach = data.kernel_size, data.padding, data.dilation * (data.kernel_size - 1) + 1
    inside = range(p, p + data.size)
    pixels = sum(data.weights[y][x] > 0 for y in inside for x in inside)
    unread = data.unread
    zeros = f" and {many(k * k - pixels, 'zero')} of the padding" if pixels < k * k else ""
    left_out = f"{many(unread, 'pixel')} of the input {'is' if unread == 1 else 'are'} read by no window."
    row, column = _place(data.row, data.out), _place(data.column, data.out)
    chosen = f"{p} (derived)" if data.derived else f"{p}"
    sizes = f"{data.size} x {data.size} in, {data.out} x {data.out} out."
    began = f"{unread} of {data.size**2} pixels are never read."
    if not unread:
        began = f"{many(k * k, 'product')} {'adds' if k == 1 else 'add'} up to {shown(data.sum)}."
    return Said(
        f"{began} {sizes}",
        f"Input {data.size} x {data.size}, kernel {k}x{k}, stride {data.stride}, padding {chosen}, dilation"
        f" {data.dilation}. Output by formula, ({data.size} + 2 x {p} - {reach}) / {data.stride} rounded"
        f" down, + 1 = {data.formula}; by the module {data.out} x {data.out}. For the output pixel in row"
        f" {row}, column {column} the window reaches over {reach} x {reach} and reads"
        f" {many(pixels, 'pixel')}{zeros}."
        f" {left_out if unread else 'Every pixel of the input is read by some window.'}"
        f" Weights “{data.name}”: the {many(k * k, 'product')} of weight and pixel,"
        f" {', '.join(map(shown, data.products))}, {'is' if k == 1 else 'add up to'} {shown(data.sum)}.",
    )


def _place(number: int, out: int) -> str:
    return f"{number} (the last)" if number == out else f"{number}"  # the control may stand beyond it


@lru_cache(maxsize=64)  # many positions of the row and the column are the output's last
def draw(data: Windows, heard: str) -> Picture:
    """The input with its window and the output beside it; on a second card the products and their sum."""
    picture = photograph(PHOTO)
    left, top, side = (pixels / picture.width for pixels in (LEFT, TOP, data.size * EACH))
    return cards(data, heard, Whole(_thumbnail(), left, top, side, MOST))


@cache
def _thumbnail() -> str:
    """The photograph in gray, twice as large as it is shown."""
    small = photograph(PHOTO).convert("L").resize((2 * THUMB[0], 2 * THUMB[1]))
    return png(small, 12)  # it comes with every picture


@with_name
def window_geometry() -> Explorer[Windows]:
    """Weights, kernel, stride, padding and dilation to choose, and an output pixel; what its window reads."""
    on_page = tuple(range(1, MOST + 1))
    return Explorer(
        {
            "weights": Choice("Weights", BLUR, (BLUR, EDGES)),
            "kernel_size": Choice("Kernel", 3, (1, 3, 5), page=(1, 3)),
            "stride": Choice("Stride", 1, (1, 2, 3), page=(1, 2)),
            "padding": Choice("Padding", DERIVED, (DERIVED, 0, 1)),
            "dilation": Choice("Dilation", 1, (1, 2)),
            "size": Number("Input size", 7, 4, MOST, page=(6, 7), more=True),
            "row": Number("Output row", _START["row"], 1, MOST, page=on_page, more=True),
            "column": Number("Output column", _START["column"], 1, MOST, page=on_page, more=True),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
