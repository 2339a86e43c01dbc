"""A photograph through convolution, batch norm and activation, with the norm in train and in eval mode."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from blocks import ConvNormAct
from course.kit.drawing.stages import SIDE, Stage, Thumb, stages_card, thumb
from course.kit.panel import Choice, Explorer, Picture, Said, with_name
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
BATCHES, SEEN = ("alone", "all three"), (0, 1, 10, 50)
_START = {"name": "cat", "kernel": "blur", "batch": "alone", "seen": 10, "activation": "ReLU"}
PRESETS = {
    "in a batch of three": {**_START, "batch": "all three"},
    "alone": _START,
    "50 batches seen": {**_START, "seen": 50},
    "nothing seen": {**_START, "seen": 0},
    "edges": {**_START, "kernel": "edges"},
}


@dataclass(frozen=True, eq=False)
class Mode:
    """One photograph after the norm in one mode, and after the activation, (H, W) each.

    Attributes:
        used: the mean and the deviation that the norm takes.
    """

    normed: np.ndarray
    activated: np.ndarray
    used: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Passage:
    """One photograph after the convolution, (H, W), and what the norm and the activation make of it."""

    name: str
    kernel: str
    batch: str
    seen: int
    activation: str
    convolved: np.ndarray
    train: Mode
    eval: Mode


@lru_cache(maxsize=256)
def compute(name: str, kernel: str, batch: str, seen: int, activation: str) -> Passage:
    """The real block on real pixels; its norm has seen `seen` batches of all three photographs before."""
    everything, kept = _history(kernel, seen)
    chosen = PHOTOGRAPHS.index(name)
    place, convolved = (chosen, everything) if batch == "all three" else (0, everything[chosen : chosen + 1])
    running = kept["running_mean"].item(), kept["running_var"].sqrt().item()
    own = convolved.mean().item(), convolved.std(correction=0).item()
    modes = []
    for is_training, used in ((True, own), (False, running)):
        block = _block(kernel, activation)
        block.norm.load_state_dict(kept)
        with torch.no_grad():
            normed = block.norm.train(is_training)(convolved)
            modes.append(Mode(normed[place, 0].numpy(), block.act(normed)[place, 0].numpy(), used))
    return Passage(name, kernel, batch, seen, activation, convolved[place, 0].numpy(), *modes)


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


def say(data: Passage) -> Said:
    """The words of the explorer."""
    batch = "this photograph alone" if data.batch == "alone" else "the batch of all three"
    seen = f"{data.seen} {'batch' if data.seen == 1 else 'batches'}"
    modes = (("train", data.train, f"those of {batch}"), ("eval", data.eval, f"kept from {seen} seen before"))
    told = [
        f" In {name} mode the norm takes off a mean of {_number(mode.used[0])} and divides by a deviation of"
        f" {_number(mode.used[1])}, {whose}. This photograph after the norm: {_moments(mode.normed)}; after"
        f" {_called(data.activation)}: {_moments(mode.activated)},"
        f" {_zeros(mode)} % of the values exactly 0."
        for name, mode, whose in modes
    ]
    return Said(
        f"After the norm: {_short(data.train.normed)} in train, {_short(data.eval.normed)} in eval mode.",
        f"{data.name.replace('_', ' ').capitalize()}, kernel “{data.kernel}”.{''.join(told)}",
    )


def _called(activation: str) -> str:
    return "no activation" if activation == "none" else activation


def _moments(values: np.ndarray) -> str:
    return f"mean {_number(values.mean())}, deviation {_number(values.std())}"


def _short(values: np.ndarray) -> str:
    return f"{_number(values.mean())} ± {_number(values.std())}"


def _zeros(mode: Mode) -> str:
    return f"{100 * (mode.activated == 0).mean():.0f}"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00")


def draw(data: Passage, heard: str) -> Picture:
    """The same photograph through the block twice: its norm in train mode, and in eval mode."""
    names = PHOTOGRAPHS if data.batch == "all three" else (data.name,)
    batch = [Thumb(_thumbs()[name], name == data.name, name.replace("_", " ")) for name in names]
    seen = f"{data.seen} {'batch' if data.seen == 1 else 'batches'}"
    whose = {
        "train": "mean and deviation of this batch",
        "eval": f"those kept from {seen} before" if data.seen else "none kept yet: 0 and 1",
    }
    cards: list[str] = []
    for name, mode in (("train", data.train), ("eval", data.eval)):
        mean, deviation = map(_number, mode.used)
        used = f"{'+' if mean.startswith('-') else '−'} {mean.lstrip('-')},  ÷ {deviation}"
        stages = (
            Stage("convolution", "convolution", data.convolved, used, mode.used),
            Stage("norm", "norm", mode.normed, _short(mode.normed), (0, 1)),
            Stage("activation", _called(data.activation), mode.activated, f"{_zeros(mode)} % are 0"),
        )
        label = heard if name == "train" else f"The same with the norm in {name} mode: {whose[name]}"
        cards.append(stages_card(name, whose[name], batch, stages, label))
    return tuple(cards)


@cache
def _thumbs() -> dict[str, str]:
    pixels = (_photographs().permute(0, 2, 3, 1) * 255).round().to(torch.uint8).numpy()
    return {name: thumb(one) for name, one in zip(PHOTOGRAPHS, pixels, strict=True)}


@with_name
def norm_and_activation() -> Explorer[Passage]:
    """Batch, batches seen and activation to choose; what the norm makes of a photograph in both modes."""
    for kernel, seen in itertools.product(KERNELS, SEEN):
        _history(kernel, seen)
    return Explorer(
        {
            "batch": Choice("Batch", "alone", BATCHES),
            "seen": Choice("Batches seen before", 10, SEEN),
            "activation": Choice("Activation", "ReLU", tuple(ACTIVATIONS)),
            "kernel": Choice("Kernel", "blur", tuple(KERNELS), more=True),
            "name": Choice("Photograph", "cat", PHOTOGRAPHS, page=PHOTOGRAPHS[:2], more=True),
        },
        compute=compute,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({}, {"batch": "all three"}),
    )
