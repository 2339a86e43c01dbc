"""Networks by what they cost and how often they are right: choose the cost, the family and the source."""

from collections.abc import Mapping
from dataclasses import dataclass

from blocks.measure import Latency
from blocks.networks.facts import FAMILIES, PUBLISHED, Accuracy, Network, Weights
from course.kit.panel import Choice, Explorer, Measured, Picture, with_name
from course.networks._scatter_picture import Point, scatter, table

PARAMETERS, MULTIPLY_ADDS, TIME = "parameters", "multiply-adds", "measured time"
ALL, PAPERS, WEIGHTS = "all", "the papers", "torchvision's weights"
HEIGHTS = (65, 90)
HEADING = ("network", "parameters", "multiply-adds", "ms", "top-1", "source")
COLUMNS = (16, 226, 346, 402, 466, 484)
PRESETS = {
    "as the papers print it": {"against": MULTIPLY_ADDS, "family": ALL, "source": PAPERS},
    "one crop for all": {"against": MULTIPLY_ADDS, "family": ALL, "source": WEIGHTS},
    "B0 to B7": {"against": PARAMETERS, "family": "EfficientNet", "source": PAPERS},
}


@dataclass(frozen=True)
class Row:
    """A network of one choice: its facts, the accuracy, and the seconds, None if not measured."""

    network: Network
    accuracy: Accuracy | Weights
    seconds: float | None


@dataclass(frozen=True)
class Rows:
    """The networks of one choice, by what stands on the axis, and the machine that measured their times."""

    against: str
    family: str
    source: str
    rows: tuple[Row, ...]
    machine: str


@with_name
def accuracy_against_cost(times: Mapping[str, Latency] | Measured | None = None) -> Explorer[Rows]:
    """The axis, the family and the source to choose; every network a point, and a row with its source.

    Args:
        times: by name as in PUBLISHED the time of one picture, measured on this machine, or what a stored
            output holds; without it the axis of the time says that they must be measured.

    Raises:
        ValueError: there are times of something else, or not one for each network.
    """
    measured = Measured.of(times)
    seconds, machine = (_seconds(measured), measured.machine) if measured else ({}, "")
    return Explorer(
        {
            "against": Choice("Against", MULTIPLY_ADDS, (PARAMETERS, MULTIPLY_ADDS, TIME)),
            "family": Choice("Family", ALL, (ALL, *FAMILIES)),
            "source": Choice("Top-1 from", PAPERS, (PAPERS, WEIGHTS)),
        },
        compute=lambda **chosen: compute(**chosen, seconds=seconds, machine=machine),
        draw=draw,
        say=say,
        presets=PRESETS,
        variant="measured times" if measured else None,
        measured=measured,
    )


def _seconds(measured: Measured) -> dict[str, float]:
    names = [network.name for network in PUBLISHED]
    for name, found in measured.times.items():
        if name not in names or len(found) != 1:
            raise ValueError(
                f"accuracy_against_cost: times must be one for each network, named as in PUBLISHED, got"
                f" {len(found)} for {name!r}."
            )
    return {str(name): found[0].median for name, found in measured.times.items()}


def compute(
    against: str, family: str, source: str, *, seconds: Mapping[str, float], machine: str = ""
) -> Rows:
    """The networks of the choice, in the order of the axis; `machine` is that of the seconds.

    Raises:
        ValueError: the axis is the time, and none of the networks was measured.
    """
    rows = [
        Row(network, found, seconds.get(network.name))
        for network in PUBLISHED
        if family in (ALL, network.family)
        and (found := network.paper if source == PAPERS else network.torchvision) is not None
    ]
    if against == TIME:
        rows = [row for row in rows if row.seconds is not None]
    if not rows:
        raise ValueError(
            "accuracy_against_cost: the time must be measured first, got none for these networks."
            " Measure them, and hand the times in."
        )
    rows.sort(key=lambda row: position(row, against))
    return Rows(against, family, source, tuple(rows), machine)


def position(row: Row, against: str) -> float:
    """Where the network stands on the axis."""
    if against == TIME:
        return 1000 * (row.seconds or 0)
    return row.network.parameters if against == PARAMETERS else row.accuracy.multiply_adds


def in_words(row: Row, against: str) -> str:
    """The same with its unit."""
    value = position(row, against)
    return f"{value:,.1f} ms" if against == TIME else f"{value:,.0f} {against}"


def say(data: Rows) -> str:
    """The sentence of the explorer."""
    first, best = data.rows[0], max(data.rows, key=lambda row: row.accuracy.top1)
    count, crops = len(data.rows), sum(row.accuracy.ten_crops for row in data.rows)
    words = f"{count} networks. Least {data.against}: " if count > 1 else "One network: "
    words += f"{first.network.name}, {in_words(first, data.against)}, top-1 {first.accuracy.top1:.1f} %."
    if count > 1:
        words += (
            f" Highest top-1: {best.network.name}, {best.accuracy.top1:.1f} %,"
            f" {in_words(best, data.against)}."
        )
    if crops:
        words += (
            f" Hollow: {crops} whose paper averages ten crops of each picture; one crop gives less, so do"
            " not compare them with the others."
        )
    return f"{words} Measured on: {data.machine}." if data.against == TIME else words


def draw(data: Rows, sentence: str) -> Picture:
    """The points, and the table with the sources; times stand in it where the axis is the time."""
    points = [
        Point(
            row.network.short
            if data.family != ALL or row.network.family != "MobileNet"
            else row.network.name,
            FAMILIES.index(row.network.family),
            position(row, data.against),
            row.accuracy.top1,
            row.accuracy.ten_crops,
            f"{row.network.name}: {row.accuracy.top1:g} %, {row.accuracy.source}",
        )
        for row in data.rows
    ]
    title = f"ImageNet top-1 (from {data.source})"
    timed = data.against == TIME
    axis = "measured milliseconds" if timed else data.against
    columns = [n for n, name in enumerate(HEADING) if timed or name != "ms"]
    heading, *rows = ([row[n] for n in columns] for row in (HEADING, *map(cells, data.rows)))
    if timed:
        rows.append([f"Measured on: {data.machine}", *[""] * (len(columns) - 1)])
    label = "What each network costs, its top-1, and the source of that number"
    return (
        scatter(points, FAMILIES, (title, f"{axis} (logarithmic)"), HEIGHTS, sentence),
        table(heading, rows, [COLUMNS[n] for n in columns], label),
    )


def cells(row: Row) -> tuple[str, ...]:
    """A row of the table, as HEADING says."""
    time = f"{1000 * (row.seconds or 0):,.1f}"
    counts = f"{row.network.parameters:,}", f"{row.accuracy.multiply_adds:,}"
    return (row.network.name, *counts, time, f"{row.accuracy.top1:.2f}", row.accuracy.source)
