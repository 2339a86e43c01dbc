"""Notebook 05's explorers: their numbers, found in another way, and that no control waits for a network."""

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
from course.linear_bottleneck.experiment import SLOPES, fewer_than_two, lost, slope_answers, spiral


@pytest.mark.parametrize("n", [2, 3, 10])
def test_points_lost_over_many_matrices_are_the_mean_of_one_by_one(n: int) -> None:
    shares = [spiral(n, relu=True, decoder="pseudo-inverse", seed=seed).lost for seed in range(200)]
    assert lost(n, 200) == pytest.approx(sum(shares) / 200, abs=1e-6)
    assert lost(n, 200) == pytest.approx(fewer_than_two(n), abs=0.02)


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
