"""Every block keeps its contract, over a wide grid."""

from itertools import product
from typing import Any

import pytest
from torch import nn

from blocks import (
    BasicBlock,
    Bottleneck,
    ConvNormAct,
    DepthwiseSeparable,
    FusedMBConv,
    InvertedResidual,
    LinearBottleneck,
    MBConv,
    SqueezeExcitation,
)
from blocks.exercises import contract
from blocks.exercises.case import Case

CHANNELS = [(1, 1), (1, 4), (3, 3), (4, 7), (6, 2), (7, 7)]
STRIDES = [1, 2]
KERNELS = [3, 5]
EXPANSIONS = [1, 2.5, 6]
SIZES = [(7, 9), (8, 5), (1, 3), (6, 6)]


def grid(block: type[nn.Module], **choices: list[Any]) -> list[Case]:
    """All combinations of the choices; the input sizes take turns."""
    settings = [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    return [
        Case(
            block,
            {
                "in_channels": pair[0],
                "out_channels": pair[1],
                "stride": stride,
                **setting,
            },
            SIZES[number % len(SIZES)],
        )
        for number, (pair, stride, setting) in enumerate(product(CHANNELS, STRIDES, settings))
    ]


CASES = [
    *grid(ConvNormAct, kernel_size=[1, *KERNELS], norm=[nn.BatchNorm2d, None]),
    Case(ConvNormAct, {"in_channels": 6, "out_channels": 4, "groups": 2, "dilation": 2, "stride": 3}),
    Case(ConvNormAct, {"in_channels": 5, "out_channels": 5, "groups": 5, "act": None}),
    *grid(BasicBlock),
    *grid(Bottleneck, reduction=[1]),
    Case(Bottleneck, {"in_channels": 3, "out_channels": 6, "reduction": 2}),
    Case(Bottleneck, {"in_channels": 6, "out_channels": 6, "reduction": 3, "stride": 2}),
    Case(Bottleneck, {"in_channels": 4, "out_channels": 4}),
    *grid(DepthwiseSeparable, kernel_size=KERNELS),
    *grid(LinearBottleneck, kernel_size=KERNELS),
    *grid(InvertedResidual, kernel_size=KERNELS, expansion=EXPANSIONS),
    *(Case(SqueezeExcitation, {"channels": c}) for c in range(1, 8)),
    *(Case(SqueezeExcitation, {"channels": c, "reduction": 2}, (5, 3)) for c in range(1, 8)),
    Case(SqueezeExcitation, {"channels": 7, "squeezed_channels": 3, "act": nn.SiLU, "gate": nn.Hardsigmoid}),
    *grid(MBConv, kernel_size=KERNELS, expansion=EXPANSIONS),
    *grid(MBConv, se_reduction=[1, 3], drop_probability=[0.2]),
    *grid(FusedMBConv, kernel_size=KERNELS, expansion=EXPANSIONS),
]


def name(case: Case) -> str:
    values = (getattr(value, "__name__", value) for value in case.arguments.values())
    return f"{case.block.__name__}-{'-'.join(map(str, values))}-{case.size[0]}x{case.size[1]}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_contract(case: Case) -> None:
    assert contract.diagnose(case.block, case) == {}


@pytest.mark.parametrize("block", sorted({case.block for case in CASES}, key=lambda block: block.__name__))
def test_compiles(block: type[nn.Module]) -> None:
    case = next(case for case in CASES if case.block is block and case.in_channels == 3)
    assert contract.diagnose(block, case, (contract.compiles,)) == {}
