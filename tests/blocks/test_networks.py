"""Networks count what their references count, and start as their papers say."""

import dataclasses
import json
import math
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torchvision.models.feature_extraction import create_feature_extractor

from blocks import Bottleneck, FusedMBConv, InvertedResidual, MBConv, SqueezeExcitation, measure, networks
from blocks.networks import efficientnet, mobilenet
from blocks.networks._make_divisible import make_divisible
from blocks.networks.facts import PUBLISHED, Network
from blocks.networks.initialization import narrow_normal, uniform_by_outputs
from blocks.stochastic_depth import StochasticDepth

COUNTS = json.loads((Path(__file__).parent / "data" / "network_counts.json").read_text())["rows"]
NAMES = [
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "se_resnet50", "plain18", "plain34"),
    *("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
    *(f"efficientnet_b{number}" for number in range(8)),
    *("efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l"),
]


def on_meta(name: str, **arguments: Any) -> nn.Sequential:
    """The network with shapes but no memory."""
    with torch.device("meta"):
        return getattr(networks, name)(**arguments)


@pytest.mark.parametrize("row", COUNTS, ids=lambda row: f"{row[0]}{'-v1' if row[1] else ''}@{row[2]}")
def test_counts(row: list[Any]) -> None:
    name, arguments, size, parameters, multiply_adds, _ = row
    got = measure.cost(on_meta(name, **arguments), (1, 3, size, size))
    assert (got.parameters, got.multiply_adds) == (parameters, multiply_adds)


def test_every_network_is_counted() -> None:
    assert {row[0] for row in COUNTS} == set(NAMES)


def not_counted(network: Network) -> list[tuple[Any, ...]]:
    """The counts of a row of the table that are not among those that `test_counts` holds against modules."""
    in_paper = getattr(network.in_paper, "keywords", {})
    found = [(in_paper, network.paper), ({}, network.torchvision)]
    rows = [
        [network.build.__name__, arguments, one.side, network.parameters, one.multiply_adds]
        for arguments, one in found
        if one
    ]
    return [row for row in rows if row not in [counted[:5] for counted in COUNTS]]


def test_the_facts_are_counted() -> None:
    for network in PUBLISHED:
        assert not_counted(network) == []
        assert network.build is getattr(networks, network.build.__name__)


RESNET_50 = next(network for network in PUBLISHED if network.name == "ResNet-50")


