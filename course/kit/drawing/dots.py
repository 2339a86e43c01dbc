"""Every run of an experiment as a dot: a row per setting, the mean a bar, and at the rows who is better."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from course.kit.drawing.letters import text_width
from course.kit.drawing.plot import Axis, wrapped
from course.kit.drawing.style import CARD, INK, LARGE, MEDIUM, QUIET, RULE, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, circle, group, path, rect, text

if TYPE_CHECKING:
    from course.kit.training.runs import Run, Verdict

WIDTH, MARGIN = 400, 16
LINE, RINGS, DOTS, BELOW = 18, 8, 9, 11  # a row: each line of its name, then the rings, the dots, and space
LANE, VERDICT, SIGN = 10, 44, 8.6  # between two brackets; the height of a verdict; between its marks
BESIDE = 10 * SIGN + 26  # what a verdict takes, without the brackets
LEAST = 8  # points on the axis, at least: half a point must not look like a gulf


def dots(
    runs: Sequence[Run],
    *,
    title: str,
    label: str,
    marked: Sequence[str] = (),
    verdicts: Sequence[Verdict] = (),
) -> str:
    """An SVG card of accuracies in %, of test and of training images, a row per setting in the runs' order.

    Args:
        label: the alternative text.
        marked: settings drawn in full ink, such as those that a verdict compares; the others stand back.
        verdicts: each stands at a bracket that joins its two rows.

    Raises:
        ValueError: there are no runs, or a marked setting or one of a verdict is none of theirs.
    """
    rows = grouped(runs)
    if not rows:
        raise ValueError("dots: runs must hold at least one run, got none.")
    named = {name for each in verdicts for name in (each.first, each.second)}
    if unknown := ({*marked} | named) - set(rows):
        raise ValueError(f"dots: marked must be among {list(rows)}, got {sorted(unknown)}.")
    order = list(rows)
    lanes = _lanes([(order.index(each.first), order.index(each.second)) for each in verdicts])
    right = WIDTH - MARGIN - (BESIDE + LANE * (1 + max(lanes)) if verdicts else 0)
    across = _axis(runs, right)
    body, y = "", 16.0
    for line in wrapped(title, WIDTH - 2 * MARGIN, 1.06 * LARGE):  # bold letters are wider
        y += 20
        body += text(MARGIN, y - 6, line, INK, size=LARGE, bold=True)
    top, places, drawn = y + 2, {}, ""
    y += 6
    for setting, group_ in rows.items():
        row, y, places[setting] = _row(setting, group_, y, across, marked)
        drawn += row
    beside, lowest = _verdicts(verdicts, places, lanes, right + 12)
    for tick in _ticks(across):
        x = across.at(tick)
        body += path(f"M{x:.1f} {top}V{y}", "none", stroke=RULE, width=1)
        drawn += text(x, y + 16, f"{tick:g}", QUIET, anchor="middle")
    y += 36
    rings = any(run.train_accuracy is not None for run in runs)
    below = "% of the test images right. A dot is a run, a bar their mean"
    below += "; a ring above is of the training images." if rings else "."
    below += " The number by a name: its parameters."
    room = (right if lowest > y - 14 else WIDTH - MARGIN) - MARGIN
    for line in wrapped(below, room, MEDIUM):
        drawn += text(MARGIN, y, line, QUIET)
        y += LINE
    return card(body + drawn + beside, WIDTH, max(y, lowest) - 4, label)


def _axis(runs: Sequence[Run], right: float) -> Axis:
    values = [100 * each for run in runs for each in (run.accuracy, run.train_accuracy) if each is not None]
    low, high = min(values), max(values)
    spare = max(0.04 * (high - low), (LEAST - (high - low)) / 2)
    top = min(high + spare, 100 + 0.04 * (high - low + 2 * spare))  # nothing is more than 100 %
    return Axis(min(low - spare, top - LEAST), top, MARGIN, right)


def _ticks(across: Axis) -> list[float]:
    """Round numbers, three to six of them."""
    wide = across.high - across.low
    step = next(step for step in (1, 2, 5, 10, 20) if wide / step <= 6)
    return [step * n for n in range(math.ceil(across.low / step), math.floor(across.high / step) + 1)]


def _row(
    setting: str, runs: Sequence[Run], y: float, across: Axis, marked: Sequence[str]
) -> tuple[str, float, float]:
    """A setting: its name and parameters, and its dots beneath; where the next begins, where its dots are."""
    color, count = INK if setting in marked or not marked else TENSOR_EDGE, f"{runs[0].parameters:,}"
    lines = wrapped(setting, across.end - MARGIN - text_width(count, MEDIUM) - 8, MEDIUM)
    body = text(across.end, y + 14, count, QUIET, Mark(title=f"{count} parameters"), anchor="end")
    for line in lines:
        body += text(MARGIN, y + 14, line, INK, bold=setting in marked)
        y += LINE
    y += RINGS
    for run in runs:
        if run.train_accuracy is not None:
            hint = Mark(title=f"seed {run.seed}, training images: {100 * run.train_accuracy:.1f} %")
            ring = f'stroke="{color}" stroke-opacity="0.8"'
            body += circle(across.at(100 * run.train_accuracy), y - 4, 3.2, "none", hint, more=ring)
    y += DOTS
    for run in runs:
        hint = Mark(title=f"seed {run.seed}: {100 * run.accuracy:.1f} %")
        body += circle(across.at(100 * run.accuracy), y, 4.2, color, hint, more='fill-opacity="0.6"')
    mean = 100 * statistics.mean(run.accuracy for run in runs)
    body += rect(across.at(mean) - 1.5, y - 8, 3, 16, color, Mark(title=f"mean {mean:.1f} %"))
    return body, y + BELOW, y


def _verdicts(
    verdicts: Sequence[Verdict], places: dict[str, float], lanes: Sequence[int], left: float
) -> tuple[str, float]:
    """A bracket from row to row for each, and beside it the verdict; and where the last one ends."""
    ends = [(places[each.first], places[each.second]) for each in verdicts]
    words = left + LANE * (1 + max(lanes, default=0)) + 4
    order = sorted(range(len(verdicts)), key=lambda n: (sum(ends[n]), -abs(ends[n][0] - ends[n][1])))
    body, free = "", 0.0
    for n in order:
        (first, second), verdict, x = ends[n], verdicts[n], left + LANE * lanes[n]
        color, middle = INK if verdict.clear else TENSOR_EDGE, (first + second) / 2
        y = max(middle, free + VERDICT / 2)
        free = y + VERDICT / 2
        wide = 2.4 if verdict.clear else 1.2
        bracket = path(f"M{x - 5} {first}h5V{second}h-5", "none", stroke=color, width=wide)
        if verdict.clear:  # to the better one
            better = first if verdict.mean > 0 else second
            bracket += path(f"M{x - 10} {better}l8 -5v10z", color)
        bracket += path(f"M{x} {middle}L{words - 4} {y}", "none", stroke=color, width=wide)
        body += group(bracket + _verdict(verdict, words, y, color), Mark(title=str(verdict)))
    return body, free + 8


def _verdict(verdict: Verdict, x: float, y: float, color: str) -> str:
    """A mark for each run, full where it goes as the mean does; by how much; and whether that is clear."""
    body = ""
    for n in range(len(verdict.differences)):
        is_full = n < verdict.in_favor
        edge = f'stroke="{color}" stroke-width="1.3"'
        body += circle(x + 4 + SIGN * n, y - 9, 3.2, color if is_full else CARD, more=edge)
    points = 100 * abs(verdict.mean)
    by = "equal" if points < 0.005 else f"{points:.{1 if points >= 0.05 else 2}f} points"
    body += text(x, y + 9, by, INK if verdict.clear else QUIET, bold=verdict.clear)
    return body + ("" if verdict.clear else text(x, y + 23, "not clear", QUIET, size=13))


def _lanes(ends: Sequence[tuple[int, int]]) -> list[int]:
    """For each bracket the first lane where no other one overlaps it, short ones first."""
    lanes = [0] * len(ends)
    taken: list[list[tuple[int, int]]] = []
    for n in sorted(range(len(ends)), key=lambda n: abs(ends[n][0] - ends[n][1])):
        low, high = sorted(ends[n])
        lane = 0
        while lane < len(taken) and any(low < b and a < high for a, b in taken[lane]):
            lane += 1
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lanes[n] = lane
    return lanes


def in_words(runs: Sequence[Run]) -> str:
    """The same in words: mean and range of each setting; what several have in common is said once."""
    rows = grouped(runs)
    counts = {len(group) for group in rows.values()}
    seeds = counts.pop() if len(counts) == 1 else 0  # 0: not all the same
    sentences = ["Test accuracy" + (f", mean and range of {seeds} seeds." if seeds > 1 else ".")]
    for parameters, same in itertools.groupby(rows.items(), lambda row: row[1][0].parameters):
        said = [f"{setting}: {_accuracy(group, seeds)}" for setting, group in same]
        end = "; {:,} parameters each." if len(said) > 1 else ", {:,} parameters."
        sentences.append("; ".join(said) + end.format(parameters))
    return " ".join(sentences)


def _accuracy(group: Sequence[Run], seeds: int) -> str:
    values = [100 * run.accuracy for run in group]
    if len(values) == 1:
        return f"{values[0]:.1f} % (1 seed){_learned(group)}"
    said = "" if seeds else f", {len(values)} seeds"
    return f"{statistics.mean(values):.1f} % ({min(values):.1f} to {max(values):.1f}{said}){_learned(group)}"


def _learned(group: Sequence[Run]) -> str:
    values = [100 * run.train_accuracy for run in group if run.train_accuracy is not None]
    return f", training images {statistics.mean(values):.1f} %" if values else ""


def grouped(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """The runs by setting, in the order in which the settings first come."""
    rows: dict[str, list[Run]] = {}
    for run in runs:
        rows.setdefault(run.setting, []).append(run)
    return rows
