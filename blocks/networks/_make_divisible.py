"""Channel numbers that stay a multiple of 8 when a network is scaled.

The rule of Google's code for MobileNetV2, MobileNetV3 and EfficientNet, and of torchvision and timm.
Google's code for EfficientNetV2 rounds without the 90 % step.
"""

import math
from numbers import Real


def make_divisible(channels: float, divisor: int = 8) -> int:
    """The multiple of `divisor` nearest to `channels`, at least one, and never below 90 % of `channels`.

    Raises:
        TypeError: channels or divisor is not a number.
        ValueError: channels is not positive, or divisor is below 1, or they are not finite.

    >>> make_divisible(33.6), make_divisible(18), make_divisible(4)
    (32, 24, 8)
    """
    for name, value in (("channels", channels), ("divisor", divisor)):
        if not isinstance(value, Real):
            raise TypeError(f"make_divisible: {name} must be a number, got {value!r}.")
    if not (0 < channels < math.inf and 1 <= divisor < math.inf):
        raise ValueError(
            "make_divisible: channels must be positive and divisor at least 1,"
            f" got channels={channels!r} and divisor={divisor!r}."
        )
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded if rounded >= 0.9 * channels else rounded + divisor
