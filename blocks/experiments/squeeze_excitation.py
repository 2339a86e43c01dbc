"""Whether squeeze-and-excitation's weights are used: not on plain digits, and wholly on a task with a cue."""

from blocks.experiments.gates import GateStudy
from blocks.experiments.training import Progress

# STUB, being written.


def cue_task(
    seed: int = 0, *, train: int = 1400, epochs: int = 10, progress: Progress | None = None
) -> GateStudy:
    """Train with and without squeeze-and-excitation on the cue task; kept, so a second call is at once.

    Images (N, 3, 12, 8): one real digit in channel 0, another in channel 1, and in channel 2 nothing
    (cue 0: read the first digit) or a bar in the top row (cue 1: read the second). Two stages of 32 channels.
    """
    raise NotImplementedError


def plain_digits(
    seed: int = 0, *, train: int = 1400, epochs: int = 10, progress: Progress | None = None
) -> GateStudy:
    """The same for plain digits (N, 1, 8, 8): three stages; groups are the ten classes. Kept."""
    raise NotImplementedError
