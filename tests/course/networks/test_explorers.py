"""Notebook 10's explorers of whole networks: their numbers, counted or read in another way."""

import itertools
import math
import re
from typing import Any

import pytest
import torch
import torchvision

from blocks import networks
from blocks.measure import Latency, cost, graph, machine
from blocks.networks import efficientnet, mobilenet, resnet
from blocks.networks.efficientnet import RELEASED, scaled, scaled_rows
from blocks.networks.facts import NETWORKS, PUBLISHED, Network
from course.kit.drawing import plot
from course.kit.panel import Explorer
from course.networks import _accuracy_against_cost as accuracy
from course.networks import _scaling_picture as scaling
from course.networks import _scatter_picture as scatter
from course.networks._accuracy_against_cost import (
    MULTIPLY_ADDS,
    NAMES,
    PAPERS,
    PARAMETERS,
    TIME,
    UNTIL,
    WEIGHTS,
    Rows,
    accuracy_against_cost,
    year_of,
)
from course.networks._compound_scaling import COUNTS, by_formula
from course.networks._compound_scaling import compound_scaling as compound_scaling_explorer
from course.networks._compound_scaling import compute as scaling_of
from course.networks._compound_scaling import say as say_scaling
from tests.course.diagram_faults import root_of

SVG = "{http://www.w3.org/2000/svg}"
TEXT = "{http://www.w3.org/2000/svg}text"
PAPER_ERRORS = {"ResNet-18": 27.88, "ResNet-34": 24.52, "ResNet-50": 22.85, "ResNet-101": 21.75}
PAPER_ERRORS |= {"ResNet-152": 21.43, "SE-ResNet-50": 23.29}


def builder(name: str) -> str:
    """EfficientNetV2-S is efficientnet_v2_s, ResNet-18 resnet18."""
    name = name.lower().replace("se-resnet-", "se_resnet").replace("resnet-", "resnet")
    return re.sub(r"net(v\d)", r"net_\1", name).replace("-", "_")


def timed(seconds: float) -> Latency:
    return Latency(seconds, 0.0, 1, 1, "cpu")


# Published numbers


@pytest.mark.parametrize("network", PUBLISHED, ids=lambda network: network.name)
def test_weights_are_torchvisions(network: Network) -> None:
    name, found = builder(network.name), network.torchvision
    assert NETWORKS[name] is network
    if found is None:
        assert name in ("se_resnet50", "mobilenet_v1")
        return
    meta = torchvision.models.get_model_weights(name).IMAGENET1K_V1.meta
    assert found.top1 == meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert f"at {found.side}" in found.source
    assert network.parameters == meta["num_params"]
    assert round(found.multiply_adds / 1e9, 3) == meta["_ops"]


def test_the_papers_numbers() -> None:
    by_name = {network.name: network.paper for network in PUBLISHED}
    assert {n: round(100 - by_name[n].top1, 2) for n in PAPER_ERRORS} == PAPER_ERRORS
    crops = {n for n, found in by_name.items() if found.ten_crops}
    assert crops == set(PAPER_ERRORS) - {"SE-ResNet-50"}
    assert all("ten crops" in by_name[n].source for n in crops)
    b = [by_name[f"EfficientNet-B{n}"].top1 for n in range(8)]
    assert b == [77.1, 79.1, 80.1, 81.6, 82.9, 83.6, 84.0, 84.3]
    assert [by_name[f"EfficientNet-B{n}"].side for n in range(8)] == [224, 240, 260, 300, 380, 456, 528, 600]
    mobile = [by_name[f"MobileNet{v}"].top1 for v in ("V1", "V2", "V3-Small", "V3-Large")]
    assert mobile == [70.6, 72.0, 67.4, 75.2]
    assert [by_name[f"EfficientNetV2-{size}"].top1 for size in "SML"] == [83.9, 85.2, 85.7]


# Counts


@pytest.mark.parametrize("phi", range(8))
def test_the_counts_of_a_scaled_network_are_the_modules(phi: int) -> None:
    width, depth, side = by_formula(phi)
    with torch.device("meta"):
        due = cost(scaled(width, depth), (1, 3, side, side))
    assert COUNTS[phi] == (due.parameters, due.multiply_adds)
    assert len(COUNTS) == len(RELEASED)


