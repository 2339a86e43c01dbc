"""What became of every comparison on the pages, as a table. Authors only: `python -m tools.claims`.

For each: how many of ten runs agree, the mean difference and its paired 95 % interval, and the same
difference in three runs with each other arithmetic. Runs whose weights have the hash of the run as installed
are the same network and say nothing new; they stand in brackets.
"""

import statistics
from dataclasses import dataclass

from course import chapters
from course.kit.training.grids import INSTALLED, grid, made
from course.kit.training.runs import Verdict, verdict

FEW = 3  # seeds in each other arithmetic


@dataclass(frozen=True)
class Fate:
    """A comparison, and the differences of its runs in each other arithmetic, by name.

    Attributes:
        name: of the experiment, "residual.depth".
        verdict: as installed.
        others: first minus second, one for each seed.
        same: the arithmetics in which all networks are those of the runs as installed, bit for bit.
    """

    name: str
    verdict: Verdict
    others: dict[str, tuple[float, ...]]
    same: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether it is clear, and every other arithmetic agrees with it on average."""
        means = [statistics.mean(differences) for differences in self.others.values()]
        return self.verdict.clear and bool(means) and all(mean * self.verdict.mean > 0 for mean in means)

    def __str__(self) -> str:
        one, (low, high) = self.verdict, self.verdict.interval
        cells = [
            f"{self.name}: {one.first} - {one.second}",
            f"{one.in_favor} of {len(one.differences)}",
            f"{100 * one.mean:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})",
        ]
        for arithmetic, differences in self.others.items():
            said = f"{100 * statistics.mean(differences):+.1f}"
            cells.append(f"{arithmetic} {f'({said})' if arithmetic in self.same else said}")
        end = (
            "holds"
            if self.holds
            else "not clear"
            if not one.clear
            else "falls"
            if self.others
            else "not tried"
        )
        return " | ".join((*cells, end))


def fate(name: str, first: str, second: str) -> Fate:
    """What became of a comparison.

    Raises:
        ValueError: there is no such experiment or setting.
    """
    installed = grid(name)
    weights = {(run.setting, run.seed): run.weights for run in installed}
    others, same = {}, []
    for arithmetic in dict.fromkeys(each["arithmetic"] for each in made(name)):
        runs = [run for run in grid(name, arithmetic) if run.setting in (first, second)]
        seeds = [{run.seed for run in runs if run.setting == setting} for setting in (first, second)]
        if arithmetic == INSTALLED or len(seeds[0]) < FEW or seeds[0] != seeds[1]:
            continue  # not tried, or not yet with every seed
        others[arithmetic] = verdict(runs, first, second).differences
        if all(run.weights == weights[run.setting, run.seed] for run in runs):
            same.append(arithmetic)
    return Fate(name, verdict(installed, first, second), others, tuple(same))


def fates() -> tuple[Fate, ...]:
    """Those of all comparisons, in the order of the notebooks."""
    return tuple(
        fate(f"{chapter.concept}.{name}", *pair)
        for chapter in chapters()
        for name, pairs in chapter.comparisons.items()
        for pair in pairs
    )


if __name__ == "__main__":
    for each in fates():
        print(each)
