"""Train the networks of notebook 02's deleted blocks with one seed, and store what they take ten digits for.

    python -m tools.answers

Authors only; two minutes. The answers stand in course/residual/data/answers.json.
"""

from pathlib import Path

from course.residual.answers import NETWORKS, SEED, Answers, measured
from tools.made import made, write

FILE = Path(__file__).parents[1] / "course" / "residual" / "data" / "answers.json"


def row(found: Answers) -> dict[str, object]:
    """What is stored of one network: accuracies to four places, answers as ten figures each."""
    answers = ["".join(map(str, digits)) for digits in found.answers]
    return {"weights": found.weights, "right": [round(one, 4) for one in found.right], "answers": answers}


def main() -> None:
    """Train all, and write the file: one network a line."""
    write(FILE, made("python -m tools.answers", seed=SEED), {name: row(measured(name)) for name in NETWORKS})


if __name__ == "__main__":
    main()
