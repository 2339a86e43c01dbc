"""What squeeze-and-excitation gives inside MBConv: with it, without it, and at equal parameters."""

import functools

from torch import nn

from blocks import MBConv
from course.kit.training.loop import Progress
from course.kit.training.on_digits import around, run_each
from course.kit.training.runs import Run

SCOREBOARD = {"MBConv": lambda i, o, stride: MBConv(i, o, stride=stride, expansion=4)}

# setting -> whether there is squeeze-and-excitation, and the expansion. The last is the equal-parameter
# control: what squeeze-and-excitation costs is spent on a wider middle.
SETTINGS: dict[str, tuple[bool, float]] = {
    "with SE": (True, 4),
    "without SE": (False, 4),
    "without SE, t=4.7": (False, 4.7),
}


def network(setting: str) -> nn.Module:
    """The scoreboard's network for MBConv, with the setting's blocks: images (N, 1, 8, 8) to scores (N, 10).

    Raises:
        ValueError: `setting` is none of SETTINGS.
    """
    if setting not in SETTINGS:
        known = ", ".join(map(repr, SETTINGS))
        raise ValueError(f"mbconv: the setting must be one of {known}, got {setting!r}.")
    squeezes, expansion = SETTINGS[setting]
    squeeze = None if squeezes else lambda _: nn.Identity()
    return around(
        lambda i, o, stride: MBConv(i, o, stride=stride, expansion=expansion, squeeze_excitation=squeeze)
    )


def squeeze_excitation(
    seed: int,
    *,
    settings: tuple[str, ...] = tuple(SETTINGS),
    train: int = 300,
    epochs: int = 15,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """One run per setting: the same images in the same order for each.

    Raises:
        ValueError: a setting is none of SETTINGS.
    """
    builds = {setting: functools.partial(network, setting) for setting in settings}
    return run_each(builds, seed, train=train, epochs=epochs, progress=progress)
