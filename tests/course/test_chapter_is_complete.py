"""A chapter has all its parts, told in one message where not, and every part belongs to a chapter."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
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
    for name in chapter.blocks:
        if getattr(getattr(blocks, name, None), "__module__", "") != f"blocks.{concept}":
            yield f"blocks/__init__.py: {name} of blocks/{concept}.py is not exported"
    yield from unanswered(chapter)
    try:
        claimed = claims_of(chapter) if claimed is None else claimed
    except ImportError as error:
        yield f"{tests}/block.py: {error}"
        return
    for claim in claimed.values():
        told = (*unclaimed(claim), *unbroken(chapter, claim))
        yield from (f"{tests}/block.py: {claim.block.__name__}: {part}" for part in told)


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


def unanswered(chapter: Chapter) -> Iterator[str]:
    """The checkers that no answer is tried on."""
    path = f"tests/course/{chapter.concept}/test_exercises.py"
    try:
        answers = getattr(module_of(chapter.concept, "test_exercises"), "EXERCISES", ())
    except ImportError as error:
        yield f"{path}: {error}"
        return
    checkers = [name for name in map(name_of, chapter.exercises) if name.startswith("check_")]
    answered = {exercise.check.__name__ for exercise in answers}
    yield from (f"{path}: no answers for {name}" for name in checkers if name not in answered)


def unclaimed(claim: Claims) -> Iterator[str]:
    """What is not claimed of a block; of one that goes around any body, the body's claims hold."""
    without = [name for name, rows in bad.rows(claim).items() if not rows]
    yield from (f"no bad values for the argument {name}" for name in without)
    needed = ("walked", "lines") if wraps(claim.block) else CLAIMED
    yield from (f"{field} is empty" for field in needed if not getattr(claim, field))
    for library in () if wraps(claim.block) else LIBRARIES:
        if library not in {*claim.references, *claim.absent}:
            yield f"no reference of {library}, and no reason in absent"


def unbroken(chapter: Chapter, claim: Claims) -> Iterator[str]:
    """The broken versions that are missing or of which nothing is claimed."""
    mutants = ()
    with suppress(ImportError, AttributeError):  # what cannot be resolved is named above
        mutants = chapter.resolve(chapter.mutants) if chapter.mutants else ()
    names = [mutant.name for mutant in mutants if mutant.imitates is claim.block]
    if not names and not wraps(claim.block):
        yield "no broken version imitates it"
    yield from (f"refused has no {name!r}" for name in names if name not in claim.refused)


CLAIMED = ("contract", "further", "mutated", "refused", "walked", "lines")


@pytest.mark.parametrize("concept", BY_CONCEPT)
def test_chapter_is_complete(concept: str) -> None:
    found = list(missing(BY_CONCEPT[concept]))
    assert not found, "\n".join((f"The chapter {concept} is not complete:", *found))


def public() -> set[str]:
    return {name for name, value in vars(blocks).items() if name[0] != "_" and not inspect.ismodule(value)}


def test_every_public_name_belongs_to_one_chapter() -> None:
    owners = Counter(name for chapter in chapters() for name in chapter.blocks)
    wrong = [name for name in {*owners, *public()} if owners[name] != (name in public())]
    assert not wrong, f"Public, but not of one chapter, or of a chapter, but not public: {wrong}"


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
    found = strays(FILES)
    assert not found, "\n".join(("No chapter has these files:", *found))


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
        ({"references": {}}, "no reference of timm, and no reason in absent"),
        ({"refused": {"groups lost": set()}}, "refused has no 'adds in place'"),
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
    assert [*missing(fewer)] == ["tests/course/mbconv/block.py: MBConv: no broken version imitates it"]
    gone = replace(MBCONV, mutants=".mutant:MUTANTS")
    assert "no file course/mbconv/mutant.py, which has MUTANTS" in [*missing(gone)]
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
    assert path in strays(FILES | {path})