def test_the_papers_resnets_have_the_stride_in_front() -> None:
    rows = {row.network.name: row for row in rows_of(source=PAPERS, year=2017).rows}
    assert rows["ResNet-50"].accuracy.multiply_adds == 3_857_973_248
    assert rows["ResNet-152"].accuracy.multiply_adds == 11_282_415_616
    assert rows["SE-ResNet-50"].accuracy.multiply_adds == 3_860_488_192


# The explorer


def rows_of(
    against: str = MULTIPLY_ADDS, year: int = 2021, source: str = WEIGHTS, network: str = "ResNet-50"
) -> Rows:
    return accuracy.compute(against, year, source, network, seconds=SECONDS)


def words(explorer: Explorer[Any]) -> tuple[str, str]:
    """What is seen and what is heard now."""
    found = explorer.answer({name: control.value for name, control in explorer.controls.items()})[1]
    return found.seen, found.heard


def test_rows_say_what_they_show() -> None:
    explorer = accuracy_against_cost()
    seen, heard = words(explorer)
    assert seen == "ResNet-50, 76.1 %: until 2021 the same accuracy takes 10.6 times fewer multiply-adds."
    assert heard.startswith("19 networks. Least multiply-adds: MobileNetV3-Small, 56,510,400 multiply-adds,")
    assert "EfficientNetV2-L, 85.8 %, 56,079,699,008" in heard
    assert "hollow" not in heard.lower()
    explorer.set({"source": PAPERS})
    seen, heard = words(explorer)
    assert heard.startswith("21 networks.")
    assert "5 whose paper averages ten crops" in heard
    assert seen == "ResNet-50, 77.2 % with ten crops: not comparable with one crop."


@pytest.mark.parametrize("name", ["ResNet-18", "EfficientNet-B0", "SE-ResNet-50"])
def test_a_picked_network_has_its_sources(name: str) -> None:
    explorer = accuracy_against_cost()
    explorer.set({"network": name})
    (one,) = (network for network in PUBLISHED if network.name == name)
    texts = [text.text or "" for text in root_of(card_of(explorer)).iter(TEXT)]
    assert texts[0] == f"{name}, {year_of(one)}"
    drawn, heard = " ".join(texts), words(explorer)[1]
    for found in (one.paper, one.torchvision):
        if found:
            assert f"{found.top1:.2f} %" in texts
            assert found.source in drawn
            assert found.source in heard
    assert f"{one.parameters:,}" in texts
    in_view = one.torchvision is not None
    assert words(explorer)[0].startswith(f"{name} is none of these 19") is not in_view


def card_of(explorer: Explorer[Any]) -> str:
    """The second card."""
    return "<svg" + explorer.picture.value.split("<svg")[2].partition("</svg>")[0] + "</svg>"


def test_a_year_is_that_of_the_paper() -> None:
    """As the files of the networks cite it: Tan and Le 2019, and so on."""
    cited = {
        "ResNet": (resnet, "He, Zhang, Ren and Sun {},"),
        "SE-ResNet": (resnet, "Hu, Shen, Albanie, Sun and Wu {},"),
        "MobileNetV1": (mobilenet, "V1: Howard et al. {},"),
        "MobileNetV2": (mobilenet, "V2: Sandler et al. {},"),
        "MobileNetV3": (mobilenet, "V3: Howard et al. {},"),
        "EfficientNet": (efficientnet, 'Tan and Le {}, "EfficientNet:'),
        "EfficientNetV2": (efficientnet, 'Tan and Le {}, "EfficientNetV2:'),
    }
    assert cited.keys() == accuracy.YEARS.keys()
    for name, (module, words_) in cited.items():
        assert words_.format(accuracy.YEARS[name]) in (module.__doc__ or "")
    years = {network.name: year_of(network) for network in PUBLISHED}
    assert (years["SE-ResNet-50"], years["EfficientNetV2-S"], years["EfficientNet-B7"]) == (2017, 2021, 2019)


