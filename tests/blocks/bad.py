"""Bad values by the name of an argument; its rule is the same everywhere, unless a chapter says otherwise."""

import inspect
from functools import partial

import numpy as np
import torch
from torch import nn

from blocks import SqueezeExcitation
from tests.blocks.claims import Bad, Claims

RANGE = "must be a whole number from 1 to 65536"
KERNEL = "must be a whole number from 1 to 255"
POSITIVE = "must be a positive number"
SHARE = "must be a number from 0 to below 1"
STRIDE = "must be 1 or 2"
FACTORY = "callable that returns a Module, such as the class"
NOT_WHOLE = (True, False, 2.0, "3", None, (3, 3), [3], np.bool_(True), np.float64(2), np.array([2]))
TENSORS = (torch.tensor(True), torch.tensor(2.0), torch.tensor([2]), torch.tensor(2, device="meta"))
NOT_NUMBERS = (True, "6", None, 1j, [6], np.bool_(True), np.array([6]), torch.tensor(True))
NOT_CALLABLE = (3, "relu", True, nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d, dict)
NOT_FINITE = (float("nan"), float("inf"))


def fails() -> nn.Module:
    return nn.ReLU(1 / 0)


WHOLE: tuple[Bad, ...] = (
    (TypeError, RANGE, (*NOT_WHOLE, *TENSORS)),
    (ValueError, RANGE, (0, -1, -4, 65_537, 10**30)),
)
OPTIONAL: tuple[Bad, ...] = (
    (TypeError, f"must be None or a {FACTORY} nn.", NOT_CALLABLE),
    (ValueError, f"must be None or a {FACTORY} nn.", (lambda *_: fails(),)),
)
SHARED: dict[str, tuple[Bad, ...]] = {
    **dict.fromkeys(
        ("in_channels", "out_channels", "channels", "dilation", "reduction", "se_reduction"), WHOLE
    ),
    "squeezed_channels": ((TypeError, RANGE, (True, 2.0, "3")), (ValueError, RANGE, (0, -1))),
    "stride": ((TypeError, STRIDE, (*NOT_WHOLE, *TENSORS)), (ValueError, STRIDE, (0, -1, 3, 4))),
    "kernel_size": (
        (TypeError, KERNEL, NOT_WHOLE),
        (ValueError, KERNEL, (0, -3, 257)),
        (ValueError, "must be odd", (2, 4, 254)),
    ),
    "expansion": (
        (TypeError, POSITIVE, NOT_NUMBERS),
        (ValueError, POSITIVE, (0, -6, -0.5, *NOT_FINITE, -float("inf"))),
        (ValueError, f"{POSITIVE} that gives an expanded width", (1e-3, 1e5, 1e308, 10**400)),
    ),
    "drop_probability": (
        (TypeError, SHARE, NOT_NUMBERS),
        (ValueError, SHARE, (1, 1.0, -0.1, -1, 2, *NOT_FINITE)),
    ),
    "norm": (*OPTIONAL, (ValueError, "must be None or a callable", (partial(nn.GroupNorm, 3),))),
    "act": OPTIONAL,
    "gate": (
        (TypeError, f"must be a {FACTORY} nn.Sigmoid", (None, 1, "sigmoid", nn.Sigmoid(), nn.Conv2d, str)),
    ),
    "squeeze_excitation": (
        (TypeError, f"must be None or a {FACTORY} SqueezeExcitation", (True, 4, SqueezeExcitation(8))),
    ),
}


def rows(claim: Claims) -> dict[str, tuple[Bad, ...]]:
    """By argument, its chapter's own rows or those of its name; an argument without any has ()."""
    names = inspect.signature(claim.block).parameters
    return {name: tuple(claim.bad.get(name, SHARED.get(name, ()))) for name in names}
