"""Interactive pictures of the blocks: moved by a reader, computed from the real modules."""

from blocks.explorers.controls import Choice as Choice
from blocks.explorers.controls import Number as Number
from blocks.explorers.explorer import Explorer as Explorer
