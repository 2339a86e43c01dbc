"""Notebook 02's explorers: stored answers and maps against networks, and what is drawn against both."""

import itertools
import math
import re
import statistics

import numpy as np
import pytest
import torch
from torch import nn

from course.kit.training import data, grids, loop
from course.kit.training.runs import accuracies
from course.residual import answers, fading
from course.residual import experiment as residual
from course.residual._delete_block import EVERY, PAIRS, THIS, compute, delete_block
from course.residual._fading_digit import fading_digit
from course.residual._gradients_at_start import NETWORKS, gradients_at_start
from course.residual.untrained import named, stored_gradients
from tests.course.marks import Drawn, check_clicks, check_scale, marks, places, shown

# --- ten digits and what is answered


def test_the_ten_digits_are_the_first_of_each_class_among_the_test_images() -> None:
    images, labels = answers.ten()
    split = data.split(answers.SEED, residual.TRAIN)
    assert labels.tolist() == list(range(10))
    for image, label in zip(images, labels, strict=True):
        before = split.test_labels.tolist().index(int(label))
        assert torch.equal(split.test_images[before], image)
    assert not torch.equal(answers.ten(seed=1)[0], images)


def test_the_pixels_are_those_of_the_digits() -> None:
    back = answers.ten_pixels().astype(float) * 16 / 255
    assert np.abs(back - back.round()).max() < 0.04
    assert back.max() == 16
    images = answers.ten()[0][:, 0] * data.STD + data.MEAN
    assert np.abs(images.numpy() - back).max() < 0.04


@pytest.mark.parametrize("kind", residual.KINDS)
def test_answers_are_those_of_the_network_without_each_block(kind: str) -> None:
    network = residual.trained(f"{kind}-10", 0, train=300, epochs=3)[1]
    found = answers.answered(network)
    images, split = answers.ten()[0], data.split(answers.SEED, residual.TRAIN)

    def skipping(x: torch.Tensor, left_out: int) -> torch.Tensor:
        maps = network.get_submodule("halve")(network.get_submodule("stem")(x))
        for number, block in enumerate(network.get_submodule("blocks").children(), 1):
            maps = maps if number == left_out else block(maps)
        return network.get_submodule("classifier")(maps.mean((2, 3))).argmax(1)

    with torch.no_grad():
        for number in range(5):
            assert list(found.answers[number]) == skipping(images, number).tolist()
            right = (skipping(split.test_images, number) == split.test_labels).double().mean().item()
            assert found.right[number] == pytest.approx(right)
    assert len(set(found.answers)) > 2


@pytest.mark.parametrize("name", answers.NETWORKS)
def test_the_stored_answers_fit_the_stored_runs(name: str) -> None:
    """Another machine trains another network of the same seed: near in accuracy, not equal."""
    found, blocks = answers.stored()[name], residual.deletion.settings[name][1] // 2 - 1
    rows = grids.grid("residual.deletion")
    assert len(found.right) == len(found.answers) == blocks + 1
    assert found.right[0] == pytest.approx(accuracies(rows, name)[answers.SEED], abs=0.03)
    for number in range(1, blocks + 1):
        values = accuracies(rows, residual.deleted(name, number)).values()
        assert min(values) - 0.1 < found.right[number] < max(values) + 0.1
    right = [sum(a == n for n, a in enumerate(digits)) for digits in found.answers]
    assert right[0] >= 9
    assert {len(digits) for digits in found.answers} == {10}
    if name.startswith("plain"):
        assert max(right[1:]) <= 5
    else:
        assert min(right[3:]) >= 9


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in answers.NETWORKS if "30" not in name])
def test_the_stored_answers_are_those_of_a_network_trained_anew(name: str) -> None:
    found, kept = answers.measured(name), answers.stored()[name]
    if found.weights == kept.weights:
        assert found.answers == kept.answers
        assert found.right == pytest.approx(kept.right, abs=1e-4)
    assert found.right[0] == pytest.approx(kept.right[0], abs=0.03)


# --- a block taken out


def test_at_the_start_nothing_is_taken_out_and_no_result_is_told() -> None:
    explorer = delete_block()
    picture, said = explorer.answer(explorer.start)
    assert explorer.start["block"] == 0
    assert not [mark for mark in marks(*picture) if "data-value" in mark.attributes]
    assert "without block" not in said.heard
    assert "without one" not in said.heard


@pytest.mark.parametrize(("layers", "block"), [(10, 1), (10, 3), (28, 8), (28, 13)])
def test_bars_are_the_means_of_the_stored_runs(layers: int, block: int) -> None:
    drawn = shown(delete_block(), layers=layers, block=block)
    check_scale(drawn)
    for kind, name in zip(residual.KINDS, PAIRS[layers], strict=True):
        (bar,) = [mark for mark in drawn if mark.key.startswith(f"{kind}-bar-")]
        values = accuracies(grids.grid("residual.deletion"), residual.deleted(name, block)).values()
        assert bar.key == f"{kind}-bar-{block}"
        assert float(bar.attributes["data-value"]) == pytest.approx(100 * statistics.mean(values))


