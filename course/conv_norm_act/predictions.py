"""The predictions of notebook 01."""

from course.kit.panel import Option, Prediction, with_name


@with_name
def predict_batch() -> Prediction:
    """Whether other images in the batch change what batch norm makes of one."""
    return Prediction(
        "A photograph goes through a convolution and a batch norm, once alone and once in a batch with two"
        " others. A batch norm has two modes: train while a network is trained, eval when it is used"
        " afterwards. Does the norm make the same of the photograph both times?",
        Option(
            "No, in neither mode",
            "Only in train mode. In eval mode it uses what it has kept, so that an answer does not depend"
            " on what else was asked.",
            "batch norm does the same in train and eval mode",
        ),
        Option(
            "Yes, in both modes",
            "Mean and standard deviation are taken over all pixels of all images in the batch, for each"
            " channel. The other images count as much as this one.",
            "batch norm treats each image alone",
        ),
        Option(
            "No in train mode, yes in eval mode",
            "In train mode it uses the mean and standard deviation of the batch, in eval mode those that"
            " it has kept from training: whoever else is in the batch then does not matter.",
        ),
    )


@with_name
def predict_pointwise() -> Prediction:
    """What a 1x1 convolution can do."""
    return Prediction(
        "A 1x1 convolution, 8 channels in and 8 out. Its window is a single pixel. What can it do?",
        Option(
            "Join the 8 channels at every pixel, with 64 weights",
            "It is a linear layer across the channels, an 8 x 8 matrix that is the same at every pixel."
            " That is how most blocks of this course change the number of channels.",
        ),
        Option(
            "Copy the 8 channels, and nothing more",
            "It has no neighbors to join, but 8 channels at every pixel: it joins those.",
            "a 1x1 convolution does nothing",
        ),
        Option(
            "Scale each of the 8 channels, with 8 weights",
            "That would be a 1x1 convolution with 8 groups. Without groups every output channel sees"
            " every input channel.",
            "a convolution keeps the channels apart",
        ),
    )


@with_name
def predict_rate() -> Prediction:
    """What a norm does to the range of learning rates that work."""
    return Prediction(
        "A small network of four convolutions learns to classify digits. Without a norm, 0.1 is the best on"
        " average of the learning rates that we tried. Now we set the rate to 1, once with batch norm and"
        " once without. What happens?",
        Option(
            "Both get over nine in ten right",
            "Without a norm this rate leaves the network at chance, one digit in ten.",
            "a norm only makes training faster",
        ),
        Option(
            "With the norm over nine in ten are right; without, it is at chance",
            "With a norm the output no longer depends on the scale of the weights. So a large step cannot"
            " blow the signal up: that is the paper's reason for high rates (section 3.3).",
        ),
        Option(
            "Both end at chance",
            "For the network without a norm it is. With batch norm the same rate works.",
            "a rate is too large or not, whatever the layers",
        ),
    )