@pytest.mark.parametrize(
    "wrong",
    [
        {"build": networks.resnet101},
        {"parameters": RESNET_50.parameters + 1},
        {"v1": False},
        {"paper": dataclasses.replace(RESNET_50.paper, multiply_adds=RESNET_50.torchvision.multiply_adds)},
        {"torchvision": dataclasses.replace(RESNET_50.torchvision, side=256)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_fact_is_found(wrong: dict[str, Any]) -> None:
    assert not_counted(dataclasses.replace(RESNET_50, **wrong))


def test_the_largest_is_counted_at_once_and_without_memory() -> None:
    measure.cost(on_meta("mobilenet_v2"), (1, 3, 32, 32))  # torch loads what meta tensors need
    start = time.process_time()  # of this process: others may be busy beside it
    network = on_meta("efficientnet_v2_l")
    measure.cost(network, (1, 3, 480, 480))
    assert time.process_time() - start < 3
    assert {tensor.device.type for tensor in network.state_dict().values()} == {"meta"}


@pytest.mark.parametrize(
    ("width", "parameters"),
    [(0.35, 1_677_128), (0.5, 1_968_680), (0.75, 2_636_424), (1.0, 3_504_872), (1.4, 6_108_776)],
)
def test_mobilenet_v2_widths(width: float, parameters: int) -> None:
    network = on_meta("mobilenet_v2", width=width)
    assert sum(p.numel() for p in network.parameters()) == parameters


@pytest.mark.parametrize(
    ("channels", "due"),
    [
        *((1, 8), (4, 8), (8, 8), (11.2, 16), (12, 16), (5.6, 8), (18, 24), (22, 24), (22.4, 24), (30, 32)),
        *((33.6, 32), (36, 40), (44.8, 48), (46, 48), (60, 64), (84, 88), (90, 88), (100, 104), (179.2, 176)),
        *((1408, 1408), (1664, 1664), (1792, 1792)),
    ],
)
def test_make_divisible(channels: float, due: int) -> None:
    assert make_divisible(channels) == due


@pytest.mark.parametrize("channels", [0, -8, math.nan])
def test_make_divisible_refuses(channels: float) -> None:
    with pytest.raises(
        ValueError, match=r"^make_divisible: channels must be positive and divisor at least 1"
    ):
        make_divisible(channels)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        *((values, TypeError) for values in [("8",), (None,), (8, "8")]),
        *((values, ValueError) for values in [(math.inf,), (8, math.inf), (8, math.nan)]),
    ],
)
def test_make_divisible_refuses_what_is_no_number(arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^make_divisible: \w+ must be "):
        make_divisible(*arguments)


@pytest.mark.parametrize("name", ["width", "depth"])
@pytest.mark.parametrize(
    ("value", "error"),
    [(None, TypeError), ("1", TypeError), (True, TypeError), *((n, ValueError) for n in (0, -1, math.inf))],
)
def test_no_width_or_depth(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"^efficientnet: {name} must be a positive number, got "):
        efficientnet.scaled(**{"width": 1.0, "depth": 1.0, name: value})
    if name == "width":
        with pytest.raises(error, match=r"^mobilenet_v2: width must be a positive number, got "):
            on_meta("mobilenet_v2", width=value)


def test_what_is_no_network() -> None:
    with pytest.raises(TypeError, match=r"^initialize: network must be a Module, got None\.$"):
        networks.initialize(None)  # type: ignore[arg-type]
    foreign = nn.Module()
    foreign.stages = nn.Sequential(nn.Sequential(nn.Linear(2, 2)))
    with pytest.raises(ValueError, match=r"^table: network must be one of blocks\.networks, got Module\.$"):
        networks.table(foreign)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("classes", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_no_number_of_classes(name: str, classes: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^\w+: num_classes must be a whole number from 1 to 65536, got "):
        on_meta(name, num_classes=classes)


# --- the parts


STAGES = {
    "resnet50": [3, 4, 6, 3],
    "mobilenet_v1": [1, 2, 2, 6, 2],
    "mobilenet_v2": [1, 2, 3, 4, 3, 3, 1],
    "mobilenet_v3_small": [1, 2, 3, 2, 3],
    "mobilenet_v3_large": [1, 2, 3, 4, 2, 3],
    "efficientnet_b0": [1, 2, 2, 3, 3, 4, 1],
    "efficientnet_v2_s": [2, 4, 4, 6, 9, 15],
}


@pytest.mark.parametrize("name", NAMES)
def test_parts(name: str) -> None:
    network = on_meta(name)
    assert [part for part, _ in network.named_children()] == ["stem", "stages", "head", "classifier"]
    assert {type(stage) for stage in network.stages} == {nn.Sequential}
    assert [len(stage) for stage in network.stages] == STAGES.get(name, [len(s) for s in network.stages])
    assert type(network.classifier) is nn.Linear
    x = torch.zeros(2, 3, 64, 64, device="meta")
    for part in (network.stem, *network.stages):
        x = part(x)
    assert network.head(x).shape == (2, network.classifier.in_features)


def test_blocks_of_are_the_blocks_in_running_order() -> None:
    network = on_meta("efficientnet_v2_s")
    found = networks.blocks_of(network)
    assert found == tuple(m for m in network.modules() if isinstance(m, MBConv | FusedMBConv))
    with pytest.raises(ValueError, match=r"^blocks_of: network must be one of .*, got Conv2d\.$"):
        networks.blocks_of(nn.Conv2d(3, 3, 1))


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "efficientnet_b0"])
def test_another_classifier(name: str) -> None:
    network = getattr(networks, name)().eval()
    network.classifier = nn.Linear(network.classifier.in_features, 10)
    assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
    assert [part for part, _ in network.named_children()][-1] == "classifier"


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "efficientnet_b0", "efficientnet_v2_s"])
def test_networks_can_be_traced_and_scripted(name: str) -> None:
    torch.default_generator.manual_seed(0)
    network, x = getattr(networks, name)(10), torch.randn(2, 3, 64, 64)
    for training in (False, True):
        traced = torch.fx.symbolic_trace(network.train(training))
        torch.default_generator.manual_seed(0)
        due = network(x)
        torch.default_generator.manual_seed(0)
        torch.testing.assert_close(traced(x), due)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of torch.jit, which people still use
        scripted = torch.jit.script(network.eval())
    torch.testing.assert_close(scripted(x), network(x))
    last = {f"stages.{len(network.stages) - 1}": "map", "head": "features", "classifier": "logits"}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="NOTE")  # stochastic depth is a step in training only
        found = create_feature_extractor(network, last)(x)
    torch.testing.assert_close(found["logits"], network(x))
    assert found["map"].shape[2:] == (2, 2)
    assert found["features"].shape == (2, network.classifier.in_features)


