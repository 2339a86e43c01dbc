"""What the notebooks show: one folder for each concept, built of what `course.kit` holds.

Importing it loads nothing else; EXPLORERS and `chapters` load what they name on first use.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.kit.panel import Explorer
    from course.kit.record import Chapter


@functools.cache
def chapters() -> "tuple[Chapter, ...]":
    """The records of all chapters, in the order of their notebooks."""
    folders = [
        module.name for module in pkgutil.iter_modules(__path__) if module.ispkg and module.name != "kit"
    ]
    records = [importlib.import_module(f"course.{name}").CHAPTER for name in folders]
    return tuple(sorted(records, key=lambda record: record.notebook))


class _Explorers(Mapping[str, "Callable[[], Explorer[Any]]"]):
    """By name a function without required arguments that makes the explorer."""

    def __getitem__(self, name: str) -> "Callable[[], Explorer[Any]]":
        chapter, reference = _explorers()[name]
        made: Callable[[], Explorer[Any]] = chapter.resolve(reference)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(_explorers())

    def __len__(self) -> int:
        return len(_explorers())


@functools.cache
def _explorers() -> "dict[str, tuple[Chapter, str]]":
    from course.kit.record import name_of  # noqa: PLC0415 - the course imports nothing when it is imported

    return {
        name_of(reference): (chapter, reference) for chapter in chapters() for reference in chapter.explorers
    }


EXPLORERS: Mapping[str, "Callable[[], Explorer[Any]]"] = _Explorers()