def test_every_bar_is_drawn_when_asked_for() -> None:
    drawn = shown(delete_block(), layers=28, block=8, bars=EVERY)
    check_scale(drawn)
    assert len([mark for mark in drawn if "data-value" in mark.attributes]) == 26


def test_a_rescaled_bar_is_found() -> None:
    drawn = shown(delete_block(), layers=10, block=3)
    bars = [mark for mark in drawn if "data-value" in mark.attributes]
    for wrong in (2 * bars[0]["height"], math.sqrt(bars[0]["height"])):
        other = Drawn("rect", {**bars[0].attributes, "height": str(wrong)})
        with pytest.raises(AssertionError, match="accuracy height"):
            check_scale([other, *bars[1:]])


@pytest.mark.parametrize(("layers", "block"), [(10, 0), (10, 2), (28, 0), (28, 6)])
def test_the_answers_drawn_are_the_stored_ones(layers: int, block: int) -> None:
    drawn = shown(delete_block(), layers=layers, block=block)
    for kind, name in zip(residual.KINDS, PAIRS[layers], strict=True):
        kept = answers.stored()[name].answers[block]
        keys = [mark.key for mark in drawn if mark.key.startswith(f"{kind}-digit-")]
        assert keys == [f"{kind}-digit-{n}-{answer}" for n, answer in enumerate(kept)]
    wrong = sum(
        a != n for each in compute(layers, block, THIS).pair for n, a in enumerate(each.answers[block])
    )
    chips = [mark for mark in drawn if mark.tag == "rect" and mark.attributes.get("width") == "22"]
    assert len(chips) == wrong


def test_a_click_takes_a_block_out_and_puts_it_back() -> None:
    explorer = delete_block()
    for settings in ({}, {"block": 3}, {"layers": 28, "block": 8}):
        check_clicks(explorer, **settings)
    clicks = [mark.sets["block"] for mark in shown(explorer, block=3) if mark.sets]
    assert clicks == [1, 2, 0, 4] * 2


def test_the_words_are_those_of_the_stored_runs() -> None:
    explorer = delete_block()
    said = explorer.answer({**explorer.start, "block": 3})[1]
    means = [
        statistics.mean(accuracies(grids.grid("residual.deletion"), residual.deleted(name, 3)).values())
        for name in PAIRS[10]
    ]
    assert [float(n) for n in re.findall(r"([\d.]+) %", said.seen)] == [
        round(100 * mean, 1) for mean in means
    ]
    for mean in means:
        assert f"{100 * mean:.1f} %" in said.heard


def test_the_explorer_refuses_a_block_that_the_network_has_not() -> None:
    explorer = delete_block()
    explorer.set({"layers": 10, "block": 9})
    assert "block must be from 0 (none) to 4 for 10 layers, got 9" in explorer.message.value


# --- a digit on its way


@pytest.mark.parametrize("kind", residual.KINDS)
def test_what_is_stored_is_what_is_left_in_the_networks(kind: str) -> None:
    found, kept = fading.fading(kind), fading.stored_fading(kind)
    assert np.abs(found.maps.astype(int) - kept.maps).max() <= 1
    assert np.abs(found.pixels.astype(int) - kept.pixels).max() <= 1
    assert kept.right == pytest.approx(found.right, abs=0.003)  # an image of 397
    other = fading.stored_fading("plain" if kind == "residual" else "residual")
    assert np.abs(found.pixels.astype(int) - other.pixels).max() > 50
    of_grid = accuracies(grids.grid("residual.probe"), f"{kind}-56")
    assert kept.right[-1] == pytest.approx(of_grid[fading.SEED], abs=0.006)


def test_another_seed_is_another_network() -> None:
    found = fading.fading("plain", layers=10, seed=1)
    kept = fading.stored_fading("plain")
    assert len(found.right) == 5
    assert np.abs(found.maps.astype(int) - kept.maps[:5]).max() > 50


def test_the_maps_are_those_of_the_network() -> None:
    """By hooks on the blocks, in the whole network, in eval mode."""
    kept, split = fading.stored_fading("residual"), data.split(fading.SEED, residual.TRAIN)
    with loop.own_generator(fading.SEED):
        network = residual.network("residual", fading.LAYERS).double()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 1.0
    seen: list[torch.Tensor] = []
    with torch.no_grad():
        network.train()(split.train_images.double())
        for block in network.get_submodule("blocks").children():
            block.register_forward_hook(lambda _, __, y: seen.append(y))
        network.eval()(answers.ten()[0].double())
    for maps, stored in zip(seen, kept.maps[1:], strict=True):
        assert torch.allclose(255 * maps / maps.max(), torch.from_numpy(stored.copy()).double(), atol=0.51)


