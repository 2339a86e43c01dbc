"""Notebook 05's explorers: their numbers, found in another way, and that no control waits for a network."""

import base64
import io
import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from blocks import InvertedResidual
from blocks.networks import class_names, preprocess
from blocks.networks.facts import IMAGENET_MEAN, IMAGENET_STD
from course.kit.training import data
from course.kit.training.on_photos import mobilenet_v2, photograph_answers
from course.linear_bottleneck import experiment as linear_bottleneck
from course.linear_bottleneck._slope_dial import slope_dial
from course.linear_bottleneck._spiral_dimensions import (
    CONTENTS,
    DRAWN,
    START,
    compute,
    counted,
    spiral_dimensions,
)
from course.linear_bottleneck.experiment import SLOPES, UNITS, fewer_on, lost, slope_answers, spiral
from tests.course.marks import Drawn, check_clicks, check_scale, places, shown


@pytest.mark.parametrize("n", [2, 3, 10])
def test_points_lost_over_many_matrices_are_the_mean_of_one_by_one(n: int) -> None:
    shares = [spiral(n, relu=True, decoder="pseudo-inverse", seed=seed).lost for seed in range(100)]
    assert lost(2, 100, points=400)[n - 1] == pytest.approx(sum(shares) / 100, abs=1e-6)


@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_lost_is_counted_and_follows_the_formula(content: int) -> None:
    counted = lost(content, 1000)
    assert len(counted) == UNITS
    assert counted == pytest.approx([fewer_on(n, content) for n in range(1, UNITS + 1)], abs=0.02)
    assert all(share == 1 for share in counted[: content - 1])  # fewer units than dimensions: all is lost


@pytest.mark.parametrize(("n", "content"), [(2, 2), (9, 2), (9, 4), (3, 4)])
def test_the_formula_is_the_share_of_patterns(n: int, content: int) -> None:
    patterns = list(itertools.product((0, 1), repeat=n))
    assert fewer_on(n, content) == sum(sum(each) < content for each in patterns) / len(patterns)
    assert fewer_on(n, 2) == (n + 1) / 2**n  # as exercise 1 has it


@pytest.mark.parametrize("content", CONTENTS)
def test_a_point_is_lost_where_fewer_units_are_on_than_it_has_dimensions(content: int) -> None:
    """With enough units on it is the only one that gives these numbers; with fewer others give them too."""
    torch.manual_seed(0)
    seen = set()
    for _ in range(40):
        matrix = torch.randn(2 * content, content, dtype=torch.float64)
        point = torch.randn(content, dtype=torch.float64)
        high = F.relu(matrix @ point)
        on = high > 0
        is_lost = int(on.sum()) < content
        if is_lost:  # a direction that no unit that is on sees
            hidden = torch.linalg.svd(matrix[on], full_matrices=True).Vh[-1]
            torch.testing.assert_close(F.relu(matrix @ (point + 1e-6 * hidden)), high)
        else:
            back = torch.linalg.lstsq(matrix[on], high[on, None]).solution[:, 0]
            torch.testing.assert_close(back, point)
        seen.add(is_lost)
    assert seen == {False, True}


@pytest.mark.parametrize("photograph", ["cat", "espresso"])
def test_slopes_are_those_of_the_network_with_hooks_at_its_narrow_ends(photograph: str) -> None:
    found = slope_answers(photograph)
    (best, *_) = photograph_answers(photograph)
    assert (found.found, found.likely[0]) == (best.name, pytest.approx(best.probability, abs=1e-5))
    assert found.answers[0].name == best.name

    def bend(_: nn.Module, __: object, narrow: Tensor) -> Tensor:
        return F.relu(narrow) - SLOPES[-1] * F.relu(-narrow)

    ends = [block.project for block in mobilenet_v2().modules() if isinstance(block, InvertedResidual)]
    hooks = [end.register_forward_hook(bend) for end in ends]
    try:
        with torch.no_grad():
            bent = mobilenet_v2()(preprocess(data.photograph(photograph))).softmax(1)
    finally:
        for hook in hooks:
            hook.remove()
    untouched = mobilenet_v2()(preprocess(data.photograph(photograph))).softmax(1)
    assert len(ends) == 17
    assert found.likely[-1] == pytest.approx(bent[0, int(untouched.argmax())].item(), rel=1e-3)
    assert found.answers[-1].name == class_names()[int(bent.argmax())] != best.name
    assert found.answers[-1].probability == pytest.approx(bent.max().item(), rel=1e-3)