EVERYWHERE = [*itertools.product((PARAMETERS, MULTIPLY_ADDS, TIME), (PAPERS, WEIGHTS))]


@pytest.mark.parametrize(("against", "source"), EVERYWHERE)
def test_no_network_beats_one_of_a_frontier(against: str, source: str) -> None:
    data = rows_of(against, source=source)
    for year, best in data.frontiers.items():
        known = [row for row in data.rows if row.year <= year and not row.accuracy.ten_crops]
        due = [
            row
            for row in known
            if not any(
                accuracy.position(other, against) <= accuracy.position(row, against)
                and other.accuracy.top1 >= row.accuracy.top1
                for other in known
                if other is not row
            )
        ]
        assert [row.network.name for row in best] == [row.network.name for row in due]
        assert year == data.year or set(data.rows) >= set(best)


@pytest.mark.parametrize(("against", "source"), EVERYWHERE)
def test_what_beats_the_picked_one_is_the_cheapest_and_the_best(against: str, source: str) -> None:
    for name in NAMES:
        data = rows_of(against, source=source, network=name)
        row = data.row
        known = [one for one in data.rows if not one.accuracy.ten_crops and one is not row]
        if row is None or row.accuracy.ten_crops:
            assert data.better is None
            continue
        cost_of = accuracy.position(row, against)
        cheaper = [
            one
            for one in known
            if accuracy.position(one, against) <= cost_of and one.accuracy.top1 >= row.accuracy.top1
        ]
        assert (data.better is None) == (not cheaper)
        if data.better:
            assert data.better.times == pytest.approx(
                cost_of / min(accuracy.position(one, against) for one in cheaper)
            )
            assert data.better.points == pytest.approx(
                max(one.accuracy.top1 for one in cheaper) - row.accuracy.top1
            )


def test_the_edge_moves_up_and_left() -> None:
    """The idea: for the accuracy of the best of 2015 each later frontier takes no more, at last far less."""
    data = rows_of()
    goal = max(row.accuracy.top1 for row in data.frontiers[2015])
    costs = [
        min(row.accuracy.multiply_adds for row in best if row.accuracy.top1 >= goal)
        for best in data.frontiers.values()
    ]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 10 * costs[-1]
    best = [max(row.accuracy.top1 for row in rows) for rows in data.frontiers.values()]
    assert best == sorted(best)
    assert best[-1] > best[0] + 5


def test_time_must_be_measured_and_then_only_the_measured_stand_there() -> None:
    explorer = accuracy_against_cost()
    before = explorer.picture.value
    explorer.set({"against": TIME})
    assert "accuracy_against_cost: the time must be measured first, got none" in explorer.message.value
    assert explorer.picture.value == before
    explorer = accuracy_against_cost({"ResNet-18": timed(0.05), "MobileNetV2": timed(0.0123)})
    assert explorer.picture.value == before  # so that the stored picture is the same on every machine
    explorer.set({"against": TIME, "network": "ResNet-18"})
    seen, heard = words(explorer)
    assert seen == "ResNet-18, 69.8 %: until 2021 the same accuracy takes 4.1 times less time."
    assert heard.startswith("2 networks. Least measured time: MobileNetV2, 12.3 ms, top-1 71.9 %.")
    assert heard.endswith(f" Measured on: {machine()}.")
    assert card_of(explorer).count(">50.0 ms</text>") == 1
    drawn = " ".join(text.text or "" for text in root_of(card_of(explorer)).iter(TEXT))
    assert machine() in drawn


SECONDS = {network.name: 0.004 * (1 + number % 7) for number, network in enumerate(PUBLISHED)}
POINT = r'<g data-key="([^"]*)" data-set="([^"]*)"><title>[^<]*</title><circle cx="(\S+)" cy="(\S+)"'


