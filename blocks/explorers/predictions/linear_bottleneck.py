"""The predictions of notebook 05."""

from blocks.explorers.prediction import Option, Prediction


def predict_loss() -> Prediction:
    """How much ReLU loses, by dimension."""
    return Prediction(
        "A random matrix takes the points of a plane into n dimensions, and ReLU follows. A point is lost if"
        " fewer than two of the n numbers stay above zero. How many are lost?",
        (
            Option(
                "Half of them, in any dimension",
                "Half of the numbers are set to zero, but in many dimensions enough others stay on.",
                "ReLU loses half the information in any dimension",
            ),
            Option(
                "Most of them at n = 2, hardly any at n = 15",
                "(n + 1)/2ⁿ: three quarters at n = 2, less than 0.05 % at n = 15.",
            ),
            Option(
                "The more dimensions there are, the more of them",
                "More units are off, but more are on too, and two that are on suffice.",
                "more units, more lost",
            ),
        ),
    )


def predict_digits() -> Prediction:
    """Linear against ReLU6 ends on the digits, with shortcuts and without."""
    return Prediction(
        "Small networks of four blocks read digits, once with ReLU6 at the narrow ends and once with nothing"
        " there; once with a shortcut round every block and once without. Where does ReLU6 cost more than the"
        " spread over four seeds?",
        (
            Option(
                "Everywhere: half of the information is gone",
                "With shortcuts hardly: what was there goes round the block, and the next one can still"
                " read it.",
                "ReLU loses half the information in any dimension",
            ),
            Option(
                "Where there are no shortcuts, by some ten points; with them hardly anywhere",
                "Without shortcuts the narrow tensor is all that the next block gets. With them the means"
                " still favour linear ends, but at four of five widths seeds differ as much: see the dots.",
            ),
            Option(
                "Nowhere, and ReLU6 is ahead on average: an activation makes a network stronger",
                "Each block keeps the activation in its wide middle. At the narrow end another one only takes"
                " away: no mean below favours it.",
                "more activations, more power",
            ),
        ),
    )
