"""Channel numbers that stay a multiple of 8 when a network is scaled.

The rule of Google's code for MobileNetV2, MobileNetV3 and EfficientNet, and of torchvision and timm.
Google's code for EfficientNetV2 rounds without the 90 % step.
"""


def make_divisible(channels: float, divisor: int = 8) -> int:
    """The multiple of `divisor` nearest to `channels`, at least one, and never below 90 % of `channels`.

    Raises:
        ValueError: channels is not positive, or divisor is below 1.

    >>> make_divisible(33.6), make_divisible(18), make_divisible(4)
    (32, 24, 8)
    """
    if not (channels > 0 and divisor >= 1):
        raise ValueError(
            "make_divisible: channels must be positive and divisor at least 1,"
            f" got channels={channels!r} and divisor={divisor!r}."
        )
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded if rounded >= 0.9 * channels else rounded + divisor
