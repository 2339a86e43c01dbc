"""MBConv against Fused-MBConv: what is counted of both, what was measured, and where they cross."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.measure import Graph, Latency, graph, intensity_of, speedup
from blocks.measure._latency import Case
from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.diagram import diagram
from course.kit.drawing.style import CARD, COLORS, INK, QUIET, RULE
from course.kit.panel import Choice, Explorer, Measured, Picture, with_name

CHANNELS = (16, 24, 48, 64, 128, 256)
SIZES = (112, 56, 28, 14, 7)
MOST = 1_200_000_000  # multiply-adds: a forward of more takes too long to be timed while a reader waits
NAMES = ("MBConv", "Fused")
EQUAL, UNTOLD = "about as fast", "can't tell"
QUANTITIES = ("parameters", "multiply-adds", "bytes moved", "time")
PRESETS = {
    "24 channels, 112 x 112": {"channels": 24, "resolution": 112},
    "as in stage 2 of EfficientNetV2-S": {"channels": 48, "resolution": 56},
    "stage 3": {"channels": 64, "resolution": 28},
    "stage 4": {"channels": 128, "resolution": 14},
    "256 channels, 7 x 7": {"channels": 256, "resolution": 7},
}
Setting = tuple[int, int]  # channels, height and width of the map
Times = Mapping[Setting, tuple[Latency, ...]]


@dataclass(frozen=True)
class Counted:
    """What is counted of one block; its bytes as `blocks.measure.intensity` defines them."""

    graph: Graph
    parameters: int
    multiply_adds: int
    bytes_moved: int


@dataclass(frozen=True)
class Cell:
    """One setting of the map: the second block's quantity over the first one's, and which of them has less.

    less is 0 for the first, 1 for the second, and None for neither: equal counts, or times that are about
    equal. Where the measurement cannot tell, is_told is False: no number stands there.
    """

    ratio: float
    less: int | None
    is_told: bool = True


@dataclass(frozen=True)
class Crossover:
    """Both blocks, MBConv first, at one setting; and the quantity that the map shows at all of them.

    Seconds and the words of their comparison are empty, and timed is None, where nothing was measured. cells
    has a row per size and a column per number of channels; its first block is MBConv.
    """

    setting: Setting
    shown: str
    counted: tuple[Counted, Counted]
    seconds: tuple[float, ...]
    timed: Cell | None
    compared: str
    cells: tuple[tuple[Cell | None, ...], ...]
    measured: str
    machine: str


def both(channels: int) -> tuple[nn.Module, nn.Module]:
    """MBConv and Fused-MBConv, both with expansion 4, in eval mode."""
    pair: tuple[nn.Module, nn.Module] = (
        MBConv(channels, channels, expansion=4),
        FusedMBConv(channels, channels, expansion=4),
    )
    return pair[0].eval(), pair[1].eval()


def pairs() -> dict[Setting, Case]:
    """What there is to time: both blocks at each setting that does not take too long."""
    return {
        (channels, size): (both(channels), (1, channels, size, size))
        for size in SIZES
        for channels in CHANNELS
        if counted(channels, size)[1].multiply_adds <= MOST
    }


@cache  # 30 settings, recorded once
def counted(channels: int, resolution: int) -> tuple[Counted, Counted]:
    """Build both blocks without memory, record them, and count."""
    with torch.device("meta"):
        mbconv, fused = both(channels)
    shape = (1, channels, resolution, resolution)
    return _counted(graph(mbconv, shape)), _counted(graph(fused, shape))


def _counted(recorded: Graph) -> Counted:
    found = intensity_of(recorded)
    parameters = sum(step.parameters for step in recorded.steps)
    return Counted(recorded, parameters, found.multiply_adds, found.bytes_moved)


def compute(channels: int, resolution: int, shown: str, times: Times, machine: str = "") -> Crossover:
    """Look one setting up, and one quantity at all settings; `machine` is that of the times."""
    cells = tuple(tuple(cell(times, (c, size), shown) for c in CHANNELS) for size in SIZES)
    pair = times.get((channels, resolution), ())
    return Crossover(
        (channels, resolution),
        shown,
        counted(channels, resolution),
        tuple(latency.median for latency in pair),
        cell(times, (channels, resolution), "time"),
        compared(*pair) if pair else "",
        cells,
        crossover(times, resolution),
        machine,
    )


def cell(times: Times, setting: Setting, quantity: str) -> Cell | None:
    """Which block has less of a quantity; None for a time that was not measured.

    `blocks.measure.speedup` compares the times turn by turn, and says whether they can be told apart.
    """
    if quantity != "time":
        name = quantity.replace("-", "_").replace(" ", "_")
        mbconv, fused = (getattr(side, name) for side in counted(*setting))
        return Cell(fused / mbconv, None if fused == mbconv else int(fused < mbconv))
    if setting not in times:
        return None
    mbconv_time, fused_time = times[setting]
    found = speedup(fused_time, mbconv_time)  # over 1: the fused block takes longer
    less = int(found.median < 1) if found.clear else None
    return Cell(found.median, less, found.clear or found.about_equal)


def compared(mbconv: Latency, fused: Latency) -> str:
    """In words, which block is faster, and how many times: the faster one comes first."""
    found, names = speedup(mbconv, fused), "Fused-MBConv against MBConv"
    if found.median < 1:
        found, names = speedup(fused, mbconv), "MBConv against Fused-MBConv"
    said = str(found)
    return f"{names}: {said}{'' if said.endswith('?') else '.'}"


def crossover(times: Times, size: int) -> str:
    """In words, for one size of the map, at how many channels which block is faster."""
    if not times:
        return "Times are not yet measured."
    words = {(1, True): "Fused-MBConv", (None, True): EQUAL, (None, False): UNTOLD, (0, True): "MBConv"}
    groups: dict[str, list[int]] = {said: [] for said in words.values()}
    for channels in CHANNELS:
        if (found := cell(times, (channels, size), "time")) is not None:
            groups[words[found.less, found.is_told]].append(channels)
    said = [f"{which} at {_listed(of)}" for which, of in groups.items() if of]
    return f"Measured times, map {size} x {size}, faster: {'; '.join(said)} channels."


def _listed(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last


def say(data: Crossover, *, stored: bool = False) -> str:
    """The sentence of the explorer; in a stored notebook without times, which differ between machines."""
    mbconv, fused = data.counted
    seconds = () if stored else data.seconds
    times = tuple(f", {1e3 * each:.2f} ms" for each in seconds) or ("", "")
    return (
        f"{data.setting[0]} channels, {data.setting[1]} x {data.setting[1]} map, expansion 4."
        f" MBConv: {mbconv.parameters:,} parameters, {mbconv.multiply_adds:,} multiply-adds,"
        f" {mbconv.bytes_moved / 1e6:.1f} MB moved{times[0]}. Fused-MBConv: {fused.parameters:,} parameters"
        f" ({_times(fused.parameters / mbconv.parameters)}), {fused.multiply_adds:,} multiply-adds"
        f" ({_times(fused.multiply_adds / mbconv.multiply_adds)}), {fused.bytes_moved / 1e6:.1f} MB moved"
        f" ({_times(fused.bytes_moved / mbconv.bytes_moved)}){times[1]}."
        f"{f' {data.compared}' if seconds else ''}"
        f" {'Times differ between machines: measure them on yours.' if stored else data.measured}"
        f"{f' Measured on: {data.machine}.' if seconds else ''}"
    )


def _times(value: float) -> str:
    return f"{value:.1f} times as many" if value >= 0.995 else f"{value:.2f} of them"


def quantities(data: Crossover) -> Iterator[tuple[str, tuple[float, float], tuple[str, str]]]:
    """The pairs of bars: a title with their ratio, both values, and both in words; 0 is not known."""
    mbconv, fused = data.counted
    known = [
        ("Parameters", "{:,}", (mbconv.parameters, fused.parameters)),
        ("Multiply-adds", "{:,}", (mbconv.multiply_adds, fused.multiply_adds)),
        ("Bytes moved", "{:.1f} MB", (mbconv.bytes_moved / 1e6, fused.bytes_moved / 1e6)),
    ]
    if data.seconds:
        known.append(("Measured time", "{:.2f} ms", (1e3 * data.seconds[0], 1e3 * data.seconds[1])))
    for name, words, (first, second) in known:
        title = f"{name}: fused / MBConv = {second / first:.2f}"
        if name == "Measured time" and data.timed is not None and data.timed.less is None:
            title = f"{name}: {EQUAL if data.timed.is_told else UNTOLD}"
        yield title, (first, second), (words.format(first), words.format(second))
    if not data.seconds:
        yield "Time: not measured", (0, 0), ("", "")


WIDTH, HEIGHT = 880, 314
_FIRST, _SECOND, _EQUAL = COLORS["depthwise"], COLORS["convolution"], COLORS["norm"]
_BAR_LEFT, _BAR = 78, 196
_MAP_LEFT, _MAP_TOP, _CELL, _ROW = 500, 56, 60, 34


class CrossoverChart:
    """A kept chart: up to four quantities as pairs of bars at the left, a map of ratios at the right.

    Args:
        note: one line at the foot.
    """

    def __init__(self, note: str) -> None:
        self._chart = Chart(WIDTH, HEIGHT)
        axes = self._chart.page(0, 0, WIDTH, HEIGHT)
        self._titles, self._words, self._bars = [], [], []
        for top in (4, 76, 148, 220):
            self._titles.append(_text(axes, 16, top + 12, bold=True))
            for line, (name, color) in enumerate(zip(NAMES, (_FIRST, _SECOND), strict=True)):
                y = top + 36 + 22 * line
                axes.text(16, y, name, fontsize=9.2, color=color.text, va="center")
                self._bars.append(_box(axes, _BAR_LEFT, y - 7, 0, 14, color.fill))
                self._words.append(_text(axes, 0, y, color=QUIET))
        self._map_title = _text(axes, _MAP_LEFT - 74, 16, bold=True)
        corners = [
            [(_MAP_LEFT + _CELL * c, _MAP_TOP + _ROW * r) for c in range(len(CHANNELS))]
            for r in range(len(SIZES))
        ]
        # One collection, not a patch for each cell: each patch takes a quarter of a millisecond to draw.
        self._map = PolyCollection([_square(*xy) for row in corners for xy in row], linewidths=0)
        axes.add_collection(self._map)
        self._ratios = [
            [_text(axes, x + _CELL / 2 - 2, y + _ROW / 2 - 1, center=True) for x, y in row] for row in corners
        ]
        self._outline = _box(axes, 0, 0, _CELL, _ROW, "none")
        self._outline.set(edgecolor=INK, linewidth=2.2)
        _labels(axes, note)
        texts = [text for row in self._ratios for text in row]
        moving: list[Artist] = [*self._bars, self._map, self._outline, *texts, self._map_title]
        self._chart.animate([*moving, *self._titles, *self._words])

    def png(self, data: Crossover) -> Png:
        """The chart with the bars of the setting, which is outlined on the map."""
        for n, (title, values, told) in enumerate(quantities(data)):
            self._titles[n].set_text(title)
            for side, (value, words) in enumerate(zip(values, told, strict=True), 2 * n):
                width = _BAR * value / (max(values) or 1)
                self._bars[side].set_width(width)
                self._words[side].set_text(words)
                self._words[side].set_x(_BAR_LEFT + width + 7)
        self._map_title.set_text(f"At every setting: {data.shown}, fused / MBConv")
        self._map.set_facecolor([_colors(cell)[0] for row in data.cells for cell in row])
        for texts, row in zip(self._ratios, data.cells, strict=True):
            for text, cell in zip(texts, row, strict=True):
                text.set(text=_written(cell), color=_colors(cell)[1])
        column, row_ = CHANNELS.index(data.setting[0]), SIZES.index(data.setting[1])
        self._outline.set_xy((_MAP_LEFT + _CELL * column - 1.5, _MAP_TOP + _ROW * row_ - 1.5))
        return self._chart.png(
            "What both blocks cost at this setting, and the ratio of the two at 30 settings"
        )


def written(ratio: float) -> str:
    """A ratio with two figures."""
    return f"{ratio:.2f}" if ratio < 0.995 else f"{ratio:.1f}"


def _written(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    return written(cell.ratio) if cell.is_told else "?"


def _colors(cell: Cell | None) -> tuple[str, str]:
    if cell is None or not cell.is_told:
        return CARD, QUIET
    color = _EQUAL if cell.less is None else (_FIRST, _SECOND)[cell.less]
    return color.fill, color.ink


def _labels(axes: Axes, note: str) -> None:
    """What stands round the map and never moves."""
    axes.text(_MAP_LEFT - 10, _MAP_TOP - 13, "channels", fontsize=9.2, color=QUIET, va="center", ha="right")
    for c, channels in enumerate(CHANNELS):
        x = _MAP_LEFT + _CELL * (c + 0.5) - 2
        axes.text(x, _MAP_TOP - 13, str(channels), fontsize=9.2, color=INK, va="center", ha="center")
    for r, size in enumerate(SIZES):
        y = _MAP_TOP + _ROW * (r + 0.5) - 1
        axes.text(_MAP_LEFT - 10, y, f"{size} x {size}", fontsize=9.2, color=INK, va="center", ha="right")
    bottom = _MAP_TOP + _ROW * len(SIZES) + 18
    legend = (
        (_FIRST, f"{NAMES[0]} has less"),
        (_SECOND, f"{NAMES[1]} has less"),
        (_EQUAL, EQUAL),
    )
    for n, (color, words) in enumerate(legend):
        x = _MAP_LEFT - 74 + 148 * n
        axes.add_patch(Rectangle((x, bottom - 7), 16, 14, facecolor=color.fill, linewidth=0))
        axes.text(x + 22, bottom, words, fontsize=9.2, color=INK, va="center")
    words = f"below 1: {NAMES[1]} has less; ?: {UNTOLD}; -: not measured"
    axes.text(_MAP_LEFT - 74, bottom + 26, words, fontsize=9.2, color=QUIET, va="center")
    axes.text(16, HEIGHT - 14, note, fontsize=9.2, color=QUIET, va="center")


def _square(x: float, y: float) -> list[tuple[float, float]]:
    right, bottom = x + _CELL - 3, y + _ROW - 3
    return [(x, y), (right, y), (right, bottom), (x, bottom)]


def _text(
    axes: Axes, x: float, y: float, *, bold: bool = False, color: str = INK, center: bool = False
) -> Text:
    return axes.text(
        x,
        y,
        "",
        fontsize=10 if bold else 9.2,
        fontweight="bold" if bold else "normal",
        color=color,
        va="center",
        ha="center" if center else "left",
    )


def _box(axes: Axes, x: float, y: float, width: float, height: float, fill: str) -> Rectangle:
    box = Rectangle((x, y), width, height, facecolor=fill, edgecolor=RULE, linewidth=0)
    axes.add_patch(box)
    return box


def draw_with(chart: CrossoverChart, data: Crossover, sentence: str) -> Picture:
    """The fused block's diagram, and the chart of both blocks."""
    return diagram(data.counted[1].graph, label=sentence, least_width=WIDTH), chart.png(data)


