"""The official MobileNetV2 on a photograph: what it answers, right and with a mistake."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.networks import class_names, load_official, preprocess
from course.kit.training import data
from course.kit.training.loop import one_thread, own_generator


@dataclass(frozen=True)
class Answer:
    """A class that a network finds likely: its name, and its probability from 0 to 1."""

    name: str
    probability: float


@functools.cache
def mobilenet_v2() -> nn.Sequential:
    """The official MobileNetV2, loaded once. Do not change it: work on a copy.

    Raises:
        OSError, ValueError: as `blocks.networks.load_official`.
    """
    return load_official("mobilenet_v2")


def answers(picture: Tensor, network: nn.Module, count: int = 5) -> tuple[Answer, ...]:
    """The `count` likeliest classes for a prepared picture (1, 3, H, W); the network is left as it is.

    In training mode dropout and the norms work: then it draws from a fixed seed.
    """
    with torch.no_grad(), one_thread(), own_generator(0):
        likely = network(picture).softmax(1)[0].topk(count)
    names = class_names()
    return tuple(
        Answer(names[int(index)], float(value))
        for value, index in zip(likely.values, likely.indices, strict=True)
    )


def photograph_answers(
    name: str, change: Callable[[nn.Module], nn.Module] | None = None
) -> tuple[Answer, ...]:
    """What the official MobileNetV2, or its copy with `change` made, answers for a photograph; kept.

    Raises:
        ValueError: there is no such photograph.
    """
    return _kept_answers(name, change)


@functools.cache
def _kept_answers(name: str, change: Callable[[nn.Module], nn.Module] | None) -> tuple[Answer, ...]:
    return answers(preprocess(data.photograph(name)), _changed(change) if change else mobilenet_v2())


@functools.cache  # the copies share their weights, all but the one left in training mode
def _changed(change: Callable[[nn.Module], nn.Module]) -> nn.Module:
    return change(mobilenet_v2())
