"""A trained full convolution cut to k depthwise filters per channel: its kernels, and what is left.

Real kernels of the trained network as small gray images, each beside its rebuilding from k filters; the
accuracies of the stored runs, from 9 filters down to those that the reader has dialed; ten real digits.
"""

import statistics
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from blocks import ConvNormAct
from course.depthwise_separable.experiment import cut_network, factors, stored_full
from course.kit.drawing.bitmap import gray
from course.kit.drawing.glyphs import digit
from course.kit.drawing.style import CARD, COLORS, HERE, INK, QUIET, RULE, TENSOR
from course.kit.drawing.svg import Mark, card, circle, group, image, number, path, rect, text
from course.kit.panel import Explorer, Number, Picture, Said, with_name
from course.kit.training import data as digits
from course.kit.training import grids, loop
from course.kit.training.runs import accuracies

FILTERS = 9  # of a 3x3 kernel: so many build every other
LAYER = 1  # the first of the four convolutions that are cut, whose kernels are shown
SEED = 0  # of the network whose kernels and answers are shown
PRESETS = {
    "separable, k = 1": {"filters": 1},
    "4 of the 9 filters": {"filters": 4},
    "all nine, k = 9": {"filters": 9},
}
Pixels = NDArray[np.uint8]
Kernels = NDArray[np.float32]
"""(N, 3, 3)"""


@dataclass(frozen=True, eq=False)
class Dial:
    """What k filters leave.

    Attributes:
        filters, channel: how many are kept; the channel in, from 1, whose kernels are shown.
        kernels, rebuilt: that channel's kernels in the trained network, (16, 3, 3), and in the cut one.
        used: the filters that rebuild them, (k, 3, 3), the most important one first.
        cut, full: accuracies (0 to 1) by seed for k = 1 to 9, and not cut.
        parameters, full_parameters: of the networks for k = 1 to 9, and of the one that is not cut.
        images, labels, answers: ten digits, and what the cut network answers.
    """

    filters: int
    channel: int
    kernels: Kernels
    rebuilt: Kernels
    used: Kernels
    cut: tuple[tuple[float, ...], ...]
    full: tuple[float, ...]
    parameters: tuple[int, ...]
    full_parameters: int
    images: tuple[Pixels, ...]
    labels: tuple[int, ...]
    answers: tuple[int, ...]

    @property
    def kept(self) -> float:
        """The part of the kernels' squared weights that the rebuilding keeps, 0 to 1."""
        return float(1 - ((self.kernels - self.rebuilt) ** 2).sum() / (self.kernels**2).sum())


def compute(filters: int, channel: int = 1) -> Dial:
    """Look the cuts up in the stored grid "depthwise_separable.rank_dial", and cut the stored network."""
    rows = grids.grid("depthwise_separable.rank_dial")
    names = ("full", *(f"k={number}" for number in range(1, FILTERS + 1)))
    full, *runs = (tuple(accuracies(rows, name).values()) for name in names)
    counts = {row.setting: row.parameters for row in rows}
    whole, *parameters = (counts[name] for name in names)
    images, labels = _ten()
    return Dial(
        filters,
        channel,
        *_kernels(filters, channel - 1),
        tuple(runs),
        full,
        tuple(parameters),
        whole,
        tuple(_ink(one) for one in images),
        tuple(labels.tolist()),
        _answers(filters),
    )


@cache
def _full() -> nn.Module:
    return stored_full()


@lru_cache(maxsize=FILTERS * 16)
def _kernels(filters: int, channel: int) -> tuple[Kernels, Kernels, Kernels]:
    """A channel's kernels, the same rebuilt from `filters` depthwise ones, and these."""
    layer = list(_full().children())[LAYER]
    assert isinstance(layer, ConvNormAct)  # noqa: S101 for the type checker
    own, mixing = factors(layer.conv, filters)
    used = own[channel]
    rebuilt = mixing[:, channel] @ used
    # A filter and its negative rebuild the same: the one whose largest weight is positive is shown.
    used = used * used.gather(1, used.abs().argmax(1, keepdim=True)).sign()
    kernels = layer.conv.weight[:, channel].detach()
    return kernels.numpy(), rebuilt.view(-1, 3, 3).numpy(), used.view(-1, 3, 3).numpy()