@with_name
def fused_crossover(times: Times | Measured | None = None) -> Explorer[Crossover]:
    """Channels and map to choose; what both blocks cost there, and their ratio at every setting.

    Args:
        times: what `measure.sweep(pairs())` measured on this machine, or what a stored output holds; without
            it there are counts only.

    Raises:
        ValueError: there are times of another setting, or not one for each of the two blocks, or they were
            not taken in turns.
    """
    measured = Measured.of(times)
    found, machine = (_checked(measured.times), measured.machine) if measured else ({}, "")
    kept = CrossoverChart(f"Measured on: {machine}" if found else "Times are not yet measured.")
    names = QUANTITIES if found else QUANTITIES[:3]
    return Explorer(
        {
            "channels": Choice("Channels", 24, CHANNELS),
            "resolution": Choice("Map size", 112, SIZES),
            "shown": Choice("The map shows", "time" if found else "multiply-adds", names),
        },
        compute=lambda **values: compute(**values, times=found, machine=machine),
        draw=lambda data, sentence: draw_with(kept, data, sentence),
        say=say,
        presets=PRESETS,
        # Measured, one: the notebook prints the table of all times above it, and both must fit on a slide.
        stills=({},) if found else ({}, {"channels": 256, "resolution": 7, "shown": "bytes moved"}),
        stored=(lambda data: say(data, stored=True)) if found else None,
        variant="measured times" if found else None,
        measured=measured,
    )


def _checked(times: Mapping[Any, tuple[Latency, ...]]) -> Times:
    settings = {(channels, size) for channels in CHANNELS for size in SIZES}
    for setting, pair in times.items():
        turns = sorted(len(one.turns) for one in pair)
        if setting not in settings or len(pair) != len(NAMES) or turns[0] == 0 or turns[0] != turns[-1]:
            raise ValueError(
                "fused_crossover: times must be what sweep(pairs()) gives, two for each of the settings,"
                f" taken in turns, got {len(pair)} for {setting}."
            )
    return times
