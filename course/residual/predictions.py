"""The predictions of notebook 02."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_depth() -> Prediction:
    """What happens to a plain network that gets deeper."""
    return Prediction(
        "A plain network of 10 layers classifies over nine in ten test digits correctly. We stack more of the"
        " same layers, 56 in all, and train just as long. How does the deep network do, without shortcuts and"
        " with one around every two layers?",
        Option(
            "At least as good either way: the added layers can pass on what they get",
            "They could, but training does not find that. The deep plain network ends far below.",
            "deeper is always at least as good",
        ),
        Option(
            "Far worse without; about as good with shortcuts, though they add no parameters",
            "The same layers, the same number of parameters, the same steps: only the addition differs. With"
            " shortcuts the deep one is only a little worse.",
        ),
        Option(
            "Far worse without; about as good with shortcuts, because they add parameters",
            "An identity shortcut has no parameters: both networks of the same depth have the same number.",
            "the shortcut adds capacity",
        ),
        Option(
            "Far worse either way: with so many parameters it overfits",
            "A network that overfits does well on its training images. The deep plain network gets as few of"
            " those right as of the test images. The paper's has the higher training error, too (figure 1)."
            " And with shortcuts as many parameters do well.",
            "a deep network fails because it overfits",
        ),
    )


@with_name
def predict_deletion() -> Prediction:
    """What is left when a block is taken out of a trained network."""
    return Prediction(
        "Two trained networks of 10 layers, 4 blocks each: plain-10 without shortcuts, residual-10 with them."
        " Both get over nine in ten digits right. We take block 3 out and train nothing again. What is left?",
        Option(
            "Both fall to chance",
            "So it is in the plain network. In the residual one the shortcut still hands on what came in"
            " to block 3, and the block had only added to it.",
            "every layer depends on exactly the one before",
        ),
        Option(
            "Both lose a little",
            "The residual network does. The plain one falls to chance.",
            "a layer's share is one in so many",
        ),
        Option(
            "The plain network falls to chance, the residual one loses a little",
            "With a shortcut a deleted block leaves a path: its input. Without one, we think, the next"
            " block gets numbers unlike those that it was trained on. Not every block can go: try the"
            " first ones.",
        ),
    )


@with_name
def predict_gradient() -> Prediction:
    """The first layer's gradient in a deep plain network with batch norm."""
    return Prediction(
        "Take plain-56 with batch norm, before its first step. Take the loss's gradient for the weights"
        " of each convolution in its blocks; all have the same shape. Compared with the last one's, the"
        " first one's is ...",
        Option(
            "more than ten times as large (it explodes)",
            "It was so with each of ten random initializations: see below. The plain network's trouble at the"
            " start is not that gradients vanish.",
        ),
        Option(
            "between a tenth and ten times (about equal)",
            "It keeps the scale of what goes forward. But on the way back each convolution gets about 1.15"
            " times the gradient of the next one, on average. Over 54 convolutions that makes hundreds to"
            " thousands of times: exponential growth.",
            "batch norm keeps gradients equal",
        ),
        Option(
            "less than a tenth (it vanishes)",
            "It does vanish without norm and without shortcuts, with PyTorch's default initialization:"
            " set the three switches so. With batch norm it is the other way around.",
            "the shortcut cures vanishing gradients",
        ),
    )
