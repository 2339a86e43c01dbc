"""Gates of squeeze-and-excitation in a trained network: recorded, and replaced to see if they are used."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from blocks import SqueezeExcitation
from course.kit.training import loop
from course.kit.training.runs import Run
from course.kit.training.samples import Samples

GATES = ("own", "averaged", "all 1", "shuffled", "swapped")
"""With which gates a network answers: each sample's own; the mean over all samples; 1 for every channel;
those of another sample, drawn at random; those that the network gives to the sample's *counterpart* (on the
cue task the same picture with the other cue, on plain digits a random picture of another class)."""


@dataclass(frozen=True, eq=False)
class GateStudy(Samples):
    """Test samples, a trained network with squeeze-and-excitation, and what it answers with which gates.

    Attributes:
        network: the trained network, in eval mode.
        group_names: a name for each group.
        gates: for each of GATES one tensor per stage, (N, channels): the weights that were used.
        answers: for each of GATES the network's answers, (N,).
        accuracy_without: accuracy (0 to 1) of the same network without squeeze-and-excitation.
    """

    network: nn.Module
    group_names: tuple[str, ...]
    gates: dict[str, tuple[Tensor, ...]]
    answers: dict[str, Tensor]
    accuracy_without: float

    @property
    def stages(self) -> int:
        """How many squeeze-and-excitation stages the network has."""
        return len(self.gates["own"])

    def group_means(self, stage: int) -> Tensor:
        """The mean of the own gates over each group's samples: (groups, channels)."""
        own = self.gates["own"][stage]
        return torch.stack([own[self.groups == group].mean(0) for group in range(len(self.group_names))])

    def accuracy(self, gates: str) -> float:
        """The share of samples, 0 to 1, that the network reads rightly with these gates, one of GATES."""
        return (self.answers[_known(gates)] == self.labels).float().mean().item()

    def reads_other(self, gates: str) -> float:
        """The share answered with `others`, among the samples where that is not the label as well."""
        differ = self.others != self.labels
        return (self.answers[_known(gates)] == self.others)[differ].float().mean().item()


def record(network: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """The weights that each SqueezeExcitation gives, in eval mode: one (N, channels) per stage."""
    found: list[Tensor] = []

    def keep(module: SqueezeExcitation, inputs: tuple[Tensor], _: Tensor) -> None:
        found.append(module.channel_weights(inputs[0]).flatten(1))

    with ExitStack() as hooks:
        for module in _stages(network):
            hooks.enter_context(module.register_forward_hook(keep))
        loop.answers(network, images, at_once=len(images))
    return tuple(found)


def answer(network: nn.Module, images: Tensor, gates: Sequence[Tensor]) -> Tensor:
    """The answers (N,) of `network` when its stages multiply by `gates`, one (N, channels) per stage.

    Raises:
        ValueError: there are not as many gates as stages.
    """
    stages = _stages(network)
    if len(gates) != len(stages):
        raise ValueError(f"answer: there must be gates for each of {len(stages)} stages, got {len(gates)}.")
    with ExitStack() as hooks:
        for module, weights in zip(stages, gates, strict=True):
            # The default binds this turn's weights; a plain closure would see only the last stage's.
            def multiply(
                _: nn.Module, inputs: tuple[Tensor], __: Tensor, weights: Tensor = weights
            ) -> Tensor:
                return inputs[0] * weights[:, :, None, None]

            hooks.enter_context(module.register_forward_hook(multiply))
        return loop.answers(network, images, at_once=len(images))


def replaced(
    network: nn.Module, images: Tensor, counterparts: Tensor, seed: int
) -> dict[str, tuple[Tensor, ...]]:
    """The gates of each of GATES, one (N, channels) per stage; `seed` draws the shuffle.

    A sample's gates are shuffled together, all stages from the same other sample.
    """
    own = record(network, images)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    return {
        "own": own,
        "averaged": tuple(gates.mean(0, keepdim=True).expand_as(gates) for gates in own),
        "all 1": tuple(torch.ones_like(gates) for gates in own),
        "shuffled": tuple(gates[order] for gates in own),
        "swapped": record(network, counterparts),
    }


def study(
    network: nn.Module, test: Samples, group_names: tuple[str, ...], accuracy_without: float, seed: int
) -> GateStudy:
    """Try each of GATES on a trained network; `seed` draws the shuffle."""
    used = replaced(network, test.images, test.counterparts, seed)
    return GateStudy(
        **vars(test),
        network=network,
        group_names=group_names,
        gates=used,
        answers={name: answer(network, test.images, weights) for name, weights in used.items()},
        accuracy_without=accuracy_without,
    )


def rows(study: GateStudy, row: Run) -> tuple[Run, ...]:
    """The study as rows, made from that of the network: one for each of GATES, and what swapped gates do.

    The last, "swapped, reads the other", is not an accuracy but the share of `reads_other("swapped")`. Only
    with its own gates the network was tried on the images that it was trained on.
    """
    others = replace(row, train_accuracy=None)
    return (
        row,
        *(replace(others, setting=name, accuracy=study.accuracy(name)) for name in GATES[1:]),
        replace(others, setting="swapped, reads the other", accuracy=study.reads_other("swapped")),
    )


def _stages(network: nn.Module) -> list[SqueezeExcitation]:
    return [module for module in network.modules() if isinstance(module, SqueezeExcitation)]


def _known(gates: str) -> str:
    if gates not in GATES:
        raise ValueError(f"GateStudy: gates must be one of {', '.join(map(repr, GATES))}, got {gates!r}.")
    return gates
