"""A chapter has all its parts, told in one message where not, and every part belongs to a chapter."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import pytest
from torch import nn

import blocks
from course import chapters
from course.kit.record import Chapter, name_of
from tests import ROOT
from tests.blocks import bad
from tests.blocks.claims import LIBRARIES, Claims, claims_of, module_of, wraps
from tests.course.test_floors import SEVERAL

FOLDERS = ("blocks", "course", "notebooks", "attachments", "tests/course")
FILES = {
    str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()
}
README = (ROOT / "README.md").read_text("utf-8")
BY_CONCEPT = {chapter.concept: chapter for chapter in chapters()}
OF_ALL = ("title", "notebook", "predictions")
OF_A_BLOCK = (*OF_ALL, "blocks", "place", "drawn", "explorers", "exercises", "runs", "mutants")


def is_about_blocks(chapter: Chapter) -> bool:
    return f"course.{chapter.concept}" not in SEVERAL


def missing(
    chapter: Chapter,
    files: set[str] = FILES,
    readme: str = README,
    claimed: Mapping[Any, Claims] | None = None,
) -> Iterator[str]:
    """Every part that the chapter lacks; `claimed` are its claims by block."""
    concept, tests = chapter.concept, f"tests/course/{chapter.concept}"
    for field in OF_A_BLOCK if is_about_blocks(chapter) else OF_ALL:
        if not getattr(chapter, field):
            yield f"course/{concept}/__init__.py: CHAPTER.{field} is empty"
    yield from (f"no file {path}" for path in files_of(chapter) if path not in files)
    yield from unresolved(chapter, files)
    row = f"| {chapter.number} |"
    if not re.search(rf"^{re.escape(row)}.*/{chapter.notebook}\.ipynb\)", readme, re.MULTILINE):
        yield f"README.md: no row '{row} ...' with a link to {chapter.notebook}.ipynb"
    exported = {name for name in chapter.blocks if is_from(concept, getattr(blocks, name, None))}
    for name in chapter.blocks:
        if name not in exported:
            yield f"blocks/__init__.py: {name} of blocks/{concept}.py is not exported"
    try:
        claimed = claims_of(chapter) if claimed is None else claimed
        answers = getattr(module_of(concept, "test_exercises"), "EXERCISES", ())
    except ImportError as error:
        yield f"{tests}: {error}"
        return
    answered = {exercise.check.__name__ for exercise in answers}
    for name in map(name_of, chapter.exercises):
        if name.startswith("check_") and name not in answered:
            yield f"{tests}/test_exercises.py: no answers for {name}"
    for block, claim in claimed.items():
        yield from (f"{tests}/block.py: {block.__name__}: {part}" for part in unclaimed(chapter, claim))


def is_from(concept: str, block: Any) -> bool:
    return getattr(block, "__module__", "") == f"blocks.{concept}"


def files_of(chapter: Chapter) -> Iterator[str]:
    """The files that a chapter has beside those that its record refers to."""
    concept = chapter.concept
    yield f"notebooks/{chapter.notebook}.ipynb"
    yield f"notebooks/teaching/{chapter.notebook}.md"
    yield f"tests/course/{concept}/__init__.py"
    yield from (f"course/{concept}/runs/{name}.json" for name in chapter.runs)
    if chapter.exercises:
        yield f"tests/course/{concept}/test_exercises.py"
    if is_about_blocks(chapter):
        yield from (f"blocks/{concept}.py", f"attachments/{concept}.svg")
        yield from (f"tests/course/{concept}/{name}.py" for name in ("block", "test_block"))


def unresolved(chapter: Chapter, files: set[str]) -> Iterator[str]:
    """What the record refers to and is not there."""
    optional = [reference for reference in (chapter.mutants, chapter.scoreboard) if reference]
    own = (*chapter.explorers, *chapter.predictions, *chapter.exercises, *chapter.runs.values(), *optional)
    for reference in dict.fromkeys((*own, *chapter.also)):
        module, _, name = reference.partition(":")
        path = f"course/{chapter.concept}/{module[1:]}.py"
        if module.startswith(".") and path not in files:
            yield f"no file {path}, which has {name}"
            continue
        try:
            chapter.resolve(reference)
        except (ImportError, AttributeError) as error:
            yield f"course/{chapter.concept}/__init__.py: {reference}: {error}"


def unclaimed(chapter: Chapter, claim: Claims) -> Iterator[str]:
    """What is not claimed of a block; of one that goes around any body, the body's claims hold."""
    without = [name for name, rows in bad.rows(claim).items() if not rows]
    yield from (f"no bad values for the argument {name}" for name in without)
    needed = ("walked", "lines") if wraps(claim.block) else CLAIMED
    yield from (f"{field} is empty" for field in needed if not getattr(claim, field))
    if wraps(claim.block):
        return
    for library in LIBRARIES:
        if library not in {*claim.references, *claim.absent}:
            yield f"no reference of {library}, and no reason in absent"
    mutants = chapter.resolve(chapter.mutants) if chapter.mutants else ()
    names = [mutant.name for mutant in mutants if mutant.imitates is claim.block]
    if not names:
        yield f"no broken version imitates it in course/{chapter.concept}/mutants.py"
    unknown = [name for name in names if name not in claim.refused]
    yield from (f"refused says nothing of the broken version {name!r}" for name in unknown)


