"""Stored results of whole experiments over several seeds: too slow to run live. Made by `make grids`."""

from blocks.experiments.runs import Run

# STUB, being written: names "scoreboard", "depthwise_separable.comparison", "depthwise_separable.rank_dial",
# "inverted_residual.expansion", "squeeze_excitation.digits", "squeeze_excitation.cue".


def grid(name: str) -> tuple[Run, ...]:
    """The stored rows of one experiment, every setting with every seed."""
    raise NotImplementedError


def made() -> dict[str, str]:
    """How the grids were made: command, date, versions, number of CPU cores."""
    raise NotImplementedError
