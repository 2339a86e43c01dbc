"""Each chapter stands alone: what it loads holds no other chapter; and records load no library."""

import functools
import json
import subprocess
import sys

import pytest

from course import chapters
from tests import ROOT
from tests.course.test_floors import SEVERAL

# A warm process is forked for each chapter: torch and matplotlib load once, of the course nothing is loaded.
EACH = """
import importlib, json, os, sys, traceback
import IPython.display, ipywidgets, matplotlib.figure, torch
found = lambda: sorted(name for name in sys.modules if name.partition(".")[0] == "course")
assert found() == []
for concept in sys.argv[1:]:
    if os.fork():
        os.wait()
        continue
    try:
        chapter = importlib.import_module(f"course.{concept}")
        for name in dir(chapter):
            getattr(chapter, name)
        for reference in (*chapter.CHAPTER.runs.values(), chapter.CHAPTER.scoreboard):
            reference and chapter.CHAPTER.resolve(reference)
        print(json.dumps([concept, found()]))
    except Exception as error:
        print(json.dumps([concept, traceback.format_exc()]))
    sys.stdout.flush()
    os._exit(0)
"""
RECORDS = """
import sys, course
print(len(course.chapters()), *sorted({"torch", "matplotlib", "numpy", "blocks"} & set(sys.modules)))
"""


def printed(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def others(concept: str, loaded: list[str]) -> list[str]:
    """What of other chapters is among the loaded modules, unless the chapter may ask for all."""
    if f"course.{concept}" in SEVERAL:
        return []
    own = ("course.kit.", f"course.{concept}.")
    return [name for name in loaded if name != "course" and not f"{name}.".startswith(own)]


@functools.cache
def loaded() -> dict[str, list[str]]:
    """By chapter the modules of the course that are loaded once all of its names are resolved."""
    lines = printed(EACH, *(chapter.concept for chapter in chapters())).splitlines()
    return dict(map(json.loads, lines))


@pytest.mark.parametrize("concept", [chapter.concept for chapter in chapters()])
def test_a_chapter_loads_no_other(concept: str) -> None:
    found = loaded()[concept]
    assert f"course.{concept}.predictions" in found
    assert others(concept, found) == []


def test_another_chapter_is_found() -> None:
    found = ["course.kit.record", "course.mbconv", "course.mbconv.places", "course.residual.untrained"]
    assert others("mbconv", found) == ["course.residual.untrained"]


def test_records_load_no_library() -> None:
    assert printed(RECORDS).split() == [str(len(chapters()))]
