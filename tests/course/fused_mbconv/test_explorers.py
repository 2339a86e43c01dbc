"""What notebook 09's explorer says: counts of the modules, counted here in another way; times as measured."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from blocks.measure import Latency, graph
from course.fused_mbconv import _crossover_picture as picture
from course.fused_mbconv import _fused_crossover as fused_mbconv
from course.fused_mbconv._fused_crossover import (
    CHANNELS,
    MOST,
    NAMES,
    QUANTITIES,
    SIZES,
    Cell,
    cell,
    compared,
    compute,
    crossover,
    draw,
    fused_crossover,
    say,
    written,
)
from course.fused_mbconv._stored_times import stored_times
from course.kit.panel import Explorer
from tests.blocks.test_intensity import bytes_by_hooks
from tests.course.test_explorers_numbers import multiply_adds, numbers, parameters

SVG = "{http://www.w3.org/2000/svg}"


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
        r"([\d,]+) parameters.*?, ([\d,]+) multiply-adds", say(compute(channels, size, "time", {})).heard
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


def words(explorer: Explorer[Any]) -> tuple[str, str]:
    """What is seen and what is heard now."""
    found = explorer.answer({name: control.value for name, control in explorer.controls.items()})[1]
    return found.seen, found.heard


def seen(channels: int, shown: str, size: int = 14) -> str:
    return say(compute(channels, size, shown, TIMES)).seen


def test_a_ratio_is_seen_only_where_the_times_tell() -> None:
    assert seen(16, "time") == "16 channels, 14 x 14: Fused-MBConv takes 0.50 times as long."
    assert seen(128, "time") == "128 channels, 14 x 14: about as fast."
    assert seen(256, "time") == "256 channels, 14 x 14: can't tell."
    assert seen(256, "time", 112) == "256 channels, 112 x 112: not measured, it takes too long."
    assert seen(24, "bytes moved", 112).endswith("Fused-MBConv moves 0.46 times the bytes.")
    assert seen(24, "multiply-adds", 112).endswith("Fused-MBConv has 4.2 times the multiply-adds.")


@pytest.mark.parametrize("stored", [False, True])
def test_time_is_told_only_where_it_is_shown(stored: bool) -> None:
    """Neither seen nor heard nor drawn, before a reader chooses it: notebook 09 votes on it."""
    data = compute(24, 14, "multiply-adds", TIMES, "a machine")
    told = say(data, stored=stored)
    for text in (told.heard, told.seen if not stored else "", *draw(data, told.heard)):
        assert not re.search(r"\d ms|[Mm]easured|turns|faster|a machine", text)
    assert "1.50 ms" in say(compute(24, 14, "time", TIMES, "a machine")).heard
    for explorer in (fused_crossover(), fused_crossover(TIMES)):
        assert explorer.start["shown"] == "multiply-adds"


def test_live_it_says_times_and_stored_it_says_none() -> None:
    explorer = fused_crossover(TIMES)
    explorer.set({"channels": 24, "resolution": 14, "shown": "time"})
    heard = words(explorer)[1]
    assert "MB moved, 2.00 ms. Fused-MBConv" in heard
    assert "), 1.50 ms. Fused-MBConv against MBConv: 1.3 times as fast (" in heard
    assert "over 1 turns). Measured times, map 14 x 14" in heard
    explorer.set({"channels": 256})
    assert "can't tell: 1.10 to 2.8 times over 2 turns. Is the machine busy? Measured" in words(explorer)[1]
    bundle, _ = explorer._repr_mimebundle_()
    for text in (bundle["text/plain"], *re.findall(r'alt="(.*?)"', bundle["text/html"])):
        assert not re.search(r"\d ms|Measured|turns", text)


def test_without_times_those_of_our_machine_can_be_chosen() -> None:
    explorer = fused_crossover()
    assert [value for value, _ in explorer.controls["shown"].options] == [*QUANTITIES]
    explorer.set({"shown": "time"})
    stored = stored_times()
    mbconv, fused = stored.times[24, 112]
    assert f", {1e3 * mbconv.median:.2f} ms. Fused-MBConv" in words(explorer)[1]
    assert f"), {1e3 * fused.median:.2f} ms. " in words(explorer)[1]
    assert words(explorer)[1].endswith(f"Measured on: {stored.machine}.")


# The picture


def drawn(channels: int, size: int, shown: str) -> tuple[ET.Element, ET.Element]:
    """The map, and the blocks at the setting."""
    field, blocks = draw(compute(channels, size, shown, TIMES), "a sentence")
    return ET.fromstring(str(field)), ET.fromstring(str(blocks))  # noqa: S314 - our own pictures


@pytest.mark.parametrize("shown", QUANTITIES[:3])
@pytest.mark.parametrize(("channels", "size"), [(16, 112), (24, 112), (256, 7)])
def test_the_steps_of_a_bar_are_those_of_the_module(channels: int, size: int, shown: str) -> None:
    """Their sum is the block's count, each is as wide as its share, and both blocks have one scale."""
    _, root = drawn(channels, size, shown)
    name = shown.replace("-", "_").replace(" ", "_")
    rates = set()
    for number, block in enumerate(NAMES):
        marks = [
            (float(mark.get("data-value", "")), float(mark.get("width", "")))
            for mark in root.iter(f"{SVG}rect")
            if str(mark.get("data-key")).startswith(f"{block} ")
        ]
        due = getattr(fused_mbconv.counted(channels, size)[number], name)
        assert sum(value for value, _ in marks) == due
        rates |= {round(width / value * due, 1) / due for value, width in marks if width > 5}
    assert max(rates) == pytest.approx(min(rates), rel=0.01)
    (scale,) = (mark for mark in root.iter(f"{SVG}rect") if mark.get("data-key") == "scale")
    assert float(scale.get("width", "")) / float(scale.get("data-value", "")) == pytest.approx(
        max(rates), rel=0.02
    )