CLAIMED = ("references", "contract", "further", "mutated", "refused", "walked", "lines")


@pytest.mark.parametrize("concept", BY_CONCEPT)
def test_chapter_is_complete(concept: str) -> None:
    found = list(missing(BY_CONCEPT[concept]))
    assert not found, "\n".join((f"The chapter {concept} lacks {len(found)} parts:", *found))


def public() -> set[str]:
    return {name for name, value in vars(blocks).items() if name[0] != "_" and not inspect.ismodule(value)}


def test_every_public_name_belongs_to_one_chapter() -> None:
    assert Counter(name for chapter in chapters() for name in chapter.blocks) == Counter(public())


PLACES = (
    *("notebooks/*.ipynb", "notebooks/teaching/*", "attachments/*.svg"),
    *("course/*/runs/*", "blocks/[a-z]*.py", "tests/course/*/block.py"),
)


def strays(files: set[str]) -> list[str]:
    """The files that no chapter has."""
    owned = {"attachments/course_map.svg", "attachments/explorer.svg"}
    for chapter in chapters():
        owned |= {*files_of(chapter), *(f"course/{chapter.concept}/runs/{name}.pt" for name in chapter.runs)}
        owned |= {f"{reference.partition(':')[0].replace('.', '/')}.py" for reference in chapter.also}
    return [path for path in sorted(files - owned) if any(map(PurePath(path).match, PLACES))]


def test_every_file_belongs_to_a_chapter() -> None:
    assert strays(FILES) == []


# --- each part taken away is named

MBCONV = BY_CONCEPT["mbconv"]
REFERRED_TO = ("_whole_block", "predictions", "experiment", "exercises", "mutants")
MBCONV_FILES = (*files_of(MBCONV), *(f"course/mbconv/{name}.py" for name in REFERRED_TO))


@pytest.mark.parametrize("field", OF_A_BLOCK)
def test_an_empty_field_is_named(field: str) -> None:
    nothing = None if field in ("place", "drawn") else type(getattr(MBCONV, field))()
    empty = replace(MBCONV, **{field: nothing})
    assert f"course/mbconv/__init__.py: CHAPTER.{field} is empty" in [*missing(empty)]


@pytest.mark.parametrize("path", MBCONV_FILES)
def test_a_file_taken_away_is_named(path: str) -> None:
    found = [*missing(MBCONV, files=FILES - {path})]
    assert found
    assert all(line.startswith(f"no file {path}") for line in found)


@pytest.mark.parametrize("field", CLAIMED)
def test_an_empty_claim_is_named(field: str) -> None:
    ((block, claim),) = claims_of(MBCONV).items()
    empty = replace(claim, **{field: type(getattr(claim, field))()})
    message = f"tests/course/mbconv/block.py: MBConv: {field} is empty"
    assert message in [*missing(MBCONV, claimed={block: empty})]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"references": {"timm": nn.Identity}}, "no reference of torchvision, and no reason in absent"),
        ({"refused": {"groups lost": set()}}, "refused says nothing of the broken version 'adds in place'"),
        ({"bad": {"expansion": ()}}, "no bad values for the argument expansion"),
    ],
)
def test_half_a_claim_is_named(claim: dict[str, Any], message: str) -> None:
    ((block, whole),) = claims_of(MBCONV).items()
    found = [*missing(MBCONV, claimed={block: replace(whole, **claim)})]
    assert f"tests/course/mbconv/block.py: MBConv: {message}" in found


def test_what_else_is_taken_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without = README.replace("| 08 |", "| |")
    assert [*missing(MBCONV, readme=without)] == [
        "README.md: no row '| 08 | ...' with a link to 08_mbconv.ipynb"
    ]
    wrong = replace(MBCONV, explorers=("._whole_block:half_block",))
    (line,) = missing(wrong)
    assert line.startswith("course/mbconv/__init__.py: ._whole_block:half_block: ")
    fewer = replace(MBCONV, mutants="course.fused_mbconv.mutants:MUTANTS")
    message = "no broken version imitates it in course/mbconv/mutants.py"
    assert f"tests/course/mbconv/block.py: MBConv: {message}" in [*missing(fewer)]
    answers = module_of("mbconv", "test_exercises")
    monkeypatch.setattr(answers, "EXERCISES", answers.EXERCISES[1:])
    assert [*missing(MBCONV)] == ["tests/course/mbconv/test_exercises.py: no answers for check_widths"]
    monkeypatch.undo()
    monkeypatch.delattr(blocks, "MBConv")
    assert "blocks/__init__.py: MBConv of blocks/mbconv.py is not exported" in [*missing(MBCONV)]


@pytest.mark.parametrize(
    "path",
    [
        "notebooks/11_new.ipynb",
        "notebooks/teaching/11_new.md",
        "attachments/new.svg",
        "course/mbconv/runs/new.json",
        "blocks/new.py",
        "tests/course/new/block.py",
    ],
)
def test_a_stray_file_is_found(path: str) -> None:
    assert strays(FILES | {path}) == [path]
