"""The explorer of the inverted residual: at every position it shows what the real modules count."""

import itertools
import random
import re

import pytest
import torch
from torch import nn

from blocks import ConvNormAct, InvertedResidual
from blocks.measure import cost
from course import EXPLORERS
from course.inverted_residual import _channel_expansion as inverted_residual
from course.inverted_residual._channel_expansion import (
    FULL,
    NOTHING,
    PRESETS,
    channel_expansion,
    compared,
    compute,
    draw,
    formula,
    say,
)
from course.inverted_residual.predictions import predict_cost
from course.kit.panel.layers import streets
from tests.course.diagram_faults import faults, parts, root_of
from tests.course.test_explorers import said


@pytest.fixture(scope="module")
def explorer():
    return channel_expansion()


def counted(i, o, expansion, k, stride):
    """Parameters and multiply-adds of the block and of its dense twin, counted apart from the explorer."""
    with torch.device("meta"):
        block = InvertedResidual(i, o, expansion=expansion, kernel_size=k, stride=stride)
        h = block.project.conv.in_channels
        ends = [] if expansion == 1 else [ConvNormAct(i, h, kernel_size=1)]
        dense = nn.Sequential(
            *ends, ConvNormAct(h, h, kernel_size=k, stride=stride), ConvNormAct(h, o, kernel_size=1, act=None)
        )
    costs = [cost(module, (1, i, 56, 56)) for module in (block, dense)]
    return h, [(c.parameters, c.multiply_adds) for c in costs]


def positions():
    yield from itertools.product((1, 24, 2048), (1, 24, 32), (1.0, 1.5, 6.0, 10.0), (3,), (1, 2))
    chosen = random.Random(0)  # noqa: S311 - the same positions each time
    for _ in range(25):
        i = chosen.randint(1, 2048)
        yield (
            i,
            chosen.choice([i, chosen.randint(1, 2048)]),
            chosen.randint(2, 20) / 2,
            chosen.choice([3, 5, 7]),
            1,
        )


@pytest.mark.parametrize(("i", "o", "expansion", "k", "stride"), list(positions()))
def test_the_sentence_is_true(i, o, expansion, k, stride):
    words = say(compute(i, o, expansion, k, stride, FULL))
    sentence = words.heard
    h, ((parameters, adds), (dense_parameters, dense_adds)) = counted(i, o, expansion, k, stride)
    numbers = [
        int(n.replace(",", "")) for n in re.findall(r"([\d,]+) (?:parameter|multiply-add)s?", sentence)
    ]
    assert numbers == [parameters, adds, dense_parameters, dense_adds]
    ratios = [float(n.replace(",", "")) for n in re.findall(r"\(([\d.,]+) times", sentence)]
    if h > 1:
        assert ratios == pytest.approx([dense_parameters / parameters, dense_adds / adds], abs=0.0501)
    else:
        assert sentence.count("as many") == 2
    assert f"{parameters:,} parameter" in words.seen
    assert f"{dense_parameters:,}: " in words.seen
    assert sentence.split("With a full")[0].strip() in say(compute(i, o, expansion, k, stride, NOTHING)).heard
    assert ("It has a shortcut" in sentence) == (stride == 1 and i == o)
    assert ("stride 2 changes" in sentence) == (stride == 2)
    assert ("in are not" in sentence or "1 channel in is not" in sentence) == (i != o)
    assert (f"from {i:,} to {h:,}" in sentence) == (expansion != 1)
    assert f"{k}x{k}" in sentence


@pytest.mark.parametrize("position", list(itertools.islice(positions(), 0, None, 5)))
def test_the_towers_are_the_counts(position):
    data = compute(*position, FULL)
    _, counts = counted(*position)
    for n, street in enumerate(streets(compared(data))):
        assert [tower.total for tower in street.towers] == [of[n] for of in counts]
        block, full = street.towers
        names = [storey.name for storey in block.storeys]
        assert [storey.name for storey in full.storeys] == [n.replace("depthwise", "full") for n in names]


