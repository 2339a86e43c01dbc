"""Depth, deletion, probe and gradients of notebook 02: what is built, and what the prose relies on."""

import pytest
import torch
from torch import nn

from course.kit.training import grids
from course.kit.training.experiments import parameters
from course.kit.training.runs import accuracies
from course.residual import _gradients_at_start as start_gradients
from course.residual import experiment as residual
from course.residual import untrained


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
        untrained.gradients("plain", 10, True, "zero", 0)


def right(grid: str, setting: str) -> list[float]:
    """The test accuracies, from worst to best."""
    return sorted(accuracies(grids.grid(grid), setting).values())


def test_the_stored_networks_do_what_the_prose_says() -> None:
    assert right("residual.depth", "plain-10")[0] > 0.9
    assert right("residual.depth", "residual-56")[0] > 0.9
    assert right("residual.depth", "plain-56")[-1] < 0.5
    assert right("residual.depth", "plain-56, 30 epochs")[-1] < 0.7
    assert right("residual.deletion", "plain-28, 30 epochs")[0] < 0.75
    assert right("residual.deletion", "plain-28, 30 epochs")[1] > 0.9
    lost = mean("residual.depth", "residual-10") - mean("residual.depth", "residual-56")
    assert 0.01 < lost < 0.05  # "a little worse"


def test_plain_56_gets_as_few_training_images_right() -> None:
    for run in grids.grid("residual.depth"):
        if run.setting.startswith("plain-56"):
            assert run.train_accuracy == pytest.approx(run.accuracy, abs=0.1)


def test_the_probe_finds_what_the_prose_says() -> None:
    assert right("residual.probe", "plain-28")[-1] < 0.3
    assert right("residual.probe", "residual-28")[0] > 0.8


def test_deleted_blocks_cost_what_the_prose_says() -> None:
    for name in ("plain-10", "plain-28, 30 epochs"):
        for number in range(1, residual.deletion.settings[name][1] // 2):
            assert mean("residual.deletion", residual.deleted(name, number)) < 0.2
    long = [mean("residual.deletion", residual.deleted("residual-28, 30 epochs", n)) for n in range(1, 14)]
    assert long[0] == min(long) < 0.8
    assert min(long[2:]) > 0.97
    left = [mean("residual.deletion", residual.deleted("residual-10", number)) for number in range(1, 5)]
    assert left[2] > 0.95  # predict_deletion: without block 3 it loses a little
    assert left[0] == min(left) < 0.6


# --- gradients before the first step

GRADIENTS = [
    (kind, layers, has_norm, start)
    for kind in residual.KINDS
    for layers in residual.DEPTHS
    for has_norm in (True, False)
    for start in untrained.STARTS
]


def stored(kind: str, layers: int, has_norm: bool, start: str) -> tuple[tuple[float, ...], ...]:
    return untrained.stored_gradients()[untrained.named(kind, layers, has_norm, start)]


def check_stored(settings: tuple[str, int, bool, str], seed: int) -> None:
    measured = untrained.gradients(*settings, seed)
    assert stored(*settings)[seed] == pytest.approx(
        measured, rel=0.003
    )  # a thousandth of a power of ten: 0.23 %


@pytest.mark.parametrize("settings", GRADIENTS, ids=lambda settings: untrained.named(*settings))
def test_the_stored_gradients_are_those_of_the_networks(settings: tuple[str, int, bool, str]) -> None:
    for starts in untrained.stored_gradients().values():
        assert len(starts) == len(untrained.STORED_SEEDS) == 10
    check_stored(settings, GRADIENTS.index(settings) % 10)


def test_another_network_or_seed_is_not_taken_for_the_stored_one() -> None:
    for settings, seed in ((("residual", 10, True, "He"), 3), (("plain", 10, True, "He"), 4)):
        with pytest.raises(AssertionError):
            assert stored("plain", 10, True, "He")[3] == pytest.approx(
                untrained.gradients(*settings, seed), rel=0.003
            )


def test_every_stored_network_is_one_that_the_explorer_shows() -> None:
    assert list(untrained.stored_gradients()) == [untrained.named(*settings) for settings in GRADIENTS]


def test_the_gradients_compared_are_of_one_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the stem among them the first would be of 144 weights, the last of 2,304."""
    built: list[nn.Module] = []
    build = residual.network
    monkeypatch.setattr(untrained, "network", lambda *a: built.append(build(*a)) or built[-1])
    found = untrained.gradients("plain", 10, True, "PyTorch", 0)
    blocks = built[0].get_submodule("blocks")
    weights = [layer.weight for layer in blocks.modules() if isinstance(layer, nn.Conv2d)]
    assert {tuple(weight.shape) for weight in weights} == {(16, 16, 3, 3)}
    norms = [weight.grad.norm().item() for weight in weights if weight.grad is not None]
    assert found == pytest.approx([norm / norms[-1] for norm in norms])
    assert len(found) == 8


def called(kind: str, has_norm: bool, start: str, layers: int) -> str:
    return start_gradients.verdict([sizes[0] for sizes in stored(kind, layers, has_norm, start)])


def test_gradients_explode_vanish_or_neither_as_the_prose_says() -> None:
    for layers in (28, 56):
        assert "it explodes" in called("plain", True, "PyTorch", layers)
        assert "it vanishes" in called("plain", False, "PyTorch", layers)
    assert "neither" in called("plain", False, "He", 28)
    residual_56 = [sizes[0] for sizes in stored("residual", 56, True, "PyTorch")]
    assert 7 < min(residual_56) < max(residual_56) < 13  # "about ten times"
    assert "neither" in called("residual", False, "PyTorch", 56)


def test_predict_gradient_says_how_fast_it_grows() -> None:
    growth = [sizes[0] for sizes in stored("plain", 56, True, "PyTorch")]
    assert 600 < min(growth) < 1000 < max(growth) < 4000  # "hundreds to thousands"
    assert 1.12 < min(growth) ** (1 / 53) < max(growth) ** (1 / 53) < 1.17  # "about 1.15 times"


@pytest.mark.parametrize(
    ("ratios", "said"),
    [
        ((11, 99, 10.1), "it explodes (more than ten times in 3 of 3)"),
        ((0.09, 0.05, 0.01), "it vanishes (less than a tenth in 3 of 3)"),
        ((10, 1, 0.1), "it neither explodes nor vanishes (between a tenth and ten times in 3 of 3)"),
        ((11, 9, 1), "more than ten times in 1 of 3"),
        ((0.09, 0.05, 0.2), "less than a tenth in 2 of 3"),
        ((11, 9, 0.01), "more than ten times in 1 of 3 and less than a tenth in 1 of 3"),
    ],
)
def test_a_verdict_counts_the_initializations(ratios: tuple[float, ...], said: str) -> None:
    assert start_gradients.verdict(ratios) == said


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