def test_the_digit_fades_without_shortcuts_as_the_idea_says() -> None:
    plain, shortcut = (fading.stored_fading(kind) for kind in residual.KINDS)
    assert plain.right[0] == shortcut.right[0] > 0.95
    assert max(plain.right[-10:]) < 0.2
    assert min(shortcut.right) > 0.85
    wanted = answers.ten_pixels().astype(float)
    errors = [((way.pixels - wanted) ** 2).mean((2, 3)) for way in (plain, shortcut)]
    assert (errors[0][-1] > 1.5 * errors[1][-1]).sum() >= 9  # of ten digits
    mean = ((wanted.mean(0) - wanted) ** 2).mean()
    assert errors[0][-1].mean() > 0.8 * mean  # hardly better than to draw the mean digit each time
    assert errors[1][-1].mean() < 0.6 * mean


@pytest.mark.parametrize("layer", [1, 13, 27, 55])
def test_what_lies_ahead_of_the_digit_is_not_drawn(layer: int) -> None:
    explorer = fading_digit()
    drawn = shown(explorer, layer=layer, digit=4)
    pictures = [mark for mark in drawn if mark.tag == "image"]
    assert len(pictures) == 10 + 4 + 2 * (1 + (layer - 1) // 6)
    check_scale(drawn)
    right = [fading.stored_fading(kind).right[fading.AFTER.index(layer)] for kind in residual.KINDS]
    bars = [float(mark.attributes["data-value"]) for mark in drawn if mark.key.endswith("-right")]
    assert bars == pytest.approx([100 * each for each in right])
    said = explorer.answer({**explorer.start, "layer": layer})[1]
    assert [int(n) for n in re.findall(r"(\d+) %", said.seen)] == [round(100 * each) for each in right]
    check_clicks(explorer, layer=layer)


def test_within_a_block_nobody_has_looked() -> None:
    explorer = fading_digit()
    with pytest.raises(ValueError, match="layer must be 1 or the second of a block, 3 to 55, got 2"):
        explorer.answer({**explorer.start, "layer": 2})


# --- gradients


def line(explorer_marks: list[Drawn]) -> str:
    (found,) = [mark.attributes["d"] for mark in explorer_marks if mark.key == "line"]
    return found


def test_the_start_does_not_answer_the_vote() -> None:
    start = gradients_at_start().start
    assert (start["shortcut"], start["norm"], start["layers"]) != ("no", "batch norm", 56)


@pytest.mark.parametrize("network", [n for n in NETWORKS if n[2] == "PyTorch"])
def test_the_axis_is_the_same_for_every_network(network: tuple[str, str, str, int]) -> None:
    """A convolution's place and a power of ten have one length everywhere, whatever is drawn."""
    shortcut, norm, start, layers = network
    explorer = gradients_at_start()
    settings = {"shortcut": shortcut, "norm": norm, "start": start, "layers": layers}
    points = places(line(shown(explorer, **settings)))
    kind = "residual" if shortcut == "yes" else "plain"
    sizes = stored_gradients()[named(kind, layers, norm == "batch norm", start)]
    medians = [math.log10(statistics.median(of_one)) for of_one in zip(*sizes, strict=True)]
    inside = [power for power in medians if power >= -4]
    zero, decade = 168.0, 30.5  # of the picture, in pixels
    drawn = points[len(points) - len(inside) :]
    assert [y for _, y in drawn] == pytest.approx([zero - decade * power for power in inside], abs=0.11)
    steps = [b - a for (a, _), (b, _) in itertools.pairwise(drawn)]
    assert steps == pytest.approx([302 / 53] * len(steps), abs=0.11)
    assert (len(points) > len(inside)) == (len(inside) < len(medians))  # cut off at the axis's end


def test_a_line_that_is_kept_stays_where_it_was() -> None:
    explorer = gradients_at_start()
    deep = {"shortcut": "no", "norm": "batch norm", "start": "PyTorch", "layers": 56}
    before = shown(explorer, **deep)
    click, *others = [mark.sets for mark in before if mark.sets]
    assert others == [click]  # the line and the button
    after = shown(explorer, **{**deep, "shortcut": "yes", **click})
    dashed = [mark.attributes["d"] for mark in after if "stroke-dasharray" in mark.attributes]
    assert dashed == [line(before)]
    assert line(after) != line(before)
    itself = shown(explorer, **deep, **click)
    assert not [mark for mark in itself if "stroke-dasharray" in mark.attributes]
    assert [mark.sets for mark in itself if mark.sets][-1] == {"kept": 0}
    check_clicks(explorer, **deep)


def test_the_words_have_the_median() -> None:
    explorer = gradients_at_start()
    said = explorer.answer({**explorer.start, "layers": 56})[1]
    ratio = statistics.median(sizes[0] for sizes in stored_gradients()["plain-56, batch norm, PyTorch"])
    assert said.seen.startswith("plain-56: the first convolution gets 1,500 times")
    assert 1450 < ratio < 1550
    assert "it explodes (more than ten times in 10 of 10)" in said.heard