@pytest.mark.parametrize(("against", "source"), EVERYWHERE)
def test_points_stand_where_the_facts_are_and_can_be_clicked(against: str, source: str) -> None:
    data = rows_of(against, source=source)
    chart, _ = accuracy.draw(data, "a sentence")
    found = {name: (sets, float(x), float(y)) for name, sets, x, y in re.findall(POINT, str(chart))}
    assert found.keys() == {row.network.name for row in data.rows}
    place = {row.network.name: row for row in data.rows}
    costs = {name: math.log(accuracy.position(row, against)) for name, row in place.items()}
    low, high = min(costs, key=lambda n: costs[n]), max(costs, key=lambda n: costs[n])
    rate = (found[high][1] - found[low][1]) / (costs[high] - costs[low])
    for name, (sets, x, y) in found.items():
        assert sets == f"network=%22{name}%22"
        assert x == pytest.approx(found[low][1] + rate * (costs[name] - costs[low]), abs=0.2)
        share = (place[name].accuracy.top1 - scatter.LEAST) / (scatter.MOST - scatter.LEAST)
        assert y == pytest.approx(scatter.BOTTOM - share * (scatter.BOTTOM - scatter.TOP), abs=0.2)


def test_what_a_click_sets_is_a_stop() -> None:
    explorer = accuracy_against_cost()
    assert explorer.declared["network"].on_page == NAMES
    sets = set(re.findall(r'data-set="year=(\d+)"', explorer.picture.value))
    assert {int(year) for year in sets} == set(UNTIL) == set(explorer.declared["year"].on_page)


def test_arrows_are_as_long_as_what_they_say() -> None:
    """One decade of the axis is a factor of ten; a point of accuracy is a line's share of the other axis."""
    data = rows_of()
    chart, _ = accuracy.draw(data, "a sentence")
    marks = {
        mark.get("data-key"): mark
        for mark in root_of(str(chart)).iter(f"{SVG}rect")
        if mark.get("data-value")
    }
    assert data.better
    assert float(marks["times"].get("data-value")) == pytest.approx(data.better.times)
    assert float(marks["points"].get("data-value")) == pytest.approx(data.better.points)
    low, high = data.ends
    decade = (scatter.WIDTH - scatter.RIGHT - scatter.LEFT) / (1.19 * math.log10(high / low))
    assert float(marks["times"].get("width")) == pytest.approx(
        decade * math.log10(data.better.times), abs=0.2
    )
    point = (scatter.BOTTOM - scatter.TOP) / (scatter.MOST - scatter.LEAST)
    assert float(marks["points"].get("height")) == pytest.approx(point * data.better.points, abs=0.2)


def test_the_axis_stays_from_year_to_year() -> None:
    ends = {rows_of(year=year, source=source).ends for year in UNTIL for source in (PAPERS, WEIGHTS)}
    assert len(ends) == 1


def test_no_name_stands_on_another_nor_on_a_point() -> None:
    views = [(*view, year, "ResNet-50") for view in EVERYWHERE[:4] for year in UNTIL]
    views += [(*view, 2021, name) for view in EVERYWHERE[:4] for name in NAMES]
    for against, source, year, name in views:
        chart, _ = accuracy.draw(rows_of(against, year, source, name), "a sentence")
        assert overlaps(str(chart)) == [], (against, source, year, name)


def overlaps(svg: str) -> list[tuple[str, str]]:
    """Pairs of names that share a place, and names with a point that is not theirs on them."""
    root = root_of(svg)
    names = [text for text in root.iter(TEXT) if text.get("data-key")]
    boxes = [
        plot.Box(
            float(t.get("x")),
            float(t.get("y")) - 15,
            float(t.get("x")) + 8.4 * len(t.text),
            float(t.get("y")) + 2,
        )
        for t in names
    ]
    found = [
        (a.text, b.text)
        for (a, one), (b, two) in itertools.combinations(zip(names, boxes, strict=True), 2)
        if one.meets(two)
    ]
    for _, _, x, y in re.findall(POINT, svg):
        point = plot.Box(float(x) - 4, float(y) - 4, float(x) + 4, float(y) + 4)
        found += [(t.text, "a point") for t, box in zip(names, boxes, strict=True) if box.meets(point)]
    return found


