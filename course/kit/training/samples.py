"""Pictures for the studies of squeeze-and-excitation, each with a counterpart that says something else."""

from dataclasses import dataclass

import torch
from torch import Tensor

from course.kit.training import data

TOP = 4  # rows above the digits, of which the bar takes the first
BAR = 3.0  # ink is at most 1; with a fainter bar some networks have not found it after ten epochs


@dataclass(frozen=True, eq=False)
class Samples:
    """Pictures of a task: images and counterparts (N, C, H, W); labels, others and groups (N,).

    `others` is what the counterpart says; `groups` the cue of the cue task, the class of plain digits.
    """

    images: Tensor
    counterparts: Tensor
    labels: Tensor
    others: Tensor
    groups: Tensor


def cue_task(seed: int, train: int, top: int = TOP) -> tuple[Samples, Samples]:
    """Pictures to train on and to test on, from `train` digits and from all the others; see `compose`."""
    split = data.split(seed, train)
    return (
        compose(split.train_images, split.train_labels, 2 * seed, top),
        compose(split.test_images, split.test_labels, 2 * seed + 1, top),
    )


def plain_digits(seed: int, train: int) -> tuple[Samples, Samples]:
    """Plain digits to train on and to test on, standardized, (N, 1, 8, 8)."""
    split = data.split(seed, train)
    return (
        with_wrong_class(split.train_images, split.train_labels, 2 * seed),
        with_wrong_class(split.test_images, split.test_labels, 2 * seed + 1),
    )


def compose(images: Tensor, labels: Tensor, seed: int, top: int = TOP) -> Samples:
    """Pictures of the cue task (N, 3, top + 8, 8) from standardized digits (N, 1, 8, 8).

    A digit in channel 0 and another in channel 1 (ink 0 to 1, from row `top` on); in channel 2 nothing (cue
    0: read the first digit) or a bar of value BAR in the top row (cue 1: read the second). Each digit
    comes once as the first and once as the second. The counterpart is the same picture with the other cue.
    """
    generator = torch.Generator().manual_seed(seed)
    count = len(images)
    first, second = (torch.randperm(count, generator=generator) for _ in range(2))
    cue = torch.randint(2, (count,), generator=generator)
    ink = (images * data.STD + data.MEAN) / 16
    pictures = torch.zeros(count, 3, top + 8, 8)
    pictures[:, 0, top:] = ink[first, 0]
    pictures[:, 1, top:] = ink[second, 0]
    counterparts = pictures.clone()
    pictures[cue == 1, 2, 0] = BAR
    counterparts[cue == 0, 2, 0] = BAR
    said = torch.where(cue == 0, labels[first], labels[second])
    unsaid = torch.where(cue == 0, labels[second], labels[first])
    return Samples(pictures, counterparts, said, unsaid, cue)


def with_wrong_class(images: Tensor, labels: Tensor, seed: int) -> Samples:
    """Each image with a counterpart drawn from the images of other classes."""
    wrong = (labels[:, None] != labels).float()
    chosen = torch.multinomial(wrong, 1, generator=torch.Generator().manual_seed(seed)).squeeze(1)
    return Samples(images, images[chosen], labels, labels[chosen], labels)
