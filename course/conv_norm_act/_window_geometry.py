"""Where the windows of a convolution fall, and which weight meets which pixel: asked of the module itself."""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import ConvNormAct
from course.conv_norm_act._window_grid_picture import Windows, window_grid
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


@lru_cache(maxsize=512)
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
    unit = _numbered(kernel_size, stride, given, dilation)
    zeros = int(unit.conv.padding[0])
    try:
        out = unit(torch.zeros(1, 1, size, size, dtype=torch.float64)).shape[-1]
    except RuntimeError as error:
        raise ValueError(
            "window_geometry: the window must fit into the padded input, got a window that reaches over"
            f" {dilation * (kernel_size - 1) + 1} pixels and an input of {size + 2 * zeros} with its padding."
        ) from error
    row, column = min(row, out), min(column, out)
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
        given is None,
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


def draw(data: Windows, sentence: str) -> Picture:
    """Input with padding and window, the kernel, the output."""
    return (window_grid(data, label=sentence),)


@with_name
def window_geometry() -> Explorer[Windows]:
    """Input, kernel, stride, padding, dilation and an output pixel to choose; which pixels it reads."""
    return Explorer(
        {
            "size": Number("Input size", 7, 4, 9),
            "kernel_size": Choice("Kernel", 3, (1, 3, 5)),
            "stride": Choice("Stride", 1, (1, 2, 3)),
            "padding": Choice("Padding", DERIVED, (DERIVED, 0, 1, 2, 3)),
            "dilation": Choice("Dilation", 1, (1, 2)),
            "row": Number("Output row", 1, 1, 15),
            "column": Number("Output column", 1, 1, 15),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
    )
