"""Rows of experiments, and the verdict on a difference between two settings."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One network trained once: the setting in words, the seed, test accuracy (0 to 1), parameters."""

    setting: str
    seed: int
    accuracy: float
    parameters: int


@dataclass(frozen=True)
class Verdict:
    """How two settings differ over the same seeds. Differences are accuracies, first minus second."""

    first: str
    second: str
    difference: float
    spread: float
    seeds: int

    @property
    def larger(self) -> bool:
        """Whether the mean difference, in either direction, is larger than the spread."""
        return abs(self.difference) > self.spread

    def __str__(self) -> str:
        points = round(100 * self.difference, 1) + 0.0  # no "-0.0"
        return (
            f"{self.first} minus {self.second}: {points:+.1f} points, spread {100 * self.spread:.1f},"
            f" {self.seeds} seeds. Larger than the spread: {'yes' if self.larger else 'no'}."
        )


def accuracies(runs: Iterable[Run], setting: str) -> dict[int, float]:
    """The accuracy by seed, of the runs of one setting.

    Raises:
        ValueError: the runs hold no such setting, or one seed of it twice.
    """
    everything = list(runs)
    chosen = [run for run in everything if run.setting == setting]
    if not chosen:
        known = ", ".join(repr(name) for name in dict.fromkeys(run.setting for run in everything))
        raise ValueError(
            f"accuracies: setting must be one of {known or 'none (there are no runs)'}, got {setting!r}."
        )
    by_seed = {run.seed: run.accuracy for run in chosen}
    if len(by_seed) < len(chosen):
        raise ValueError(
            f"accuracies: each seed may come once, got {len(chosen)} runs for {len(by_seed)} seeds."
        )
    return by_seed


def verdict(runs: Iterable[Run], first: str, second: str) -> Verdict:
    """The verdict on `first` against `second`, from runs of both with the same seeds.

    Runs are paired by seed, for the same seed means the same images to train on. `difference` is the
    mean of the paired differences, `spread` their standard deviation (n - 1 in the denominator), and
    `larger` is true if |difference| > spread. It is a plain rule, not a proof: where there is no
    difference and the noise is normal, four seeds still give a yes about one time in seven.

    Raises:
        ValueError: a setting is unknown, the seeds of the two differ, or there are fewer than two.
    """
    everything = list(runs)
    left, right = accuracies(everything, first), accuracies(everything, second)
    if left.keys() != right.keys():
        raise ValueError(
            f"verdict: both settings need the same seeds, got {sorted(left)} and {sorted(right)}."
            " A pair shares its training images; without pairs the split's luck would count as a difference."
        )
    if len(left) < 2:
        raise ValueError(
            f"verdict: there must be at least two seeds, got {len(left)}. One seed has no spread."
        )
    differences = [left[seed] - right[seed] for seed in left]
    return Verdict(
        first, second, statistics.mean(differences), statistics.stdev(differences), len(differences)
    )
