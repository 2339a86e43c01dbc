"""The rank dial says what the stored runs hold; a shown sweep what was counted and what was measured."""

import re
import statistics

import pytest
from torch import nn

from blocks import ConvNormAct, DepthwiseSeparable
from blocks.measure import Latency
from course.depthwise_separable._rank_dial import compute, rank_dial, say
from course.kit.drawing.times import Point, times
from course.kit.panel import show_times
from course.kit.panel.times import points
from course.kit.training import grids
from tests.blocks.test_intensity import bytes_by_hooks
from tests.course.test_explorers_numbers import multiply_adds, numbers


@pytest.mark.parametrize("filters", [1, 4, 9])
def test_the_rank_dial_says_the_stored_accuracies(filters: int) -> None:
    explorer = rank_dial()
    rows = grids.grid("depthwise_separable.rank_dial")
    found = [run for run in rows if run.setting == f"k={filters}"]
    full = [run for run in rows if run.setting == "full"]
    right = [100 * run.accuracy for run in found]
    due = [filters, 9, statistics.mean(right), min(right), max(right), 10, found[0].parameters]
    due += [full[0].parameters, 100 * statistics.mean(run.accuracy for run in full)]
    words = explorer.answer({**explorer.start, "filters": filters})[1]
    assert numbers(words.heard) == pytest.approx(due, abs=0.051)
    assert numbers(words.seen) == pytest.approx([filters, due[2], due[6]], abs=0.051)


def test_four_norms_make_the_difference_between_cut_and_separable() -> None:
    """The prose of notebook 04: a cut network has no norm between its two convolutions."""
    counts = {
        row.setting: row.parameters
        for name in ("rank_dial", "comparison")
        for row in grids.grid(f"depthwise_separable.{name}")
    }
    assert counts["separable, width 16"] - counts["k=1"] == 4 * 2 * 16
    assert counts["full, width 7"] < counts["separable, width 16"] < counts["full, width 8"]


def test_the_rank_dial_tells_fewer_from_more_parameters() -> None:
    words = ["fewer than" in say(compute(filters)).heard for filters in range(1, 10)]
    assert words == [True] * 5 + [False] * 4


def test_what_notebook_04_says_of_the_cuts() -> None:
    """k = 6 and more stay within 3 points, with more parameters than the network that was cut."""
    data = compute(1)
    means = [statistics.mean(values) for values in data.cut]
    assert all(mean > statistics.mean(data.full) - 0.03 for mean in means[5:])
    assert means == sorted(means)
    assert all(count > data.full_parameters for count in data.parameters[5:])


def sweep_of_two() -> tuple[dict, dict]:  # type: ignore[type-arg]
    cases = {
        width: ((ConvNormAct(width, width, act=nn.ReLU), DepthwiseSeparable(width, width)), (1, width, 6, 6))
        for width in (4, 8)
    }
    times = (Latency(0.002, 0, 5, 1, "cpu"), Latency(0.001, 0, 5, 1, "cpu"))
    return cases, dict.fromkeys(cases, times)


def test_points_are_counted_on_the_modules_and_keep_their_times() -> None:
    cases, times = sweep_of_two()
    full, separable = points(cases, times, ("full", "separable")).values()
    assert [point.label for point in full] == ["4", "8"]
    assert {point.seconds for point in full} == {0.002}
    assert {point.seconds for point in separable} == {0.001}
    for series, place in ((full, 0), (separable, 1)):
        for width, point in zip(cases, series, strict=True):
            module, shape = cases[width][0][place], cases[width][1]
            assert point.multiply_adds == multiply_adds(module, width, 6)
            assert point.per_byte == pytest.approx(point.multiply_adds / bytes_by_hooks(module, shape))


def test_a_shown_sweep_says_its_times() -> None:
    shown = show_times(*sweep_of_two(), ("full", "separable"), title="Two widths")
    assert shown.sentence == ("Two widths. full: 4, 2.00 ms; 8, 2.00 ms. separable: 4, 1.00 ms; 8, 1.00 ms.")
    assert [card.count("<svg") for card in shown.picture] == [1, 1]
    assert all('width="400"' in card for card in shown.picture)


@pytest.mark.parametrize("times_more", [2, 30, 30_000])  # an axis within a power of ten, of some, and many
def test_points_of_times_stand_on_logarithmic_axes(times_more: int) -> None:
    counts, seconds = (10**5, 10**5 * times_more, 10**5 * times_more**2), (1e-5, 1e-3, 1e-2)
    cases = enumerate(zip(counts, seconds, strict=True))
    series = [Point(f"at {n}", adds, took, 0.5 + n) for n, (adds, took) in cases]
    first, second = times({"full": series}, title="Times", note="here", label="said")
    marks = r'd="M(\S+) (\S+)m\S[^"]*" fill="\S+"><title>at'
    (a, up), (b, middle), (c, low) = [(float(x), float(y)) for x, y in re.findall(marks, first)]
    assert b - a == pytest.approx(c - b, abs=0.2)  # equal factors are equal steps
    assert (up - middle) / (middle - low) == pytest.approx(2, rel=0.02)
    assert len(re.findall(marks, second)) == len(series)
    for card in (first, second):
        assert "e+" not in card
        assert all(f">at {n}</text>" in card for n in range(3))


def test_too_many_series_are_refused() -> None:
    cases = {1: ((nn.ReLU(),) * 4, (1, 2))}
    times = {1: (Latency(1, 0, 1, 1, "cpu"),) * 4}
    with pytest.raises(ValueError, match=r"^times: series must be one to 3, got 4\."):
        show_times(cases, times, "abcd", title="Four")


def test_bytes_favor_the_full_convolution_at_every_width() -> None:
    """What notebook 04 says: the separable block has fewer multiply-adds, and moves more bytes."""
    for width in (16, 32, 64, 128, 256):
        shape = (1, width, 28, 28)
        full, separable = ConvNormAct(width, width, act=nn.ReLU), DepthwiseSeparable(width, width)
        assert bytes_by_hooks(separable, shape) > bytes_by_hooks(full, shape)
        assert multiply_adds(full, width, 28) > 5 * multiply_adds(separable, width, 28)
