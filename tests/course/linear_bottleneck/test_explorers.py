"""Notebook 05's explorers: their numbers, found in another way, and that no control waits for a network."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import InvertedResidual
from blocks.networks import preprocess
from course.kit.training import data
from course.kit.training.on_photos import mobilenet_v2, photograph_answers
from course.linear_bottleneck import experiment as linear_bottleneck
from course.linear_bottleneck._slope_dial import slope_dial
from course.linear_bottleneck._spiral_dimensions import CONTENTS
from course.linear_bottleneck.experiment import SLOPES, UNITS, fewer_on, lost, slope_answers, spiral


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
    name, likely = slope_answers(photograph)
    (best, *_) = photograph_answers(photograph)
    assert (name, likely[0]) == (best.name, pytest.approx(best.probability, abs=1e-5))

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
    found = int(untouched.argmax())
    assert len(ends) == 17
    assert likely[-1] == pytest.approx(bent[0, found].item(), rel=1e-3)


def test_no_control_waits_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = slope_dial()

    def load() -> None:
        raise AssertionError("a network is loaded while a control moves")

    monkeypatch.setattr(linear_bottleneck, "mobilenet_v2", load)
    for photograph in ("espresso", "camera_operator", "cat"):
        explorer.controls["photograph"].value = photograph
        assert photograph.replace("_", " ").capitalize() in explorer.message.value
