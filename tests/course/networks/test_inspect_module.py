"""Inspecting modules that are not ours: whatever can be recorded is drawn and counted, the rest refused."""

import html
import linecache
import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models.resnet import BasicBlock, Bottleneck
from torchvision.ops import SqueezeExcitation

from blocks.measure import cost, graph
from course.kit.panel import walk_through
from course.kit.panel.opened import LARGEST, parts, picture_of
from course.networks._inspect_module import inspect_module
from tests.course.diagram_faults import faults, root_of
from tests.course.test_explorers import check_bundle, check_text, said
from tests.course.test_walk_through import lit_texts, svgs


class Twice(nn.Module):
    """One module called twice, and one tensor given several times."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.conv(x), self.conv(x + 1), x], 1)


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.lstm(x)
        return self.head(y[:, -1])


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(16), nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(x)
        return x + self.attention(y, y, y)[0]


class Positions(nn.Module):
    """Makes a tensor in its forward."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.arange(x.shape[-1])


class Many(nn.Module):
    """More calls of one function than a picture holds."""

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(LARGEST + 4):
            x = torch.sin(x)
        return x


class Spare(nn.Linear):
    def __init__(self) -> None:
        super().__init__(4, 4)
        self.unused = nn.Linear(3, 3)


MODULES: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "sequential": (
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10)),
        (1, 3, 8, 8),
    ),
    "nested": (nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())), (1, 3, 8, 8)),
    "BasicBlock": (BasicBlock(64, 64), (1, 64, 14, 14)),
    "Bottleneck": (Bottleneck(256, 64), (1, 256, 14, 14)),
    "gate": (SqueezeExcitation(16, 4), (1, 16, 8, 8)),
    "one layer": (nn.Conv2d(3, 4, 3), (2, 3, 8, 8)),
    "vector": (nn.Linear(4, 2), (4,)),
    "twice": (Twice(), (1, 4, 8, 8)),
    "LSTM": (Recurrent(), (1, 5, 8)),
    "LSTM alone": (nn.LSTM(8, 16), (5, 1, 8)),
    "attention": (Attention(), (1, 5, 16)),
    "transformer": (nn.TransformerEncoderLayer(16, 4, batch_first=True), (1, 5, 16)),
    "positions": (Positions(), (1, 5, 4)),
    "many": (Many(), (1, 4)),
    "weight norm": (nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), (1, 3, 8, 8)),
    "resnet18": (models.resnet18(), (1, 3, 64, 64)),
    "mobilenet_v2": (models.mobilenet_v2(), (1, 3, 64, 64)),
}


def natural_width(picture: str) -> float:
    return float(root_of(picture).get("viewBox").split()[2])


@pytest.mark.parametrize("name", MODULES)
def test_every_step_is_drawn_and_counted(name: str) -> None:
    module, shape = MODULES[name]
    state = {key: value.clone() for key, value in module.state_dict().items()}
    explorer, counted = inspect_module(module, shape), cost(module, shape)
    control = explorer.controls["step"]
    seen_parameters = 0
    for step in range(1, control.max + 1):
        control.value = step
        check_text(explorer)
        pictures = svgs(explorer)
        assert [fault for picture in pictures[:-1] for fault in faults(picture, narrow=False)] == []
        assert all(natural_width(picture) <= 480 for picture in pictures)
        _, row = lit_texts(pictures[-1])
        seen_parameters += int(row[1].replace(",", ""))
        assert f"{counted.multiply_adds:,} multiply-adds" in said(explorer)
    assert seen_parameters <= counted.parameters == sum(p.numel() for p in module.parameters())
    assert ("in no step" in said(explorer)) == (seen_parameters < counted.parameters)
    assert module.training
    assert all(torch.equal(value, state[key]) for key, value in module.state_dict().items())
    check_bundle(explorer)


def test_a_network_is_shown_part_by_part() -> None:
    module, shape = MODULES["resnet18"]
    recorded = graph(module, shape)
    groups = parts(recorded)
    names = [part.name for part in groups]
    assert names[:5] == ["conv1", "bn1", "relu", "maxpool", "layer1"]
    assert sorted(i for group in groups.values() for i in group) == list(range(1, len(recorded.steps)))
    assert all(len(group) <= LARGEST for group in groups.values())
    assert sum(part.parameters for part in groups) == 11_689_512
    explorer = inspect_module(module, shape)
    explorer.controls["step"].value = 6
    assert "ResNet, step 6 of 11: layer2. It gives 128 x 8 x 8" in said(explorer)
    assert "The picture shows this part alone." in said(explorer)
    code, row = lit_texts(svgs(explorer)[-1])
    assert code == ["x = self.layer2(x)"]
    assert row[:2] == ["layer2", "525,568"]


