"""What notebook 09's explorer says: counts of the modules, counted here in another way; times as measured."""

import re

import pytest

from blocks.measure import Latency, graph
from course.fused_mbconv import _fused_crossover as fused_mbconv
from course.fused_mbconv._fused_crossover import (
    CHANNELS,
    MOST,
    SIZES,
    Cell,
    cell,
    compute,
    crossover,
    fused_crossover,
    say,
    written,
)
from tests.blocks.test_intensity import bytes_by_hooks
from tests.course.test_explorers import said
from tests.course.test_explorers_numbers import multiply_adds, numbers, parameters


def took(milliseconds: float, iqr: float = 0.0) -> Latency:
    return Latency(milliseconds / 1e3, iqr / 1e3, 9, 1, "cpu")


TIMES = {
    (16, 14): (took(2), took(1)),
    (24, 14): (took(2), took(1.5)),
    (48, 14): (took(2, iqr=0.4), took(2.3, iqr=0.4)),
    (64, 14): (took(2), took(2.5)),
}


@pytest.mark.parametrize(("channels", "size"), [(16, 14), (24, 28), (128, 7)])
def test_the_sentence_says_the_counts_of_the_modules(channels: int, size: int) -> None:
    found = re.findall(
        r"([\d,]+) parameters.*?, ([\d,]+) multiply-adds", say(compute(channels, size, "time", {}))
    )
    modules = fused_mbconv.both(channels)
    due = [[parameters(module), multiply_adds(module, channels, size)] for module in modules]
    assert [numbers(" ".join(pair)) for pair in found] == due


@pytest.mark.parametrize(("channels", "size"), [(24, 14), (256, 7)])
def test_bytes_are_those_of_the_modules(channels: int, size: int) -> None:
    """Hooks see the layers; the additions of both, and MBConv's mean and product, are added by hand."""
    shape = (1, channels, size, size)
    mbconv, fused = fused_mbconv.both(channels)
    narrow, wide = 4 * channels * size**2, 16 * channels * size**2
    gates = 4 * 4 * channels
    counted = fused_mbconv.counted(channels, size)
    assert counted[0].bytes_moved == bytes_by_hooks(mbconv, shape) + 3 * narrow + 3 * wide + 2 * gates
    assert counted[1].bytes_moved == bytes_by_hooks(fused, shape) + 3 * narrow


def test_the_map_holds_the_ratio_of_every_setting() -> None:
    cells = compute(24, 112, "multiply-adds", {}).cells
    assert (len(cells), {len(row) for row in cells}) == (len(SIZES), {len(CHANNELS)})
    mbconv, fused = fused_mbconv.both(64)
    due = multiply_adds(fused, 64, 7) / multiply_adds(mbconv, 64, 7)
    found = cells[SIZES.index(7)][CHANNELS.index(64)]
    assert found == Cell(pytest.approx(due), 0)


def test_what_the_notebook_says_of_the_whole_map() -> None:
    """Three to five times the multiply-adds everywhere; more bytes only with many channels on small maps."""
    everywhere = [(c, size) for c in CHANNELS for size in SIZES]
    ratios = [cell({}, setting, "multiply-adds").ratio for setting in everywhere]  # type: ignore[union-attr]
    assert 3 < min(ratios) < max(ratios) < 5
    more = {s for s in everywhere if cell({}, s, "bytes moved").less == 0}  # type: ignore[union-attr]
    assert more == {(64, 7), (128, 7), (256, 7), (256, 14)}


def test_times_are_told_apart_only_beyond_their_spread() -> None:
    assert cell(TIMES, (16, 14), "time") == Cell(0.5, 1)
    assert cell(TIMES, (48, 14), "time") == Cell(pytest.approx(1.15), None)
    assert cell(TIMES, (64, 14), "time") == Cell(1.25, 0)
    assert cell(TIMES, (128, 14), "time") is None


def test_the_crossover_in_words() -> None:
    assert crossover({}, 14) == "Times are not yet measured."
    assert crossover(TIMES, 14) == (
        "Measured times, map 14 x 14, faster: Fused-MBConv at 16 and 24;"
        " not told apart at 48; MBConv at 64 channels."
    )


def test_live_it_says_times_and_stored_it_says_none() -> None:
    explorer = fused_crossover(TIMES)
    explorer.set({"channels": 24, "resolution": 14, "shown": "time"})
    assert "MB moved, 2.00 ms. Fused-MBConv" in said(explorer)
    assert "), 1.50 ms. Measured times, map 14 x 14" in said(explorer)
    bundle, _ = explorer._repr_mimebundle_()
    for text in (bundle["text/plain"], *re.findall(r'alt="(.*?)"', bundle["text/html"])):
        assert not re.search(r"\d ms|Measured", text)


def test_time_is_offered_where_it_was_measured() -> None:
    counted, timed = fused_crossover().controls["shown"], fused_crossover(TIMES).controls["shown"]
    assert (counted.value, timed.value) == ("multiply-adds", "time")
    assert [*counted.options, ("time", "time")] == [*timed.options]


def test_what_is_timed_is_what_is_counted_and_never_too_large() -> None:
    for (channels, size), (modules, shape) in fused_mbconv.pairs().items():
        assert shape == (1, channels, size, size)
        counted = fused_mbconv.counted(channels, size)
        assert [m.training for m in modules] == [False, False]
        assert [parameters(m) for m in modules] == [side.parameters for side in counted]
        assert sum(step.multiply_adds for step in graph(modules[1], shape).steps) <= MOST
    assert len(fused_mbconv.pairs()) == 24


@pytest.mark.parametrize(("ratio", "words"), [(0.456, "0.46"), (0.999, "1.0"), (4.21, "4.2")])
def test_ratios_have_two_figures(ratio: float, words: str) -> None:
    assert written(ratio) == words
