"""The pictures of chapter 04: area is weights, kernels are the network's own, and no vote is told."""

import statistics
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from blocks import ConvNormAct, DepthwiseSeparable
from course.depthwise_separable import _parameter_savings as savings
from course.depthwise_separable import _rank_dial as dial
from course.depthwise_separable.experiment import cut, cut_network, network, stored_full
from course.kit.training import data, grids, loop
from course.kit.training.experiments import parameters
from tests.course.drawn_marks import check_true, clicks, marks, words

SETTINGS = [(512, 512, 3), (3, 32, 3), (1, 1, 3), (512, 512, 1), (48, 80, 5), (64, 1, 11), (1, 1024, 7)]


def drawn(i: int, o: int, k: int, counted: str = savings.BOTH) -> tuple[Any, ...]:
    return savings.draw(savings.savings(i, o, k, 14, counted), "heard")


@pytest.mark.parametrize(("i", "o", "k"), SETTINGS)
def test_area_is_the_weights_of_the_real_modules(i: int, o: int, k: int) -> None:
    found = marks(drawn(i, o, k))
    with torch.device("meta"):
        full, separable = ConvNormAct(i, o, kernel_size=k), DepthwiseSeparable(i, o, kernel_size=k)
    tiles = [one for key, one in found.items() if key.startswith("full-")]
    assert len(tiles) == k * k
    assert sum(one.value for one in tiles) == full.conv.weight.numel()
    assert found["tile"].value == separable.project.conv.weight.numel()
    assert found["strip"].value == separable.depthwise.conv.weight.numel()
    check_true(found)
    side = found["strip"].width
    share = (found["tile"].size + found["strip"].size) / side**2
    assert share == pytest.approx(1 / k**2 + 1 / o, rel=0.002)


def test_an_untrue_strip_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = savings.rect

    def squeezed(
        x: float, y: float, w: float, h: float, fill: str, mark: Any = savings.PLAIN, **more: Any
    ) -> str:
        return real(x, y, w, h**0.5 if mark.key == "strip" else h, fill, mark, **more)

    monkeypatch.setattr(savings, "rect", squeezed)
    with pytest.raises(AssertionError, match="should be"):
        check_true(marks(drawn(512, 512, 3)))


def test_the_separable_weights_are_told_only_when_they_are_counted() -> None:
    explorer = savings.parameter_savings()
    picture, said = explorer.answer(explorer.start)
    told = words(picture) + said.seen + said.heard
    asked, now = explorer.answer({**explorer.start, "counted": savings.BOTH})
    for tell in ("266,752", "8.8", "4,608", "52,283,392", "0.113"):
        assert tell not in told
        assert tell in words(asked) + now.heard
    assert set(marks(picture)) == {"tile", *(f"full-{y}-{x}" for y in range(3) for x in range(3) if x + y)}
    assert clicks(picture) == [{"counted": savings.BOTH}]
    assert clicks(asked) == []


def test_the_sheets_are_as_many_as_the_channels_four_at_most() -> None:
    for channels, due in ((1, 1), (3, 3), (4, 4), (512, 4)):
        (_, picture) = drawn(channels, 8, 3)
        assert sum(f"separable-sheet-0-{n}" in picture for n in range(9)) == due


# The rank dial


def test_the_stored_network_is_the_first_seed_of_the_grid_and_trains_nothing() -> None:
    state = torch.get_rng_state()
    full = stored_full()
    split = data.split(dial.SEED)
    rows = {run.setting: run for run in grids.grid("depthwise_separable.rank_dial") if run.seed == dial.SEED}
    for setting, row in rows.items():
        tried = full if setting == "full" else cut_network(full, int(setting[2:]))
        found = loop.accuracy(tried, split.test_images, split.test_labels)
        assert found == pytest.approx(row.accuracy, abs=0.003), setting
        assert parameters(tried) == row.parameters
    assert torch.equal(state, torch.get_rng_state())


def test_another_network_is_not_that_of_the_grid() -> None:
    split, row = data.split(dial.SEED), grids.grid("depthwise_separable.rank_dial")[0]
    with torch.random.fork_rng():
        other = network("full, width 16").eval()
    found = loop.accuracy(other, split.test_images, split.test_labels)
    assert found != pytest.approx(row.accuracy, abs=0.003)


@pytest.mark.parametrize(("filters", "channel"), [(1, 1), (4, 1), (6, 16), (9, 7)])
def test_the_kernels_are_those_of_the_cut_convolution(filters: int, channel: int) -> None:
    found, conv = dial.compute(filters, channel), stored_full()[dial.LAYER].conv
    pixel = torch.zeros(1, 16, 5, 5)
    pixel[0, channel - 1, 2, 2] = 1  # what it becomes is the kernel, turned round
    with torch.no_grad():
        seen = [one(pixel)[0, :, 1:4, 1:4].flip(1, 2).numpy() for one in (conv, cut(conv, filters))]
    np.testing.assert_allclose(found.kernels, seen[0], atol=1e-6)
    np.testing.assert_allclose(found.rebuilt, seen[1], atol=1e-6)
    assert np.linalg.matrix_rank(found.rebuilt.reshape(16, 9), tol=1e-5) == filters
    space = np.vstack([found.used.reshape(filters, 9), found.rebuilt.reshape(16, 9)])
    assert np.linalg.matrix_rank(space, tol=1e-5) == filters  # the filters that are shown build them
    assert found.kept == pytest.approx(1) if filters == 9 else 0.2 < found.kept < 0.999


def test_the_answers_are_those_of_the_cut_network_on_the_first_test_image_of_each_digit() -> None:
    split = data.split(dial.SEED)
    for filters in (1, 9):
        found = dial.compute(filters)
        assert found.labels == tuple(range(10))
        for label, answer in zip(found.labels, found.answers, strict=True):
            image = split.test_images[split.test_labels == label][:1]
            with torch.no_grad():
                assert int(cut_network(stored_full(), filters)(image).argmax()) == answer
    assert dial.compute(9).answers == dial.compute(9).labels
    assert sum(a == b for a, b in zip(dial.compute(1).answers, range(10), strict=True)) < 5


def test_columns_are_the_stored_means_down_to_the_dial_and_no_further() -> None:
    rows = grids.grid("depthwise_separable.rank_dial")
    for filters in (9, 4, 1):
        found = marks(dial.draw(dial.compute(filters), "heard"))
        assert sorted(found) == [f"mean-{k}" for k in range(filters, 10)]
        for k in range(filters, 10):
            due = statistics.mean(run.accuracy for run in rows if run.setting == f"k={k}")
            assert found[f"mean-{k}"].value == pytest.approx(100 * due)
        check_true(found)


def test_what_a_separable_cut_leaves_is_told_only_when_it_is_dialed() -> None:
    explorer = dial.rank_dial()
    picture, said = explorer.answer(explorer.start)
    asked, now = explorer.answer({**explorer.start, "filters": 1})
    for tell in ("13.0 %", "2,074"):
        assert tell not in words(picture) + said.seen + said.heard
        assert tell in words(asked) + now.heard
    assert sorted(click["filters"] for click in clicks(picture)) == sorted([*range(1, 10)] * 2)


def test_a_cut_draws_no_random_numbers() -> None:
    conv = nn.Conv2d(4, 8, 3, padding=1, bias=False)
    state = torch.get_rng_state()
    for filters in range(1, 10):
        cut(conv, filters)
    assert torch.equal(state, torch.get_rng_state())
