"""What is claimed of each block: its chapter says it in tests/course/<concept>/block.py.

The tests in this folder try every claim. A chapter that leaves a part out is not skipped: its block stands
here with that part empty; the tests fail, and test_chapter_is_complete names the part.
"""

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import product
from types import ModuleType
from typing import Any, Literal

from torch import nn

import blocks
from course import chapters
from course.kit.checks.case import Case
from course.kit.record import Chapter

Arguments = Mapping[str, Any]
Setting = tuple[Arguments, tuple[int, int]]
Reference = Callable[[Case], nn.Module]
Bad = tuple[type[Exception], str, tuple[Any, ...]]
LIBRARIES = ("torchvision", "timm")
SIZE = (9, 6)


@dataclass(frozen=True)
class Claims:
    """What is claimed of a block.

    Attributes:
        shortcut: see `Case`.
        ends_linear: see `Case`; of a case, since a block may leave its last convolution out.
        references: by library the same block there, for our arguments.
        absent: by library why it has no such block.
        contract: arguments and sizes on which the whole contract is kept.
        further: arguments with which the block is copied, scripted, quantized and so on.
        mutated: arguments on which the broken versions are tried.
        refused: by name of the broken version the checks that refuse it, in one case or another; the
            comparison with each of the references refuses every one.
        bad: rows for an argument, in place of those that test_arguments has for its name.
        walked: blocks to walk through, by a name for the test, with the channels of the input.
        lines: by part the line of forward, as it stands in the source, on which it runs.
    """

    block: type[nn.Module]
    shortcut: Literal["", "identity", "projected"] = ""
    ends_linear: Callable[[Case], bool] = lambda _: False
    references: Mapping[str, Reference] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    contract: Sequence[Setting] = ()
    further: Sequence[Arguments] = ()
    mutated: Sequence[Arguments] = ()
    refused: Mapping[str, set[str]] = field(default_factory=dict)
    bad: Mapping[str, Sequence[Bad]] = field(default_factory=dict)
    walked: Mapping[str, tuple[nn.Module, int]] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)

    def case(self, arguments: Arguments, size: tuple[int, int] = SIZE) -> Case:
        """A case of the block, with what is claimed of it."""
        linear = self.ends_linear(Case(self.block, arguments))
        return Case(self.block, arguments, size, self.shortcut, linear)

    def imitated(self) -> list[Case]:
        """The cases on which the broken versions are tried."""
        return [self.case(arguments) for arguments in self.mutated]


def module_of(concept: str, name: str) -> ModuleType | None:
    """A chapter's file of tests, None where there is none: test_chapter_is_complete then names it."""
    folder = f"tests.course.{concept}"
    if find_spec(folder) is None or find_spec(f"{folder}.{name}") is None:
        return None
    return importlib.import_module(f"{folder}.{name}")


def claims_of(chapter: Chapter) -> dict[type[nn.Module], Claims]:
    """By block, for every block in the chapter's record."""
    found = {each.block: each for each in getattr(module_of(chapter.concept, "block"), "CLAIMS", ())}
    here = [getattr(blocks, name) for name in chapter.blocks if hasattr(blocks, name)]
    return {block: found.get(block, Claims(block)) for block in here}


@functools.cache
def claims() -> dict[type[nn.Module], Claims]:
    """By block, of all chapters."""
    return {block: claim for chapter in chapters() for block, claim in claims_of(chapter).items()}


def wraps(block: type[nn.Module]) -> bool:
    """Whether it goes around any module, as Residual does: its costs and its equal are those of its body."""
    return next(iter(inspect.signature(block).parameters.values())).annotation is nn.Module


def claimed() -> list[Claims]:
    """Of every block that is one by itself."""
    return [each for each in claims().values() if not wraps(each.block)]


CHANNELS = [(1, 1), (1, 4), (3, 3), (4, 7), (6, 2), (7, 7)]
STRIDES = [1, 2]
KERNELS = [3, 5]
EXPANSIONS = [1, 2.5, 6]
SIZES = [(7, 9), (8, 5), (1, 3), (6, 6)]
SAME = {"in_channels": 8, "out_channels": 8}
OTHER = {"in_channels": 8, "out_channels": 16}
EXPANDING = (SAME, OTHER, {**OTHER, "stride": 2}, {**SAME, "expansion": 1})


def grid(**choices: list[Any]) -> list[Setting]:
    """All combinations of the choices; the input sizes take turns."""
    settings = [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    return [
        (
            {"in_channels": pair[0], "out_channels": pair[1], "stride": stride, **setting},
            SIZES[number % len(SIZES)],
        )
        for number, (pair, stride, setting) in enumerate(product(CHANNELS, STRIDES, settings))
    ]
