"""Networks by what they cost and how often they are right, and how that moved over the years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.measure import Latency
from blocks.networks.facts import PUBLISHED, Accuracy, Network, Weights
from course.kit.panel import Choice, Explorer, Measured, Picture, Said, with_name
from course.networks._scatter_picture import Gain, Line, Plot, Point, row_card, scatter

PARAMETERS, MULTIPLY_ADDS, TIME = "parameters", "multiply-adds", "measured time"
PAPERS, WEIGHTS = "the papers", "torchvision's weights"
NAMES = tuple(network.name for network in PUBLISHED)
# Of the papers, as blocks.networks names them: the longest beginning of a network's name counts.
YEARS = {
    "ResNet": 2015,
    "SE-ResNet": 2017,
    "MobileNetV1": 2017,
    "MobileNetV2": 2018,
    "MobileNetV3": 2019,
    "EfficientNet": 2019,
    "EfficientNetV2": 2021,
}
UNTIL = tuple(sorted(set(YEARS.values())))
SIZES = ("ResNet", "EfficientNet", "EfficientNetV2")  # families of one network in several sizes: a line each
PRESETS: dict[str, dict[str, Any]] = {
    "until 2015": {"source": WEIGHTS, "network": "ResNet-50", "year": 2015},
    "2018": {"source": WEIGHTS, "network": "ResNet-50", "year": 2018},
    "2019": {"source": WEIGHTS, "network": "ResNet-50", "year": 2019},
    "2021": {"source": WEIGHTS, "network": "ResNet-50", "year": 2021},
    "as the papers print it": {"source": PAPERS, "network": "EfficientNet-B0", "year": 2021},
}


@dataclass(frozen=True)
class Row:
    """A network of one choice: its facts, the accuracy, and the seconds, None if not measured."""

    network: Network
    accuracy: Accuracy | Weights
    seconds: float | None

    @property
    def year(self) -> int:
        """Of its paper."""
        return year_of(self.network)


@dataclass(frozen=True)
class Better:
    """What the networks of a choice offer for the same accuracy, and for the same cost.

    Attributes:
        cheaper: the cheapest one that is at least as accurate.
        times: how many times less it costs.
        best: the most accurate one that costs no more.
        points: how much more accurate that is, in percentage points.
    """

    cheaper: Row
    times: float
    best: Row
    points: float


@dataclass(frozen=True)
class Rows:
    """The networks of one choice, and the one that was picked.

    Attributes:
        rows: the networks, in the order of the axis.
        frontiers: by year the networks until then that no other one beats in both: no cheaper one is as
            accurate. Ten crops are not compared with one.
        picked: the network that was chosen, in view or not.
        better: what beats it; None where nothing does, or where it cannot be compared.
        ends: the least and the greatest value of the axis, whatever the year and the source.
        seconds: of the picked network, None if it was not measured.
        machine: that measured the times.
    """

    against: str
    year: int
    source: str
    rows: tuple[Row, ...]
    frontiers: Mapping[int, tuple[Row, ...]]
    picked: Network
    better: Better | None
    ends: tuple[float, float]
    seconds: float | None
    machine: str

    @property
    def row(self) -> Row | None:
        """That of the picked network, None if it is not in view."""
        return next((row for row in self.rows if row.network is self.picked), None)


def year_of(network: Network) -> int:
    """Of its paper."""
    return YEARS[max((name for name in YEARS if network.name.startswith(name)), key=len)]


@with_name
def accuracy_against_cost(times: Mapping[str, Latency] | Measured | None = None) -> Explorer[Rows]:
    """The axis, the year and the source to choose; every network a point to click, with its sources.

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
            "source": Choice("Top-1 from", WEIGHTS, (PAPERS, WEIGHTS)),
            "year": Choice("Until", UNTIL[-1], UNTIL, more=True),
            "network": Choice("Network", "ResNet-50", NAMES, more=True),
        },
        compute=lambda **chosen: compute(**chosen, seconds=seconds, machine=machine),
        draw=draw,
        say=say,
        presets=PRESETS,
        variant="measured times" if measured else None,
        measured=measured,
    )