# --- what the networks ask of the blocks


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (partial(Bottleneck, stride_first=1), r"^Bottleneck: stride_first must be True or False, got 1\.$"),
        (
            partial(Bottleneck, squeeze_excitation=8),
            r"^Bottleneck: squeeze_excitation must be None or a callable",
        ),
        (
            partial(MBConv, squeeze_excitation=nn.ReLU()),
            r"^MBConv: squeeze_excitation must be None or a callable",
        ),
    ],
)
def test_what_a_block_refuses(build: Callable[..., nn.Module], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        build(64, 64)


# --- the start of a training


def deviation(layer: nn.Module) -> float:
    return layer.weight.detach().std().item()


def he_deviation(layer: nn.Conv2d) -> float:
    fan_out = layer.weight[0, 0].numel() * layer.out_channels / layer.groups
    return math.sqrt(2 / fan_out)


@pytest.mark.parametrize("build", [networks.resnet18, networks.mobilenet_v3_small, networks.efficientnet_b0])
def test_convolutions_start_as_he_says(build: Callable[[], nn.Module]) -> None:
    torch.default_generator.manual_seed(0)
    for layer in build().modules():
        if isinstance(layer, nn.Conv2d):
            # The deviation of n draws is known to about 1 / sqrt(2n).
            assert deviation(layer) == pytest.approx(
                he_deviation(layer), rel=5 / math.sqrt(2 * layer.weight.numel())
            )
            assert layer.bias is None or not layer.bias.any()
        elif isinstance(layer, nn.BatchNorm2d):
            assert (layer.weight == 1).all()
            assert not layer.bias.any()


def test_a_depthwise_kernel_does_not_start_as_in_torchvision() -> None:
    torch.default_generator.manual_seed(0)
    block = networks.blocks_of(networks.mobilenet_v2())[-1]
    assert isinstance(block, InvertedResidual)
    assert deviation(block.depthwise.conv) == pytest.approx(0.47, abs=0.02)
    nn.init.kaiming_normal_(block.depthwise.conv.weight, mode="fan_out")
    assert deviation(block.depthwise.conv) == pytest.approx(0.015, abs=0.001)


def test_classifiers_start_as_in_torchvision() -> None:
    torch.default_generator.manual_seed(0)
    narrow, uniform = networks.mobilenet_v2().classifier, networks.efficientnet_b0().classifier
    assert deviation(narrow) == pytest.approx(0.01, rel=0.01)
    assert uniform.weight.detach().abs().max() == pytest.approx(1000**-0.5, rel=0.01)
    assert not narrow.bias.any()
    assert not uniform.bias.any()


@pytest.mark.parametrize(
    ("build", "linear"),
    [
        (networks.resnet18, nn.Linear.reset_parameters),
        (networks.mobilenet_v3_small, narrow_normal),
        (networks.efficientnet_b0, uniform_by_outputs),
    ],
)
def test_initialization_survives_to_empty(build: Callable[..., nn.Module], linear: Any) -> None:
    """Built without memory, given memory full of anything, initialized: as if built with it."""
    with torch.device("meta"):
        empty = build(10)
    empty.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in empty.state_dict().values():
            tensor.fill_(77)
    networks.initialize(empty, linear)
    torch.default_generator.manual_seed(0)
    built = build(10)
    for (name, got), due in zip(empty.state_dict().items(), built.state_dict().values(), strict=True):
        if got.ndim > 1:  # the standard deviation of n draws is known to about 1 / sqrt(2n)
            assert got.std() == pytest.approx(due.std().item(), rel=7 / math.sqrt(got.numel())), name
        elif name == "classifier.bias" and build is networks.resnet18:
            assert got.abs().max() <= empty.classifier.in_features**-0.5
        else:
            assert torch.equal(got, due), name
    used = built.train()
    used(torch.randn(4, 3, 32, 32))
    networks.initialize(used, linear)
    for norm in used.modules():
        if isinstance(norm, nn.BatchNorm2d):
            assert not norm.running_mean.any()
            assert (norm.running_var == 1).all()


def test_initialization_keeps_the_variance_of_the_gradient() -> None:
    """On the way back through layers that narrow: by fan out, and not by fan in."""

    def kept() -> float:
        x = torch.randn(64, 256, 8, 8, requires_grad=True)
        y = network(x)
        y.backward(gradient := torch.randn_like(y))
        return (x.grad.std() / gradient.std()).item()

    torch.default_generator.manual_seed(0)
    convs = [nn.Conv2d(i, o, 3, padding=1, padding_mode="circular") for i, o in pairwise((256, 64, 16, 4))]
    network = nn.Sequential(*(part for conv in convs for part in (conv, nn.ReLU())))
    networks.initialize(network)
    assert 0.5 < kept() < 2
    for conv in convs:
        nn.init.kaiming_normal_(conv.weight, mode="fan_in", nonlinearity="relu")
    assert kept() < 0.25


@pytest.mark.parametrize("linear", [narrow_normal, uniform_by_outputs])
def test_initialization_of_what_no_network_here_has(linear: Callable[[nn.Linear], object]) -> None:
    conv, plain = nn.Conv1d(64, 256, 3), nn.Linear(4, 4, bias=False)
    for layer in (conv, plain):
        nn.init.constant_(layer.weight, 7)
    networks.initialize(nn.Sequential(conv, plain), linear)
    assert conv.weight.std().item() == pytest.approx((2 / (3 * 256)) ** 0.5, rel=0.05)
    assert plain.weight.abs().max() < 1


# --- what the counts do not see


def test_drop_probabilities_rise_from_block_to_block() -> None:
    network = on_meta("efficientnet_b0")
    drops = [m.drop_probability for m in network.modules() if isinstance(m, StochasticDepth)]
    assert drops == pytest.approx([0.2 * i / 16 for i in range(16)])


def test_squeezed_widths() -> None:
    def widths(name: str) -> list[int]:
        parts = on_meta(name).modules()
        return [m.reduce.out_channels for m in parts if isinstance(m, SqueezeExcitation)]

    assert widths("se_resnet50") == [16] * 3 + [32] * 4 + [64] * 6 + [128] * 3
    assert widths("mobilenet_v3_small") == [8, 24, 64, 64, 32, 40, 72, 144, 144]
    assert widths("mobilenet_v3_large") == [24, 32, 32, 120, 168, 168, 240, 240]
    assert widths("efficientnet_b0")[:4] == [8, 4, 6, 6]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("resnet50", [("Bottleneck", "64", "256", 3, 1), ("Bottleneck", "512", "2048", 3, 2)]),
        ("mobilenet_v2", [("InvertedResidual", "x1", "16", 1, 1), ("InvertedResidual", "x6", "320", 1, 1)]),
        ("efficientnet_b0", [("MBConv", "x1", "16", 1, 1), ("MBConv", "x6", "320", 1, 1)]),
        ("efficientnet_v2_s", [("FusedMBConv", "x1", "24", 2, 1), ("MBConv", "x6", "256", 15, 2)]),
        ("se_resnet50", [("Bottleneck", "64", "256", 3, 1), ("Bottleneck", "512", "2048", 3, 2)]),
    ],
)
def test_table_reads_the_papers_rows_off_the_network(name: str, rows: list[tuple[str, ...]]) -> None:
    network = getattr(networks, name)()
    lines = [line.split() for line in networks.table(network).splitlines()]
    first, last = lines[1], lines[-1]
    for line, (block, inside, channels, n, stride) in zip((first, last), rows, strict=True):
        assert [line[0], line[1], line[3], line[4], line[5]] == [block, inside, channels, str(n), str(stride)]
    assert sum(int(line[4]) for line in lines[1:]) == len(networks.blocks_of(network))
    assert all(("SE" in line) == (line[0] == "MBConv" or name == "se_resnet50") for line in lines[1:])


def test_table_is_the_rows_that_the_package_builds_from() -> None:
    lines = [line.split() for line in networks.table(networks.mobilenet_v2()).splitlines()[1:]]
    assert [(int(b[1][1:]), int(b[3]), int(b[4]), int(b[5])) for b in lines] == list(mobilenet.V2)
    with pytest.raises(ValueError, match=r"^blocks_of: network must be one of blocks\.networks"):
        networks.table(torch.nn.ReLU())


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v3_small", "efficientnet_v2_s", "se_resnet50"])
def test_the_table_of_a_network_whose_norms_are_folded(name: str) -> None:
    network = getattr(networks, name)().eval()
    assert networks.table(networks.fold_norms(network)) == networks.table(network)
