"""What a page without a kernel offers: every value that the course names is a stop, and the stops are few."""

import math
from collections.abc import Mapping
from typing import Any

import nbformat
import pytest

from course import EXPLORERS
from course.kit.panel import Choice, Explorer, Number, Said
from course.mbconv._whole_block import INPUT
from tests import ROOT

MOST, ALTOGETHER = {"window_geometry": 25_000, "parameter_savings": 1_024}, 60_000
MOST_OF_ANOTHER = 6_000
NAMES = sorted(EXPLORERS)
# What texts name beside presets: explorer, page, words of the page, settings that the words ask for. All of a
# control's options are left out where it has no `page=`.
NAMED: list[tuple[str, str, str, dict[str, list[Any]]]] = [
    (
        "window_geometry",
        "01_conv_norm_act",
        "With padding 0, and 6 x 6 pixels",
        {"padding": [0], "size": [6]},
    ),
    ("window_geometry", "01_conv_norm_act", "**Output row 1 to 4.**", {"row": [1, 2, 3, 4]}),
    ("window_geometry", "01_conv_norm_act", "**Stride 2.**", {"stride": [2]}),
    (
        "window_geometry",
        "01_conv_norm_act",
        "7 pixels, a 3x3 kernel, stride 2, padding 1",
        {"size": [7], "stride": [2], "padding": [1]},
    ),
    (
        "bottleneck_reduction",
        "03_bottleneck",
        "128 channels in, 512 out and reduction 4",
        {"in_channels": [128], "out_channels": [512]},
    ),
    ("bottleneck_reduction", "03_bottleneck", "`Bottleneck(256, 512)`", {"out_channels": [512]}),
    (
        "parameter_savings",
        "04_depthwise_separable",
        "**Channels out, from 8 to 512.**",
        {"out_channels": [8, 512]},
    ),
    (
        "parameter_savings",
        "04_depthwise_separable",
        "**Kernel 3, 5, 7, 11, at 512 channels.**",
        {"kernel_size": [3, 5, 7, 11], "in_channels": [512], "out_channels": [512]},
    ),
    (
        "parameter_savings",
        "04_depthwise_separable",
        "From 3 channels to 3 they have 84 and 48 parameters; from 32 to 64",
        {"in_channels": [3, 32], "out_channels": [3, 64]},
    ),
    (
        "parameter_savings",
        "04_depthwise_separable",
        "48 channels in, 80 out and a 5x5 kernel",
        {"in_channels": [48], "out_channels": [80], "kernel_size": [5]},
    ),
    (
        "parameter_savings",
        "04_depthwise_separable",
        "From 512 channels to 1024 with a 3x3",
        {"out_channels": [1024]},
    ),
    ("spiral_dimensions", "05_linear_bottleneck", "**2, 3, 15 dimensions.**", {"n": [2, 3, 15]}),
    (
        "spiral_dimensions",
        "05_linear_bottleneck",
        "From which dimension on is less than one point in a hundred lost?",
        {"n": [9, 10, 11, 12]},
    ),
    ("spiral_dimensions", "05_linear_bottleneck", "in 2 dimensions as in 30", {"n": [2, 30]}),
    ("channel_expansion", "06_inverted_residual", "**Expansion 6, 3, 1.**", {"expansion": [6, 3, 1]}),
    ("channel_expansion", "06_inverted_residual", "the output to 32 channels", {"out_channels": [32]}),
    (
        "channel_expansion",
        "06_inverted_residual",
        "192 channels while it takes 32 and gives 32",
        {"in_channels": [32], "out_channels": [32], "expansion": [6]},
    ),
    (
        "channel_expansion",
        "06_inverted_residual",
        "From which expansion on does the dense one have more than ten times the parameters?",
        {"expansion": [2.5, 3]},
    ),
    (
        "channel_expansion",
        "06_inverted_residual",
        "40 channels in, 24 out, a 5x5 kernel and expansion 3",
        {"in_channels": [40], "out_channels": [24], "expansion": [3]},
    ),
    ("reduction_ratio", "07_squeeze_excitation", "on 64 channels it has 580", {"channels": [64]}),
    ("reduction_ratio", "07_squeeze_excitation", "96 channels, reduction 16", {"channels": [96]}),
    ("reduction_ratio", "07_squeeze_excitation", "4 channels and a reduction of 16", {"channels": [4]}),
    (
        "whole_block",
        "08_mbconv",
        "24 channels in, 40 out, a 5x5 kernel and expansion 6",
        {"in_channels": [24], "out_channels": [40], "kernel_size": [5], "expansion": [6]},
    ),
    (
        "whole_block",
        "08_mbconv",
        "`MBConv(40, 80, stride=2)`, expansion 6",
        {"in_channels": [40], "out_channels": [80], "expansion": [6]},
    ),
    ("stochastic_depth", "08_mbconv", "Set the rate to 0.5", {"drop": [0.5]}),
    ("channel_expansion", "06_inverted_residual", "`InvertedResidual(24, 32)`", {"out_channels": [32]}),
]


