"""Depth, deletion, probe and gradients of notebook 02: what is built, and what the prose relies on."""

import pytest
import torch
from torch import nn

from course.kit.training import grids
from course.kit.training.on_digits import parameters
from course.kit.training.runs import accuracies
from course.residual import _gradients_at_start as start_gradients
from course.residual import experiment as residual
from course.residual import untrained
from course.residual._delete_block import delete_block


def mean(grid: str, setting: str) -> float:
    values = accuracies(grids.grid(grid), setting).values()
    return sum(values) / len(values)


@pytest.mark.parametrize("layers", residual.DEPTHS)
def test_a_pair_has_the_named_layers_and_equally_many_parameters(layers: int) -> None:
    plain, shortcut = (residual.network(kind, layers) for kind in residual.KINDS)
    for network in (plain, shortcut):
        assert sum(isinstance(layer, nn.Conv2d | nn.Linear) for layer in network.modules()) == layers
    assert parameters(plain) == parameters(shortcut)


def test_a_plain_block_is_the_residual_one_without_the_addition() -> None:
    shortcut = residual.network("residual", 4).double().eval()
    plain = residual.network("plain", 4).double().eval()
    for mine, theirs in zip(plain.state_dict().values(), shortcut.state_dict().values(), strict=True):
        mine.copy_(theirs)
    x = torch.rand(2, 16, 4, 4, dtype=torch.float64)
    block = shortcut.get_submodule("blocks.0")
    wanted = torch.relu(block.get_submodule("second")(block.get_submodule("first")(x)))
    assert torch.equal(plain.get_submodule("blocks.0")(x), wanted)
    assert not torch.allclose(block(x), wanted)


def test_a_deleted_block_hands_its_input_on_and_the_trained_network_stays() -> None:
    network = residual.network("residual", 10).eval()
    x = torch.rand(2, 1, 8, 8)
    before = network(x)
    holed = residual.without_block(network, 2)
    assert torch.equal(holed.get_submodule("blocks.1")(x), x)
    assert parameters(holed) == parameters(network) - parameters(network.get_submodule("blocks.1"))
    assert torch.equal(network(x), before)
    assert not torch.allclose(holed(x), before)
    with pytest.raises(ValueError, match="number must be from 1 to 4, got 5"):
        residual.without_block(network, 5)


def test_what_cannot_be_built_is_refused() -> None:
    with pytest.raises(ValueError, match="kind must be one of plain, residual, got 'dense'"):
        residual.network("dense", 10)
    with pytest.raises(ValueError, match="layers must be an even number from 4, got 11"):
        residual.network("plain", 11)
    with pytest.raises(ValueError, match="start must be one of PyTorch, He, got 'zero'"):
        untrained.gradients("plain", 10, True, "zero")


def test_the_stored_grids_show_what_the_prose_says() -> None:
    assert mean("residual.depth", "plain-10") - mean("residual.depth", "plain-56") > 0.3
    assert abs(mean("residual.depth", "residual-10") - mean("residual.depth", "residual-56")) < 0.03
    assert mean("residual.probe", "plain-28") < 0.3
    assert mean("residual.probe", "residual-28") > 0.8
    for number in range(1, 5):
        assert mean("residual.deletion", residual.deleted("plain", 10, number)) < 0.2
    for number in range(4, 14):
        assert mean("residual.deletion", residual.deleted("residual", 28, number)) > 0.95
    left = [mean("residual.deletion", residual.deleted("residual", 10, number)) for number in range(1, 5)]
    assert left[2] > 0.95  # predict_deletion: without block 3 it loses a little
    assert left[0] == min(left) < 0.5


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gradients_at_the_start_explode_vanish_or_neither_as_the_prose_says(seed: int) -> None:
    def verdict(kind: str, has_norm: bool, start: str, layers: int = 28) -> str:
        return start_gradients.verdict(untrained.ratio(kind, layers, has_norm, start, seed))

    assert "explodes" in verdict("plain", True, "PyTorch", 56)
    growth = untrained.ratio("plain", 56, True, "PyTorch", seed)
    assert 1.1 < growth ** (1 / 54) < 1.15  # predict_gradient: about 1.13 for each convolution
    assert 200 < growth < 1000  # "several hundred"
    assert "vanishes" in verdict("plain", False, "PyTorch")
    assert "neither" in verdict("plain", False, "He")
    assert all("neither" in verdict("residual", norm, "PyTorch", 56) for norm in (True, False))


def test_at_28_layers_the_seed_decides_whether_the_gradient_explodes() -> None:
    ratios = [untrained.ratio("plain", 28, True, "PyTorch", seed) for seed in range(3)]
    assert 1 < min(ratios) < 10 < max(ratios)


def test_no_switch_of_the_gradients_builds_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take its time, and seed the random numbers under a cell that is running."""
    explorer = start_gradients.gradients_at_start()

    def build(*_: object) -> None:
        raise AssertionError("a network is built while a switch moves")

    monkeypatch.setattr(untrained, "network", build)
    before = torch.get_rng_state()
    for start in ("He", "PyTorch"):
        explorer.controls["start"].value = start
        for norm in ("none", "batch norm"):
            explorer.controls["norm"].value = norm
            for layers in (10, 28, 56):
                explorer.controls["layers"].value = layers
                explorer.controls["shortcut"].value = "yes" if layers == 28 else "no"
    assert torch.equal(torch.get_rng_state(), before)


def test_the_explorer_refuses_a_block_that_the_network_has_not() -> None:
    explorer = delete_block()
    explorer.set({"network": "plain-10", "block": 9})
    assert "block must be from 1 to 4 for plain-10, got 9" in explorer.message.value
