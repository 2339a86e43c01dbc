"""Gates of squeeze-and-excitation in a trained network: recorded, and replaced to see if they are used."""

from dataclasses import dataclass

from torch import Tensor, nn

# STUB, being written.
GATES = ("own", "averaged", "all 1", "shuffled", "swapped")
"""What gates a network answers with: each sample's own; the mean over all samples; none (all 1); those of
other samples at random; those of another group (the other cue's: the same picture with the cue turned over;
a wrong class's: a random sample of another class)."""


@dataclass(frozen=True)
class GateStudy:
    """A trained network with squeeze-and-excitation, its test samples, and what it answers by which gates.

    network, images (N, C, H, W), labels (N,): what should be read. others (N,): what the other cue would
    have read (-1 on plain digits, which have no other). groups (N,): the cue (0, 1) or the class (0 to 9).
    group_names: a name per group, for titles. gates: GATES setting -> one (N, C) tensor per stage, the
    weights actually used. answers: GATES setting -> (N,), the network's answers.
    accuracy_without: of the same network without squeeze-and-excitation, trained alike.
    """

    network: nn.Module
    images: Tensor
    labels: Tensor
    others: Tensor
    groups: Tensor
    group_names: tuple[str, ...]
    gates: dict[str, tuple[Tensor, ...]]
    answers: dict[str, Tensor]
    accuracy_without: float

    @property
    def stages(self) -> int:
        """How many squeeze-and-excitation stages the network has."""
        raise NotImplementedError

    def group_means(self, stage: int) -> Tensor:
        """The mean of the own gates per group: (groups, C)."""
        raise NotImplementedError

    def accuracy(self, gates: str) -> float:
        """The share of samples answered with their label, under a GATES setting."""
        raise NotImplementedError

    def reads_other(self, gates: str) -> float:
        """The share of samples answered with `others`, among those where `others` differs from the label."""
        raise NotImplementedError
