"""Every explorer: each control over its range, random combinations, the picture, the sentence, the still.

Each check is a function, tried on every explorer, and on a wrong explorer that it must refuse.
"""

import base64
import contextlib
import functools
import gc
import html
import io
import json
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageColor
from torch import nn

from blocks import InvertedResidual
from blocks.measure import Latency
from course import EXPLORERS
from course.kit.drawing.chart import Chart
from course.kit.drawing.style import PALETTE
from course.kit.drawing.svg import Mark, card, rect
from course.kit.panel import Choice, Explorer, Number, walk_through
from course.kit.panel import explorer as explorer_module
from course.kit.panel.said import WORDS, Said
from course.kit.training import data, loop
from course.kit.training import on_photos as official
from course.networks._accuracy_against_cost import accuracy_against_cost
from course.networks._inspect_module import inspect_module
from course.networks._what_the_network_sees import what_the_network_sees
from tests.course.marks import asked
from tools import bench

MOST_KEYS = 600  # more do not move: see touch.js


@pytest.fixture(scope="module", params=sorted(EXPLORERS))
def explorer(request: pytest.FixtureRequest) -> Explorer[Any]:
    return EXPLORERS[request.param]()


@pytest.fixture(autouse=True)
def _at_start(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "explorer" in request.fixturenames:
        shared = request.getfixturevalue("explorer")
        shared.set(shared.start)


def said(explorer: Explorer[Any]) -> str:
    """All numbers in words; or the refusal."""
    _, _, numbers = explorer.message.value.partition("</summary>")
    return html.unescape(re.sub("<.*?>", "", numbers or explorer.message.value))


def seen(explorer: Explorer[Any]) -> str:
    """The line beneath the picture."""
    return html.unescape(re.sub("<.*?>", "", explorer.message.value.partition("<details")[0]))


def is_refusal(explorer: Explorer[Any]) -> bool:
    return 'class="cnn-refused"' in explorer.message.value


def alternative_texts(explorer: Explorer[Any]) -> list[str]:
    return [
        html.unescape(a or b)
        for a, b in re.findall(r'alt="(.*?)"|aria-label="(.*?)"', explorer.picture.value)
    ]


def span(explorer: Explorer[Any], name: str) -> list[Any]:
    """The values of a control that are tried: all of a list, the ends and the stops between of a number."""
    control = explorer.controls[name]
    if hasattr(control, "options"):
        return [value for _, value in control.options]
    step = getattr(control, "step", 1) or 1
    count = int((control.max - control.min) / step) + 1
    chosen = (
        range(count) if count <= 12 else sorted({round((count - 1) ** (n / 9)) - (n == 0) for n in range(10)})
    )
    return [*[control.min + n * step for n in chosen], control.max]


# The checks


def check_sweep(explorer: Explorer[Any]) -> None:
    """Every control over its range: never an exception, always one text, and the picture changes."""
    for name in explorer.controls:
        explorer.set(explorer.start)
        pictures = set()
        for value in span(explorer, name):
            explorer.set({name: value})
            pictures.add(explorer.picture.value)
            if not is_refusal(explorer):
                check_text(explorer)
        assert len(pictures) > 1, f"{name} changes nothing"


def check_random(explorer: Explorer[Any], times: int = 12) -> None:
    """Random combinations: the picture's own text, or a refusal in the house wording and the last picture."""
    chance = random.Random(0)  # noqa: S311 no secret
    for _ in range(times):
        before = explorer.picture.value
        explorer.set({name: chance.choice(span(explorer, name)) for name in explorer.controls})
        if is_refusal(explorer):
            assert explorer.picture.value == before
            assert re.match(r"\w+: .+ must .+, got .+", said(explorer)), said(explorer)
        else:
            check_text(explorer)


def check_text(explorer: Explorer[Any]) -> None:
    """The sentence is the picture's alternative text, and every part of the picture has one."""
    texts = alternative_texts(explorer)
    parts = re.findall(r"<img|<svg", explorer.picture.value)
    assert said(explorer) in texts
    assert len(texts) == len(parts), "a part of the picture has no alternative text"
    assert all(len(text) > 10 for text in texts)
    for words in (said(explorer), seen(explorer)):
        assert re.search(r"\d", words), f"no number: {words}"
    assert len(seen(explorer).split()) <= WORDS


def check_pure(explorer: Explorer[Any]) -> None:
    """The same values give the same picture, whatever was shown between."""
    first = explorer.picture.value
    for name in explorer.controls:
        for value in span(explorer, name)[:: max(1, len(span(explorer, name)) // 3)]:
            explorer.set({name: value})
    explorer.set(explorer.start)
    assert explorer.picture.value == first


@contextlib.contextmanager
def updates_of(explorer: Explorer[Any]) -> Iterator[list[dict[str, Any]]]:
    """The values of every update, while it lasts."""
    updates: list[dict[str, Any]] = []
    compute = explorer._compute

    def counting(**values: Any) -> Any:
        updates.append(values)
        return compute(**values)

    explorer._compute = counting
    try:
        yield updates
    finally:
        explorer._compute = compute


def check_presets(explorer: Explorer[Any]) -> None:
    """A preset sets its controls exactly, with one update."""
    with updates_of(explorer) as updates:
        for name, button in explorer.buttons.items():
            updates.clear()
            button.click()
            assert len(updates) == 1, f"{name}: {len(updates)} updates"
            assert not is_refusal(explorer), f"{name}: {said(explorer)}"
            assert in_force(explorer) == {name} | {
                other
                for other, settings in explorer.presets.items()
                if settings.items() <= values(explorer).items()
            }


def values(explorer: Explorer[Any]) -> dict[str, Any]:
    return {name: control.value for name, control in explorer.controls.items()}


def in_force(explorer: Explorer[Any]) -> set[str]:
    """The presets that are marked."""
    return {name for name, button in explorer.buttons.items() if "cnn-in-force" in button._dom_classes}


def check_first_preset(explorer: Explorer[Any]) -> None:
    """A reader who presses the first preset sees something change."""
    if explorer.presets:
        first, before = next(iter(explorer.presets)), explorer.picture.value
        explorer.buttons[first].click()
        assert explorer.picture.value != before, f"{first} changes nothing"


def check_touch(explorer: Explorer[Any]) -> None:
    """What a click sets are values that a page has, none is refused, and all of one click are one update."""
    with updates_of(explorer) as updates:
        for settings in ({}, *explorer.presets.values()):
            explorer.set({**explorer.start, **settings})
            for sets in sorted(set(re.findall('data-set="(.*?)"', explorer.picture.value)))[::7]:
                click = asked(sets)
                for name, value in click.items():
                    assert value in explorer.declared[name].on_page, f"no stop: {name}={value}"
                updates.clear()
                explorer._touched.value = json.dumps([click, random.random()])  # noqa: S311 no secret
                assert len(updates) == 1, f"{sets}: {len(updates)} updates"
                assert click.items() <= updates[0].items()
                assert not is_refusal(explorer), said(explorer)


def check_marks(explorer: Explorer[Any]) -> None:
    """Each key is there once, a mark with a key has no transform of its own, no picture has a handler."""
    for settings in ({}, *explorer.presets.values()):
        explorer.set({**explorer.start, **settings})
        picture = explorer.picture.value
        keys = re.findall('data-key="(.*?)"', picture)
        assert len(keys) == len(set(keys)), [key for key, count in Counter(keys).items() if count > 1]
        assert len(keys) <= MOST_KEYS
        for tag in re.findall(r"<[^>]*data-key=[^>]*>", picture):
            assert " transform=" not in tag, tag
        assert not re.search(r"\son\w+=", re.sub('"[^"]*"', '""', picture)), "a picture carries data only"


def check_names(explorer: Explorer[Any]) -> None:
    """What can be set or pressed has a name, and no hover text is the word null."""
    for control in (*explorer.controls.values(), *explorer.buttons.values()):
        assert control.description.strip() or all(map(str.strip, getattr(control, "tooltips", ()) or ("",)))
    for name, control in explorer.controls.items():
        assert f"cnn-control-{name}" in control._dom_classes, f"{name} has no class"
    for widget in inside(explorer._widget):
        if getattr(widget, "description", ""):
            tip = widget.tooltip if hasattr(widget, "tooltip") else widget.description_tooltip
            assert tip or widget in explorer.buttons.values(), (
                f"{type(widget).__name__} {widget.description!r}"
            )


def inside(widget: Any) -> list[Any]:
    return [widget, *(part for child in getattr(widget, "children", ()) for part in inside(child))]


def check_bundle(explorer: Explorer[Any]) -> None:
    """The widget, a still that is a picture, and the same words each time, whatever the controls say."""
    data, metadata = explorer._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer._widget.model_id
    assert re.search(r"\d", data["text/plain"])
    shown, sentences = data["text/html"], data["text/plain"].splitlines()
    assert shown.count("<img alt=") == shown.count("src=") > 0
    for width, height, png in re.findall(
        'width="(.*?)" height="(.*?)" src="data:image/png;base64,(.*?)"', shown
    ):
        image = Image.open(io.BytesIO(base64.b64decode(png)))
        assert image.size == (2 * int(width), 2 * int(height))
    assert "<svg" not in shown
    assert re.findall("<p>(.*)</p>", shown) == [html.escape(sentence) for sentence in sentences]
    assert shown.endswith("</p>")  # each sentence is beneath its picture
    found = json.loads(json.dumps(metadata))["cnn"]
    assert found == {"explorer": explorer.name, "variant": explorer.variant, "settings": explorer.start}
    assert found["settings"].keys() == explorer.controls.keys()
    explorer.set({name: span(explorer, name)[-1] for name in explorer.controls})
    assert explorer._repr_mimebundle_() == (data, metadata)


def check_quiet(explorer: Explorer[Any], capfd: pytest.CaptureFixture[str]) -> None:
    """An update prints nothing, and neither draws nor moves the random numbers of a training beside it."""
    state = torch.get_rng_state()
    capfd.readouterr()
    for name in explorer.controls:
        explorer.set({name: span(explorer, name)[0]})
    assert capfd.readouterr() == ("", "")
    assert torch.equal(torch.get_rng_state(), state)


def caches() -> list[Any]:
    """The functions of the package that keep what they gave."""
    modules = [module for name, module in sys.modules.items() if name.startswith("blocks.")]
    return [one for module in modules for one in vars(module).values() if ours(one)]


def ours(one: Any) -> bool:
    return type(one) is type(functools.cache(len)) and one.__module__.startswith("blocks.")


def check_generator(make: Callable[[], Explorer[Any]]) -> None:
    """To build it and to move each control neither draws torch's global random numbers nor sets them.

    A training on another thread may be drawing them: put back afterwards, they are put back under its hands.
    """
    for kept in caches():
        kept.cache_clear()
    torch.rand(3)
    state = torch.get_rng_state()
    with pytest.MonkeyPatch.context() as patch:
        for module in (torch, torch.random):
            patch.setattr(module, "set_rng_state", refused)  # all that puts them back calls this
        explorer = make()
        explorer._repr_mimebundle_()
        for name in explorer.controls:
            for value in (span(explorer, name)[0], span(explorer, name)[-1]):
                explorer.set({name: value})
    assert torch.equal(torch.get_rng_state(), state), "random numbers were drawn"


def refused(_: torch.Tensor) -> None:
    raise AssertionError("the global random numbers were set")


def check_lock(make: Callable[[Callable[..., int]], Explorer[Any]]) -> None:
    """Two explorers moved from two threads: never two updates at once, and the last values shown."""
    running, together = [0], [0]

    def slow(a: int) -> int:
        running[0] += 1
        together[0] = max(together[0], running[0])
        time.sleep(0.002)
        running[0] -= 1
        return a

    explorers = [make(slow) for _ in range(2)]

    def move(explorer: Explorer[Any]) -> None:
        for n in range(1, 20):
            explorer.controls["a"].value = n

    threads = [threading.Thread(target=move, args=(one,)) for one in (explorers[0], *explorers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together[0] == 1, "two updates ran at once"
    for explorer in explorers:
        assert said(explorer) == f"a is {explorer.controls['a'].value} units here"


# On every explorer


def test_every_control(explorer: Explorer[Any]) -> None:
    check_sweep(explorer)


def test_random_combinations(explorer: Explorer[Any]) -> None:
    check_random(explorer)


def test_same_values_same_picture(explorer: Explorer[Any]) -> None:
    check_pure(explorer)


def test_presets(explorer: Explorer[Any]) -> None:
    check_presets(explorer)


def test_first_preset(explorer: Explorer[Any]) -> None:
    check_first_preset(explorer)


def test_touch(explorer: Explorer[Any]) -> None:
    check_touch(explorer)


def test_marks(explorer: Explorer[Any]) -> None:
    check_marks(explorer)


def test_names(explorer: Explorer[Any]) -> None:
    check_names(explorer)


def test_bundle(explorer: Explorer[Any]) -> None:
    check_bundle(explorer)


@pytest.mark.parametrize("name", sorted(EXPLORERS))
def test_an_explorer_has_the_name_of_its_function(name: str) -> None:
    assert EXPLORERS[name].__name__ == name
    found = EXPLORERS[name]()
    assert (found.name, found.variant) == (name, None)


VARIANTS: dict[str, Callable[[], Explorer[Any]]] = {
    "Linear, 1 x 8 to 1 x 2": lambda: inspect_module(nn.Linear(8, 2), (1, 8)),
    "InvertedResidual, 1 x 8 x 56 x 56 to 1 x 16 x 28 x 28": lambda: walk_through(
        InvertedResidual(8, 16, stride=2)
    ),
    "measured times": lambda: accuracy_against_cost({"ResNet-18": Latency(0.05, 0.0, 1, 1, "cpu")}),
    "your picture": lambda: what_the_network_sees(Path(data.__file__).with_name("cat.png")),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_explorer_with_arguments_says_so(variant: str) -> None:
    assert VARIANTS[variant]().variant == variant


def test_nothing_printed_nothing_random(explorer: Explorer[Any], capfd: pytest.CaptureFixture[str]) -> None:
    check_quiet(explorer, capfd)


@pytest.mark.parametrize("name", sorted(EXPLORERS))
def test_global_random_numbers_are_not_touched(name: str) -> None:
    check_generator(EXPLORERS[name])


def test_no_cache_is_anywhere_else() -> None:
    found = {(one.__module__, one.__qualname__) for one in gc.get_objects() if ours(one)}
    assert found == {(one.__module__, one.__qualname__) for one in caches()}


def check_between() -> None:
    """What a training draws while an explorer's network answers on another thread is what it draws alone."""
    asked, drawn = threading.Event(), threading.Event()

    class Waits(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            asked.set()
            assert drawn.wait(10)
            return F.dropout(torch.ones(1, 1000), training=True)

    torch.manual_seed(1)
    due = torch.rand(3)
    torch.manual_seed(1)
    other = threading.Thread(target=official.answers, args=(torch.zeros(1), Waits()))
    first = torch.rand(1)
    other.start()
    assert asked.wait(10)
    second = torch.rand(1)
    drawn.set()
    other.join()
    assert torch.equal(torch.cat([first, second, torch.rand(1)]), due)


def test_a_training_on_another_thread_keeps_its_random_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    check_between()
    monkeypatch.setattr(official, "own_generator", loop.seeded)
    with pytest.raises(AssertionError):
        check_between()


def test_one_update_at_a_time() -> None:
    check_lock(lambda compute: tiny(compute=compute))


# Wrong explorers


def tiny(
    *,
    compute: Callable[..., Any] = lambda a: a,
    draw: Callable[[Any, str], Any] = lambda data, text: (
        f'<svg aria-label="{html.escape(text)}">{data}</svg>',
    ),
    say: Callable[[Any], str] = lambda data: f"a is {data} units here",
    stored: Callable[[Any], str] | None = None,
    **more: Any,
) -> Explorer[Any]:
    """An explorer of one number, which says one thing to all."""
    control = Number("A", 1, 0, 20)
    both = (
        (lambda data: Said(say(data), say(data))),
        stored and (lambda data: Said(stored(data), stored(data))),
    )
    return Explorer({"a": control}, compute=compute, draw=draw, say=both[0], stored=both[1], **more)


CHECKS = [check_sweep, check_random, check_pure, check_presets, check_first_preset, check_names, check_bundle]


@pytest.mark.parametrize("check", CHECKS)
def test_tiny_is_right(check: Callable[[Explorer[Any]], None]) -> None:
    check(tiny(presets={"two": {"a": 2}}))


@pytest.mark.parametrize("check", [check_touch, check_marks])
def test_a_right_picture_is_taken(check: Callable[[Explorer[Any]], None]) -> None:
    check(drawn(Mark(key="a", sets={"a": 3}), Mark(key="b", sets={"a": 20})))


def test_a_line_that_is_seen_is_short() -> None:
    with pytest.raises(ValueError, match=r"^Said: seen must have 1 to 15 words"):
        Said("word " * 16, "heard")


def only_at_start(data: int, text: str, drawn: list[int]) -> tuple[str]:
    drawn.append(data)
    return (f'<svg aria-label="{html.escape(text)}">{drawn[0] if data == 1 else len(drawn)}</svg>',)


def unnamed() -> Explorer[Any]:
    explorer = tiny()
    explorer.controls["a"].description = ""
    return explorer


def unmarked() -> Explorer[Any]:
    explorer = tiny()
    explorer.controls["a"].remove_class("cnn-control-a")
    return explorer


def counts_draws() -> Explorer[Any]:
    drawn: list[int] = []

    def draw(data: int, text: str) -> tuple[str]:
        drawn.append(data)
        return (f'<svg aria-label="{html.escape(text)}">{len(drawn)}</svg>',)

    return tiny(draw=draw)


def one_by_one() -> Explorer[Any]:
    explorer = tiny(presets={"two": {"a": 2}})
    explorer.buttons["two"].on_click(lambda _: explorer.update())
    return explorer


def refuses(a: int) -> int:
    if a > 2:
        raise ValueError("no")
    return a


def drawn(*marks: Mark, more: str = "", compute: Callable[..., Any] = lambda a: a) -> Explorer[Any]:
    """An explorer whose picture has these marks."""
    body = "".join(rect(0, 0, 9, 9, "#000", mark, more=more) for mark in marks or (Mark(),))
    return tiny(compute=compute, draw=lambda _, text: (card(body, 20, 20, text),))


def unmarking(explorer: Explorer[Any]) -> Explorer[Any]:
    explorer._mark = lambda _: None  # type: ignore[method-assign]
    return explorer


def twice(explorer: Explorer[Any]) -> Explorer[Any]:
    explorer._touched.observe(lambda _: explorer.update(), "value")
    return explorer


WRONG: dict[str, tuple[Callable[[], Explorer[Any]], Callable[[Explorer[Any]], None]]] = {
    "a dead control": (lambda: tiny(compute=lambda a: 1), check_sweep),  # noqa: ARG005 that is the fault
    "another text on the picture": (
        lambda: tiny(
            draw=lambda data, text: (f'<svg aria-label="{data} and other words entirely">{text}</svg>',)
        ),
        check_sweep,
    ),
    "a part without a text": (
        lambda: tiny(draw=lambda d, text: (f'<svg aria-label="{text}">{d}</svg>', "<svg></svg>")),
        check_sweep,
    ),
    "a sentence without numbers": (
        lambda: tiny(say=lambda _: "the picture shows what it shows"),
        check_sweep,
    ),
    "a refusal without a reason": (lambda: tiny(compute=refuses), check_random),
    "an exception": (lambda: tiny(compute=lambda a: 1 // (a - 20)), check_sweep),
    "a picture that depends on the past": (counts_draws, check_pure),
    "a preset with two updates": (one_by_one, check_presets),
    "a preset that is refused": (lambda: tiny(compute=refuses, presets={"x": {"a": 3}}), check_presets),
    "a first preset that changes nothing": (lambda: tiny(presets={"one": {"a": 1}}), check_first_preset),
    "a preset that is not marked": (lambda: unmarking(tiny(presets={"two": {"a": 2}})), check_presets),
    "a click on what is no stop": (lambda: drawn(Mark(sets={"a": 21})), check_touch),
    "a click that is refused": (lambda: drawn(Mark(sets={"a": 3}), compute=refuses), check_touch),
    "a click with two updates": (lambda: twice(drawn(Mark(sets={"a": 3}))), check_touch),
    "two marks of one key": (lambda: drawn(Mark(key="k"), Mark(key="k")), check_marks),
    "a mark with a transform": (lambda: drawn(Mark(key="k"), more='transform="scale(2)"'), check_marks),
    "a handler": (lambda: drawn(more='onclick="alert()"'), check_marks),
    "a control without a name": (unnamed, check_names),
    "a control without a class": (unmarked, check_names),
    "a still that differs": (counts_draws, check_bundle),
    "a still without a number": (lambda: tiny(stored=lambda _: "a picture of some units"), check_bundle),
}


def test_without_a_pressed_button_is_a_refusal(explorer: Explorer[Any]) -> None:
    """Only Python can unpress all: no traceback, and the picture stays."""
    for name, control in explorer.controls.items():
        if hasattr(control, "options"):
            explorer.set(explorer.start)
            before = explorer.picture.value
            control.value = None
            assert said(explorer).startswith(f"Explorer: {name} must be one of "), said(explorer)
            assert is_refusal(explorer)
            assert explorer.picture.value == before


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_explorer_is_refused(fault: str) -> None:
    make, check = WRONG[fault]
    with pytest.raises((AssertionError, ZeroDivisionError)):
        check(make())


def test_printing_and_drawing_random_numbers_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    for compute in (lambda a: print(a) or a, lambda a: a + 0 * int(torch.randint(2, ()))):
        with pytest.raises(AssertionError):
            check_quiet(tiny(compute=compute), capfd)


def seeded_and_back() -> None:
    with loop.seeded(0):
        torch.rand(1)


@pytest.mark.parametrize("draw", [lambda: torch.rand(1), lambda: torch.manual_seed(0), seeded_and_back])
def test_touching_the_global_random_numbers_is_refused(draw: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match="random numbers were"):
        check_generator(lambda: tiny(compute=lambda a: a + 0 * bool(draw())))


def test_no_lock_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer_module, "_LOCK", contextlib.nullcontext())
    with pytest.raises(AssertionError, match="at once"):
        check_lock(lambda compute: tiny(compute=compute))


# The parts


def test_a_refused_value_keeps_the_picture() -> None:
    explorer = EXPLORERS["parameter_savings"]()
    before = explorer.picture.value
    explorer.controls["kernel_size"].value = 4
    assert said(explorer).startswith("ConvNormAct: kernel_size must be odd, got 4. ")
    assert explorer.picture.value == before
    explorer.controls["kernel_size"].value = 5
    assert explorer.picture.value != before
    check_text(explorer)


def test_a_fault_of_ours_is_not_shown_as_a_refusal() -> None:
    explorer = tiny(compute=lambda a: {1: 1}[a])
    with pytest.raises(KeyError):
        explorer.controls["a"].value = 2


def test_sentences_are_escaped() -> None:
    explorer = tiny(say=lambda data: f'<script>"{data}" & more')
    assert "<script>" not in explorer.message.value
    assert said(explorer) == '<script>"1" & more'


def test_message_is_a_live_region() -> None:
    assert tiny().message.value.startswith('<div role="status" aria-live="polite" ')


def test_number_and_slider_move_each_other() -> None:
    number, row = Number("A", 16, 1, 2048, stops=(1, 16, 256, 2048)).build()
    slider = row.children[1]
    number.value = 100
    assert slider.value == 16
    assert number.value == 100
    slider.value = 256
    assert number.value == 256
    number.value = 5000
    assert number.value == slider.value == 2048


def test_preset_of_unknown_control() -> None:
    with pytest.raises(ValueError, match=r"^Explorer: a preset may set a, got b\. "):
        tiny(presets={"x": {"b": 1}})


def test_choice_gives_values() -> None:
    buttons, _ = Choice("Stage", 2, (1, 2, 3)).build()
    assert buttons.value == 2
    assert buttons.tooltips == ("Stage: 1", "Stage: 2", "Stage: 3")


def test_background_follows_the_limits() -> None:
    chart = Chart(200, 100)
    axes = chart.axes(40, 10, 140, 60)
    (line,) = axes.plot([0, 1], [0, 1])
    chart.animate([line])
    first = chart.png().data
    axes.set_xlim(0, 50)
    second = chart.png().data
    axes.set_xlim(-0.05, 1.05)
    assert first != second
    assert chart.png().data == first


@pytest.mark.parametrize("color", PALETTE)
def test_a_chart_keeps_the_color_of_a_thin_line(color: str) -> None:
    chart = Chart(300, 100)
    axes = chart.axes(0, 0, 300, 100)
    axes.set(xlim=(0, 300), ylim=(0, 100))
    axes.set_axis_off()
    axes.imshow([[0, 1], [1, 0]], extent=(0, 300, 0, 50), cmap="viridis", interpolation="bilinear")
    # One row of the picture's pixels, which none of the pixels that are asked for their color belongs to.
    line = axes.fill_between([20.5, 60.5], 79.5, 80, color=color, linewidth=0, antialiased=False)
    chart.animate([line])
    image = Image.open(io.BytesIO(chart.png().data)).convert("RGB")
    column = np.asarray(image)[:, 80].astype(int)
    due = ImageColor.getrgb(color)
    assert abs(column - due).max(1).min() < 4  # Pillow finds the nearest color by six bits of each part


# --- what the explorers are timed against


@pytest.mark.slow
def test_has_a_twin_under_interact(explorer: Explorer[Any], request: pytest.FixtureRequest) -> None:
    assert bench.under_interact(request.node.callspec.params["explorer"], explorer)