def test_a_long_table_shows_the_rows_round_the_lit_one() -> None:
    explorer = inspect_module(*MODULES["mobilenet_v2"])
    count = explorer.controls["step"].max
    assert count > 20
    for step in (1, count):
        explorer.controls["step"].value = step
        listing = svgs(explorer)[-1]
        assert lit_texts(listing)[1]
        assert "total" in listing
        assert float(re.search(r'height="([\d.]+)"', listing)[1]) < 840  # type: ignore[index]


def test_a_part_that_reads_two_tensors_says_so() -> None:
    recorded = graph(MODULES["BasicBlock"][0], (1, 64, 14, 14))
    add = next(i for i, step in enumerate(recorded.steps) if step.kind == "add")
    picture, left_out = picture_of(recorded, (add,))
    assert left_out == 1
    assert [step.kind for step in picture.steps] == ["input", "add"]
    assert picture.steps[1].inputs == (0,)


def test_what_is_not_counted_is_named() -> None:
    """Attention: 5 x 5 products of 16 numbers, twice. An LSTM is made of linear layers."""
    words = "Not in the multiply-adds: the products inside attention.multi_head_attention_forward."
    assert f"{words} They make 800 more." in said(inspect_module(*MODULES["attention"]))
    for name in ("BasicBlock", "LSTM"):
        assert "Not in" not in said(inspect_module(*MODULES[name]))
    words = "12 parameters are in no step of this forward. They are unused.weight, unused.bias"
    assert words in said(inspect_module(Spare(), (1, 4)))


def test_layers_in_a_plain_list_are_counted_and_named() -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Conv2d(3, 8, 3)]

        def forward(self, x: Tensor) -> Tensor:
            return self.layers[0](x)

    words = said(inspect_module(Listed(), (1, 3, 8, 8)))
    assert "224 of the 224 parameters" in words
    assert "224 parameters are used but not registered" in words
    assert "nn.ModuleList" in words


def test_a_walk_through_names_what_it_does_not_count() -> None:
    words = said(walk_through(MODULES["attention"][0], (1, 5, 16)))
    assert "the products inside attention.multi_head_attention_forward. They make 800 more." in words


class Looks(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 0 else x


class Pair(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class Broken(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return self.missing(x)  # type: ignore[operator]


REFUSED: list[tuple[Any, Any, str]] = [
    (Looks(), (1, 4), r"^inspect_module: Looks cannot be recorded: .* needs the values of a tensor \(bool\)"),
    (Pair(), (1, 4), r"^inspect_module: Pair cannot be recorded: .* TypeError: .*argument: 'y'.* one tensor"),
    (Broken(), (1, 4), r"^inspect_module: Broken cannot be recorded: .* AttributeError: .*missing"),
    (nn.Embedding(4, 4), (1, 4), r"^inspect_module: Embedding cannot be recorded: .* one tensor of floats"),
    (nn.Linear(3, 4), (1, 4), r"^inspect_module: Linear refuses the input shape \(1, 4\)"),
    (nn.Linear(3, 4), 4, r"^inspect_module: input_shape must be whole numbers"),
    (nn.LazyLinear(3), (1, 4), r"^inspect_module: LazyLinear is lazy"),
    (nn.Identity(), (1, 4), r"^inspect_module: Identity must do something with its input, got no step\."),
]


@pytest.mark.parametrize(("module", "shape", "message"), REFUSED)
def test_what_cannot_be_recorded_is_refused_in_words(module: Any, shape: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        inspect_module(module, shape)


def test_what_is_no_module_is_refused() -> None:
    for junk in (3, nn.ReLU, None):
        with pytest.raises(TypeError, match=r"^inspect_module: module must be a Module"):
            inspect_module(junk, (1, 4))


def test_sentences_are_escaped_in_the_picture() -> None:
    explorer = inspect_module(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), (1, 4))
    assert html.escape(said(explorer)) in explorer.picture.value


EDGE = """
class AtTheEdge(nn.Module):
    def forward(self, x):
#        x = x + 1
        return 2 * x
"""


def test_a_forward_with_a_comment_at_the_left_edge_has_no_lines() -> None:
    """As an editor's toggle leaves it: the lines of forward alone are no code."""
    linecache.cache["<edge>"] = len(EDGE), None, EDGE.splitlines(keepends=True), "<edge>"
    names: dict[str, Any] = {"nn": nn, "__name__": __name__}
    exec(compile(EDGE, "<edge>", "exec"), names)  # noqa: S102 - our own
    assert inspect_module(names["AtTheEdge"](), (1, 4)).picture.value
