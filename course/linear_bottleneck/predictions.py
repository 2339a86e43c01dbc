"""The predictions of notebook 05."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_loss() -> Prediction:
    """How much ReLU loses, by dimension."""
    return Prediction(
        "A random matrix takes the points of a plane into n dimensions, and ReLU follows. A point is lost if"
        " fewer than two of the n numbers stay above zero. How many are lost?",
        Option(
            "The more dimensions there are, the more of them",
            "More units are off, but more are on too. The points are those of a plane at every n, so two"
            " units that are on suffice. (If what they hold grew as fast as n, this answer would be"
            " right.)",
            "more units, more lost",
        ),
        Option(
            "Half of them, in any dimension",
            "Half of the numbers are set to zero, but in many dimensions enough others stay on.",
            "ReLU loses half the information in any dimension",
        ),
        Option(
            "Most of them at n = 2, hardly any at n = 15",
            "(n + 1)/2ⁿ: three quarters at n = 2, less than 0.05 % at n = 15.",
        ),
    )


@with_name
def predict_digits() -> Prediction:
    """Linear against ReLU6 ends on the digits, with shortcuts and without."""
    return Prediction(
        "Small networks of four blocks classify digits, once with ReLU6 at the narrow ends and once with"
        " nothing there: at five widths with a shortcut around every block, at width 4 also without. Where"
        " does ReLU6 clearly cost accuracy, in at least 9 of 10 runs?",
        Option(
            "With shortcuts and without, by several points",
            "With shortcuts it hardly shows: only at the narrowest of five widths is the difference clear.",
            "ReLU loses half the information in any dimension",
        ),
        Option(
            "Without shortcuts, by several points; with them hardly anywhere",
            "Without shortcuts the narrow tensor is all that the next block gets. With them linear ends are"
            " ahead on average at all five widths, but clearly only at the narrowest: see the dots.",
        ),
        Option(
            "Nowhere: ReLU6 is ahead on average, with shortcuts and without",
            "In principle it could add something: with a suitable shift it acts as if it were not there"
            " (MobileNetV2, section 6.4). Trained, it does not: no mean below favors it.",
            "more activations, more power",
        ),
    )
