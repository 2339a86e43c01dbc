"""The predictions of notebook 05."""

from blocks.explorers.prediction import Option, Prediction


def predict_loss() -> Prediction:
    """How much ReLU loses, by dimension."""
    return Prediction(
        "Points of a plane go by a random matrix into n dimensions, then through ReLU. For how many are"
        " fewer than two units on, so that the plane cannot be had back near them?",
        (
            Option(
                "For half of them, in any dimension",
                "Half of the numbers are set to zero, but in many dimensions enough others stay on.",
                "ReLU loses half the information in any dimension",
            ),
            Option(
                "For most of them at n = 2, for hardly any at n = 15",
                "(n + 1)/2ⁿ: three quarters at n = 2, less than 0.05 % at n = 15.",
            ),
            Option(
                "For the more of them, the more dimensions there are",
                "More units are off, but more are on too, and two that are on suffice.",
                "more units, more lost",
            ),
        ),
    )


def predict_digits() -> Prediction:
    """Linear against ReLU6 ends on the digits."""
    return Prediction(
        "Small networks on digits, with ReLU6 at the narrow ends or without. Where is the difference larger"
        " than the spread over four seeds?",
        (
            Option(
                "At every width: half of the information is gone",
                "The next block can learn to live with it, and the shortcut carries on what was there.",
                "ReLU loses half the information in any dimension",
            ),
            Option(
                "At one of five widths",
                "The means all favour linear, but seeds differ as much: see the dots.",
            ),
            Option(
                "Nowhere, and ReLU6 is ahead on average: an activation makes a network stronger",
                "At the narrow end it has little left to work on. No mean below favours it.",
                "more activations, more power",
            ),
        ),
    )
