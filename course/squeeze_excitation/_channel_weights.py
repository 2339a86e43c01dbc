"""The gates that squeeze-and-excitation gives the channels, and whether a trained network uses them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray
from torch import Tensor

from course.kit.drawing.chart import Chart, Png, open_frame
from course.kit.drawing.feature_maps import colored, fitted
from course.kit.drawing.style import COLORS, INK, QUIET, RULE
from course.kit.panel import Choice, Explorer, Number, with_name
from course.kit.training import data
from course.squeeze_excitation.experiment import stored_cue_task, stored_plain_digits
from course.squeeze_excitation.gates import GATES, GateStudy

TASKS = ("two digits and a cue", "plain digits")
_ON_PAGE = (0, 3, 5, 9, 14, 22, 37, 58, 101, 150, 222, 301)
PRESETS = {
    "the cue decides": {"task": TASKS[0], "sample": 22, "stage": 1, "gates": "own"},
    "the other cue's gates": {"task": TASKS[0], "sample": 22, "stage": 1, "gates": "swapped"},
    "all gates 1": {"task": TASKS[0], "sample": 22, "stage": 1, "gates": "all 1"},
    "plain digits": {"task": TASKS[1], "sample": 3, "stage": 3, "gates": "own"},
}


@dataclass(frozen=True, eq=False)
class Weights:
    """The gates of one picture in one stage, and what the network answers with each kind of gates."""

    task: str
    sample: int
    stage: int
    stages: int
    gates: str
    picture: NDArray[np.float64]
    label: int
    group: str
    used: tuple[float, ...]
    own_means: tuple[float, ...]
    other_means: tuple[tuple[float, ...], ...]
    answers: dict[str, int]
    right: dict[str, float]
    other: dict[str, float]
    without: float
    samples: int


def weights(study: GateStudy, task: str, sample: int, stage: int, gates: str) -> Weights:
    """Look one picture up in a study of gates; stages count from 1.

    Raises:
        ValueError: there is no such sample, stage or kind of gates.
    """
    if not 0 <= sample < len(study.labels):
        raise ValueError(f"channel_weights: sample must be from 0 to {len(study.labels) - 1}, got {sample}.")
    if not 1 <= stage <= study.stages:
        raise ValueError(
            f"channel_weights: stage must be from 1 to {study.stages}, got {stage}."
            f" The network for {task} has {study.stages} squeeze-and-excitation blocks."
        )
    means, group = study.group_means(stage - 1), int(study.groups[sample])
    return Weights(
        task,
        sample,
        stage,
        study.stages,
        gates,
        ink(study.images[sample]),
        int(study.labels[sample]),
        f" ({study.group_names[group]})" if task == TASKS[0] else "",
        tuple(study.gates[gates][stage - 1][sample].tolist()),
        tuple(means[group].tolist()),
        tuple(tuple(mean.tolist()) for n, mean in enumerate(means) if n != group),
        {name: int(study.answers[name][sample]) for name in GATES},
        {name: study.accuracy(name) for name in GATES},
        {name: study.reads_other(name) for name in GATES},
        study.accuracy_without,
        len(study.labels),
    )


def ink(image: Tensor) -> NDArray[np.float64]:
    """The channels of a picture side by side, as ink from 0 to 1."""
    values = image.numpy().astype(float)
    if len(values) == 1:
        return np.clip((values[0] * data.STD + data.MEAN) / 16, 0, 1)
    gap = np.zeros((values.shape[1], 2))
    parts = [part for channel in values for part in (np.clip(channel, 0, 1), gap)]
    return np.hstack(parts[:-1])


def named(data: Weights, gates: str) -> str:
    """What a kind of gates is called on this task."""
    lender = "the other cue's" if data.task == TASKS[0] else "a wrong class's"
    return {"own": "its own", "shuffled": "another picture's", "swapped": lender}.get(gates, gates)


def shown(data: Weights) -> tuple[str, ...]:
    """The kinds of gates whose answers are shown: a picture's own, and those that were chosen.

    The others would tell what the notebook asks before anybody has chosen them.
    """
    return tuple(dict.fromkeys(("own", data.gates)))


def say(data: Weights) -> str:
    """The sentence of the explorer, with the measured numbers."""
    read = ", ".join(f"{data.answers[name]} with {named(data, name)}" for name in shown(data))
    right = ", ".join(f"{100 * data.right[name]:.0f} % with {named(data, name)}" for name in shown(data))
    swapped = f" {_swapped(data)}" if data.gates == "swapped" else ""
    return (
        f"Test picture {data.sample} says {data.label}{data.group}. In stage {data.stage} of"
        f" {data.stages} the gates ({named(data, data.gates)}) of {len(data.used)} channels go from"
        f" {min(data.used):.2f} to {max(data.used):.2f}."
        f" The network reads {read} gates. Of {data.samples} test pictures it gets right: {right}; without"
        f" squeeze-and-excitation {100 * data.without:.0f} %.{swapped}"
    )


def _swapped(data: Weights) -> str:
    """How often the swapped gates decide what is read."""
    lender, share = named(data, "swapped"), f"{100 * data.other['swapped']:.0f} %"
    if data.task == TASKS[0]:
        return f"Of those whose two digits differ it reads {share} as the other digit, with {lender}."
    return f"It reads {share} as the class that lends the gates, with {lender}."


def say_stored(data: Weights) -> str:
    """The same with whole tens, for the shares may differ a little between machines."""
    read = ", ".join(f"{data.answers[name]} with {named(data, name)}" for name in shown(data))
    right = ", ".join(f"{_tens(data.right[name])} with {named(data, name)}" for name in shown(data))
    return (
        f"Test picture {data.sample} says {data.label}{data.group}. The network reads {read} gates."
        f" Of {data.samples} test pictures it gets right: {right}; without squeeze-and-excitation"
        f" {_tens(data.without)}."
    )


def _tens(share: float) -> str:
    tens = 10 * int(10 * share)
    return f"over {tens} %" if tens else "under 10 %"


_COLOR = COLORS["squeeze_excitation"]
_CANVAS = (12, 28)  # rows and columns of the picture, in pixels of a digit
_PLACE, _SIZE = (16, 34), (224, 96)  # of the picture, in CSS pixels


class GatesChart:
    """A kept chart: a picture, a bar for each channel with the groups' means, a row for each answer."""

    def __init__(self) -> None:
        width, height = 860, 330
        self._chart = Chart(width, height)
        image, bars = self._chart.axes(*_PLACE, *_SIZE), self._chart.axes(290, 34, 550, 96)
        rows, columns = _CANVAS
        image.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), xticks=[], yticks=[])
        image.spines[:].set_color(RULE)
        self._bars = PathPatch(_bars([0]), linewidth=0, facecolor=_COLOR.fill)  # one artist: 64 are slow
        bars.add_patch(self._bars)
        (self._others,) = bars.plot(
            [], [], "o", markersize=3.5, markeredgewidth=0.9, color=QUIET, fillstyle="none"
        )
        (self._own,) = bars.plot([], [], "o", markersize=4, color=INK)
        _frame(bars)
        self._titles = [
            self._chart.figure.text(x / width, 1 - 17 / height, "", fontsize=10, fontweight="bold", color=INK)
            for x in (16, 290)
        ]
        self._rows = _Rows(self._chart.page(16, 166, 824, 156))
        self._channels = [
            image.text(x, 13, "", fontsize=8.6, color=QUIET, ha="center", va="center")
            for x in (3.5, 13.5, 23.5)  # the middles of three pictures of 8 columns, 2 between them
        ]
        moving: list[Artist] = [self._bars, self._others, self._own, *self._titles]
        moving += self._channels
        self._chart.animate([*moving, *self._rows.moving])

    def png(self, data: Weights) -> Png:
        """The chart of one picture; the row of the chosen gates is bold."""
        count, is_wide = len(data.used), data.picture.shape[1] == _CANVAS[1]
        middles = [(n + 0.5) / count for n in range(count)]
        self._titles[0].set_text(f"picture {data.sample} says {data.label}")
        self._titles[1].set_text(f"stage {data.stage} of {data.stages}: gates, {named(data, data.gates)}")
        for n, name in enumerate(self._channels, 1):
            name.set_text(f"channel {n}" if is_wide else "")
        self._bars.set_path(_bars(data.used))
        self._own.set_data(middles, data.own_means)
        others = [mean for means in data.other_means for mean in means]
        self._others.set_data(middles * len(data.other_means), others)
        self._rows.show(data)
        ink = colored(1 - _centered(data.picture), 1, signed=False)
        return self._chart.png(pasted=[(*_PLACE, fitted(ink, *_SIZE))])


