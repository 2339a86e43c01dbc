"""Rows of experiments, and the verdict on a difference between two settings."""

import math
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
        difference, spread = 100 * self.difference, 100 * self.spread
        # "+0.6 points, spread 0.6 ... yes" would read as a mistake.
        places = 2 if round(abs(difference), 1) == round(spread, 1) else 1
        points = round(difference, places) + 0.0  # no "-0.0"
        by_chance = f" (two equal settings get a yes about one time in {1 / chance_of_yes(self.seeds):.0f})"
        return (
            f"{self.first} minus {self.second}: {points:+.{places}f} points, spread {spread:.{places}f},"
            f" {self.seeds} seeds. Larger than the spread: {'yes' + by_chance if self.larger else 'no'}."
        )


def chance_of_yes(seeds: int) -> float:
    """How often two equal settings get a "larger than the spread", if the noise is normal.

    The mean of n differences is larger than their standard deviation where |t| > sqrt(n), with n - 1
    degrees of freedom. The sums are those of Abramowitz and Stegun 1964, 26.7.3 (odd) and 26.7.4 (even).
    """
    freedom = seeds - 1
    odd = freedom % 2
    angle = math.atan(math.sqrt(seeds / freedom))
    term, total = math.sin(angle) * (math.cos(angle) if odd else 1), 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= k / (k + 1) * math.cos(angle) ** 2
    return 1 - (2 / math.pi * (angle + total) if odd else total)


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
    `larger` is true if |difference| > spread. It is a plain rule, not a proof: `chance_of_yes` is how
    often it finds a difference where there is none.

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
