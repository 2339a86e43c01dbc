"""Folded norms change no answer."""

import warnings
from collections.abc import Callable
from functools import partial

import pytest
import torch
import torchvision
from torch import nn

from blocks import ConvNormAct, networks
from course.kit.training import data
from tests.blocks.random_weights import randomize

BUILDS = [
    networks.resnet18,
    networks.se_resnet50,
    networks.mobilenet_v1,
    networks.mobilenet_v3_small,
    networks.efficientnet_b0,
    networks.efficientnet_v2_s,
]


def norms(network: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm2d) for part in network.modules())


@torch.no_grad()
def change(network: nn.Module, other: nn.Module) -> float:
    """The largest change of a logit, as a share of the largest logit."""
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    due = network.eval()(x)
    return ((other(x) - due).abs().max() / due.abs().max()).item()


@pytest.mark.parametrize("build", BUILDS)
def test_same_answers(build: Callable[[], nn.Module]) -> None:
    network = build()
    randomize(network)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    folded = networks.fold_norms(network)
    assert change(network, folded) < 1e-5
    assert norms(folded) == 0
    assert norms(network) > 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_a_norm_folded_wrongly_shows() -> None:
    network = networks.resnet18()
    randomize(network)
    folded = networks.fold_norms(network)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eps = 1e-3
    assert change(network, folded) > 1e-4


@torch.no_grad()
def test_official_weights() -> None:
    network = networks.load_official("mobilenet_v2")
    folded = networks.fold_norms(network)
    for photograph in data.PHOTOGRAPHS:
        x = networks.preprocess(data.photograph(photograph))
        assert (folded(x).softmax(1) - network(x).softmax(1)).abs().max() < 1e-5


def test_the_copy_is_in_eval_mode_and_the_network_as_it_was() -> None:
    network = networks.resnet18().train()
    assert not networks.fold_norms(network).training
    assert network.training


@pytest.mark.parametrize("name", ["mobilenet_v2", "efficientnet_b0"])
def test_networks_of_others(name: str) -> None:
    network = getattr(torchvision.models, name)()
    randomize(network)
    folded = networks.fold_norms(network)
    assert change(network, folded) < 1e-5
    assert norms(folded) == 0


class NormLast(ConvNormAct):
    """Another forward than the order of its parts: its norm does not follow its convolution."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.act(self.conv(x)))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (nn.BatchNorm2d(3), "a norm by itself"),
        (NormLast(3, 3), "norm"),
        (nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1)), "0"),
        (nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU(), nn.BatchNorm2d(3)), "2"),
        (torchvision.models.resnet18(), "bn1"),
    ],
    ids=["alone", "another forward", "before", "apart", "torchvision's resnet18"],
)
def test_a_norm_that_would_stay_is_refused(module: nn.Module, name: str) -> None:
    with pytest.raises(ValueError, match=rf"^fold_norms: every batch norm must follow a .*, got {name}\. "):
        networks.fold_norms(module)


class Standardized(nn.Conv2d):
    """Does more than its class."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) * 2


def hooked(part: int, pre: bool) -> nn.Sequential:
    unit = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))
    if pre:
        unit[part].register_forward_pre_hook(lambda _, given: (given[0] * 2,))
    else:
        unit[part].register_forward_hook(lambda *given: given[2] * 2)
    return unit


def old_weight_norm(conv: nn.Module) -> nn.Module:
    with warnings.catch_warnings(action="ignore"):  # it is deprecated, and still there
        return nn.utils.weight_norm(conv)


@pytest.mark.parametrize(
    "module",
    [
        *(hooked(part, pre) for part in (0, 1) for pre in (False, True)),
        nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 3, 1)), nn.BatchNorm2d(3)),
        torch.no_grad()(lambda: nn.Sequential(old_weight_norm(nn.Conv2d(3, 3, 1)), nn.BatchNorm2d(3)))(),
        nn.Sequential(Standardized(3, 3, 1), nn.BatchNorm2d(3)),
    ],
)
def test_what_does_more_than_its_class_is_refused(module: nn.Module) -> None:
    with pytest.raises(ValueError, match=r"^fold_norms: .* without hooks, .* of their own, got 1\. "):
        networks.fold_norms(module)


def test_what_is_no_module_or_cannot_be_copied_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^fold_norms: network must be a Module, got 3\.$"):
        networks.fold_norms(3)  # type: ignore[arg-type]
    keeps = nn.Sequential(nn.Conv2d(3, 3, 1))
    keeps.last = keeps(torch.zeros(1, 3, 2, 2))  # type: ignore[assignment]
    old = nn.Sequential(old_weight_norm(nn.Conv2d(3, 3, 1)), nn.BatchNorm2d(3))
    for network in (keeps, old):
        with pytest.raises(ValueError, match=r"^fold_norms: Sequential cannot be copied: "):
            networks.fold_norms(network)


@pytest.mark.parametrize(
    "norm", [None, partial(nn.GroupNorm, 2), partial(nn.BatchNorm2d, track_running_stats=False)]
)
def test_other_norms_stay(norm: Callable[[int], nn.Module] | None) -> None:
    unit = ConvNormAct(4, 8, norm=norm)
    folded = networks.fold_norms(unit)
    assert str(folded) == str(unit)
    x = torch.randn(2, 4, 5, 5)
    assert torch.equal(folded(x), unit.eval()(x))


def test_one_dimension_folds_too() -> None:
    sequence = nn.Sequential(nn.Conv1d(3, 4, 3), nn.BatchNorm1d(4), nn.ReLU(), nn.Conv1d(4, 2, 1))
    randomize(sequence)
    x = torch.randn(2, 3, 8)
    folded = networks.fold_norms(sequence)
    assert not any(isinstance(part, nn.BatchNorm1d) for part in folded.modules())
    assert torch.allclose(folded(x), sequence.eval()(x), atol=1e-5)