def test_depthwise_is_the_smallest_part_of_the_multiply_adds_and_the_full_one_the_largest() -> None:
    mbconv, fused = (counted.parts("multiply-adds") for counted in fused_mbconv.counted(256, 7))
    assert mbconv["depthwise"] == 9 * 1024 * 49
    assert fused == {"convolution": 9 * 256 * 1024 * 49, "pointwise": 1024 * 256 * 49}


def test_a_click_on_a_cell_sets_both_controls_to_stops() -> None:
    root, _ = drawn(24, 112, "multiply-adds")
    sets = {group.get("data-set") for group in root.iter(f"{SVG}g")} - {None}
    assert sets == {f"channels={c};resolution={size}" for c in CHANNELS for size in SIZES}
    declared = fused_crossover().declared
    assert declared["channels"].on_page == CHANNELS
    assert declared["resolution"].on_page == SIZES


def lines(shown: str) -> list[tuple[float, ...]]:
    """The pieces of the edge: where each begins, and whether it goes down or right."""
    root, _ = drawn(24, 112, shown)
    edge = [path.get("d", "") for path in root.iter(f"{SVG}path") if path.get("stroke-linecap")]
    return [
        (float(x), float(y), along == "v") for x, y, along in re.findall(r"M(\S+) (\S+)([vh])", "".join(edge))
    ]


def test_the_edge_runs_where_the_less_changes() -> None:
    assert lines("multiply-adds") == []
    ahead = [[found.less for found in row if found] for row in compute(24, 112, "bytes moved", {}).cells]
    due = set()
    for r, row in enumerate(ahead):
        for c, less in enumerate(row):
            x, y = picture.LEFT + picture.WIDE * c - 1.5, picture.TOP + picture.HIGH * r - 1.5
            if c and row[c - 1] != less:
                due.add((x, y, True))
            if r and ahead[r - 1][c] != less:
                due.add((x, y, False))
    assert set(lines("bytes moved")) == due
    assert len(due) == 5


def test_an_edge_drawn_elsewhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "_differ", lambda one, other: one.ratio > 1.5 * other.ratio)
    with pytest.raises(AssertionError):
        test_the_edge_runs_where_the_less_changes()


def test_bars_of_a_cell_are_its_ratio() -> None:
    root, _ = drawn(24, 112, "bytes moved")
    high = {
        str(mark.get("data-key")): float(mark.get("height", ""))
        for mark in root.iter(f"{SVG}rect")
        if mark.get("data-unit") == "of the larger"
    }
    for channels in CHANNELS:
        for size in SIZES:
            mbconv, fused = fused_mbconv.counted(channels, size)
            ratio = high[f"1 {channels} {size}"] / high[f"0 {channels} {size}"]
            assert ratio == pytest.approx(fused.bytes_moved / mbconv.bytes_moved, rel=1e-3)


def test_where_no_number_is_a_sign_stands() -> None:
    root, blocks = drawn(24, 112, "time")
    signs = [text.text for text in root.iter(f"{SVG}text") if text.text in ("?", "-")]
    assert (signs.count("?"), signs.count("-")) == (2, 24)
    assert [text.text for text in blocks.iter(f"{SVG}text")].count("-") == 2
    assert not [mark for mark in blocks.iter() if mark.get("data-value")]


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