def offered(explorer: Explorer[Any]) -> dict[str, tuple[Any, ...]]:
    return {name: control.on_page for name, control in explorer.declared.items()}


def missing(explorer: Explorer[Any], settings: Mapping[str, Any]) -> list[str]:
    """The values that a page does not offer."""
    stops = offered(explorer)
    return [f"{name}={value}" for name, value in settings.items() if value not in stops[name]]


def too_many(positions: Mapping[str, int]) -> list[str]:
    """What goes beyond the budgets: each explorer, and all together."""
    found = [
        f"{name} has {count:,} positions, at most {MOST.get(name, MOST_OF_ANOTHER):,}"
        for name, count in positions.items()
        if count > MOST.get(name, MOST_OF_ANOTHER)
    ]
    if (total := sum(positions.values())) > ALTOGETHER:
        found.append(f"all have {total:,} positions, at most {ALTOGETHER:,}")
    return found


def test_the_positions_are_within_their_budgets() -> None:
    stops = {name: offered(EXPLORERS[name]()) for name in NAMES}
    assert too_many({name: math.prod(map(len, of.values())) for name, of in stops.items()}) == []


@pytest.mark.parametrize(
    ("positions", "found"),
    [
        ({"rank_dial": 6_001}, "rank_dial has 6,001 positions, at most 6,000"),
        ({"parameter_savings": 1_025}, "parameter_savings has 1,025 positions, at most 1,024"),
        ({str(n): 6_000 for n in range(11)}, "all have 66,000 positions, at most 60,000"),
    ],
)
def test_too_many_positions_are_named(positions: dict[str, int], found: str) -> None:
    assert too_many(positions) == [found]


@pytest.mark.parametrize("name", NAMES)
def test_start_presets_and_stills_are_stops(name: str) -> None:
    """The constructor checks it; here it is looked at from outside, and nothing of a preset is refused."""
    explorer = EXPLORERS[name]()
    for settings in (explorer.start, *explorer.presets.values(), *explorer.stills):
        assert missing(explorer, settings) == []
    for settings in explorer.presets.values():
        assert explorer.answer({**explorer.start, **settings})[1]


@pytest.mark.parametrize(("name", "page", "words", "settings"), NAMED)
def test_what_a_page_names_is_a_stop(
    name: str, page: str, words: str, settings: dict[str, list[Any]]
) -> None:
    cells = nbformat.read(ROOT / "notebooks" / f"{page}.ipynb", as_version=4).cells
    assert any(words in cell.source for cell in cells if cell.cell_type == "markdown"), words
    explorer = EXPLORERS[name]()
    for control, values in settings.items():
        assert not [lack for value in values for lack in missing(explorer, {control: value})]