def test_names_that_overlap_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot.Box, "meets", lambda *_: False)
    chart, _ = accuracy.draw(rows_of(), "a sentence")
    monkeypatch.undo()
    assert overlaps(str(chart))


def test_a_frontier_of_all_an_axis_of_roots_and_long_arrows_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setattr(accuracy, "frontier", lambda rows, _: tuple(rows))
        with pytest.raises(AssertionError):
            test_no_network_beats_one_of_a_frontier(MULTIPLY_ADDS, WEIGHTS)
    with monkeypatch.context() as wrong:
        wrong.setattr(plot.Axis, "_scaled", lambda self, value: value**0.25 if self.is_log else value)
        for check in (
            lambda: test_points_stand_where_the_facts_are_and_can_be_clicked(MULTIPLY_ADDS, WEIGHTS),
            test_arrows_are_as_long_as_what_they_say,
        ):
            with pytest.raises(AssertionError):
                check()


# Compound scaling


@pytest.mark.parametrize("number", range(8))
def test_released_is_the_network_of_the_package(number: int) -> None:
    built = getattr(networks, f"efficientnet_b{number}")
    width, depth, side = RELEASED[number]
    with torch.device("meta"):
        official_one, ours = built(), scaled(width, depth)
    assert [p.shape for p in official_one.parameters()] == [p.shape for p in ours.parameters()]
    data = scaling_of(number, f"B{number}")
    assert data.released
    released = NETWORKS[built.__name__]
    assert (data.released.side, released.paper.side) == (side, side)
    counts = data.released.parameters, data.released.multiply_adds
    assert counts == (released.parameters, released.paper.multiply_adds)
    assert data.released.blocks == len(networks.blocks_of(official_one))
    with torch.device("meta"):
        *others, last = networks.blocks_of(scaled(*by_formula(number)[:2]))
    assert data.formula.blocks == len(others) + 1
    assert data.formula.rows[-1][0] == last.get_parameter("project.conv.weight").shape[0]


@pytest.mark.parametrize("number", [0, 3])
def test_a_silhouette_is_what_the_forward_gives(number: int) -> None:
    """Channels and map of every block, recorded on the released network."""
    data = scaling_of(0, f"B{number}")
    assert data.released
    with torch.device("meta"):
        network = getattr(networks, f"efficientnet_b{number}")()
    blocks = {id(block): name for name, block in network.named_modules()}
    names = [blocks[id(block)] for block in networks.blocks_of(network)]
    shapes: dict[str, tuple[int, ...]] = {}
    for step in graph(network, (1, 3, data.released.side, data.released.side)).steps:
        for name in names:
            if step.name.startswith(f"{name}."):
                shapes[name] = step.shape
    assert [(shape[1], shape[2]) for shape in shapes.values()] == [*data.released.rows]


def marks_of(svg: str) -> list[tuple[str, str, float, float]]:
    """Key, unit, value and drawn size of each."""
    found = []
    for mark in root_of(svg).iter(f"{SVG}rect"):
        if scale := mark.get("data-scale"):
            size = float(mark.get("height" if "height" in scale else "width"))
            found.append((mark.get("data-key"), mark.get("data-unit"), float(mark.get("data-value")), size))
    return found


def test_both_cards_draw_their_networks_to_one_scale() -> None:
    explorer = compound_scaling_explorer()
    rates: dict[str, set[float]] = {}
    for phi, number in ((0, "B0"), (1, "B2"), (7, "B7")):
        data = scaling_of(phi, number)
        for shape, svg in zip(
            (data.formula, data.released), explorer.answer({"phi": phi, "number": number})[0], strict=True
        ):
            assert shape
            marks = marks_of(str(svg))
            assert [v for key, _, v, _ in marks if " up " in key] == [channels for channels, _ in shape.rows]
            assert [v for key, _, v, _ in marks if " down " in key] == [side for _, side in shape.rows]
            assert [v for _, unit, v, _ in marks if unit == "blocks"] == [shape.blocks]
            assert [v for _, unit, v, _ in marks if unit == "multiply-adds"] == [shape.multiply_adds]
            for _, unit, value, size in marks:
                length = math.log(value) if unit.startswith("times ") else value
                if length > 1e-9 and size > 5:
                    rates.setdefault(unit, set()).add(size / length)
    for unit, found in rates.items():
        assert max(found) == pytest.approx(min(found), rel=0.01), unit


