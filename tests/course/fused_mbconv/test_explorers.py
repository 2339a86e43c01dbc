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
    _colors,
    _written,
    cell,
    compared,
    compute,
    crossover,
    fused_crossover,
    quantities,
    say,
    written,
)
from tests.blocks.test_intensity import bytes_by_hooks
from tests.course.test_explorers import said
from tests.course.test_explorers_numbers import multiply_adds, numbers, parameters


def took(milliseconds: float, *others: float) -> Latency:
    """In turns: the first, the second and so on; the first is the median."""
    turns = tuple(each / 1e3 for each in (milliseconds, *others))
    return Latency(milliseconds / 1e3, 0.0, 9, 1, "cpu", turns)


TIMES = {
    (16, 14): (took(2), took(1)),
    (24, 14): (took(2), took(1.5)),
    (48, 14): (took(2, 2), took(2.3, 1.8)),  # once slower, once faster
    (64, 14): (took(2), took(2.5)),
    (128, 14): (took(2, 2), took(2.1, 1.9)),
    (256, 14): (took(2, 2), took(2.2, 5.6)),  # slower in both turns, by 1.1 or 2.8 times: a busy machine
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


def test_times_are_told_apart_turn_by_turn() -> None:
    assert cell(TIMES, (16, 14), "time") == Cell(0.5, 1)
    assert cell(TIMES, (48, 14), "time") == Cell(pytest.approx(1.025), None, is_told=False)
    assert cell(TIMES, (64, 14), "time") == Cell(1.25, 0)
    assert cell(TIMES, (128, 14), "time") == Cell(pytest.approx(1.0), None)
    assert cell(TIMES, (256, 14), "time") == Cell(pytest.approx(1.95), None, is_told=False)
    assert cell(TIMES, (128, 7), "time") is None


def test_the_crossover_in_words() -> None:
    assert crossover({}, 14) == "Times are not yet measured."
    assert crossover(TIMES, 14) == (
        "Measured times, map 14 x 14, faster: Fused-MBConv at 16 and 24; about as fast at 128;"
        " can't tell at 48 and 256; MBConv at 64 channels."
    )


def test_one_pair_in_words() -> None:
    assert compared(*TIMES[16, 14]) == (
        "Fused-MBConv against MBConv: 2.0 times as fast (2.0 to 2.0 over 1 turns)."
    )
    assert compared(*TIMES[64, 14]).startswith("MBConv against Fused-MBConv: 1.2 times as fast")
    assert compared(*TIMES[128, 14]).endswith(": about as fast (0.95 to 1.05 times over 2 turns).")
    assert compared(*TIMES[256, 14]) == (
        "MBConv against Fused-MBConv: can't tell: 1.10 to 2.8 times over 2 turns. Is the machine busy?"
    )


def titles(channels: int) -> str:
    return [title for title, *_ in quantities(compute(channels, 14, "time", TIMES))][-1]


def test_a_ratio_stands_only_where_the_times_tell() -> None:
    assert titles(16) == "Measured time: fused / MBConv = 0.50"
    assert titles(128) == "Measured time: about as fast"
    assert titles(256) == "Measured time: can't tell"
    assert [_written(cell(TIMES, (channels, 14), "time")) for channels in CHANNELS] == [
        *("0.50", "0.75", "?", "1.2", "1.0", "?")
    ]
    colors = {channels: _colors(cell(TIMES, (channels, 14), "time")) for channels in CHANNELS}
    assert colors[48] == colors[256] == _colors(None)
    assert len({*colors.values()}) == 4


def test_live_it_says_times_and_stored_it_says_none() -> None:
    explorer = fused_crossover(TIMES)
    explorer.set({"channels": 24, "resolution": 14, "shown": "time"})
    assert "MB moved, 2.00 ms. Fused-MBConv" in said(explorer)
    assert "), 1.50 ms. Fused-MBConv against MBConv: 1.3 times as fast (" in said(explorer)
    assert "over 1 turns). Measured times, map 14 x 14" in said(explorer)
    explorer.set({"channels": 256})
    assert "can't tell: 1.10 to 2.8 times over 2 turns. Is the machine busy? Measured times" in said(explorer)
    bundle, _ = explorer._repr_mimebundle_()
    for text in (bundle["text/plain"], *re.findall(r'alt="(.*?)"', bundle["text/html"])):
        assert not re.search(r"\d ms|Measured|turns", text)


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
