"""The gates that squeeze-and-excitation gives the channels, and whether a trained network uses them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from course.kit.panel import Choice, Explorer, Number, Picture, with_name
from course.kit.training import data
from course.squeeze_excitation._gates_picture import Answer, GatesChart
from course.squeeze_excitation.experiment import stored_cue_task, stored_plain_digits
from course.squeeze_excitation.gates import GATES, GateStudy

TASKS = ("two digits and a cue", "plain digits")
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


def draw_with(chart: GatesChart, data: Weights) -> Picture:
    """The chart of `data`."""
    two_digits = data.task == TASKS[0]
    answers = tuple(
        Answer(
            named(data, name),
            f"reads {data.answers[name]}, " + ("right" if data.answers[name] == data.label else "wrong"),
            data.right[name],
            data.other[name] if two_digits else None,
            name in shown(data),
        )
        for name in GATES
    )
    titles = (
        f"picture {data.sample} says {data.label}",
        f"stage {data.stage} of {data.stages}: gates, {named(data, data.gates)}",
    )
    png = chart.png(
        titles, GATES.index(data.gates), data.picture, data.used, data.own_means, data.other_means, answers
    )
    return (png,)


@with_name
def channel_weights(cue: GateStudy | None = None, digits: GateStudy | None = None) -> Explorer[Weights]:
    """Picture, stage and gates to choose, on the cue task and on plain digits.

    Args:
        cue, digits: studies to look into; the stored ones, which need no training, if left out.
    """
    chart = GatesChart()
    studies = dict(zip(TASKS, (cue or stored_cue_task(), digits or stored_plain_digits()), strict=True))
    return Explorer(
        {
            "task": Choice("Task", TASKS[0], TASKS),
            "sample": Number("Test picture", 22, 0, min(len(s.labels) for s in studies.values()) - 1),
            "stage": Choice("Stage", 1, (1, 2, 3)),
            "gates": Choice("Gates", "own", GATES),
        },
        # The network for the cue has a stage less: its last one then, and the sentence says which.
        compute=lambda task, sample, stage, gates: weights(
            studies[task], task, sample, min(stage, studies[task].stages), gates
        ),
        draw=lambda data, _: draw_with(chart, data),
        say=say,
        presets=PRESETS,
        stills=({"gates": "own"}, {"gates": "swapped"}),
        stored=say_stored,
        variant="a training of your own" if cue or digits else None,
    )