@cache
def _ten() -> tuple[Tensor, Tensor]:
    """The first test image of each digit, 0 to 9, as the network of SEED has them."""
    split = digits.split(SEED)
    first = [int((split.test_labels == label).nonzero()[0]) for label in range(10)]
    return split.test_images[first], split.test_labels[first]


@lru_cache(maxsize=FILTERS)
def _answers(filters: int) -> tuple[int, ...]:
    return tuple(loop.answers(cut_network(_full(), filters), _ten()[0]).tolist())


def _ink(image: Tensor) -> Pixels:
    shades = 1 - (image[0].numpy() * digits.STD + digits.MEAN) / 16
    return (255 * shades.clip(0, 1)).round().astype(np.uint8)


def say(data: Dial) -> Said:
    """The words of the explorer."""
    values, count = data.cut[data.filters - 1], data.parameters[data.filters - 1]
    more = "fewer" if count < data.full_parameters else "more"
    mean = 100 * statistics.mean(values)
    noun = "filter" if data.filters == 1 else "filters"
    return Said(
        f"{data.filters} {noun} per channel: {mean:.1f} % right, {count:,} parameters",
        f"k = {data.filters} of {FILTERS} depthwise filters per channel:"
        f" {mean:.1f} % right"
        f" ({100 * min(values):.1f} to {100 * max(values):.1f}, {len(values)} runs), with {count:,}"
        f" parameters, {more} than the {data.full_parameters:,} of the network that was cut, which has"
        f" {100 * statistics.mean(data.full):.1f} % right. Nothing is trained again.",
    )


_FILTER = COLORS["depthwise"]
_WIDTH, _HEIGHT = 400, 330


def draw(data: Dial, heard: str) -> Picture:
    """The kernels and their rebuilding, the accuracy, and ten digits."""
    return _kernel_card(data), _accuracy_card(data, heard), _digit_card(data)


_KERNEL, _GAP, _TOP = 37, 6, 46  # a kernel's side, the space between, the upper edge of both grids
_SLOTS = 250  # the upper edge of the filters


