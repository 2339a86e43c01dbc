"""Are the weights of squeeze-and-excitation used? Wholly on a task with a cue, not at all on plain digits.

Both tasks are real digits. The cue task is composed from two of them and a bar that says which one to
read: the convolutions see too little of the map to join bar and digit, squeeze-and-excitation sees it all.
"""

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import torch
from torch import nn

from blocks import ConvNormAct, SqueezeExcitation
from course.kit.training import grids, loop, samples
from course.kit.training.experiments import Experiment, fingerprint, parameters
from course.kit.training.loop import Progress
from course.kit.training.runs import Run, accuracies
from course.kit.training.samples import Samples
from course.squeeze_excitation import gates
from course.squeeze_excitation.gates import GateStudy

SEED, TRAIN, EPOCHS = 0, 1400, 10  # what the stored networks were trained with
BATCH = 16  # with 32 one seed in four had not found the cue after ten epochs
RATE = 0.1
CONTROL = 34  # the width at which the network without the block has 22,280 parameters, with it 21,962


def cue_task(
    seed: int = SEED, *, train: int = TRAIN, epochs: int = EPOCHS, progress: Progress | None = None
) -> GateStudy:
    """Train on the cue task, with and without the block, and try the gates on the test pictures.

    The pictures, (N, 3, 12, 8), are those of `samples.compose`; groups are the cue, swapped gates those
    of the same picture with the other cue. Kept: a second call with the same seed, train and epochs
    returns the same object at once.
    """
    return _kept(_CUE_TASK, seed, train, epochs, progress)


def plain_digits(
    seed: int = SEED, *, train: int = TRAIN, epochs: int = EPOCHS, progress: Progress | None = None
) -> GateStudy:
    """The same on plain digits, (N, 1, 8, 8): groups are the classes, swapped gates a wrong class's. Kept."""
    return _kept(_PLAIN_DIGITS, seed, train, epochs, progress)


def stored_cue_task() -> GateStudy:
    """What `cue_task()` gave where the package was made, from the stored weights: at once, no training."""
    return _loaded(_CUE_TASK)


def stored_plain_digits() -> GateStudy:
    """What `plain_digits()` gave where the package was made, likewise."""
    return _loaded(_PLAIN_DIGITS)


def cue_network(squeeze_excitation: bool, width: int = 32) -> nn.Module:
    """Three 3x3 convolutions of one width, with the block (reduction 2) after the first two, or without."""
    return nn.Sequential(
        ConvNormAct(3, width),
        *([SqueezeExcitation(width, reduction=2)] if squeeze_excitation else []),
        ConvNormAct(width, width),
        *([SqueezeExcitation(width, reduction=2)] if squeeze_excitation else []),
        ConvNormAct(width, width),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(width, 10),
    )


def digit_network(squeeze_excitation: bool) -> nn.Module:
    """Three 3x3 convolutions, 16, 32 and 64 wide, with the block (reduction 4) after each, or without."""
    layers: list[nn.Module] = []
    for i, o, stride in ((1, 16, 1), (16, 32, 2), (32, 64, 2)):
        layers.append(ConvNormAct(i, o, stride=stride))
        layers.extend([SqueezeExcitation(o, reduction=4)] if squeeze_excitation else [])
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


@dataclass(frozen=True)
class _Task:
    name: str
    build: Callable[[bool], nn.Module]
    samples: Callable[[int, int], tuple[Samples, Samples]]
    group_names: tuple[str, ...]


_CUE_TASK = _Task(
    "cue_task", cue_network, samples.cue_task, ("no bar: read the first digit", "bar: read the second digit")
)
_PLAIN_DIGITS = _Task("plain_digits", digit_network, samples.plain_digits, tuple(map(str, range(10))))

