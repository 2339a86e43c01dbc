"""Networks give the logits of torchvision's or timm's, with the same weights, copied by position."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

from blocks import MBConv, SqueezeExcitation, networks
from tests.blocks.random_weights import randomize

CLASSES = 7  # not 1000, so that a fixed number would show
TORCHVISION = [
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    *("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
    *(f"efficientnet_b{number}" for number in range(8)),
    *("efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l"),
]
Build = Callable[[], nn.Module]


def torchvision_v1(name: str) -> nn.Module:
    """Torchvision's ResNet with the stride where the paper has it."""
    network = getattr(torchvision.models, name)(num_classes=CLASSES)
    for block in network.modules():
        if isinstance(block, Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    return network


def torchvision_plain(name: str) -> nn.Module:
    """Torchvision's ResNet without its shortcuts."""

    def forward(block: BasicBlock, x: Tensor) -> Tensor:
        y = block.relu(block.bn1(block.conv1(x)))
        return block.relu(block.bn2(block.conv2(y)))

    network = getattr(torchvision.models, name)(num_classes=CLASSES)
    for block in network.modules():
        if isinstance(block, BasicBlock):
            block.downsample = None
            block.forward = partial(forward, block)
    return network


def pair(
    ours: str, reference: Callable[..., nn.Module], *arguments: Any, **ours_too: Any
) -> tuple[Build, Build]:
    """How to build a network of this package, and its reference."""
    return partial(getattr(networks, ours), CLASSES, **ours_too), partial(reference, *arguments)


PAIRS: dict[str, tuple[Build, Build]] = {
    **{
        name: pair(name, partial(getattr(torchvision.models, name), num_classes=CLASSES))
        for name in TORCHVISION
    },
    "mobilenet_v2 at 0.75": pair(
        "mobilenet_v2",
        partial(torchvision.models.mobilenet_v2, num_classes=CLASSES, width_mult=0.75),
        width=0.75,
    ),
    "resnet50 v1": pair("resnet50", torchvision_v1, "resnet50", v1=True),
    "plain18": pair("plain18", torchvision_plain, "resnet18"),
    "plain34": pair("plain34", torchvision_plain, "resnet34"),
    "se_resnet50": pair("se_resnet50", partial(timm.create_model, "seresnet50", num_classes=CLASSES)),
    "mobilenet_v1": pair("mobilenet_v1", partial(timm.create_model, "mobilenetv1_100", num_classes=CLASSES)),
}


def empty(build: Build) -> nn.Module:
    """The network in float64, its weights not set."""
    with torch.device("meta"):
        network = build()
    return network.double().to_empty(device="cpu")


def without_chance(network: nn.Module) -> nn.Module:
    """Dropout and stochastic depth, ours or anybody's, with probability 0."""
    for part in network.modules():
        for name in ("p", "drop_probability", "drop_prob", "drop_rate"):
            if isinstance(getattr(part, name, None), float):
                setattr(part, name, 0.0)
    return network


@torch.no_grad()
def difference(ours: Build, reference: Build) -> float:
    """The largest difference of the logits, in eval mode and in one step of training."""
    theirs, built = empty(reference), empty(ours)
    randomize(theirs)
    networks.copy_weights(theirs.state_dict(), built)
    x = torch.randn(1, 3, 64, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    largest = 0.0
    for training in (False, True):
        due, got = (without_chance(n).train(training)(x.clone()) for n in (theirs, built))
        assert 1e-3 < due.std() < 1e3  # neither faded, where nothing would show, nor grown
        largest = max(largest, (got - due).abs().max().item())
    return largest


@pytest.mark.parametrize("name", PAIRS)
def test_equal(name: str) -> None:
    assert difference(*PAIRS[name]) < 1e-9


def smooth_gates(network: nn.Module) -> None:
    """The gate of EfficientNet in MobileNetV3."""
    for part in network.modules():
        if isinstance(part, SqueezeExcitation):
            part.gate = nn.Sigmoid()


def eps(value: float, network: nn.Module) -> None:
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eps = value


def se_by_the_block_activation(network: nn.Module) -> None:
    """MobileNetV3's hard-swish inside its squeeze-and-excitation too."""
    for block in network.modules():
        if isinstance(block, MBConv):
            block.squeeze_excitation.act = block.depthwise.act


def no_act_in_the_stem(network: nn.Module) -> None:
    network.get_submodule("stem").act = nn.Identity()


def one_shortcut_less(network: nn.Module) -> None:
    block = next(part for part in network.modules() if getattr(part, "has_shortcut", False))
    block.has_shortcut = False


WRONG: list[tuple[str, Callable[[nn.Module], None]]] = [
    ("mobilenet_v3_small", smooth_gates),
    ("mobilenet_v3_small", partial(eps, 1e-5)),
    ("mobilenet_v3_large", se_by_the_block_activation),
    ("mobilenet_v1", no_act_in_the_stem),
    ("efficientnet_b0", partial(eps, 1e-3)),
    ("efficientnet_b0", one_shortcut_less),
]


def name_of(value: object) -> str:
    return getattr(value, "func", value).__name__ if callable(value) else str(value)


@pytest.mark.parametrize(("name", "spoil"), WRONG, ids=name_of)
def test_a_wrong_network_differs(name: str, spoil: Callable[[nn.Module], None]) -> None:
    def wrong() -> nn.Module:
        network = ours()
        spoil(network)
        return network

    ours, reference = PAIRS[name]
    assert difference(wrong, reference) > 1e-6


def test_weights_that_fit_do_not_make_it_the_same_network() -> None:
    assert difference(PAIRS["resnet50"][0], PAIRS["resnet50 v1"][1]) > 1e-6
