"""Measured times leave a notebook as JSON, and another machine makes the same explorer of them."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import nbformat
import pytest

from blocks.measure import Latency
from course import EXPLORERS
from course.kit.panel import Explorer, Measured
from course.kit.panel import measured as module
from course.kit.panel.still import live_html
from tests import ROOT
from tests.course.test_explorers import said
from tools.freeze import DRAWN
from web.stored import redrawn

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def took(milliseconds: float) -> Latency:
    return Latency(milliseconds / 1e3, 0.1 / 3e3, 9, 1, "cpu")


def in_turns(*milliseconds: float) -> Latency:
    turns = tuple(each / 1e3 for each in milliseconds)
    return Latency(turns[0], 0.1 / 3e3, 9, 1, "cpu", turns)


TIMES: dict[str, Any] = {
    "fused_crossover": {
        (24, 112): (in_turns(2, 2.1), in_turns(1.5, 1.4)),
        (16, 7): (in_turns(1), in_turns(2)),
    },
    "accuracy_against_cost": {"ResNet-18": took(50), "MobileNetV2": took(12.3)},
}
TIMED = {"fused_crossover": {"shown": "time"}, "accuracy_against_cost": {"against": "measured time"}}


def stored(explorer: Explorer[Any]) -> Any:
    """The metadata of its output, as a file holds them."""
    return json.loads(json.dumps(explorer._repr_mimebundle_()[1]))["cnn"]


def check_again(make: Callable[[Any], Explorer[Any]], times: Any, settings: dict[str, Any]) -> None:
    """Made of what was stored, on another machine, it shows and says the same, with the first machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "machine", lambda: "the first machine")
        first = make(times)
        found = stored(first)
        patch.setattr(module, "machine", lambda: "another machine")
        again = make(Measured.from_json(found["measured"]))
    assert stored(again) == found
    assert again._repr_mimebundle_()[0]["text/html"] == first._repr_mimebundle_()[0]["text/html"]
    values = {**first.start, **settings}
    assert live_html(*again.answer(values)) == live_html(*first.answer(values))
    for one in (first, again):
        one.set(settings)
        assert "the first machine" in said(one), said(one)


@pytest.mark.parametrize("name", TIMES)
def test_an_explorer_is_made_again_of_what_it_stored(name: str) -> None:
    check_again(EXPLORERS[name], TIMES[name], TIMED[name])


def test_one_with_other_times_or_another_machine_is_not_the_same() -> None:
    make, times = EXPLORERS["fused_crossover"], TIMES["fused_crossover"]

    def slower(given: Any) -> Explorer[Any]:
        return make({(24, 112): (in_turns(2), in_turns(1.6))} if isinstance(given, Measured) else given)

    def building(given: Any) -> Explorer[Any]:
        return make(given.times if isinstance(given, Measured) else given)

    for wrong in (slower, building):
        with pytest.raises(AssertionError):
            check_again(wrong, times, TIMED["fused_crossover"])


@pytest.mark.parametrize("name", TIMES)
def test_times_are_read_as_they_were(name: str) -> None:
    times = Measured.of(TIMES[name])
    assert times is not None
    assert Measured.of(times) is times
    assert Measured.from_json(json.loads(json.dumps(times.to_json()))) == times
    assert times.machine == module.machine()


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("nothing", [None, {}])
def test_without_times_nothing_is_stored(name: str, nothing: Any) -> None:
    explorer = EXPLORERS[name](nothing)
    assert "measured" not in stored(explorer)
    assert explorer.variant is None


def change(path: list[Any], value: Any) -> Callable[[Any], None]:
    """An edit of what `to_json` gave; within the times, of the list that their JSON holds."""

    def edit(found: Any) -> None:
        whole, place = found, path
        if path[0] == "times" and len(path) > 1:
            whole, place = json.loads(found["times"]), path[1:]
        target = whole
        for step in place[:-1]:
            target = target[step]
        target[place[-1]] = value
        if whole is not found:
            found["times"] = json.dumps(whole, separators=(",", ":"))

    return edit


def twice(found: Any) -> None:
    times = json.loads(found["times"])
    found["times"] = json.dumps([*times, times[0]], separators=(",", ":"))


