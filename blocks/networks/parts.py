"""The four parts that every network here has: stem, stages, head and classifier."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import nn


def network_of(
    stem: nn.Module, stages: Sequence[Sequence[nn.Module]], head: dict[str, nn.Module], classifier: nn.Linear
) -> nn.Sequential:
    """The parts, one after the other.

    A stage is a run of blocks that give the same number of channels. The head, named layer by layer, ends in
    the features: (N, C). The classifier is the last linear layer itself, so for other classes it is
    `network.classifier = nn.Linear(network.classifier.in_features, classes)`.
    """
    return nn.Sequential(
        OrderedDict(
            stem=stem,
            stages=nn.Sequential(*(nn.Sequential(*stage) for stage in stages)),
            head=nn.Sequential(OrderedDict(head)),
            classifier=classifier,
        )
    )


def blocks_of(network: nn.Module) -> tuple[nn.Module, ...]:
    """The blocks of all stages, in the order in which they run.

    Raises:
        ValueError: it is no network of this package: it has no part named `stages`.
    """
    stages = getattr(network, "stages", None)
    if not isinstance(stages, nn.Sequential):
        raise ValueError(
            f"blocks_of: network must be one of blocks.networks, as resnet50(), got {type(network).__name__}."
        )
    return tuple(block for stage in stages for block in stage.children())
