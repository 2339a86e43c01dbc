"""Every run of an experiment as a dot: one row per setting, the mean as a bar, the parameters in words."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from course.kit.drawing.letters import text_width
from course.kit.drawing.style import CARD, INK, QUIET, RULE

if TYPE_CHECKING:
    from course.kit.training.runs import Run

WIDTH, ROW, TOP, BOTTOM = 8.0, 0.36, 0.55, 0.55  # inches
RIGHT = 0.82  # of the width: where the dots end and the parameters begin
_BACK = "#8FA0B2"


def dots(runs: Sequence[Run], *, title: str, marked: Sequence[str] = ()) -> Figure:
    """A figure of accuracies in %, of test and of training images, one row per setting in the runs' order.

    Args:
        marked: settings drawn in full ink, such as those that a verdict compares; the others stand back.

    Raises:
        ValueError: there are no runs, or a marked setting is none of theirs.
    """
    rows = grouped(runs)
    if not rows:
        raise ValueError("dots: runs must hold at least one run, got none.")
    if unknown := set(marked) - set(rows):
        raise ValueError(f"dots: marked must be among {list(rows)}, got {sorted(unknown)}.")
    height = TOP + ROW * len(rows) + BOTTOM
    figure = Figure(figsize=(WIDTH, height), dpi=100, facecolor=CARD)
    left = min(0.42, 0.03 + 0.0115 * max(map(len, rows)))
    axes = figure.add_axes((left, BOTTOM / height, RIGHT - left, ROW * len(rows) / height))
    for row, (setting, group) in enumerate(rows.items()):
        color = INK if setting in marked or not marked else _BACK
        values = [100 * run.accuracy for run in group]
        learned = [100 * run.train_accuracy for run in group if run.train_accuracy is not None]
        ring: dict[str, Any] = {"markersize": 5.5, "markeredgewidth": 0.9, "alpha": 0.7}
        axes.plot(learned, [row - 0.3] * len(learned), "o", color=color, markerfacecolor="none", **ring)
        axes.plot(values, [row] * len(values), "o", color=color, alpha=0.65, markersize=6, markeredgewidth=0)
        axes.plot([statistics.mean(values)] * 2, [row - 0.15, row + 0.32], color=color, linewidth=2.5)
        words = f"{group[0].parameters:,} parameters"
        axes.text(
            1.015,
            row,
            words,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=9,
            color=QUIET,
        )
    axes.set_yticks(range(len(rows)), list(rows), fontsize=10, color=INK)
    for label in axes.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() in marked else "normal")
    axes.set_ylim(len(rows) - 0.5, -0.5)
    low, high = axes.get_xlim()
    missing = max(0.0, 8 - (high - low)) / 2  # at least 8 points wide: half a point must not look like a gulf
    axes.set_xlim(low - missing, high + missing)
    rings = any(run.train_accuracy is not None for run in runs)
    above = "; a ring above: of the training images" if rings else ""
    below = f"% of the test images right: a dot for each run, a bar for their mean{above}"
    axes.set_xlabel(below, fontsize=9, color=QUIET, x=0.5 if not rings else (0.5 - left) / (RIGHT - left))
    long = text_width(title, 11 / 72) / WIDTH  # 11 points in inches
    start = max(0.01, min(left, 0.99 - long))  # a long title starts further left than the dots
    axes.set_title(title, fontsize=11, loc="left", x=(start - left) / (RIGHT - left), color=INK)
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_facecolor(CARD)
    axes.tick_params(length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return figure


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
