"""Every public block is compared with torchvision's and timm's, where both have it."""

import inspect

import pytest
from torch import nn

import blocks
from tests.blocks.claims import LIBRARIES, claimed, claims

PUBLIC = {block for block in vars(blocks).values() if inspect.isclass(block)}
BLOCKS = [each.block for each in claimed()]


def test_every_public_block_is_compared() -> None:
    """Residual goes around any body: neither library has it by itself, and BasicBlock is compared."""
    assert set(BLOCKS) == PUBLIC - {blocks.Residual}
    assert set(claims()) == PUBLIC


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_with_both_libraries_where_both_have_it(block: type[nn.Module]) -> None:
    claim = claims()[block]
    assert {*claim.references} ^ {*claim.absent} == {*LIBRARIES}
    for library, reference in claim.references.items():
        made = reference(claim.imitated()[0])
        assert type(made).__module__.partition(".")[0] == library
