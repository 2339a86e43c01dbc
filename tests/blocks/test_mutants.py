"""Every wrong twin is refused, and by which checks; the right blocks are refused by none of these."""

import pytest
from torch import nn

from course import chapters
from course.kit.checks import contract
from course.kit.checks.compare import difference
from course.kit.checks.mutants import Mutant
from tests.blocks.claims import claimed, claims
from tests.blocks.equality import equals_reference

MUTANTS = [  # two chapters show some of them
    *dict.fromkeys(
        mutant for chapter in chapters() if chapter.mutants for mutant in chapter.resolve(chapter.mutants)
    )
]
BLOCKS = [each.block for each in claimed()]


def refused_by(build: contract.Build, block: type[nn.Module]) -> set[str]:
    """The checks, and the libraries whose block differs, that refuse it in one case or another."""
    found = set()
    for case in claims()[block].imitated():
        found.update(contract.diagnose(build, case))
        for library, reference in claims()[block].references.items():
            if equals_reference(build, case, reference):
                found.add(library)
    return found


def same_cost(mutant: Mutant) -> bool:
    """Whether it has the right parameters and multiply-adds in every case."""
    checks = (contract.parameters, contract.multiply_adds)
    return not any(
        contract.diagnose(mutant.build, case, checks) for case in claims()[mutant.imitates].imitated()
    )


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.concept}: {mutant.name}")
def test_refused_by_these_checks(mutant: Mutant) -> None:
    claim = claims()[mutant.imitates]
    assert refused_by(mutant.build, mutant.imitates) == claim.refused[mutant.name] | set(claim.references)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.concept}: {mutant.name}")
def test_keeps_the_output_shape(mutant: Mutant) -> None:
    for case in claims()[mutant.imitates].imitated():
        assert contract.output_shape(mutant.build, case) is None


def test_how_many() -> None:
    """At least 20, of each block those that its chapter claims; at least 8 with the right counts."""
    assert len(MUTANTS) >= 20
    for each in claims().values():
        assert sorted(mutant.name for mutant in MUTANTS if mutant.imitates is each.block) == sorted(
            each.refused
        )
    assert {mutant.imitates for mutant in MUTANTS} == set(BLOCKS)
    assert sum(map(same_cost, MUTANTS)) >= 8


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.concept}: {mutant.name}")
def test_learners_comparison_refuses_it(mutant: Mutant) -> None:
    found = [
        difference(mutant.build(**case.arguments), case.block(**case.arguments), case.input().shape)
        for case in claims()[mutant.imitates].imitated()
    ]
    assert any(found)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_right_blocks_are_not_refused(block: type[nn.Module]) -> None:
    assert claims()[block].mutated
    assert refused_by(block, block) == set()
