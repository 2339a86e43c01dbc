"""Every wrong twin is refused, and by which checks; the right blocks are refused by none of these."""

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
from course import chapters
from course.kit.checks import contract
from course.kit.checks.case import Case
from course.kit.checks.compare import difference
from course.kit.checks.mutants import Mutant
from tests.blocks.equality import LIBRARIES, REFERENCES, equals_reference, library

MUTANTS = [mutant for chapter in chapters() if chapter.mutants for mutant in chapter.resolve(chapter.mutants)]
SAME = {"in_channels": 8, "out_channels": 8}
OTHER = {"in_channels": 8, "out_channels": 16}
EXPANDING = (SAME, OTHER, {**OTHER, "stride": 2}, {**SAME, "expansion": 1})
ARGUMENTS = {
    ConvNormAct: (SAME, OTHER),
    BasicBlock: (SAME, {**OTHER, "stride": 2}),
    Bottleneck: (SAME, {**OTHER, "stride": 2}),
    DepthwiseSeparable: (SAME, OTHER),
    LinearBottleneck: (SAME, OTHER),
    InvertedResidual: EXPANDING,
    SqueezeExcitation: ({"channels": 8, "reduction": 2},),
    MBConv: (*EXPANDING, {**SAME, "drop_probability": 0.3}),
    FusedMBConv: EXPANDING,
}


def cases(block: type[nn.Module]) -> list[Case]:
    return [Case(block, arguments) for arguments in ARGUMENTS[block]]


def refused_by(build: contract.Build, block: type[nn.Module]) -> set[str]:
    """The checks, and the libraries whose block differs, that refuse it in one case or another."""
    found = set()
    for case in cases(block):
        found.update(contract.diagnose(build, case))
        for reference in REFERENCES[block]:
            if equals_reference(build, case, reference):
                found.add(library(reference, case))
    return found


# Equality with each of the references refuses every one; what else does, in one case or another.
REFUSED: dict[tuple[str, str], set[str]] = {
    ("conv_norm_act", "bias before the norm"): {"parameters"},
    ("conv_norm_act", "norm forgotten"): {"parameters"},
    ("conv_norm_act", "norm after the activation"): {"ending"},
    ("residual", "adds in place"): {"gradients", "input_untouched", "outputs_untouched"},
    ("residual", "shortcut dropped"): {"gradients", "multiply_adds", "shortcut_alone"},
    ("residual", "activation before the addition"): {"ending", "shortcut_alone"},
    ("residual", "first layer dead"): {"gradients", "traceable"},
    ("residual", "always projected"): {"multiply_adds", "parameters", "shortcut_alone"},
    ("bottleneck", "activation before the addition"): {"ending", "shortcut_alone"},
    ("bottleneck", "stride on the first 1x1"): {"multiply_adds"},
    ("bottleneck", "width from the input"): {"multiply_adds", "parameters"},
    ("bottleneck", "projection shortcut activated"): set(),
    ("depthwise_separable", "groups lost"): {"multiply_adds", "parameters"},
    ("depthwise_separable", "linear end"): {"ending"},
    ("depthwise_separable", "linear middle"): set(),
    ("linear_bottleneck", "activation at the narrow end"): {"ending"},
    ("linear_bottleneck", "no activation at all"): set(),
    ("linear_bottleneck", "shortcut added"): {"ending", "shortcut_alone", "traceable"},
    ("inverted_residual", "groups lost"): {"multiply_adds", "parameters"},
    ("inverted_residual", "activation after the projection"): {"ending"},
    ("inverted_residual", "shortcut projected"): {"ending", "multiply_adds", "parameters", "shortcut_alone"},
    ("inverted_residual", "wide ends joined"): {"ending", "shortcut_alone", "traceable"},
    ("inverted_residual", "ReLU after the addition"): {"ending", "shortcut_alone"},
    ("squeeze_excitation", "squeezed over the batch"): {"samples_apart"},
    ("squeeze_excitation", "SiLU for ReLU"): set(),
    ("squeeze_excitation", "softmax gate"): {"shortcut_alone"},
    ("squeeze_excitation", "gate added"): {"shortcut_alone"},
    ("squeeze_excitation", "biases left out"): {"parameters"},
    ("mbconv", "groups lost"): {"multiply_adds", "parameters"},
    ("mbconv", "activation after the projection"): {"ending"},
    ("mbconv", "squeeze-and-excitation dropped"): {"multiply_adds", "parameters"},
    ("mbconv", "squeezed width from the expanded"): {"multiply_adds", "parameters"},
    ("mbconv", "bias before the norm"): {"parameters"},
    ("mbconv", "adds in place"): {"gradients", "input_untouched", "outputs_untouched"},
    ("mbconv", "shortcut dropped"): {"ending", "shortcut_alone"},
    ("mbconv", "squeeze-and-excitation too early"): set(),
    ("mbconv", "ReLU after the addition"): {"ending", "shortcut_alone"},
    ("mbconv", "SiLU after the addition"): {"ending", "shortcut_alone"},
    ("mbconv", "ReLU for SiLU"): set(),
    ("mbconv", "dropout for stochastic depth"): set(),
    ("fused_mbconv", "SiLU after the addition"): {"ending", "shortcut_alone"},
    ("fused_mbconv", "projection kept"): {"ending", "multiply_adds", "parameters"},
    ("fused_mbconv", "single convolution linear"): {"ending"},
    ("fused_mbconv", "squeeze-and-excitation added"): {"multiply_adds", "parameters", "shortcut_alone"},
    ("fused_mbconv", "stride on the projection"): {"multiply_adds"},
}


def same_cost(mutant: Mutant) -> bool:
    """Whether it has the right parameters and multiply-adds in every case."""
    checks = (contract.parameters, contract.multiply_adds)
    return not any(contract.diagnose(mutant.build, case, checks) for case in cases(mutant.imitates))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.concept}: {mutant.name}")
def test_refused_by_these_checks(mutant: Mutant) -> None:
    alone = REFUSED[mutant.concept, mutant.name]
    assert refused_by(mutant.build, mutant.imitates) == alone | LIBRARIES[mutant.imitates]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.concept}: {mutant.name}")
def test_keeps_the_output_shape(mutant: Mutant) -> None:
    for case in cases(mutant.imitates):
        assert contract.output_shape(mutant.build, case) is None


def test_how_many() -> None:
    """At least 20, every concept among them; at least 8 that no count can tell from the right block."""
    assert len(MUTANTS) == len(REFUSED) >= 20
    assert {mutant.concept for mutant in MUTANTS} == {block.__module__.split(".")[1] for block in ARGUMENTS}
    assert sum(map(same_cost, MUTANTS)) >= 8


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.concept}: {mutant.name}")
def test_learners_comparison_refuses_it(mutant: Mutant) -> None:
    found = [
        difference(mutant.build(**case.arguments), case.block(**case.arguments), case.input().shape)
        for case in cases(mutant.imitates)
    ]
    assert any(found)


@pytest.mark.parametrize("block", ARGUMENTS, ids=lambda block: block.__name__)
def test_right_blocks_are_not_refused(block: type[nn.Module]) -> None:
    assert refused_by(block, block) == set()
