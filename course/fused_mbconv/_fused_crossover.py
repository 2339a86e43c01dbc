"""MBConv against Fused-MBConv: what is counted of both, what was measured here, and where they cross."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.measure import Graph, Latency, graph, intensity_of, machine
from blocks.measure._latency import Case
from course.fused_mbconv._crossover_picture import WIDTH, Cell, CrossoverChart, Quantity
from course.kit.drawing.diagram import diagram
from course.kit.panel import Choice, Explorer, Picture, with_name

CHANNELS = (16, 24, 48, 64, 128, 256)
SIZES = (112, 56, 28, 14, 7)
MOST = 1_200_000_000  # multiply-adds: a forward of more takes too long to be timed while a reader waits
NAMES = ("MBConv", "Fused")
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
class Crossover:
    """Both blocks, MBConv first, at one setting; and the quantity that the map shows at all of them.

    Seconds are empty where nothing was measured. cells has a row per size and a column per number of
    channels; its first block is MBConv.
    """

    setting: Setting
    shown: str
    counted: tuple[Counted, Counted]
    seconds: tuple[float, ...]
    cells: tuple[tuple[Cell | None, ...], ...]
    measured: str


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


def compute(channels: int, resolution: int, shown: str, times: Times) -> Crossover:
    """Look one setting up, and one quantity at all settings."""
    cells = tuple(tuple(cell(times, (c, size), shown) for c in CHANNELS) for size in SIZES)
    seconds = tuple(latency.median for latency in times.get((channels, resolution), ()))
    return Crossover(
        (channels, resolution),
        shown,
        counted(channels, resolution),
        seconds,
        cells,
        crossover(times, resolution),
    )


def cell(times: Times, setting: Setting, quantity: str) -> Cell | None:
    """Which block has less of a quantity; None for a time that was not measured.

    Two times whose middle halves (the interquartile ranges) overlap are not told apart.
    """
    if quantity != "time":
        name = quantity.replace("-", "_").replace(" ", "_")
        mbconv, fused = (getattr(side, name) for side in counted(*setting))
        return Cell(fused / mbconv, None if fused == mbconv else int(fused < mbconv))
    if setting not in times:
        return None
    first, second = times[setting]
    apart = abs(first.median - second.median) > (first.iqr + second.iqr) / 2
    return Cell(second.median / first.median, int(second.median < first.median) if apart else None)


def crossover(times: Times, size: int) -> str:
    """In words, for one size of the map, at how many channels which block is faster."""
    if not times:
        return "Times are not yet measured."
    groups: dict[int | None, list[int]] = {1: [], None: [], 0: []}
    for channels in CHANNELS:
        if (found := cell(times, (channels, size), "time")) is not None:
            groups[found.less].append(channels)
    words = {1: "Fused-MBConv", None: "not told apart", 0: "MBConv"}
    said = [f"{words[less]} at {_listed(of)}" for less, of in groups.items() if of]
    return f"Measured here, map {size} x {size}, faster: {'; '.join(said)} channels."


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
        f" {'Times differ between machines: measure them on yours.' if stored else data.measured}"
    )


def _times(value: float) -> str:
    return f"{value:.1f} times as many" if value >= 0.995 else f"{value:.2f} of them"


def quantities(data: Crossover) -> tuple[Quantity, ...]:
    """The pairs of bars."""
    mbconv, fused = data.counted
    counts = (
        ("Parameters", (mbconv.parameters, fused.parameters)),
        ("Multiply-adds", (mbconv.multiply_adds, fused.multiply_adds)),
    )
    megabytes = (mbconv.bytes_moved / 1e6, fused.bytes_moved / 1e6)
    rows = [Quantity(_title(name, pair), pair, (f"{pair[0]:,}", f"{pair[1]:,}")) for name, pair in counts]
    words = (f"{megabytes[0]:.1f} MB", f"{megabytes[1]:.1f} MB")
    rows.append(Quantity(_title("Bytes moved", megabytes), megabytes, words))
    if not data.seconds:
        return *rows, Quantity("Time: not measured", (0, 0), ("", ""))
    first, second = (1e3 * each for each in data.seconds)
    words = (f"{first:.2f} ms", f"{second:.2f} ms")
    return *rows, Quantity(_title("Time, measured here", (first, second)), (first, second), words)


def _title(name: str, pair: tuple[float, float]) -> str:
    return f"{name}: fused / MBConv = {pair[1] / pair[0]:.2f}"


def chart(note: str = "") -> CrossoverChart:
    """A chart for these settings."""
    sizes = [f"{size} x {size}" for size in SIZES]
    return CrossoverChart(NAMES, [str(channels) for channels in CHANNELS], sizes, note=note)


def draw_with(kept: CrossoverChart, data: Crossover, sentence: str) -> Picture:
    """The fused block's diagram, and the chart `kept` with both blocks."""
    place = SIZES.index(data.setting[1]), CHANNELS.index(data.setting[0])
    png = kept.png(
        quantities(data),
        f"At every setting: {data.shown}, fused / MBConv",
        data.cells,
        place,
        label="What both blocks cost at this setting, and the ratio of the two at 30 settings",
    )
    return diagram(data.counted[1].graph, label=sentence, least_width=WIDTH), png


@with_name
def fused_crossover(times: Times | None = None) -> Explorer[Crossover]:
    """Channels and map to choose; what both blocks cost there, and their ratio at every setting.

    Args:
        times: what `measure.sweep(pairs())` measured on this machine; without it there are counts only.
    """
    found = times or {}
    kept = chart(f"Measured on: {machine()}" if found else "Times are not yet measured.")
    names = QUANTITIES if found else QUANTITIES[:3]
    return Explorer(
        {
            "channels": Choice("Channels", 24, CHANNELS),
            "resolution": Choice("Map size", 112, SIZES),
            "shown": Choice("The map shows", "time" if found else "multiply-adds", names),
        },
        compute=lambda **values: compute(**values, times=found),
        draw=lambda data, sentence: draw_with(kept, data, sentence),
        say=say,
        presets=PRESETS,
        # Measured, one: the notebook prints the table of all times above it, and both must fit on a slide.
        stills=({},) if found else ({}, {"channels": 256, "resolution": 7, "shown": "bytes moved"}),
        stored=(lambda data: say(data, stored=True)) if found else None,
        variant="measured times" if found else None,
    )