class _Rows:
    """A row for each setting of the gates: its name, the answer, and a bar of all answers."""

    def __init__(self, axes: Axes) -> None:
        for x, heading in ((0, "With which gates"), (180, "this picture"), (350, "all test pictures")):
            axes.text(x, 8, heading, fontsize=10, fontweight="bold", color=INK, va="center")
        self._texts = [
            [axes.text(x, 34 + 26 * n, "", fontsize=9, color=INK, va="center") for x in (0, 180, 562)]
            for n in range(len(GATES))
        ]
        self._bars = []
        self._note = axes.text(562, 8, "", fontsize=9, color=QUIET, va="center")
        for n in range(len(GATES)):
            axes.add_patch(Rectangle((350, 26 + 26 * n), 200, 16, linewidth=0.8, fill=False, edgecolor=RULE))
            right = Rectangle((350, 26 + 26 * n), 0, 16, linewidth=0, facecolor=QUIET)
            other = Rectangle((350, 35 + 26 * n), 0, 7, linewidth=0, facecolor="#A9B6C4")
            self._bars.append((right, other))
            axes.add_patch(right)
            axes.add_patch(other)
        self.moving: list[Artist] = [self._note, *(text for row in self._texts for text in row)]
        self.moving += [bar for pair in self._bars for bar in pair]

    def show(self, data: Weights) -> None:
        two_digits = data.task == TASKS[0]
        for name, texts, (right, other) in zip(GATES, self._texts, self._bars, strict=True):
            is_shown, percent = name in shown(data), f"{100 * data.right[name]:.0f} % right"
            if two_digits:
                percent += f", {100 * data.other[name]:.0f} % the other digit"
            is_right = data.answers[name] == data.label
            answer = f"reads {data.answers[name]}, {'right' if is_right else 'wrong'}"
            told = (answer, percent) if is_shown else ("", "")
            for text, words in zip(texts, (named(data, name), *told), strict=True):
                text.set(text=words, fontweight="bold" if name == data.gates else "normal")
            full = 200 if is_shown else 0
            right.set(width=full * data.right[name], height=9 if two_digits else 16)
            other.set_width(full * data.other[name] if two_digits else 0)
        self._note.set_text("the other digit: where the two differ" if two_digits else "")


