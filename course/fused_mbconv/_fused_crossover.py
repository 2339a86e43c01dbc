"""MBConv against Fused-MBConv: what is counted of both, what was measured, and where they cross."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

from blocks import FusedMBConv, MBConv
from blocks.measure import Graph, Latency, graph, intensity_of, speedup
from blocks.measure._latency import Case
from course.fused_mbconv._crossover_picture import ROOM, Bar, Square, blocks, field
from course.fused_mbconv._stored_times import stored_times
from course.kit.drawing.plot import wrapped
from course.kit.drawing.style import MEDIUM
from course.kit.panel import Choice, Explorer, Measured, Picture, Said, with_name

CHANNELS = (16, 24, 48, 64, 128, 256)
SIZES = (112, 56, 28, 14, 7)
MOST = 1_200_000_000  # multiply-adds: a forward of more takes too long to be timed while a reader waits
NAMES = ("MBConv", "Fused-MBConv")
EQUAL, UNTOLD = "about as fast", "can't tell"
QUANTITIES = ("parameters", "multiply-adds", "bytes moved", "time")
PRESETS = {
    "256 channels, 7 x 7": {"channels": 256, "resolution": 7},
    "EfficientNetV2-S, stage 2": {"channels": 48, "resolution": 56},
    "stage 3": {"channels": 64, "resolution": 28},
    "stage 4": {"channels": 128, "resolution": 14},
    "24 channels, 112 x 112": {"channels": 24, "resolution": 112},
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

    def parts(self, quantity: str) -> dict[str, float]:
        """A counted quantity by kind of step, in the order of the forward; the gate is one kind."""
        found: dict[str, float] = {}
        first = self.graph.steps[0]
        for step in self.graph.steps[1:]:
            kind = "squeeze_excitation" if step.name.startswith("squeeze_excitation.") else step.kind
            moved = intensity_of(Graph((first, step))).bytes_moved
            counts = {
                "parameters": step.parameters,
                "multiply-adds": step.multiply_adds,
                "bytes moved": moved,
            }
            if counts[quantity]:
                found[kind] = found.get(kind, 0) + counts[quantity]
        return found


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

    Seconds and the words of their comparison are empty where nothing was measured. cells
    has a row per size and a column per number of channels; its first block is MBConv. parts holds of each
    block what the map shows, by kind of step, or as "time".
    """

    setting: Setting
    shown: str
    counted: tuple[Counted, Counted]
    seconds: tuple[float, ...]
    compared: str
    cells: tuple[tuple[Cell | None, ...], ...]
    parts: tuple[Mapping[str, float], Mapping[str, float]]
    measured: str
    machine: str

    @property
    def cell(self) -> Cell | None:
        """That of the setting."""
        return self.cells[SIZES.index(self.setting[1])][CHANNELS.index(self.setting[0])]


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
    both_counted = counted(channels, resolution)
    seconds = tuple(latency.median for latency in pair)
    parts: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {})
    if shown != "time":
        parts = both_counted[0].parts(shown), both_counted[1].parts(shown)
    elif pair:
        parts = {"time": 1e3 * seconds[0]}, {"time": 1e3 * seconds[1]}
    return Crossover(
        (channels, resolution),
        shown,
        both_counted,
        seconds,
        compared(*pair) if pair else "",
        cells,
        parts,
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


def say(data: Crossover, *, stored: bool = False) -> Said:
    """The words of the explorer; times are among them where the map shows them.

    In a stored notebook times that a reader's machine measured are not: they differ between machines.
    """
    mbconv, fused = data.counted
    seconds = data.seconds if data.shown == "time" and not stored else ()
    times = tuple(f", {1e3 * each:.2f} ms" for each in seconds) or ("", "")
    heard = (
        f"{data.setting[0]} channels, {data.setting[1]} x {data.setting[1]} map, expansion 4."
        f" MBConv: {mbconv.parameters:,} parameters, {mbconv.multiply_adds:,} multiply-adds,"
        f" {mbconv.bytes_moved / 1e6:.1f} MB moved{times[0]}. Fused-MBConv: {fused.parameters:,} parameters"
        f" ({_times(fused.parameters / mbconv.parameters)}), {fused.multiply_adds:,} multiply-adds"
        f" ({_times(fused.multiply_adds / mbconv.multiply_adds)}), {fused.bytes_moved / 1e6:.1f} MB moved"
        f" ({_times(fused.bytes_moved / mbconv.bytes_moved)}){times[1]}."
    )
    if data.shown == "time":
        heard += f" {data.compared}" if seconds else ""
        heard += (
            " Times differ between machines: measure them on yours."
            if stored
            else f" {data.measured} Measured on: {data.machine}."
        )
    else:
        heard += f" {_ahead(data)}"
    return Said("The times differ between machines: 1 thread each." if stored else _seen(data), heard)


def _ahead(data: Crossover) -> str:
    """In words, where which block has less of what the map shows."""
    ahead = [cell.less for row in data.cells for cell in row if cell]
    return (
        f"The map shows {data.shown}: MBConv has less in {ahead.count(0)} of its {len(ahead)} cells,"
        f" Fused-MBConv in {ahead.count(1)}."
    )


def _seen(data: Crossover) -> str:
    at, found = f"{data.setting[0]} channels, {data.setting[1]} x {data.setting[1]}", data.cell
    if data.shown != "time" and found:
        times = written(found.ratio)
        if data.shown == "bytes moved":
            return f"{at}: Fused-MBConv moves {times} times the bytes."
        return f"{at}: Fused-MBConv has {times} times the {data.shown}."
    if found is None:
        return f"{at}: not measured, it takes too long."
    if found.less is None:
        return f"{at}: {EQUAL if found.is_told else UNTOLD}."
    return f"{at}: Fused-MBConv takes {written(found.ratio)} times as long."


def _times(value: float) -> str:
    return f"{value:.1f} times as many" if value >= 0.995 else f"{value:.2f} of them"


def draw(data: Crossover, heard: str) -> Picture:
    """The map, and both blocks at the setting."""
    squares = [
        [_square((c, size), found) for c, found in zip(CHANNELS, row, strict=True)]
        for size, row in zip(SIZES, data.cells, strict=True)
    ]
    bars = [
        Bar(name, parts, _written(sum(parts.values()), data.shown))
        for name, parts in zip(NAMES, data.parts, strict=True)
    ]
    title = f"{data.setting[0]} channels, {data.setting[1]} x {data.setting[1]}"
    note: list[str] = []
    if data.shown == "time":
        found = data.cell
        words = _seen(data).partition(": ")[2].capitalize() if found is None or found.less is None else ""
        note = [*wrapped(words, ROOM, MEDIUM), *wrapped(f"Measured on: {data.machine}", ROOM, MEDIUM)]
    unit = {"bytes moved": "bytes", "time": "ms"}.get(data.shown, data.shown)
    label = f"Both blocks at this setting, their {data.shown} as bars"
    return (
        field(data.shown, NAMES, squares, data.setting, heard),
        blocks(title, bars, unit, note, label),
    )


def _square(setting: Setting, found: Cell | None) -> Square:
    channels, size = setting
    at = f"{channels} channels, {size} x {size}"
    if found is None:
        return Square(channels, size, None, None, "-", f"{at}: not measured")
    if not found.is_told:
        return Square(channels, size, None, None, "?", f"{at}: {UNTOLD}")
    return Square(
        channels, size, found.ratio, found.less, "", f"{at}: Fused-MBConv / MBConv = {written(found.ratio)}"
    )


def _written(value: float, quantity: str) -> str:
    if not value:
        return "-"
    if quantity == "time":
        return f"{value:.2f} ms"
    return f"{value / 1e6:.1f} MB" if quantity == "bytes moved" else f"{value:,.0f}"


def written(ratio: float) -> str:
    """A ratio with two figures."""
    return f"{ratio:.2f}" if ratio < 0.995 else f"{ratio:.1f}"


@with_name
def fused_crossover(times: Times | Measured | None = None) -> Explorer[Crossover]:
    """Channels and map to choose; what both blocks cost there, and which is ahead at every setting.

    Args:
        times: what `measure.sweep(pairs())` measured on this machine, or what a stored output holds; without
            it the times are those of our machine, which are stored.

    Raises:
        ValueError: there are times of another setting, or not one for each of the two blocks, or they were
            not taken in turns.
    """
    measured = Measured.of(times)
    known = measured or stored_times()
    found = _checked(known.times)
    return Explorer(
        {
            "shown": Choice("The map shows", "multiply-adds", QUANTITIES),
            "channels": Choice("Channels", 24, CHANNELS, more=True),
            "resolution": Choice("Map size", 112, SIZES, more=True),
        },
        compute=lambda **values: compute(**values, times=found, machine=known.machine),
        draw=draw,
        say=say,
        presets=PRESETS,
        # Measured, one: the notebook prints the table of all times above it, and both must fit on a slide.
        stills=({"shown": "time"},)
        if measured
        else ({}, {"channels": 256, "resolution": 7, "shown": "bytes moved"}),
        stored=(lambda data: say(data, stored=True)) if measured else None,
        variant="measured times" if measured else None,
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
