"""The predictions of notebook 02."""

from blocks.explorers.prediction import Option, Prediction
from blocks.explorers.with_name import with_name


@with_name
def predict_depth() -> Prediction:
    """What happens to a plain network that gets deeper."""
    return Prediction(
        "A plain network of 10 layers classifies over nine in ten test digits correctly. We stack more of the"
        " same layers, 56 in all, and train just as long. What happens?",
        (
            Option(
                "It is at least as good: the added layers could simply pass on what they get",
                "They could, but training does not find that. The deep plain network ends far below.",
                "deeper is always at least as good",
            ),
            Option(
                "It is far worse; with a shortcut around every two layers it hardly matters",
                "The same layers, the same number of parameters, the same steps: only the addition differs.",
            ),
            Option(
                "It is far worse; a shortcut helps because it adds capacity",
                "An identity shortcut has no parameters: both networks of the same depth have the same"
                " number.",
                "the shortcut adds capacity",
            ),
            Option(
                "It is worse: with so many parameters it overfits",
                "A network that overfits does well on its training images. A deep plain network does badly on"
                " those too: the paper's has the higher training error (figure 1), and so has ours.",
                "a deep network fails because it overfits",
            ),
        ),
    )


@with_name
def predict_deletion() -> Prediction:
    """What is left when a block is taken out of a trained network."""
    return Prediction(
        "Two trained networks of 10 layers, 4 blocks each: plain-10 without shortcuts, residual-10 with them."
        " Both get over nine in ten digits right. We take block 3 out and train nothing again. What is left?",
        (
            Option(
                "Both fall to chance: every block needs what the one before it makes",
                "So it is in the plain network. In the residual one the shortcut still hands on what came in"
                " to block 3, and the block had only added to it.",
                "every layer depends on exactly the one before",
            ),
            Option(
                "Both lose a little: one block of several is not much",
                "The plain network falls to chance: the next block gets numbers that it has never seen.",
                "a layer's share is one in so many",
            ),
            Option(
                "The plain network falls to chance, the residual one loses a little",
                "With a shortcut a deleted block leaves a path: its input. Without, it leaves another tensor"
                " than the next block was trained on. Not every block can go: try the first ones.",
            ),
        ),
    )


@with_name
def predict_gradient() -> Prediction:
    """The first layer's gradient in a deep plain network with batch norm."""
    return Prediction(
        "Take plain-56 with batch norm, before its first step. Compared with the gradient of the last"
        " convolution, that of the first is ...",
        (
            Option(
                "exploding: more than ten times as large",
                "Measured below. The plain network's trouble at the start is not that gradients vanish.",
            ),
            Option(
                "about equal: batch norm keeps every layer's scale",
                "It keeps the scale of what goes forward. On the way back each convolution multiplies the"
                " gradient by about 1.13. Over 55 convolutions that makes a factor of several hundred:"
                " exponential growth.",
                "batch norm keeps gradients equal",
            ),
            Option(
                "vanishing: less than a tenth",
                "That happens without norm, with PyTorch's default initialization: try the switch. With batch"
                " norm it is the other way around.",
                "the shortcut cures vanishing gradients",
            ),
        ),
    )