def test_a_value_that_is_no_stop_is_missing() -> None:
    explorer = EXPLORERS["parameter_savings"]()
    assert missing(explorer, {"out_channels": 1024, "kernel_size": 9}) == ["kernel_size=9"]


def test_a_page_has_every_block_of_efficientnet_b0() -> None:
    """The sentence of `whole_block` says which block of the network a setting is."""
    explorer = EXPLORERS["whole_block"]()
    rows = [(32, 16, 1, 3, 1), (16, 24, 6, 3, 2), (24, 24, 6, 3, 1), (24, 40, 6, 5, 2), (40, 40, 6, 5, 1)]
    rows += [(40, 80, 6, 3, 2), (80, 80, 6, 3, 1), (80, 112, 6, 5, 1), (112, 112, 6, 5, 1)]
    rows += [(112, 192, 6, 5, 2), (192, 192, 6, 5, 1), (192, 320, 6, 3, 1)]
    for row in rows:
        names = ("in_channels", "out_channels", "expansion", "kernel_size", "stride")
        settings = {**explorer.start, **dict(zip(names, row, strict=True)), "squeeze": INPUT}
        assert missing(explorer, settings) == []
        assert "EfficientNet-B0 has this block" in explorer.answer(settings)[1].heard


# The kit refuses what cannot be


def one(control: Number | Choice, **more: Any) -> Explorer[Any]:
    return Explorer(
        {"a": control},
        compute=lambda a: a,
        draw=lambda *_: ("<svg/>",),
        say=lambda a: Said(str(a), str(a)),
        **more,
    )


@pytest.mark.parametrize("page", [(2, 1), (1, 1), (0, 1), (1, 21), (1, 1.5)])
def test_a_number_refuses_stops_that_it_does_not_take_or_that_fall(page: tuple[float, ...]) -> None:
    with pytest.raises(
        ValueError, match=r"^Number: page must be ascending values from 1 to 20 in steps of 1,"
    ):
        Number("A", 1, 1, 20, page=page)


@pytest.mark.parametrize("page", [(1, 4), (1, 1)])
def test_a_choice_refuses_stops_that_it_has_not_or_has_twice(page: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^Choice: page must be some of \(1, 2, 3\), each once, got \(1, "):
        Choice("A", 1, (1, 2, 3), page=page)


def test_stops_are_of_the_kind_of_the_start() -> None:
    whole, broken = Number("A", 1, 1, 20, page=(1, 5)), Number("A", 1.0, 1, 3, 0.5, page=(1, 2.5))
    assert [type(stop) for stop in whole.on_page + broken.on_page] == [int, int, float, float]
    assert Number("A", 1, 1, 3).on_page == (1, 2, 3)
    assert Number("A", 4, 1, 9, stops=(1, 4, 9)).on_page == (1, 4, 9)
    assert Choice("A", 1, (1, 2), page=(1,)).on_page == (1,)
    assert Choice("A", 1, (1, 2)).on_page == (1, 2)


@pytest.mark.parametrize(
    ("start", "more"),
    [(2, {}), (1, {"presets": {"two": {"a": 2}}}), (1, {"stills": ({"a": 2},)})],
    ids=["start", "preset", "still"],
)
@pytest.mark.parametrize("kind", [Number, Choice])
def test_an_explorer_refuses_what_a_page_does_not_offer(kind: Any, start: int, more: dict[str, Any]) -> None:
    said = r"^Explorer: a start, a preset and a still must be among what .* got a=2\. Name it in .* page="
    control = (
        Number("A", start, 1, 3, page=(1, 3)) if kind is Number else Choice("A", start, (1, 2, 3), (1, 3))
    )
    with pytest.raises(ValueError, match=said):
        one(control, **more)
    assert one(Number("A", 1, 1, 3, page=(1, 3)), presets={"three": {"a": 3}}).presets == {"three": {"a": 3}}
