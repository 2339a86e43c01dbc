"""A photograph through convolution, batch norm and activation, the norm in train and in eval mode."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from blocks import ConvNormAct
from course.kit.drawing.stages import SIDE, Stage, StagesChart
from course.kit.panel import Choice, Explorer, Picture, with_name
from course.kit.training.data import PHOTOGRAPHS, photograph

# Weights of a 3x3 kernel, the same for red, green and blue.
KERNELS = {
    "blur": [[1 / 9] * 3] * 3,
    "edges": [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]],
}
ACTIVATIONS: dict[str, Callable[[], nn.Module] | None] = {
    "none": None,
    "ReLU": nn.ReLU,
    "ReLU6": nn.ReLU6,
    "SiLU": nn.SiLU,
    "Hardswish": nn.Hardswish,
}
MODES, BATCHES, SEEN = ("train", "eval"), ("alone", "all three"), (0, 1, 10, 50)
_START = {
    "name": "cat",
    "kernel": "blur",
    "mode": "train",
    "batch": "alone",
    "seen": 10,
    "activation": "ReLU",
}
PRESETS = {
    "train, in a batch of three": {**_START, "batch": "all three"},
    "train, alone": _START,
    "eval, after 50 batches": {**_START, "mode": "eval", "seen": 50},
    "eval, nothing seen": {**_START, "mode": "eval", "seen": 0},
    "edges": {**_START, "kernel": "edges"},
}


@dataclass(frozen=True, eq=False)
class Passage:
    """The values of one photograph, (H, W) each, and the statistics: pairs of mean and deviation.

    Attributes:
        stages: the photograph (mean of its colors), after the convolution, the norm, the activation.
        own: of the batch, as the norm takes them in train mode.
        running: what the norm has kept, as it takes them in eval mode.
    """

    name: str
    kernel: str
    mode: str
    batch: str
    seen: int
    activation: str
    stages: tuple[np.ndarray, ...]
    own: tuple[float, float]
    running: tuple[float, float]


@lru_cache(maxsize=256)
def compute(name: str, kernel: str, mode: str, batch: str, seen: int, activation: str) -> Passage:
    """The real block on real pixels; its norm has seen `seen` batches of all three photographs before."""
    block, (everything, kept) = _block(kernel, activation), _history(kernel, seen)
    block.norm.load_state_dict(kept)
    chosen = PHOTOGRAPHS.index(name)
    place, convolved = (chosen, everything) if batch == "all three" else (0, everything[chosen : chosen + 1])
    running = kept["running_mean"].item(), kept["running_var"].sqrt().item()
    own = convolved.mean().item(), convolved.std(correction=0).item()
    with torch.no_grad():
        normed = block.norm.train(mode == "train")(convolved)
        activated = block.act(normed)
    stages = _photographs()[chosen].mean(0), convolved[place, 0], normed[place, 0], activated[place, 0]
    return Passage(
        name, kernel, mode, batch, seen, activation, tuple(stage.numpy() for stage in stages), own, running
    )


@cache  # 50 batches through the norm take longer than drawing: done when the explorer is made
def _history(kernel: str, seen: int) -> tuple[Tensor, dict[str, Tensor]]:
    """All photographs after the convolution, (3, 1, H, W), and the norm's state when it has seen them."""
    block = _block(kernel, "none")
    with torch.no_grad():
        everything = block.conv(_photographs())
        for _ in range(seen):
            block.norm.train()(everything)
    return everything, block.norm.state_dict()


def _block(kernel: str, activation: str) -> ConvNormAct:
    """From three colors to one channel, with the kernel's weights; drawn from no random numbers."""
    with torch.device("meta"):
        block = ConvNormAct(3, 1, act=ACTIVATIONS[activation])
    block = block.to_empty(device="cpu").double()
    block.get_submodule("norm").apply(_fresh)
    with torch.no_grad():
        block.conv.weight.copy_(torch.tensor(KERNELS[kernel], dtype=torch.float64).expand(1, 3, 3, 3) / 3)
    return block


def _fresh(norm: nn.Module) -> None:
    if isinstance(norm, nn.BatchNorm2d):
        norm.reset_parameters()


@cache
def _photographs() -> Tensor:
    """The middle of each photograph, (3, 3, SIDE, SIDE), from 0 to 1."""
    crops = []
    for name in PHOTOGRAPHS:
        picture = photograph(name)
        left, top = (picture.width - SIDE) // 2, (picture.height - SIDE) // 2
        crops.append(np.asarray(picture.crop((left, top, left + SIDE, top + SIDE)), dtype=np.float64) / 255)
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).contiguous()


def say(data: Passage) -> str:
    """The sentence of the explorer."""
    normed, activated = data.stages[2:]
    batch = "this photograph alone" if data.batch == "alone" else "the batch of all three"
    seen = f"{data.seen} {'batch' if data.seen == 1 else 'batches'}"
    used, other = (
        (f"those of {batch}", f"kept from {seen} seen before, not used now:")
        if data.mode == "train"
        else (f"those kept from {seen} seen before", f"those of {batch}, not used now:")
    )
    first, second = (data.own, data.running) if data.mode == "train" else (data.running, data.own)
    return (
        f"{data.name.replace('_', ' ').capitalize()}, kernel “{data.kernel}”. The norm is in {data.mode}"
        f" mode: it takes off a mean of {_number(first[0])} and divides by a deviation of"
        f" {_number(first[1])}, {used} ({other} {_number(second[0])} and {_number(second[1])})."
        f" This photograph after the norm: {_moments(normed)}; after {_called(data.activation)}:"
        f" {_moments(activated)}, {100 * (activated == 0).mean():.0f} % of the values exactly 0."
    )


def _called(activation: str) -> str:
    return "no activation" if activation == "none" else activation


def _moments(values: np.ndarray) -> str:
    return f"mean {_number(values.mean())}, deviation {_number(values.std())}"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00")


@with_name
def norm_and_activation() -> Explorer[Passage]:
    """Photograph, kernel, mode, batch and activation to choose; pictures and histograms on the way."""
    for kernel, seen in itertools.product(KERNELS, SEEN):
        _history(kernel, seen)
    chart = StagesChart()

    def draw(data: Passage, _: str) -> Picture:
        titles = ("photograph", "after the convolution", f"after the norm ({data.mode})")
        stages = [
            Stage(title, values, _moments(values))
            for title, values in zip((*titles, f"after {_called(data.activation)}"), data.stages, strict=True)
        ]
        return (chart.png(stages),)

    return Explorer(
        {
            "name": Choice("Photograph", "cat", PHOTOGRAPHS),
            "kernel": Choice("Kernel", "blur", tuple(KERNELS)),
            "mode": Choice("Norm in mode", "train", MODES),
            "batch": Choice("Batch", "alone", BATCHES),
            "seen": Choice("Batches seen before", 10, SEEN),
            "activation": Choice("Activation", "ReLU", tuple(ACTIVATIONS)),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({}, {"mode": "eval", "seen": 0}),
    )
