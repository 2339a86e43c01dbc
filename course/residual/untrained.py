"""Networks before their first step: can the digit still be read from what comes out, and what gradient
does each layer get?"""

import functools
import json
from collections.abc import Callable
from importlib import resources

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks.networks.initialization import initialize
from course.kit.training import data, loop
from course.kit.training.experiments import Experiment, fingerprint, parameters
from course.kit.training.loop import Progress
from course.kit.training.runs import Run
from course.residual.experiment import SETTINGS, network, setting

TRAIN = 1400
RIDGE = 1.0
STARTS = ("PyTorch", "He")
BATCH = 64
STORED_SEEDS = tuple(range(10))


def _probe(name: str, seed: int, *, train: int, epochs: int, progress: Progress | None) -> tuple[Run, ...]:
    del epochs
    with loop.seeded(seed), loop.one_thread():
        untrained = network(*_NAMED[name])
        learned, right = _readable(untrained, seed, train)
    if progress is not None:
        progress(1, 1)
    return (Run(name, seed, right, parameters(untrained), learned, fingerprint(untrained)),)


_NAMED = {setting(*each): each for each in SETTINGS}
probe = Experiment(_NAMED, _probe, TRAIN, 1)
"""How well a linear probe finds the digit in the features of networks that were never trained.

Ridge regression from the last map of the blocks, (16, 4, 4), to the ten classes. The parameters are those
of the network; none of them is trained.
"""


def _readable(untrained: nn.Sequential, seed: int, train: int) -> tuple[float, float]:
    """The probe's accuracy on the images that it was fitted to, and on the others."""
    split = data.split(seed, train)
    features = untrained[:3]
    for layer in features.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0  # one pass over the training images sets the running statistics
    with torch.no_grad():
        features.train()(split.train_images)
        learn, test = (
            features.eval()(images).flatten(1).double() for images in (split.train_images, split.test_images)
        )
    return _ridge(learn, split.train_labels, test, split.test_labels)


def _ridge(learn: Tensor, learn_labels: Tensor, test: Tensor, test_labels: Tensor) -> tuple[float, float]:
    """Accuracy on `learn` and `test` of the ridge regression fitted on `learn`, features standardized."""
    decode = solved(learn, F.one_hot(learn_labels, 10).double(), RIDGE)
    pairs = ((learn, learn_labels), (test, test_labels))
    learned, right = (
        (decode(features).argmax(1) == labels).double().mean().item() for features, labels in pairs
    )
    return learned, right


def solved(learn: Tensor, wanted: Tensor, ridge: float) -> Callable[[Tensor], Tensor]:
    """The ridge regression from features (N, F), standardized, to what is wanted, (N, K)."""
    mean, deviation = learn.mean(0), learn.std(0) + 1e-9

    def standard(features: Tensor) -> Tensor:
        return torch.cat([(features - mean) / deviation, features.new_ones(len(features), 1)], 1)

    x = standard(learn)
    weights = torch.linalg.solve(x.T @ x + ridge * torch.eye(x.shape[1], dtype=x.dtype), x.T @ wanted)
    return lambda features: standard(features) @ weights


def gradients(kind: str, layers: int, has_norm: bool, start: str, seed: int) -> tuple[float, ...]:
    """The gradient of each convolution in the blocks over that of the last one, first to last.

    By gradient is meant the norm of the loss's gradient for the weights; no step is taken. All these
    convolutions have the same shape; the stem, which has another, is left out. One batch of 64 digits, train
    mode, float64: without norms the numbers span many powers of ten.

    Args:
        start: one of STARTS: the random weights that PyTorch gives, or He's normal ones.

    Raises:
        ValueError: start, kind or layers is none of those known.
    """
    if start not in STARTS:
        raise ValueError(f"gradients: start must be one of {', '.join(STARTS)}, got {start!r}.")
    split = data.split(seed)
    with loop.own_generator(seed), loop.one_thread():
        untrained = network(kind, layers, nn.BatchNorm2d if has_norm else None).double().train()
        if start == "He":
            initialize(untrained, linear=None)
        scores = untrained(split.train_images[:BATCH].double())
        torch.autograd.backward(F.cross_entropy(scores, split.train_labels[:BATCH]))
    parts = untrained.get_submodule("blocks").modules()
    weights = [part.weight for part in parts if isinstance(part, nn.Conv2d)]
    norms = [weight.grad.norm().item() for weight in weights if weight.grad is not None]
    return tuple(norm / norms[-1] for norm in norms)


def named(kind: str, layers: int, has_norm: bool, start: str) -> str:
    """The name under which `stored_gradients` has a network: "plain-56, batch norm, PyTorch"."""
    return f"{setting(kind, layers)}, {'batch norm' if has_norm else 'no norm'}, {start}"


@functools.cache
def stored_gradients() -> dict[str, tuple[tuple[float, ...], ...]]:
    """`gradients` of each network with each of STORED_SEEDS, to a thousandth of a power of ten.

    `python -m tools.gradients` makes the file: to measure all networks takes half a minute.
    """
    file = resources.files("course.residual").joinpath("data", "gradients.json")
    kept = json.loads(file.read_text(encoding="utf-8"))["thousandths"]
    return {
        name: tuple(tuple(10 ** (value / 1000) for value in values) for values in starts)
        for name, starts in kept.items()
    }