def test_no_control_waits_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = slope_dial()

    def load() -> None:
        raise AssertionError("a network is loaded while a control moves")

    monkeypatch.setattr(linear_bottleneck, "mobilenet_v2", load)
    for photograph in ("espresso", "camera_operator", "cat"):
        explorer.controls["photograph"].value = photograph
        assert photograph.replace("_", " ").capitalize() in explorer.message.value


# --- what is drawn


@pytest.mark.parametrize(
    ("n", "relu"), [(2, "on"), (3, "on"), (15, "on"), (96, "on"), (3, "off"), (20, "off")]
)
def test_the_lines_go_as_far_as_the_slider_has_been(n: int, relu: str) -> None:
    found = compute(n, relu, "best linear", 1)
    assert found.way == tuple(range(min(n, START), max(n, START) + 1))
    for content, line in zip(CONTENTS, found.lines, strict=True):
        wanted = [counted(content)[k - 1] if relu == "on" else float(k < content) for k in found.way]
        assert list(line) == wanted
    drawn = shown(spiral_dimensions(), n=n, relu=relu)
    lines = [
        places(mark.attributes["d"])
        for mark in drawn
        if mark.tag == "path" and mark.attributes.get("stroke-width") == "2"
    ]
    assert [len(line) for line in lines] == [len(found.way)] * 3
    for points, line in zip(lines, found.lines, strict=True):
        assert [y for _, y in points] == pytest.approx([236 - 190 * share for share in line], abs=0.06)
    check_scale(drawn)
    (cells,) = [mark for mark in drawn if mark.key == "channels"]
    assert float(cells.attributes["data-value"]) == n


def test_the_start_tells_of_one_dimension_only() -> None:
    start = spiral_dimensions().start
    assert compute(**start).way == (START,)
    assert START not in (2, 15)  # what predict_loss asks for


@pytest.mark.parametrize("n", [2, 4, 30])
def test_each_third_point_is_a_cross_where_it_is_lost_and_else_a_dot(n: int) -> None:
    drawn = {mark.key: mark.attributes.get("d", "") for mark in shown(spiral_dimensions(), n=n)}
    on = compute(n, "on", "best linear", 1).embedded.on[::DRAWN]
    for side in ("points", "back"):
        assert drawn.get(f"{side}-lost", "").count("l6 6") == int((on < 2).sum())
        assert drawn[f"{side}-kept"].count("h0") == int((on >= 2).sum())


@pytest.mark.parametrize("photograph", ["cat", "espresso"])
@pytest.mark.parametrize("slope", SLOPES)
def test_a_bar_is_drawn_once_its_slope_is_chosen(photograph: str, slope: float) -> None:
    explorer, found = slope_dial(), slope_answers(photograph)
    drawn, until = shown(explorer, photograph=photograph, slope=slope), SLOPES.index(slope) + 1
    bars = [float(mark.attributes["data-value"]) for mark in drawn if mark.key.startswith("bar-")]
    assert bars == pytest.approx([100 * share for share in found.likely[:until]], rel=1e-6)
    check_scale(drawn)
    check_clicks(explorer, photograph=photograph, slope=slope)
    said = explorer.answer({"photograph": photograph, "slope": slope})[1]
    assert f"{100 * found.likely[until - 1]:.1f} %" in said.seen
    told = found.answers[until - 1]
    assert (f"It answers {told.name}" in said.heard) == (told.name != found.found)


def test_the_photo_drawn_is_what_the_network_gets() -> None:
    for name in data.PHOTOGRAPHS:
        (picture,) = [mark for mark in shown(slope_dial(), photograph=name) if mark.tag == "image"]
        content = base64.b64decode(picture.attributes["href"].partition("base64,")[2])
        pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(float)
        mean, std = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_STD)
        wanted = 255 * (preprocess(data.photograph(name))[0].permute(1, 2, 0) * std + mean).numpy()
        assert pixels.shape == wanted.shape
        assert np.abs(pixels - wanted).mean() < 6  # a JPEG
        assert np.abs(pixels[..., ::-1] - wanted).mean() > 6 or name == "camera_operator"  # which is gray


def test_a_bar_of_another_scale_is_found() -> None:
    drawn = [mark for mark in shown(slope_dial(), slope=0.8) if mark.key.startswith("bar-")]
    wrong = Drawn("rect", {**drawn[0].attributes, "width": str(0.5 * drawn[0]["width"])})
    with pytest.raises(AssertionError, match="probability width"):
        check_scale([wrong, *drawn[1:]])
