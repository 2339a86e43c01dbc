"""Break it: one mistake in the official MobileNetV2 that no shape shows, and what it then answers."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from blocks.networks import preprocess
from blocks.networks.facts import IMAGENET_MEAN, IMAGENET_STD
from course.kit.drawing.answers import Photo, answers_card, percent
from course.kit.drawing.bitmap import png
from course.kit.panel import Choice, Explorer, Picture, Said, unavailable, with_name
from course.kit.training import data, on_photos
from course.kit.training.on_photos import Answer
from course.networks.mistakes import MISTAKES

NONE = "none"
PRESETS = {
    "cat, ReLU": {"photo": "cat", "mistake": "ReLU instead of ReLU6"},
    "cat, red and blue swapped": {"photo": "cat", "mistake": "red and blue swapped"},
    "espresso, norm eps": {"photo": "espresso", "mistake": "norm eps 1e-3"},
    "cat, no shortcuts": {"photo": "cat", "mistake": "shortcuts removed"},
    "cat, no mistake": {"photo": "cat", "mistake": NONE},
}
_SMALL = 84  # pixels of a photograph that is shown small


@dataclass(frozen=True)
class Broken:
    """The five likeliest classes of one photograph, without the mistake and with it."""

    photo: str
    mistake: str
    right: tuple[Answer, ...]
    wrong: tuple[Answer, ...]


def broken(photo: str, mistake: str) -> Broken:
    """Ask the official network, and its copy with the mistake made; each answer is computed once.

    Raises:
        ValueError: there is no such photograph or mistake.
    """
    if mistake not in (NONE, *MISTAKES):
        raise ValueError(f"break_it: mistake must be one of {', '.join((NONE, *MISTAKES))}, got {mistake!r}.")
    right = on_photos.photograph_answers(photo)
    wrong = right if mistake == NONE else on_photos.photograph_answers(photo, MISTAKES[mistake])
    return Broken(photo, mistake, right, wrong)


class _Arrived(Exception):  # noqa: N818 no error: it ends a forward pass where the photograph has come in
    """The tensor that the trained layers get."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.x = x


def arriving(network: nn.Module, x: Tensor) -> Tensor:
    """What the stem of a network gets, if the network is given x."""

    def stop(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        raise _Arrived(given[0])

    stem = next(part for name, part in network.named_modules() if name.rpartition(".")[2] == "stem")
    handle = stem.register_forward_pre_hook(stop)
    try:
        network(x)
    except _Arrived as arrived:
        return arrived.x
    finally:
        handle.remove()
    raise RuntimeError("break_it: the photograph never came to the stem.")


@functools.cache
def received(photo: str, mistake: str) -> NDArray[np.uint8]:
    """What the network gets of a photograph, (224, 224, 3): that very tensor as the weights understand it.

    They were trained on standardized colors in the order red, green, blue; so the tensor times ImageNet's
    deviation plus its mean is a picture, and what lies outside of black and white is cut off.
    """
    x = preprocess(data.photograph(photo))
    if mistake != NONE:
        with torch.no_grad():
            x = arriving(MISTAKES[mistake](on_photos.mobilenet_v2()), x)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    colors = ((x[0] * std + mean) * 255).round().clamp(0, 255)
    pixels: NDArray[np.uint8] = colors.to(torch.uint8).permute(1, 2, 0).numpy()
    return pixels


def say(found: Broken) -> Said:
    """The words of the explorer."""
    right, wrong = found.right[0], found.wrong[0]
    first = f"{right.name}, {percent(right.probability)}"
    began = f"The official MobileNetV2 says {first}."
    if found.mistake == NONE:
        words = f"{began} No mistake is made: switch one on."
        return Said(words if len(words.split()) <= 15 else f"{first}. No mistake is made yet.", words)
    kept = "The first answer stays." if right.name == wrong.name else "The first answer is another one."
    second = f"{wrong.name}, {percent(wrong.probability)}"
    same = np.array_equal(received(found.photo, found.mistake), received(found.photo, NONE))
    gets = "the same photo as before" if same else "the photo with other colors"
    return Said(
        f"With the mistake: {second}. Without: {first}.",
        f"{began} With the mistake '{found.mistake}': {second}. {kept} The network gets {gets}."
        " Shapes and weights are the same, 3,504,872 parameters.",
    )


@functools.cache
def _source(photo: str, mistake: str) -> str:
    return png(received(photo, mistake))


@functools.cache
def _small(photo: str) -> str:
    step = 224 // _SMALL + 1
    return png(received(photo, NONE)[::step, ::step].copy(), 64)


def draw(found: Broken, heard: str) -> Picture:
    """The photograph and the answers; once a mistake is chosen a second card, with what the network gets."""
    right, wrong = ([(a.name, a.probability) for a in answers] for answers in (found.right, found.wrong))
    others = [
        Photo(_small(name), name.replace("_", " "), {"photo": name}, name == found.photo)
        for name in data.PHOTOGRAPHS
    ]
    shown = Photo(_source(found.photo, NONE), found.photo)
    best = right[0][0]
    if found.mistake == NONE:
        return (answers_card("no mistake", shown, right, best, heard, others=others),)
    label = f"Without a mistake: {best}, {percent(right[0][1])}"
    changed = Photo(_source(found.photo, found.mistake), found.photo)
    words = "same photo" if changed.source == shown.source else "what the network gets"
    return (
        answers_card("no mistake", shown, right, best, label, others=others),
        answers_card(found.mistake, changed, wrong, best, heard, words=words),
    )


@with_name
def break_it() -> Explorer[Any]:
    """A mistake to choose, and a photograph. Where the weights are not on the machine, what to do."""
    try:
        on_photos.mobilenet_v2()
    except (OSError, ValueError) as refusal:
        return unavailable(str(refusal))
    return Explorer(
        {
            "mistake": Choice("Mistake", NONE, (NONE, *MISTAKES)),
            "photo": Choice("Photograph", "cat", data.PHOTOGRAPHS, more=True),
        },
        compute=broken,
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"mistake": NONE}, {"mistake": "shortcuts removed"}),
    )