def _seconds(measured: Measured) -> dict[str, float]:
    for name, found in measured.times.items():
        if name not in NAMES or len(found) != 1:
            raise ValueError(
                f"accuracy_against_cost: times must be one for each network, named as in PUBLISHED, got"
                f" {len(found)} for {name!r}."
            )
    return {str(name): found[0].median for name, found in measured.times.items()}


def compute(
    against: str, year: int, source: str, network: str, *, seconds: Mapping[str, float], machine: str = ""
) -> Rows:
    """The networks of the choice, in the order of the axis; `machine` is that of the seconds.

    Raises:
        ValueError: the axis is the time, and none of the networks was measured.
    """
    known = [
        Row(one, found, seconds.get(one.name))
        for one in PUBLISHED
        for found in (one.paper, one.torchvision)
        if found is not None and (against != TIME or one.name in seconds)
    ]
    kind = Accuracy if source == PAPERS else Weights
    rows = [row for row in known if row.year <= year and isinstance(row.accuracy, kind)]
    if not rows:
        raise ValueError(
            "accuracy_against_cost: the time must be measured first, got none for these networks."
            " Measure them, and hand the times in."
        )
    rows.sort(key=lambda row: (position(row, against), -row.accuracy.top1))
    (picked,) = (one for one in PUBLISHED if one.name == network)
    costs = [position(row, against) for row in known]
    return Rows(
        against,
        year,
        source,
        tuple(rows),
        {until: frontier(rows, until) for until in UNTIL if until <= year},
        picked,
        better_than(picked, rows, against),
        (min(costs), max(costs)),
        seconds.get(picked.name),
        machine,
    )


def frontier(rows: Sequence[Row], until: int) -> tuple[Row, ...]:
    """Of rows in the order of the axis, those that are more accurate than every cheaper one."""
    best: list[Row] = []
    for row in rows:
        one_crop = row.year <= until and not row.accuracy.ten_crops
        if one_crop and (not best or row.accuracy.top1 > best[-1].accuracy.top1):
            best.append(row)
    return tuple(best)


def better_than(picked: Network, rows: Sequence[Row], against: str) -> Better | None:
    """What the rows offer against the picked one; None where nothing beats it or nothing can be compared."""
    row = next((row for row in rows if row.network is picked), None)
    others = [one for one in rows if not one.accuracy.ten_crops and one is not row]
    if row is None or row.accuracy.ten_crops:
        return None
    cost = position(row, against)
    found = [one for one in others if position(one, against) <= cost]
    at_least = [one for one in found if one.accuracy.top1 >= row.accuracy.top1]
    if not at_least:
        return None
    cheaper, best = at_least[0], max(found, key=lambda one: one.accuracy.top1)
    return Better(cheaper, cost / position(cheaper, against), best, best.accuracy.top1 - row.accuracy.top1)


def position(row: Row, against: str) -> float:
    """Where the network stands on the axis."""
    if against == TIME:
        return 1000 * (row.seconds or 0)
    return row.network.parameters if against == PARAMETERS else row.accuracy.multiply_adds


def in_words(row: Row, against: str) -> str:
    """The same with its unit."""
    value = position(row, against)
    return f"{value:,.1f} ms" if against == TIME else f"{value:,.0f} {against}"


def say(data: Rows) -> Said:
    """What is seen: the picked network and what beats it; what is heard: the ends of the axis, too."""
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
    words += f" {_picked(data)}"
    words += f" Measured on: {data.machine}." if data.against == TIME else ""
    return Said(_seen(data), words)