def test_a_silhouette_of_square_roots_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = scaling.rect

    def root(x: float, y: float, width: float, height: float, *rest: Any, **more: str) -> str:
        return right(x, y, width, 10 * height**0.5, *rest, **more)

    monkeypatch.setattr(scaling, "rect", root)
    with pytest.raises(AssertionError):
        test_both_cards_draw_their_networks_to_one_scale()


def test_the_dials_of_the_formula_are_in_line_and_those_of_b7_are_not() -> None:
    svg, released = compound_scaling_explorer().answer({"phi": 7, "number": "B7"})[0]
    handles = r'<circle cx="(\S+)" [^>]*data-key="\w+ handle'
    assert {round(float(x)) for x in re.findall(handles, str(svg))} == {303}
    assert max(map(float, re.findall(handles, str(released)))) > 30 + min(
        map(float, re.findall(handles, str(released)))
    )


def test_no_released_network_is_drawn_before_it_is_chosen() -> None:
    """The vote asks what the released networks are."""
    explorer = compound_scaling_explorer()
    _, second = explorer.answer(explorer.start)[0]
    assert marks_of(str(second)) == []
    assert "released" not in words(explorer)[1]
    sets = set(re.findall(r'data-set="(.*?)"', explorer.picture.value))
    assert sets == {f"phi={phi}" for phi in range(8)} | {f"number=%22B{number}%22" for number in range(8)}


def test_formula_and_table_differ_where_the_prediction_says() -> None:
    seventh = scaling_of(7, "B7")
    assert seventh.released
    assert f"{seventh.formula.depth:.2f}" == "3.58"
    assert seventh.released.depth == 3.1
    assert (seventh.formula.side, seventh.released.side) == (596, 600)
    inverse = [
        math.log(value) / math.log(base) for value, base in ((2.0, 1.1), (3.1, 1.2), (600 / 224, 1.15))
    ]
    assert [round(phi, 1) for phi in inverse] == [7.3, 6.2, 7.0]
    assert scaling_of(0, "B0").formula == scaling_of(0, "B0").released
    assert RELEASED[1][0] == RELEASED[0][0]  # "B1 has B0's width"


def test_b2_and_b3_alone_have_the_formulas_blocks() -> None:
    same = [
        (phi, number)
        for phi, number in itertools.product(range(8), repeat=2)
        if scaled_rows(*by_formula(phi)[:2]) == scaled_rows(*RELEASED[number][:2])
    ]
    assert same == [(0, 0), (1, 2), (2, 3)]
    told = [pair for pair in ((1, 1), (1, 2), (2, 3), (3, 4)) if "the same blocks" in compared(*pair)]
    assert told == [(1, 2), (2, 3)]
    assert "Both are the same network." in compared(0, 0)


def compared(phi: int, number: int) -> str:
    return say_scaling(scaling_of(phi, f"B{number}")).heard


def test_what_is_seen_of_both() -> None:
    seen = [say_scaling(scaling_of(*pair)).seen for pair in ((0, "B0"), (1, "B2"), (7, "B7"), (3, "none"))]
    assert seen == [
        "phi 0 and B0 are the same network.",
        "phi 1 gives exactly the blocks of B2: 23.",
        "phi 7: 61 blocks, B7: 55; 1.05 times the multiply-adds.",
        "phi 3: 1.3 times wider, 1.7 times deeper, 341 pixels: 8.4 times the multiply-adds.",
    ]


def test_the_formula_beside_a_released_network() -> None:
    text = compared(4, 4)
    assert "phi = 4. By the formula: width 1.46, depth 2.07, pictures of 392 x 392" in text
    assert (
        "As released, B4: width 1.40, depth 1.80, pictures of 380 x 380, 32 blocks, 19,341,616 parameters"
        in text
    )
    assert "The formula's network makes 1.44 times the multiply-adds" in text
