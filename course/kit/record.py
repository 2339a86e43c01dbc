"""The record of a chapter: plain data on what its folder holds, read without torch or matplotlib."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

KIT = (
    "course.kit.checks.compare:difference",
    "course.kit.panel:progress",
    "course.kit.panel:show_runs",
    "course.kit.panel:show_times",
    "course.kit.panel:source",
    "course.kit.panel:walk_through",
    "course.kit.training.grids:grid",
    "course.kit.training.runs:verdict",
)
"""What a notebook may import of the kit through its chapter."""


@dataclass(frozen=True)
class Place:
    """Where a block stands on the map of the course, and what the map says of it.

    Attributes:
        change: what is new against what it grows out of, one line of the box each.
        year, arxiv: of the paper that the notebook follows, which is not always the first.
        networks: some that are made of it.
        parents: the concepts that it grows out of.
        column, row: of its box.
    """

    change: tuple[str, ...]
    year: int
    arxiv: str
    networks: str
    parents: tuple[str, ...]
    column: int
    row: int


@dataclass(frozen=True)
class Drawn:
    """The block in attachments/, at a setting that a network uses.

    Attributes:
        block: a reference, "blocks:MBConv".
        arguments, options: what it is called with, by place (the channels of the input come first) and by
            name; an option may be a reference.
        pixels: of the input, which is square.
        label: the alternative text, which names the network.
    """

    block: str
    arguments: tuple[int, ...]
    pixels: int
    label: str
    options: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chapter:
    """What a chapter has.

    A reference is "module:name", resolved when it is used; a module that begins with a dot lies in the
    chapter's folder.

    Attributes:
        concept: the name of the folder.
        title: on the map.
        words: its name within a sentence, where that is not the title with a small letter.
        notebook: its name without the ending, "08_mbconv". Only notebooks carry numbers.
        blocks: the names in `blocks` that the chapter is about.
        place, drawn: on the map, and in attachments/; None for a chapter that is not about a block.
        explorers, predictions: references to functions without required arguments.
        idea: by the name of each explorer of its own the one thing that its picture shows, as a sentence.
        exercises: references to the checkers, and to what an exercise looks through.
        runs: references to experiments (`course.kit.training.experiments`), by name; runs/NAME.json holds
            what they gave.
        comparisons: for an experiment the pairs of settings that a page compares: first against second.
        scoreboard: blocks by name, as they stand in the scoreboard's network; a reference, or "".
        mutants: broken versions of the blocks; a reference, or "".
        also: references to what else the notebook imports from the chapter.
    """

    concept: str
    title: str
    notebook: str
    words: str = ""
    blocks: tuple[str, ...] = ()
    place: Place | None = None
    drawn: Drawn | None = None
    explorers: tuple[str, ...] = ()
    idea: Mapping[str, str] = field(default_factory=dict)
    predictions: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    runs: Mapping[str, str] = field(default_factory=dict)
    comparisons: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    scoreboard: str = ""
    mutants: str = ""
    also: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The number of the notebook, "08"."""
        return self.notebook.partition("_")[0]

    @property
    def in_words(self) -> str:
        """Its name within a sentence: "residual", "MBConv"."""
        return self.words or (self.title if self.title[1:] != self.title[1:].lower() else self.title.lower())

    def resolve(self, reference: str) -> Any:
        """What a reference names."""
        module, _, name = reference.partition(":")
        return getattr(importlib.import_module(module, f"course.{self.concept}"), name)


def name_of(reference: str) -> str:
    """The name in a reference, "expansion" in ".experiment:expansion"."""
    return reference.partition(":")[2]


def lazily(chapter: Chapter) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a chapter: its names, each loaded on first use."""
    own = (*chapter.explorers, *chapter.predictions, *chapter.exercises, chapter.mutants, *chapter.also)
    names = {name_of(reference): reference for reference in (*KIT, *own) if reference}

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(
                f"course.{chapter.concept} has no {name!r}; it has {', '.join(sorted(names))}."
            )
        return chapter.resolve(names[name])

    return get, lambda: ["CHAPTER", *sorted(names)]