def _bars(heights: Sequence[float]) -> Path:
    """A bar for each height, side by side from 0 to 1: the limits, and so the background, stay."""
    count = len(heights)
    corners = [
        [((n + side) / count, top) for side, top in ((0.1, 0), (0.1, height), (0.9, height), (0.9, 0))]
        for n, height in enumerate(heights)
    ]
    return Path.make_compound_path_from_polys(np.array(corners))


def _centered(picture: NDArray[np.float64]) -> NDArray[np.float32]:
    canvas = np.zeros(_CANVAS, np.float32)
    top, left = ((room - size) // 2 for room, size in zip(_CANVAS, picture.shape, strict=True))
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas


def _frame(axes: Axes) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1.04), yticks=[0, 0.5, 1], xticks=[])
    open_frame(axes, 8.6)
    axes.set_xlabel(
        "a bar for each channel; dots: means over this picture's group (full) and the other groups (open)",
        fontsize=8.6,
        color=QUIET,
    )
    axes.axhline(0.5, color=RULE, linewidth=0.8)


@with_name
def channel_weights(cue: GateStudy | None = None, digits: GateStudy | None = None) -> Explorer[Weights]:
    """Picture, stage and gates to choose, on the cue task and on plain digits.

    Args:
        cue, digits: studies to look into; the stored ones, which need no training, if left out.
    """
    chart = GatesChart()
    studies = dict(zip(TASKS, (cue or stored_cue_task(), digits or stored_plain_digits()), strict=True))
    last = min(len(study.labels) for study in studies.values()) - 1
    on_page = tuple(sample for sample in _ON_PAGE if sample <= last)
    return Explorer(
        {
            "task": Choice("Task", TASKS[0], TASKS),
            "sample": Number("Test picture", 22, 0, last, page=on_page),
            "stage": Choice("Stage", 1, (1, 2, 3)),
            "gates": Choice("Gates", "own", GATES),
        },
        # The network for the cue has a stage less: its last one then, and the sentence says which.
        compute=lambda task, sample, stage, gates: weights(
            studies[task], task, sample, min(stage, studies[task].stages), gates
        ),
        draw=lambda data, _: (chart.png(data),),
        say=say,
        presets=PRESETS,
        stills=({"gates": "own"}, {"gates": "swapped"}),
        stored=say_stored,
        variant="a training of your own" if cue or digits else None,
    )