_LOWER = replace(_CUE_TASK, samples=functools.partial(samples.cue_task, top=samples.TOP + 3))
"""The bar is three rows further away: no window of the third convolution sees both it and a digit."""
CUE_SETTINGS: dict[str, tuple[_Task, Callable[[], nn.Module]]] = {
    "without": (_CUE_TASK, lambda: cue_network(False)),
    f"without, {CONTROL} wide": (_CUE_TASK, lambda: cue_network(False, width=CONTROL)),
    "own": (_CUE_TASK, lambda: cue_network(True)),
    "without, digits lower": (_LOWER, lambda: cue_network(False)),
    "with, digits lower": (_LOWER, lambda: cue_network(True)),
}
PLAIN_SETTINGS: dict[str, tuple[_Task, Callable[[], nn.Module]]] = {
    "without": (_PLAIN_DIGITS, lambda: digit_network(False)),
    "own": (_PLAIN_DIGITS, lambda: digit_network(True)),
}


def _experiment(settings: dict[str, tuple[_Task, Callable[[], nn.Module]]]) -> Experiment:
    def measure(name: str, seed: int, **how: Any) -> tuple[Run, ...]:
        task, build = settings[name]
        return _rows(task, name, build, seed, **how)

    return Experiment(settings, measure, TRAIN, EPOCHS)


cue_task_rows = _experiment(CUE_SETTINGS)
"""The networks of the cue task, its control of equal size, and both once more with the bar further away."""
plain_digits_rows = _experiment(PLAIN_SETTINGS)
"""The same on plain digits."""

_studies: dict[tuple[str, int, int, int], GateStudy] = {}
_lock = threading.Lock()  # who asks from another thread while a cell trains waits, and shares the result


def _kept(task: _Task, seed: int, train: int, epochs: int, progress: Progress | None) -> GateStudy:
    with _lock:
        key = (task.name, seed, train, epochs)
        if key not in _studies:
            _studies[key] = _trained(task, seed, train, epochs, progress)
        return _studies[key]


def _trained(task: _Task, seed: int, train: int, epochs: int, progress: Progress | None) -> GateStudy:
    learn, test = task.samples(seed, train)
    shares = (loop.part(progress, index, 2) for index in range(2))
    with_it, without = (
        _network(functools.partial(task.build, squeezes), learn, epochs, seed, share)
        for squeezes, share in zip((True, False), shares, strict=True)
    )
    right = loop.accuracy(without, test.images, test.labels)
    return gates.study(with_it, test, task.group_names, right, seed)


def _network(
    build: Callable[[], nn.Module], learn: Samples, epochs: int, seed: int, progress: Progress | None
) -> nn.Module:
    with loop.seeded(seed):
        network = build()
    loop.train(
        network,
        learn.images,
        learn.labels,
        epochs=epochs,
        rate=RATE,
        seed=seed,
        batch=BATCH,
        progress=progress,
    )
    return network


def _rows(
    task: _Task,
    name: str,
    build: Callable[[], nn.Module],
    seed: int,
    *,
    train: int,
    epochs: int,
    progress: Progress | None,
) -> tuple[Run, ...]:
    """One network of a task; with the block, "own", a row for each kind of gates."""
    learn, test = task.samples(seed, train)
    network = _network(build, learn, epochs, seed, progress)
    learned = loop.accuracy(network, learn.images, learn.labels)
    right = loop.accuracy(network, test.images, test.labels)
    row = Run(name, seed, right, parameters(network), learned, fingerprint(network))
    return gates.rows(gates.study(network, test, task.group_names, 0, seed), row) if name == "own" else (row,)


@functools.cache  # without the lock: an explorer must not wait for a training that it does not need
def _loaded(task: _Task) -> GateStudy:
    with resources.files("course.squeeze_excitation").joinpath("runs", f"{task.name}.pt").open("rb") as file:
        weights = torch.load(file, weights_only=True)
    with torch.device("meta"):  # no random numbers are drawn only to be overwritten
        network = task.build(True).eval()
    network.load_state_dict(weights, assign=True)
    _, test = task.samples(SEED, TRAIN)
    without = accuracies(grids.grid(f"squeeze_excitation.{task.name}"), "without")[SEED]
    return gates.study(network, test, task.group_names, without, SEED)
