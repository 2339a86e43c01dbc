"""A sweep of measured times, shown: against multiply-adds, and against the arithmetic intensity."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from blocks.measure import Latency, intensity, machine
from blocks.measure._latency import Case
from course.kit.drawing.times import Point, times
from course.kit.panel.runs import Shown

Setting = TypeVar("Setting")


def points(
    cases: Mapping[Setting, Case], measured: Mapping[Setting, Sequence[Latency]], names: Sequence[str]
) -> dict[str, list[Point]]:
    """By name, a point for each case; `names` are those of a case's modules, in order."""
    series: dict[str, list[Point]] = {name: [] for name in names}
    for setting, (modules, shape) in cases.items():
        for name, module, latency in zip(names, modules, measured[setting], strict=True):
            found = intensity(module, shape)
            point = Point(str(setting), found.multiply_adds, latency.median, found.per_byte)
            series[name].append(point)
    return series


def show_times(
    cases: Mapping[Setting, Case],
    measured: Mapping[Setting, Sequence[Latency]],
    names: Sequence[str],
    *,
    title: str,
) -> Shown:
    """What `measure.sweep(cases)` measured, as a picture that names the machine, and in words.

    Raises:
        ValueError: there are more than three names, or not one for each module of a case.
    """
    series = points(cases, measured, names)
    said = " ".join(
        f"{name}: " + "; ".join(f"{point.label}, {1e3 * point.seconds:.2f} ms" for point in found) + "."
        for name, found in series.items()
    )
    sentence = f"{title}. {said}"
    cards = times(series, title=title, note=f"Measured on: {machine()}", label=sentence)
    return Shown(cards, sentence)