@pytest.mark.parametrize("compare", [NOTHING, FULL])
def test_the_storeys_are_drawn_in_one_scale(compare):
    towers = draw(compute(24, 24, 6.0, 3, 1, compare), "words")[1]
    _, counts = counted(24, 24, 6.0, 3, 1)
    for n, unit in enumerate(("parameters", "multiply-adds")):
        storeys = [e for e in root_of(towers).iter() if e.get("data-unit") == unit]
        assert sum(int(e.get("data-value")) for e in storeys) == sum(
            of[n] for of in counts[: len(storeys) // 3]
        )
        scales = [float(e.get("height")) / int(e.get("data-value")) for e in storeys]
        assert scales == pytest.approx([scales[0]] * len(scales), rel=0.01)


def test_nothing_of_the_full_convolution_is_there_before_it_is_chosen(explorer):
    """It is what the first vote asks about."""
    explorer.set(explorer.start)
    shown = explorer.picture.value + explorer.message.value
    assert "22.0" not in shown
    assert "194,160" not in shown
    explorer.controls["compare"].value = FULL
    assert "22.0 times" in explorer.picture.value
    assert "194,160" in explorer.message.value
    reasons = [option.reason for option in predict_cost().options]
    assert any("51 times fewer" in reason for reason in reasons)


def test_the_spindle_is_true():
    for expansion in (1.0, 3.0, 6.0, 10.0):
        slabs = parts(draw(compute(24, 24, expansion, 3, 1, NOTHING), "words")[0]).slabs
        widths = [box.right - box.left for box, _ in slabs]
        assert max(widths) / widths[0] == pytest.approx(expansion, rel=1e-3)


def test_a_formula_that_is_off_by_one_is_refused(monkeypatch):
    compute.cache_clear()
    monkeypatch.setattr(inverted_residual, "formula", lambda *a, **k: tuple(n + 1 for n in formula(*a, **k)))
    with pytest.raises(RuntimeError, match="formula"):
        compute(24, 24, 6.0, 3, 1, NOTHING)


@pytest.mark.parametrize(
    "name", ["in_channels", "out_channels", "expansion", "kernel_size", "stride", "compare"]
)
def test_every_control_changes_picture_and_sentence(explorer, name):
    explorer.set(PRESETS["MobileNetV2, block 3"])
    control = explorer.controls[name]
    values = getattr(control, "options", None) or [control.min, 2, 3, 7, control.max]
    seen = set()
    for value in (v[1] if isinstance(v, tuple) else v for v in values):
        control.value = value
        seen.add((explorer.picture.value, explorer.message.value))
        parts = explorer.picture.value.split("</svg>")
        assert faults(parts[0][parts[0].index("<svg") :] + "</svg>") == []
        assert 'role="status"' in explorer.message.value
    assert len(seen) == len(values)


def test_presets_and_still(explorer):
    sentences = []
    for button in explorer.buttons.values():
        button.click()
        sentences.append(explorer.message.value)
    assert len(set(sentences)) == len(PRESETS)
    explorer.buttons["break it: 24 to 25"].click()
    assert "It has no shortcut: 24 channels in are not 25 out." in said(explorer)
    explorer.buttons["MobileNetV2, block 3"].click()
    assert "8,832 parameters and 25,740,288 multiply-adds" in said(explorer)
    data, _ = explorer._repr_mimebundle_()
    assert "8,832 parameters" in data["text/plain"]
    assert data["text/html"].count("<img ") == 2


def test_a_click_goes_round_and_takes_the_shortcut_away():
    data = compute(24, 24, 6.0, 3, 1, NOTHING)
    asked = inverted_residual.touch(data)
    assert asked["expand"][0] == {"expansion": 10.0}
    assert asked["depthwise"][0] == {"kernel_size": 5}
    assert asked["shortcut"][0] == {"stride": 2}
    assert inverted_residual.touch(compute(24, 24, 10.0, 7, 2, NOTHING))["expand"][0] == {"expansion": 1.0}
    assert inverted_residual.touch(compute(24, 32, 6.0, 3, 1, NOTHING))["project"][0] == {"out_channels": 24}


def test_it_is_among_the_explorers():
    assert EXPLORERS["channel_expansion"] is channel_expansion