def _kernel_card(data: Dial) -> str:
    # One scale for both grids: it ends where one weight in ten is larger, for the largest would pale others.
    most = float(np.quantile(np.abs(data.kernels), 0.9))
    body = text(20, 28, f"Channel {data.channel}: 16 kernels", INK, bold=True)
    body += text(220, 28, f"rebuilt from {data.filters}", _FILTER.text, bold=True)
    for left, kernels, name in ((20, data.kernels, "kernel"), (220, data.rebuilt, "rebuilt")):
        for n, weights in enumerate(kernels):
            x, y = left + (_KERNEL + _GAP) * (n % 4), _TOP + (_KERNEL + _GAP) * (n // 4)
            body += rect(x - 1, y - 1, _KERNEL + 2, _KERNEL + 2, RULE)
            body += group(
                image(x, y, _KERNEL, _KERNEL, gray(_shades(weights, most))),
                Mark(title=f"{name} {n + 1} of 16: weights from {weights.min():.2f} to {weights.max():.2f}"),
            )
    words = "one filter, stronger or weaker" if data.filters == 1 else f"mixtures of {data.filters} filters"
    body += text(20, _SLOTS - 12, words, _FILTER.text)
    for n in range(FILTERS):
        x, is_kept = 20 + 41 * n, n < data.filters
        drawn = rect(x, _SLOTS, 32, 32, TENSOR, rx=2)
        if is_kept:
            shades = gray(_shades(data.used[n], float(np.abs(data.used[n]).max())))
            drawn += image(x, _SLOTS, 32, 32, shades, Mark(f"filter-{n}"))
            drawn += rect(
                x - 2, _SLOTS - 2, 36, 36, "none", stroke=_FILTER.fill, rx=3, more='stroke-width="3"'
            )
        drawn += text(
            x + 16, _SLOTS + 52, f"{n + 1}", INK if is_kept else QUIET, bold=is_kept, anchor="middle"
        )
        title = f"{n + 1} {'filter' if n == 0 else 'filters'} per channel"
        body += group(drawn, Mark(sets={"filters": n + 1}, title=title))
    label = f"Kernels of channel {data.channel}, rebuilt: {100 * data.kept:.0f} % of their squares are kept"
    return card(body, _WIDTH, _HEIGHT, label)


def _shades(weights: Kernels, most: float) -> Pixels:
    """Gray for a weight of 0, white for `most`, black for its negative."""
    return (127.5 * (1 + np.clip(weights / most, -1, 1))).round().astype(np.uint8)


_BOTTOM, _LONG, _FIRST, _STEP = 270, 210, 78, 36  # of the columns: foot, height of 100 %, middle of k = 1


def _accuracy_card(data: Dial, label: str) -> str:
    body = text(20, 28, "Test accuracy in %", INK, bold=True)
    for percent in (0, 50, 100):
        y = _height(percent / 100)
        body += path(f"M58 {number(y)}H384", "none", stroke=RULE, width=1)
        body += text(52, y + 5, f"{percent}", QUIET, anchor="end")
    y = _height(statistics.mean(data.full))
    body += path(f"M58 {number(y)}H384", "none", stroke=INK, width=1.4, more='stroke-dasharray="5 4"')
    for filters, values in enumerate(data.cut, 1):
        body += _column(filters, values, data.filters)
    body += text(20, _BOTTOM + 42, "k", QUIET) + text(
        40, _BOTTOM + 42, "a dot for each run; dashed: not cut", QUIET
    )
    return card(body, _WIDTH, _HEIGHT, label)


def _column(filters: int, values: tuple[float, ...], chosen: int) -> str:
    """The mean as a column, a dot for each run; blank where the dial has not been."""
    middle, is_chosen = _FIRST + _STEP * (filters - 1), filters == chosen
    drawn = rect(middle - 17, _BOTTOM - _LONG, 34, _LONG + 26, "transparent")
    if filters >= chosen:
        mean = statistics.mean(values)
        title = f"k = {filters}: {100 * mean:.1f} % right"
        mark = Mark(f"mean-{filters}", value=100 * mean, scale="height", unit="percent", title=title)
        fill = QUIET if is_chosen else RULE
        drawn += rect(middle - 12, _height(mean), 24, _BOTTOM - _height(mean), fill, mark)
        for n, value in enumerate(values):
            x = middle + 24 * ((n + 1) / (len(values) + 1) - 0.5)
            drawn += circle(x, _height(value), 2.6, INK, more=f'stroke="{CARD}" stroke-width="0.8"')
    if is_chosen:
        drawn += rect(
            middle - 13, _BOTTOM + 3, 26, 22, "none", Mark("here"), stroke=HERE, rx=4, more='stroke-width="3"'
        )
    drawn += text(middle, _BOTTOM + 19, f"{filters}", INK, bold=is_chosen, anchor="middle")
    return group(drawn, Mark(sets={"filters": filters}))


def _height(accuracy: float) -> float:
    """Where an accuracy stands, in pixels from the top."""
    return _BOTTOM - _LONG * accuracy


def _digit_card(data: Dial) -> str:
    right = sum(answer == label for answer, label in zip(data.answers, data.labels, strict=True))
    body = text(20, 28, "Ten images, and one run's answers", INK, bold=True)
    for n, (pixels, label, answer) in enumerate(zip(data.images, data.labels, data.answers, strict=True)):
        x, y, is_right = 20 + 75 * (n % 5), 46 + 132 * (n // 5), answer == label
        body += rect(x - 1, y - 1, 62, 62, RULE) + image(x, y, 60, 60, gray(pixels))
        mark = Mark(f"answer-{n}-{answer}", title=f"The image says {label}, the network answers {answer}")
        body += path(digit(answer, x + 30, y + 108, 34), INK if is_right else QUIET, mark)
        if not is_right:
            body += path(f"M{x + 12} {y + 110}L{x + 48} {y + 72}", "none", stroke=INK, width=3)
    return card(body, _WIDTH, _HEIGHT, f"{right} of ten digits right with {data.filters} filters per channel")


@with_name
def rank_dial() -> Explorer[Dial]:
    """The number of depthwise filters per channel to choose; the accuracy that is left."""
    return Explorer(
        {
            "filters": Number("Filters per channel k", FILTERS, 1, FILTERS),
            "channel": Number("Channel whose kernels are shown", 1, 1, 16, more=True),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"filters": 1}, {"filters": 6}),
    )
