"""Print how many seconds each part of the tests took in `.ci/run`, beside its budget.

Every run of pytest there leaves a file in build/junit. The seconds of a run, which may have several workers,
are shared out among the parts as those of their tests.

    python tools/seconds.py
"""

import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).resolve().parent.parent / "build" / "junit"
# Seconds on two cores, and how the names of the part's tests begin.
PARTS = {
    "blocks and measure": (200, ("blocks.", "tests.blocks.")),
    "chapters and checkers": (240, ("course.", "tests.course.", "tests.test_")),
    "nbval": (240, ("notebooks.",)),
    "browser": (300, ("tests.browser.",)),
    "site": (120, ("tests.web.",)),
    "places": (60, ("tests.places.",)),
}
MOST = 4  # times the budget may be taken: CI machines differ by two to three times, and are shared


def main(folder: Path = FOLDER) -> None:
    """Print a row for each part.

    Raises:
        SystemExit: a part took much longer than its budget, or no test of it was run.
    """
    taken = by_part(folder)
    faults = []
    for part, (budget, _) in PARTS.items():
        print(f"{part:22} {taken[part]:6.0f} s, budget {budget:4} s")
        if not taken[part]:
            faults.append(f"{part}: no tests were run")
        elif taken[part] > MOST * budget:
            faults.append(f"{part}: {taken[part]:.0f} s are more than {MOST} times the budget of {budget} s")
    if faults:
        sys.exit("\n".join(faults))


def by_part(folder: Path) -> defaultdict[str, float]:
    """The seconds of each part, in all runs together."""
    taken: defaultdict[str, float] = defaultdict(float)
    for path in sorted(folder.glob("*.xml")):
        for suite in ET.parse(path).iter("testsuite"):  # noqa: S314 - pytest wrote it for us
            tests: defaultdict[str, float] = defaultdict(float)
            for test in suite.iter("testcase"):
                tests[part_of(test.attrib["classname"])] += float(test.attrib["time"])
            together = sum(tests.values()) or 1
            for part, seconds in tests.items():
                taken[part] += float(suite.attrib["time"]) * seconds / together
    return taken


def part_of(name: str) -> str:
    """The part that a test belongs to.

    Raises:
        ValueError: it belongs to none.
    """
    for part, (_, beginnings) in PARTS.items():
        if f"{name}.".startswith(beginnings):
            return part
    raise ValueError(f"seconds: each test must belong to a part, got {name}.")


if __name__ == "__main__":
    main()