def _seen(data: Rows) -> str:
    name, row, less = data.picked.name, data.row, _less(data.against)
    if row is None:
        return f"{name} is none of these {len(data.rows)} networks: click one that is."
    if row.accuracy.ten_crops:
        return f"{name}, {row.accuracy.top1:.1f} % with ten crops: not comparable with one crop."
    if data.better is None:
        return f"{name}, {row.accuracy.top1:.1f} %: until {data.year} none here is cheaper and better."
    times = f"the same accuracy takes {data.better.times:.1f} times {less}"
    return f"{name}, {row.accuracy.top1:.1f} %: until {data.year} {times}."


def _less(against: str) -> str:
    return "less time" if against == TIME else f"fewer {against}"


def _picked(data: Rows) -> str:
    """The picked network with its sources, and what beats it."""
    words = f"{data.picked.name} ({year_of(data.picked)}): " + "; ".join(
        f"{name} {value}{f', {source}' if source else ''}" for name, value, source in facts(data)
    )
    if data.better is None:
        return f"{words}."
    return (
        f"{words}. At least as accurate with the {_least(data.against)}: {data.better.cheaper.network.name},"
        f" {data.better.times:.1f} times {_less(data.against)}. Most accurate for no more:"
        f" {data.better.best.network.name}, {data.better.points:.1f} points better."
    )


def _least(against: str) -> str:
    return "least time" if against == TIME else f"fewest {against}"


def facts(data: Rows) -> list[tuple[str, str, str]]:
    """Of the picked network: what is known, its value, and its source; "" where the value says it."""
    one = data.picked
    side = (data.row.accuracy if data.row else one.paper).side
    adds = data.row.accuracy.multiply_adds if data.row else one.paper.multiply_adds
    found = [
        ("parameters", f"{one.parameters:,}", ""),
        ("multiply-adds", f"{adds:,}", f"counted at {side} x {side} pixels"),
        ("top-1", f"{one.paper.top1:.2f} %", one.paper.source),
    ]
    if one.torchvision:
        found.append(("top-1", f"{one.torchvision.top1:.2f} %", one.torchvision.source))
    if data.against == TIME and data.seconds is not None:
        found.append(("time", f"{1000 * data.seconds:,.1f} ms", data.machine))
    return found


def draw(data: Rows, heard: str) -> Picture:
    """The points over the frontiers of the years, and a card for the picked network."""
    points = [
        Point(
            row.network.name,
            _short(row, data),
            (row.network.family, row.accuracy.ten_crops),
            (position(row, data.against), row.accuracy.top1),
            in_frontier=row in data.frontiers[data.year],
            hint=f"{row.network.name}: {row.accuracy.top1:g} %, {in_words(row, data.against)}",
        )
        for row in data.rows
    ]
    lines = [
        Line(family, tuple(point.at for point in points if point.looks[0] == family)) for family in SIZES
    ]
    gain = None
    if data.better and data.row:
        at = (position(data.row, data.against), data.row.accuracy.top1)
        to = (position(data.better.cheaper, data.against), data.better.best.accuracy.top1)
        gain = Gain(at, to, data.better.times, data.better.points)
    plot = Plot(
        points,
        lines,
        {
            year: tuple((position(row, data.against), row.accuracy.top1) for row in rows)
            for year, rows in data.frontiers.items()
        },
        UNTIL,
        data.year,
        data.picked.name,
        gain,
        data.ends,
        "measured milliseconds" if data.against == TIME else data.against,
        f"ImageNet top-1, {'the papers' if data.source == PAPERS else 'one crop'}",
    )
    label = f"{data.picked.name} and the sources of its numbers"
    title = f"{data.picked.name}, {year_of(data.picked)}"
    return scatter(plot, heard), row_card(title, facts(data), label)


def _short(row: Row, data: Rows) -> str:
    """A name beside others of its family: one of a line has it in full, the picked one or the first."""
    network = row.network
    if network.family not in SIZES or network.name == "SE-ResNet-50":
        return network.name.removeprefix("MobileNet")
    family = [one for one in data.rows if one.network.family == network.family]
    is_full = row is family[0] and data.row not in family
    return network.name if is_full else network.short.removeprefix("ResNet-").removeprefix("V2-")
