"""Notebook 10's explorers of whole networks: their numbers, counted or read in another way."""

import itertools
import math
import re

import pytest
import torch
import torchvision

from blocks import networks
from blocks.measure import Latency, cost, machine
from blocks.networks.efficientnet import RELEASED, scaled, scaled_rows
from blocks.networks.facts import FAMILIES, NETWORKS, PUBLISHED, Network
from course.networks import _scatter_picture as scatter
from course.networks._accuracy_against_cost import (
    ALL,
    MULTIPLY_ADDS,
    PAPERS,
    PARAMETERS,
    TIME,
    WEIGHTS,
    accuracy_against_cost,
)
from course.networks._accuracy_against_cost import compute as rows_of
from course.networks._compound_scaling import COUNTS, by_formula
from course.networks._compound_scaling import compound_scaling as compound_scaling_explorer
from course.networks._compound_scaling import compute as scaling_of
from tests.course.diagram_faults import root_of
from tests.course.test_explorers import said

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
    rows = {row.network.name: row for row in rows_of(MULTIPLY_ADDS, "ResNet", PAPERS, seconds={}).rows}
    assert rows["ResNet-50"].accuracy.multiply_adds == 3_857_973_248
    assert rows["ResNet-152"].accuracy.multiply_adds == 11_282_415_616
    assert rows["SE-ResNet-50"].accuracy.multiply_adds == 3_860_488_192


# The explorer


def test_rows_say_what_they_show() -> None:
    explorer = accuracy_against_cost()
    text = said(explorer)
    assert text.startswith(
        "21 networks. Least multiply-adds: MobileNetV3-Small, 56,510,400 multiply-adds, top-1"
    )
    assert "EfficientNetV2-L, 85.7 %, 56,079,699,008" in text
    assert "5 whose paper averages ten crops" in text
    assert explorer.picture.value.count("ten crops") == 1 + 5 + 5  # alternative text, hints, table
    explorer.set({"source": WEIGHTS})
    assert said(explorer).startswith("19 networks.")
    assert "crop" not in said(explorer)


def test_time_must_be_measured_and_then_only_the_measured_stand_there() -> None:
    explorer = accuracy_against_cost()
    before = explorer.picture.value
    explorer.set({"against": TIME})
    assert said(explorer).startswith("accuracy_against_cost: the time must be measured first, got none")
    assert explorer.picture.value == before
    explorer = accuracy_against_cost({"ResNet-18": timed(0.05), "MobileNetV2": timed(0.0123)})
    assert explorer.picture.value == before  # so that the stored picture is the same on every machine
    explorer.set({"against": TIME})
    assert said(explorer).startswith("2 networks. Least measured time: MobileNetV2, 12.3 ms, top-1 72.0 %.")
    assert explorer.picture.value.count(">12.3</text>") == 1
    assert said(explorer).endswith(f" Measured on: {machine()}.")
    assert explorer.picture.value.count(f">Measured on: {machine()}</text>") == 1


SECONDS = {network.name: 0.004 * (1 + number % 7) for number, network in enumerate(PUBLISHED)}


def test_no_name_stands_on_another_nor_on_a_point() -> None:
    explorer = accuracy_against_cost()
    for against, family, source in itertools.product(
        (PARAMETERS, MULTIPLY_ADDS, TIME), (ALL, *FAMILIES), (PAPERS, WEIGHTS)
    ):
        data = rows_of(against, family, source, seconds=SECONDS)
        chart = explorer._draw(data, "a sentence")[0]
        assert overlaps(str(chart)) == [], (against, family, source)


def overlaps(svg: str) -> list[tuple[str, str]]:
    """Pairs of names that share a place, and names with a point that is not theirs on them."""
    root = root_of(svg)
    names = [
        t
        for t in root.iter(TEXT)
        if scatter.TOP < float(t.get("y")) < 352 and t.get("text-anchor") == "start"
    ]
    boxes = [
        scatter.Box(
            float(t.get("x")),
            float(t.get("y")) - 12.5,
            float(t.get("x")) + 7.3 * len(t.text),
            float(t.get("y")) + 3.5,
        )
        for t in names
    ]
    found = [
        (a.text, b.text)
        for (a, one), (b, two) in itertools.combinations(zip(names, boxes, strict=True), 2)
        if one.meets(two)
    ]
    marks = re.findall(r'<path transform="translate\((\S+) (\S+)\)" d="\S[^"]*" fill="\S+" stroke', svg)
    for x, y in ((float(x), float(y)) for x, y in marks):
        point = scatter.Box(x - 4, y - 4, x + 4, y + 4)
        found += [(t.text, "a point") for t, box in zip(names, boxes, strict=True) if box.meets(point)]
    return found


def test_names_that_overlap_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scatter.Box, "meets", lambda *_: False)
    chart = accuracy_against_cost()._draw(rows_of(PARAMETERS, ALL, PAPERS, seconds=SECONDS), "a sentence")[0]
    monkeypatch.undo()
    assert overlaps(str(chart))


# Compound scaling


@pytest.mark.parametrize("number", range(8))
def test_released_is_the_network_of_the_package(number: int) -> None:
    built = getattr(networks, f"efficientnet_b{number}")
    width, depth, side = RELEASED[number]
    with torch.device("meta"):
        official_one, ours = built(), scaled(width, depth)
    assert [p.shape for p in official_one.parameters()] == [p.shape for p in ours.parameters()]
    data = scaling_of(number, number)
    released = NETWORKS[built.__name__]
    assert (data.released.side, released.paper.side) == (side, side)
    counts = data.released.parameters, data.released.multiply_adds
    assert counts == (released.parameters, released.paper.multiply_adds)
    assert data.released.blocks == len(networks.blocks_of(official_one))
    with torch.device("meta"):
        *others, last = networks.blocks_of(scaled(*by_formula(number)[:2]))
    assert data.formula.blocks == len(others) + 1
    assert data.formula.channels == last.get_parameter("project.conv.weight").shape[0]


def test_formula_and_table_differ_where_the_prediction_says() -> None:
    seventh = scaling_of(7, 7)
    assert f"{seventh.formula.depth:.2f}" == "3.58"
    assert seventh.released.depth == 3.1
    assert (seventh.formula.side, seventh.released.side) == (596, 600)
    inverse = [
        math.log(value) / math.log(base) for value, base in ((2.0, 1.1), (3.1, 1.2), (600 / 224, 1.15))
    ]
    assert [round(phi, 1) for phi in inverse] == [7.3, 6.2, 7.0]
    assert scaling_of(0, 0).formula == scaling_of(0, 0).released
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
    explorer = compound_scaling_explorer()
    explorer.controls["phi"].value, explorer.controls["number"].value = phi, number
    return said(explorer)


def test_the_formula_beside_a_released_network() -> None:
    text = compared(4, 4)
    assert "phi = 4. By the formula: width 1.46, depth 2.07, pictures of 392 x 392" in text
    assert (
        "As released, B4: width 1.40, depth 1.80, pictures of 380 x 380, 32 blocks, 19,341,616 parameters"
        in text
    )
    assert "The formula's network makes 1.44 times the multiply-adds" in text