WRONG: dict[str, Callable[[Any], Any]] = {
    "no machine": lambda found: found.pop("machine"),
    "a machine without a name": change(["machine"], ""),
    "no times": lambda found: found.pop("times"),
    "an empty list": change(["times"], "[]"),
    "no list": change(["times"], "3"),
    "no text": change(["times"], [[[24, 112], [[0.002, 0.1, 9, 1, "cpu"]]]]),
    "no JSON": change(["times"], "[["),
    "spaces in it": lambda found: found.update(times=found["times"].replace(",", ", ")),
    "a setting without its latencies": change(["times", 0], [[24, 112]]),
    "a setting twice": twice,
    "a number for a latency": change(["times", 0, 1, 0], 0.002),
    "a latency without its device": change(["times", 0, 1, 0], [0.002, 0.0001, 9, 1]),
    "a word for a time": change(["times", 0, 1, 0, 0], "fast"),
    "a word for a turn": change(["times", 0, 1, 0, 5], "fast"),
    "no time": change(["times", 0, 1, 0, 0], float("nan")),
    "a negative time": change(["times", 0, 1, 0, 0], -1.0),
    "a broken count": change(["times", 0, 1, 0, 3], 1.5),
    "more than it should be": change(["note"], "mine"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_no_stored_time_is_refused(fault: str) -> None:
    times = Measured.of(TIMES["fused_crossover"])
    assert times is not None
    found = deepcopy(times.to_json())
    WRONG[fault](found)
    assert found != times.to_json()
    with pytest.raises(ValueError, match=r"^Measured: stored times must be a machine's name and .*, got {"):
        Measured.from_json(found)


def test_times_are_one_short_line() -> None:
    times = Measured.of({(24, 112): (Latency(0.0123456789, 1 / 3e4, 9, 1, "cpu", (1 / 70, 1 / 80)),)})
    assert times is not None
    assert times.to_json()["times"] == '[[[24,112],[[0.01235,3.333e-05,9,1,"cpu",0.01429,0.0125]]]]'


@pytest.mark.parametrize("found", [None, [], "times", 3])
def test_what_is_no_object_is_refused(found: Any) -> None:
    with pytest.raises(ValueError, match=r"^Measured: stored times must be "):
        Measured.from_json(found)


@pytest.mark.parametrize(
    ("name", "times", "says"),
    [
        ("fused_crossover", {(24, 111): (in_turns(1),) * 2}, r"what sweep\(pairs.* got 2 for \(24, 111\)\.$"),
        ("fused_crossover", {(24, 112): (in_turns(1),)}, r", got 1 for \(24, 112\)\.$"),
        ("fused_crossover", {(24, 112): (took(1), took(1))}, r"taken in turns, got 2 for \(24, 112\)\.$"),
        ("fused_crossover", {(24, 112): (in_turns(1), in_turns(1, 2))}, r"taken in turns, got 2 for "),
        ("fused_crossover", TIMES["accuracy_against_cost"], r", got 1 for ResNet-18\.$"),
        ("accuracy_against_cost", {"AlexNet": took(1)}, r"named as in PUBLISHED, got 1 for 'AlexNet'\.$"),
        ("accuracy_against_cost", {"ResNet-18": (took(1), took(1))}, r", got 2 for 'ResNet-18'\.$"),
    ],
)
def test_times_of_something_else_are_refused(name: str, times: Any, says: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: times must be .*{says}"):
        EXPLORERS[name](times)


# What the notebooks hold


def faults(notebook: nbformat.NotebookNode) -> list[str]:
    """A line for each stored explorer of measured times that cannot be made again, or not the same."""
    found = []
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        for output in cell.outputs:
            said = output.get("metadata", {}).get("cnn", {})
            if said.get("variant") != "measured times":
                continue
            if "measured" not in said:
                found.append(f"{cell.id}: it holds no times; run make notebooks")
                continue
            data, metadata = EXPLORERS[said["explorer"]](
                Measured.from_json(said["measured"])
            )._repr_mimebundle_()
            old, new = output.data["text/html"], data["text/html"]
            said = {name: value for name, value in said.items() if name != DRAWN}
            is_other = redrawn(old, output.metadata["cnn"].get(DRAWN, ()), new)
            if is_other or metadata["cnn"] != said or data["text/plain"] != output.data["text/plain"]:
                found.append(f"{cell.id}: made again it is another one; run make notebooks")
    return found


def test_stored_explorers_of_times_can_be_made_again() -> None:
    texts = [path.read_text(encoding="utf-8") for path in NOTEBOOKS]
    assert sum(text.count('"variant": "measured times"') for text in texts) == 2
    found = [fault for text in texts for fault in faults(nbformat.reads(text, as_version=4))]
    assert found == []


def test_a_stored_explorer_without_its_times_or_with_others_is_found() -> None:
    (path,) = (ROOT / "notebooks").glob("09_*")
    for edit in (change(["machine"], "another"), change(["times", 1, 1, 0, 0], 9.0), None):
        notebook = nbformat.read(path, as_version=4)
        (cell,) = (cell for cell in notebook.cells if "fused_crossover(times)" in cell.source)
        said = cell.outputs[-1].metadata["cnn"]
        edit(said["measured"]) if edit else said.pop("measured")
        assert len(faults(notebook)) == 1
