"""The atlas holds what the explorers answer, each picture once, and makes again what has changed only."""

import gzip
import itertools
import json
import multiprocessing
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from course import EXPLORERS
from course.kit.panel.explorer import TOUCH
from tests import ROOT
from tests.web import toys
from tests.web.reader import Reader, difference, differences
from web import __main__ as site
from web import atlas, sources, states, stored
from web.sources import Sources
from web.stored import Recipe

GOOD = ("words", "shades", "same")


def here() -> Executor:
    """This process, one piece of work after the other."""
    return ThreadPoolExecutor(1)


def built(folder: Path, explorers: dict[str, Recipe], **more: Any) -> dict[str, str]:
    return atlas.build(folder, explorers, workers=here(), **more)


def figures(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "report.json").read_text()))


def everywhere(reader: Reader) -> Iterator[dict[str, Any]]:
    names = [control["name"] for control in reader.index["controls"]]
    for values in itertools.product(*(control["values"] for control in reader.index["controls"])):
        yield dict(zip(names, values, strict=True))


def files(folder: Path) -> dict[str, bytes]:
    """What a page may read."""
    own = ("made.json", "report.json")
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in own)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be read only."""
    folder = tmp_path_factory.mktemp("atlas")
    built(folder, toys.toys(*GOOD))
    return folder


# What it holds


@pytest.mark.parametrize("name", GOOD)
def test_every_position_is_what_the_explorer_answers(good: Path, name: str) -> None:
    reader, explorer = Reader(good, name), toys.recipe(name).make()
    tried = [difference(reader, explorer, values) for values in everywhere(reader)]
    assert tried == [""] * 12


def test_the_index_is_what_a_page_needs(good: Path) -> None:
    reader = Reader(good, "words")
    assert re.fullmatch(r"words-[0-9a-f]{8}", reader.folder.name)
    assert {key: value for key, value in reader.index.items() if key != "sources"} == {
        "name": "words",
        "variant": None,
        "controls": [
            {
                "name": "a",
                "label": "A & b",
                "kind": "range",
                "stops": ["0", "0.5", "1", "1.5", "2", "2.5"],
                "values": [0.0, 0.5, 1.0, 1.5, 2.0, 2.5],
                "start": 4,
                "more": False,
            },
            {
                "name": "b",
                "label": "B",
                "kind": "choice",
                "stops": ["it's", 'so "they" say'],
                "values": ["it's", 'so "they" say'],
                "start": 0,
                "more": False,
            },
        ],
        "presets": [["none", {"a": 0, "b": 1}], ["one", {"a": 2}]],
        "positions": 12,
        "shards": [0],
    }
    assert [type(value) for value in reader.index["controls"][0]["values"]] == [float] * 6


def test_refusals_are_states_of_one_text(good: Path) -> None:
    reader = Reader(good, "words")
    assert reader.state({"a": 2.5, "b": "it's"}) == ["words: a must be at most 2, got 2.5 & it's."]


def test_equal_states_and_equal_pictures_are_kept_once(good: Path) -> None:
    report = figures(good)["explorers"]
    assert [report[name]["states"] for name in ("words", "shades", "same")] == [12, 12, 1]
    (shard,) = Reader(good, "same").folder.glob("*.bin")
    held = json.loads(gzip.decompress(shard.read_bytes()))
    assert held["order"] == [0] * 12
    assert len(held["states"]) == 1
    assert [report[name]["pictures"] for name in ("words", "shades", "same")] == [0, 4, 1]
    assert figures(good)["together"]["pictures"] == len(list((good / "p").iterdir())) == 4  # 0, 1, 2, and 7


def test_two_encodings_of_the_same_pixels_are_one_picture(tmp_path: Path) -> None:
    image = Image.new("RGB", (5, 5), (1, 2, 3))
    image.save(tmp_path / "a.png", compress_level=0)
    image.quantize(4).save(tmp_path / "b.png")
    found = {
        states._stored((tmp_path / name).read_bytes(), tmp_path, thin=False) for name in ("a.png", "b.png")
    }
    assert len(found) == 1
    other = Image.new("RGB", (25, 1), (1, 2, 3))  # as many pixels of the same color
    other.save(tmp_path / "c.png")
    assert states._stored((tmp_path / "c.png").read_bytes(), tmp_path, thin=False) not in found


def test_names_tell_the_folders(good: Path) -> None:
    names = json.loads((good / "names.json").read_text())
    assert list(names) == sorted(GOOD)
    assert all((good / name / "index.json").exists() for name in names.values())


def test_the_table_has_a_row_for_each(good: Path) -> None:
    heading, *rows, built = atlas.table(good).splitlines()
    assert heading.split() == ["explorer", "positions", "states", "shards", "kB", "pictures", "kB", "seconds"]
    assert [row.split()[:4] for row in rows[:3]] == [
        ["same", "12", "1", "1"],
        ["shades", "12", "12", "1"],
        ["words", "12", "12", "1"],
    ]
    assert rows[3].split()[:4] == ["together", "36", "25", "3"]
    assert built.startswith("Of 3 explorers 3 were made now, in ")


# The checks can fail


def test_an_atlas_that_is_wrong_is_found(good: Path, tmp_path: Path) -> None:
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    explorers = {name: toys.recipe(name).make() for name in GOOD}

    def found(name: str) -> list[str]:
        reader = Reader(tmp_path, name)
        tried = (difference(reader, explorers[name], values) for values in everywhere(reader))
        return [fault for fault in tried if fault]

    assert [found(name) for name in GOOD] == [[], [], []]
    picture = tmp_path / "p" / Reader(tmp_path, "same").state({"a": 0.0, "b": "it's"})[1][0][0]
    right = picture.read_bytes()
    Image.new("RGB", (8, 6), (7, 0, 98)).save(picture, "WEBP", lossless=True)  # one level of blue
    assert {fault.split(": ")[-1] for fault in found("same")} == {"other pixels"}
    picture.write_bytes(right)

    class OffByOne(Reader):
        def position(self, values: Any) -> int:
            return (super().position(values) + 1) % 12

    reader = OffByOne(tmp_path, "words")
    assert all(difference(reader, explorers["words"], values) for values in everywhere(reader))

    class FirstFastest(Reader):
        def position(self, values: Any) -> int:
            a, b = (control["values"].index(values[control["name"]]) for control in self.index["controls"])
            return int(a + 6 * b)

    reader = FirstFastest(tmp_path, "words")
    assert (
        len([values for values in everywhere(reader) if difference(reader, explorers["words"], values)]) >= 9
    )


def test_an_id_in_an_svg_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^with_id: an SVG must have no id, .* got id='arrow'/"):
        built(tmp_path, toys.toys("words", "with_id"))  # words has " id=3" in its text


def test_a_fault_of_an_explorer_is_not_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^fails fails at \{'a': 0\.0, 'b': .*\}: KeyError: 0\.0$"):
        built(tmp_path, toys.toys("fails"))


def test_values_that_a_page_cannot_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^unspeakable: the values of c must be numbers, texts, .* got \(\("
    ):
        built(tmp_path, toys.toys("unspeakable"))


def test_a_key_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^atlas: a key must be of a to z, .* got '\.\./words'\.$"):
        built(tmp_path, {"../words": toys.recipe("words")})


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        ({"POSITIONS_OF_ONE": 11}, r"words must have at most 11 positions, got 12\."),
        ({"POSITIONS": 35}, r"over budget: 36 positions of 35\."),
        ({"MEGABYTES": 0.0001}, r"over budget: all explorers: 0\.0 MB of 0\.0001\."),
        ({"MEGABYTES_OF_ONE": 0.0005}, r"over budget: shades: 0\.0 MB of 0\.0005\."),
    ],
)
def test_budgets_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: dict[str, float], says: str
) -> None:
    for name, most in budget.items():
        monkeypatch.setattr(atlas, name, most)
    with pytest.raises(ValueError, match=says):
        built(tmp_path, toys.toys(*GOOD))
    assert not (tmp_path / "names.json").exists()


def test_one_large_explorer_may_have_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "POSITIONS_OF_ONE", 11)
    monkeypatch.setattr(atlas, "LARGE", ("words",))
    built(tmp_path, toys.toys("words"))


# Shards


def unpacked(packed: list[tuple[int, bytes]]) -> Iterator[str]:
    for count, file in packed:
        shard = json.loads(gzip.decompress(file))
        assert len(shard["order"]) == count
        assert sorted(set(shard["order"])) == list(range(len(shard["states"])))
        yield from (json.dumps(shard["states"][n]) for n in shard["order"])


def texts(kind: str) -> list[str]:
    chance = random.Random(0)  # noqa: S311 - no secret
    alike = json.dumps("".join(chance.choices("abcdefgh ", k=20_000)))
    return {
        "like SVG": [f'"{alike[1:-1]}{n}{chance.random()}"' for n in range(800)],
        "random": [json.dumps(chance.randbytes(800).hex()) for _ in range(500)],
        "first alike, then random": [
            *(f'"{alike[1:-1]}{n}"' for n in range(200)),
            *(json.dumps(chance.randbytes(2000).hex()) for _ in range(200)),
        ],
        "short refusals": [json.dumps([f"a must be odd, got {n // 9}."]) for n in range(3000)],
        "one that is large": ['"x"', json.dumps(chance.randbytes(30_000).hex()), '"y"'],
    }[kind]


KINDS = ("like SVG", "random", "first alike, then random", "short refusals", "one that is large")


@pytest.mark.parametrize("kind", KINDS)
def test_shards_hold_all_states_and_are_bounded(kind: str) -> None:
    given = texts(kind)
    packed = list(atlas.shards(given))
    assert list(unpacked(packed)) == given
    sizes = [len(file) for count, file in packed if count > 1]
    assert max(sizes, default=0) <= 20_000
    assert all(len(gzip.decompress(file)) < 1_100_000 for _, file in packed)
    if kind in ("like SVG", "random"):
        assert sorted(sizes)[len(sizes) // 4] >= 10_000, (
            sizes
        )  # few are smaller: the first, the last, a cut one


def test_no_states_no_shards() -> None:
    assert list(atlas.shards([])) == []


# Built again


def test_the_same_again_is_the_same_to_the_byte(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "PATIENCE", 0)  # a piece of work for each position
    monkeypatch.setattr(atlas, "PATIENCE", 0)
    built(tmp_path, toys.toys(*reversed(GOOD)))
    assert files(tmp_path) == files(good)


def test_make_site_prints_the_table(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(site, "build", lambda folder, **_: shutil.copytree(good, folder / "atlas"))
    site.main(["--to", str(tmp_path / "site")])
    assert atlas.table(good) in capsys.readouterr().out


@pytest.mark.parametrize(("times", "makes"), [(1, True), (2, False)])
def test_what_a_dead_process_left_is_made_once_more(
    times: int, makes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def process() -> Executor:
        made.append(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")))
        return made[-1]

    monkeypatch.setattr(atlas, "_processes", process)
    explorers = toys.toys("same") | {"dies": toys.recipe("dies", f"{str(tmp_path)!r}, {times}")}
    if makes:
        assert set(atlas.build(tmp_path / "atlas", explorers)) == {"same", "dies"}
    else:
        with pytest.raises(ValueError, match=r"died twice, with these left: dies\. Often memory is short"):
            atlas.build(tmp_path / "atlas", explorers)
        assert list((tmp_path / "atlas").glob("same-*/made.json")), "what is made must be kept"
    assert len(made) == 2


def test_what_is_unchanged_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = built(tmp_path, toys.toys(*GOOD))
    before = files(tmp_path)
    made: list[str] = []
    make = Recipe.make
    monkeypatch.setattr(Recipe, "make", lambda self: made.append(self.name) or make(self))
    states._explorer.cache_clear()
    assert built(tmp_path, toys.toys(*GOOD)) == first
    assert (made, files(tmp_path), figures(tmp_path)["build"]["made"]) == ([], before, 0)

    changed = toys.toys(*GOOD) | {"words": toys.recipe("words", "")}
    changed["words"] = Recipe("words", "words()", changed["words"].code + "  # another source")
    second = built(tmp_path, changed)
    assert made == ["words"]
    assert second["words"] != first["words"]
    assert {name: second[name] for name in ("shades", "same")} == {
        name: first[name] for name in ("shades", "same")
    }
    assert not (tmp_path / first["words"]).exists()
    assert figures(tmp_path)["build"]["made"] == 1


def test_what_is_no_longer_needed_goes(tmp_path: Path) -> None:
    first = built(tmp_path, toys.toys(*GOOD))
    for name in ("mine", "words-part"):
        (tmp_path / name).mkdir()
    built(tmp_path, toys.toys("same"))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {first["same"], "p", "names.json", "report.json", "mine"}
    assert len(list((tmp_path / "p").iterdir())) == 1


def test_what_is_incomplete_is_made_again(tmp_path: Path) -> None:
    first = built(tmp_path, toys.toys(*GOOD))
    whole = files(tmp_path)
    (tmp_path / first["words"] / "0.bin").unlink()
    next((tmp_path / "p").iterdir()).unlink()
    states._stored.cache_clear()
    assert built(tmp_path, toys.toys(*GOOD)) == first
    assert files(tmp_path) == whole


def test_thin_is_another_atlas(tmp_path: Path) -> None:
    whole = built(tmp_path, toys.toys("words"))
    thin = built(tmp_path, toys.toys("words"), thin=True)
    assert thin != whole
    reader, explorer = Reader(tmp_path, "words"), toys.words()
    # the start 2, presets 0 and 1, the still 1.5; the end 2.5 would be the fifth
    assert [control["values"] for control in reader.index["controls"]] == [
        [0.0, 1.0, 1.5, 2.0],
        ["it's", 'so "they" say'],
    ]
    for settings in explorer.presets.values():
        assert not difference(reader, explorer, {**explorer.start, **settings})
    assert not list(differences(reader, explorer, 20))
    assert built(tmp_path, toys.toys("words")) == whole


def test_a_large_explorer_is_thinned_further(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = toys.shades()
    assert {name: len(values) for name, values in states.stops(explorer, thin=True).items()} == {
        "a": 3,
        "b": 2,
    }
    monkeypatch.setattr(states, "THINNED", 4)
    assert states.stops(explorer, thin=True) == {"a": (0.0, 2.0), "b": explorer.declared["b"].on_page}


# Real explorers, in processes

REAL = ("rank_dial", "stride_position", "slope_dial", "compound_scaling")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    atlas.build(folder, {name: stored.plain()[name] for name in REAL}, thin=True)
    return folder


@pytest.mark.parametrize("name", REAL)
def test_random_positions_of_real_explorers(real: Path, name: str) -> None:
    explorer = stored.plain()[name].make()
    reader = Reader(real, name)
    assert not list(differences(reader, explorer, 10))
    for settings in explorer.presets.values():
        assert not difference(reader, explorer, {**explorer.start, **settings})


# Sources


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small copy of the house."""
    for path, source in {
        "course/__init__.py": "",
        "course/a/__init__.py": "from course.a.shown import x as x",
        "course/a/_shown.py": "from blocks import one\n\ndef f():\n    from course.a.late import y\n",
        "course/a/shown.py": "x = 1",
        "course/a/late.py": "import torch\nfrom . import beside\n",
        "course/a/beside.py": "",
        "course/a/unused.py": "",
        "course/a/runs/rows.json": "[]",
        "course/b/__init__.py": "",
        "course/b/runs/rows.json": "[]",
        "blocks/__init__.py": "from blocks._one import one",
        "blocks/_one.py": "one = 1",
        "blocks/data/words.txt": "a",
        "blocks/two.py": "",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    return tmp_path


def test_sources_are_what_is_imported_and_what_lies_beside(tree: Path) -> None:
    found = [path.relative_to(tree).as_posix() for path in Sources(tree).files("from course.a import _shown")]
    assert found == [
        "blocks/__init__.py",
        "blocks/_one.py",
        "blocks/data/words.txt",
        "course/__init__.py",
        "course/a/__init__.py",
        "course/a/_shown.py",
        "course/a/beside.py",
        "course/a/late.py",
        "course/a/runs/rows.json",
        "course/a/shown.py",
    ]


def test_the_fingerprint_changes_with_any_source_and_with_no_other_file(tree: Path) -> None:
    shown = Recipe("shown", "shown()", "from course.a._shown import shown")

    def print_() -> str:
        return Sources(tree).fingerprint(shown, 1)

    before = print_()
    files = Sources(tree).files(shown.code)
    for path in tree.rglob("*.*"):
        text = path.read_text()
        path.write_text(f"{text} ")
        assert (print_() != before) == (path in files), path
        path.write_text(text)
    assert print_() == before
    assert Sources(tree).fingerprint(shown, 2) != before
    for other in (
        Recipe("shown", "shown(2)", shown.code),
        Recipe("shown", "shown()", shown.code, "v"),
        Recipe("shown", "shown()", shown.code, measured="[1]"),
    ):
        assert Sources(tree).fingerprint(other, 1) != before


def test_the_name_that_a_chapter_loads_late_counts() -> None:
    found = {path.name for path in Sources().files("from course.networks import inspect_module")}
    assert "_inspect_module.py" in found
    assert "budget.py" not in found


READS = """
import json, sys
opened = set()
sys.addaudithook(lambda event, given: event == "open" and opened.add(str(given[0])))
code, call, measured = json.loads(sys.argv[1])
names = {"__name__": "notebook", "measured": json.loads(measured or "null")}
exec(code, names)
explorer = eval(call, names)
for settings in (explorer.start, *explorer.presets.values()):
    explorer.answer({**explorer.start, **settings})
print(json.dumps(sorted(opened)))
"""


def unlisted(recipe: Recipe, sources: Sources) -> list[str]:
    """The project's files that an explorer opens, in a process of its own, and that are not its sources."""
    given = json.dumps([recipe.code, recipe.call, recipe.measured])
    done = subprocess.run(
        [sys.executable, "-c", READS, given], capture_output=True, text=True, check=True, cwd=ROOT
    )
    opened = {Path(cache if ".pyc" not in cache else source_of(cache)) for cache in json.loads(done.stdout)}
    own = {path for path in opened if path.is_relative_to(ROOT) and ".venv" not in path.parts}
    own.discard(Path(str(TOUCH)))  # it moves pictures, and decides nothing of an answer
    return sorted(path.name for path in own - set(sources.files(recipe.code)) if path.is_file())


def source_of(cache: str) -> str:
    """The module of "…/__pycache__/name.cpython-311.pyc", which Python may be writing under a longer name."""
    path = Path(cache)
    return str(path.parent.with_name(f"{path.name.partition('.')[0]}.py"))


def test_sources_are_all_that_an_explorer_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = stored.plain()["channel_weights"]
    assert unlisted(recipe, Sources()) == []
    monkeypatch.setattr(sources, "FOLDERS", ("data",))
    assert unlisted(recipe, Sources()) == [
        "cue_task.json",
        "cue_task.pt",
        "plain_digits.json",
        "plain_digits.pt",
    ]


# All of them

NAMES = (*sorted(EXPLORERS), "with arguments")


def explorers(name: str) -> dict[str, Recipe]:
    """By key the one of this name that needs no arguments, or all that were given some."""
    every = stored.every(stored.read(ROOT / "notebooks"))
    return {key: one for key, one in every.items() if name == ("with arguments" if "." in key else key)}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_random_positions_of_every_explorer(whole_atlas: Path, name: str) -> None:
    for key, recipe in explorers(name).items():
        assert not list(differences(Reader(whole_atlas, key), recipe.make(), 200)), key


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_sources_of_every_explorer(name: str) -> None:
    for key, recipe in explorers(name).items():
        assert unlisted(recipe, Sources()) == [], key


@pytest.mark.slow
def test_shards_of_the_whole_atlas_are_bounded(whole_atlas: Path) -> None:
    """Only a single state may be larger: one whose picture holds bitmaps."""
    large = [path for path in whole_atlas.glob("*/*.bin") if path.stat().st_size > atlas.MOST]
    states = [len(json.loads(gzip.decompress(path.read_bytes()))["states"]) for path in large]
    assert set(states) <= {1}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_thinned_every_preset_can_be_reached(name: str) -> None:
    for key, recipe in explorers(name).items():
        explorer = recipe.make()
        grid = states.stops(explorer, thin=True)
        for settings in (explorer.start, *explorer.presets.values(), *explorer.stills):
            assert all(value in grid[name] for name, value in settings.items()), key
        for control, values in grid.items():
            assert len(values) > 1 or len(explorer.declared[control].on_page) == 1, (key, control)
