"""Every public block is compared with torchvision's and timm's, where both have it; and what holds of all."""

import inspect

import pytest
from torch import nn

import blocks
from tests.blocks.equality import LIBRARIES, REFERENCES, library
from tests.blocks.test_mutants import cases

PUBLIC = {block for block in vars(blocks).values() if inspect.isclass(block)}


def test_every_public_block_is_compared() -> None:
    """Residual goes around any body: neither library has it by itself, and BasicBlock is compared."""
    assert set(REFERENCES) == PUBLIC - {blocks.Residual}


@pytest.mark.parametrize("block", REFERENCES, ids=lambda block: block.__name__)
def test_with_both_libraries_where_both_have_it(block: type[nn.Module]) -> None:
    used = {library(reference, cases(block)[0]) for reference in REFERENCES[block]}
    assert used == LIBRARIES[block]
