"""Rows of experiments, and the verdict on a difference between two settings."""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One trained network.

    Attributes:
        setting: in words.
        seed: of the split, the network's start and the order of the images.
        accuracy: the share of test images that it gets right, 0 to 1.
        parameters: how many trained numbers it has.
        train_accuracy: the same share of the images that it was trained on; None where nobody looked.
        weights: a hash of its trained weights: runs with the same one are the same network.
    """

    setting: str
    seed: int
    accuracy: float
    parameters: int
    train_accuracy: float | None = None
    weights: str = ""


@dataclass(frozen=True)
class Verdict:
    """How two settings differ over the same seeds.

    Attributes:
        first, second: the settings.
        differences: one for each seed: the accuracy of the first minus that of the second.
    """

    first: str
    second: str
    differences: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The difference on average."""
        return statistics.mean(self.differences)

    @property
    def in_favor(self) -> int:
        """In how many runs the difference has the sign that it has on average."""
        return sum(each * self.mean > 0 for each in self.differences)

    @property
    def interval(self) -> tuple[float, float]:
        """The paired 95 % interval of the mean difference, by Student's t."""
        runs = len(self.differences)
        reach = student(0.05, runs - 1) * statistics.stdev(self.differences) / math.sqrt(runs)
        return self.mean - reach, self.mean + reach

    @property
    def clear(self) -> bool:
        """Whether at least 9 of 10 runs agree, and the interval is without zero."""
        low, high = self.interval
        return 10 * self.in_favor >= 9 * len(self.differences) and low * high > 0

    def __str__(self) -> str:
        runs, points = len(self.differences), 100 * abs(self.mean)
        if not any(self.differences):
            return f"{self.first} and {self.second}: equal in {runs} of {runs} runs."
        if points < 0.005:  # neither is better, and it would be printed as 0.00
            return f"{self.first} and {self.second}: equal on average over {runs} runs."
        better = "better" if self.mean >= 0 else "worse"
        places = 1 if points >= 0.05 else 2
        return (
            f"{self.first} is {better} than {self.second} in {self.in_favor} of {runs} runs,"
            f" by {points:.{places}f} points on average{'' if self.clear else ': not clear'}."
        )

    def in_numbers(self) -> str:
        """What *Deeper* adds: the interval."""
        low, high = (100 * end for end in self.interval)
        return f"{self.first} minus {self.second}: 95 % interval {low:+.1f} to {high:+.1f} points."


def student(outside: float, freedom: int) -> float:
    """The t that Student's distribution exceeds, on both sides together, with the chance `outside`."""
    low, high = 0.0, 1.0
    while _beyond(high, freedom) > outside:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _beyond(middle, freedom) > outside else (low, middle)
    return high


def _beyond(t: float, freedom: int) -> float:
    """The chance of |T| > t: the sums of Abramowitz and Stegun 1964, 26.7.3 (odd) and 26.7.4 (even)."""
    odd = freedom % 2
    angle = math.atan(t / math.sqrt(freedom))
    term, total = math.sin(angle) * (math.cos(angle) if odd else 1), 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= k / (k + 1) * math.cos(angle) ** 2
    return 1 - (2 / math.pi * (angle + total) if odd else total)


def accuracies(runs: Iterable[Run], setting: str) -> dict[int, float]:
    """The test accuracy by seed, of the runs of one setting.

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

    Runs are paired by seed, for the same seed means the same images to train on.

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
            f"verdict: there must be at least two seeds, got {len(left)}. From one seed nobody can tell"
            " a difference from luck."
        )
    return Verdict(first, second, tuple(left[seed] - right[seed] for seed in left))
