"""Diagrams: what is drawn is what was recorded, and nothing stands on anything else."""

import inspect
import itertools
import re
import subprocess
import sys
from functools import cache

import pytest
import torch
from torch import nn

import blocks
from blocks import BasicBlock, Bottleneck, ConvNormAct, InvertedResidual, MBConv, Residual, SqueezeExcitation
from blocks.measure import Graph, Step, graph
from course.kit.drawing import diagram as drawing
from course.kit.drawing import layout as placing
from course.kit.drawing.diagram import diagram, shared_unit
from course.kit.drawing.flow import flow
from course.kit.drawing.style import COLORS, HERE
from tests.blocks.claims import claims, wraps
from tests.course.diagram_faults import faults, parts, root_of
from tools import attachments
from tools.attachments import FOLDER

WIDTHS = [(1, 1), (24, 24), (24, 40), (2048, 1), (2048, 2048)]
PIXELS = [1, 56, 224]


def record(module, channels, pixels):
    return graph(module, (1, channels, pixels, pixels))


@cache
def settings():
    """Every block at its extremes, with the input's channels; without memory for its weights."""
    with torch.device("meta"):
        return list(combinations())


def combinations():
    for block, (i, o), stride in itertools.product(claims(), WIDTHS, (1, 2)):
        if wraps(block):
            yield block(SqueezeExcitation(i)), i
            continue
        known = inspect.signature(block).parameters
        tried = {"in_channels": [i], "channels": [i], "out_channels": [o], "stride": [stride]}
        tried |= {"kernel_size": [3, 5], "expansion": [1, 1.5, 10]}
        tried |= {"reduction": [1]} if "stride" in known else {}  # of any width
        tried = {name: values for name, values in tried.items() if name in known}
        for values in itertools.product(*tried.values()):
            yield block(**dict(zip(tried, values, strict=True))), i


class Dense(nn.Module):
    """Each step reads all before it: not a chain with shortcuts."""

    def __init__(self):
        super().__init__()
        self.first, self.second = ConvNormAct(8, 8), ConvNormAct(16, 8)
        self.third = ConvNormAct(24, 8)

    def forward(self, x):
        y = self.first(x)
        z = self.second(torch.cat([x, y], 1))
        return self.third(torch.cat([x, y, z], 1))


class LinearGate(nn.Module):
    """Squeeze-and-excitation as others write it: linear layers, views, an in-place product."""

    def __init__(self, channels, activation=nn.ReLU):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(channels, 4), activation(), nn.Linear(4, channels), nn.Sigmoid())

    def forward(self, x):
        return x.mul_(self.fc(self.pool(x).flatten(1))[:, :, None, None])


class VeryLongNamedActivationOfSomebody(nn.Module):
    def forward(self, x):
        return x.clamp(min=0).sqrt()


def others():
    yield nn.Identity(), 8
    yield Dense(), 8
    yield LinearGate(64), 64
    yield nn.Sequential(InvertedResidual(16, 16), MBConv(16, 16, stride=2), BasicBlock(16, 8)), 16
    yield nn.Sequential(ConvNormAct(3, 8), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(10)), 3
    yield nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1)), 4
    yield ConvNormAct(8, 8, groups=2, norm=None, act=VeryLongNamedActivationOfSomebody), 8
    yield MBConv(8, 8, norm=None, act=None), 8
    yield Residual(Residual(nn.Identity()), ConvNormAct(8, 8)), 8


@pytest.mark.parametrize("pixels", PIXELS)
def test_nothing_overlaps_and_all_text_is_in_its_place(pixels):
    for module, channels in settings():
        picture = diagram(record(module, channels, pixels), label="a block")
        assert faults(picture) == [], (module, channels)


@pytest.mark.parametrize(("module", "channels"), list(others()), ids=lambda v: type(v).__name__)
def test_other_modules_degrade_gracefully(module, channels):
    module = module.eval()
    module(torch.zeros(1, channels, 16, 16))  # so that the lazy layer knows its size
    picture = diagram(record(module, channels, 16), label="a module")
    assert faults(picture, narrow=False) == []


@pytest.mark.parametrize(
    ("owner", "name", "wrong"),
    [
        (placing, "GAP", -30),
        (placing, "LINE", 9),
        (placing, "PAD", -8),
        (placing, "MARGIN", -20),
        (placing, "_fitted", lambda words, _: words),
        (placing, "text_width", lambda *_, **__: 30.0),
        (placing, "_side_height", lambda *_: 10.0),
        (placing, "channels", lambda step: step.shape[1] ** 0.5),  # as it was drawn before
        (drawing, "MARGIN", -20),
        (drawing, "SIGN", 60),
    ],
)
def test_a_wrong_layout_is_refused(monkeypatch, owner, name, wrong):
    modules = [
        (MBConv(24, 24), 24),
        (BasicBlock(64, 128, stride=2), 64),
        (Residual(SqueezeExcitation(64, gate=nn.Hardsigmoid)), 64),
    ]
    with torch.device("meta"):
        modules.append((InvertedResidual(2048, 2048, expansion=10), 2048))
    graphs = [record(module, channels, pixels) for module, channels in modules for pixels in (1, 56)]
    assert not any(faults(diagram(g, label="right")) for g in graphs)
    monkeypatch.setattr(owner, name, wrong)
    assert any(faults(diagram(g, label="wrong")) for g in graphs)


def test_letters_are_large_enough_on_a_phone():
    for module, channels in settings():
        root = root_of(diagram(record(module, channels, 224), label="a block"))
        assert float(root.get("width")) == 400
        sizes = [
            float(e.get("font-size", root.get("font-size"))) for e in root.iter() if e.tag.endswith("text")
        ]
        assert min(sizes) * (390 - 2 * 20) / 400 >= 11, module


def test_widths_are_those_of_the_graph():
    for module, channels, widths in (
        (InvertedResidual(24, 24), 24, [24, 144, 144, 24]),
        (Bottleneck(256, 256), 256, [256, 64, 64, 256]),
        (MBConv(24, 40, stride=2), 24, [144, 6, 24, 144, 144, 40]),
        (BasicBlock(8, 16), 8, [8, 16, 16]),
    ):
        found = parts(diagram(record(module, channels, 56), label="a block"))
        assert [count for _, count in found.slabs] == widths
        drawn = [box.right - box.left for box, _ in found.slabs]
        assert [width / drawn[0] for width in drawn] == pytest.approx(
            [w / widths[0] for w in widths], rel=1e-3
        )


def test_a_slab_is_as_thick_as_the_map_has_rows():
    before, _, after, out = parts(
        diagram(record(InvertedResidual(24, 32, stride=2), 24, 56), label="a block")
    ).slabs
    assert [box.bottom - box.top for box, _ in (before, after, out)] == pytest.approx([13, 6.5, 6.5])


def test_several_pictures_share_a_scale():
    graphs = [record(Bottleneck(256, 256), 256, 56), record(BasicBlock(64, 64), 64, 56)]
    unit = shared_unit(graphs)
    for recorded, count in zip(graphs, (256, 64), strict=True):
        box, channels = parts(diagram(recorded, label="a block", unit=unit)).slabs[0]
        assert (channels, box.right - box.left) == (count, pytest.approx(count * unit, abs=0.01))
    alone = parts(diagram(graphs[1], label="a block")).slabs[0][0]
    assert alone.right - alone.left > 2 * 64 * unit


def test_the_numbers_are_those_of_the_graph():
    recorded = record(MBConv(24, 24), 24, 56)
    found = parts(diagram(recorded, label="MBConv"))
    told = " ".join(one.title for one in (*found.bands, *found.signs))
    for noun, count in (("parameters", 10_710), ("multiply-adds", 25_742_016)):
        assert sum(int(n.replace(",", "")) for n in re.findall(rf"([\d,]+) {noun}", told)) == count
    assert found.words.count("144 channels") == 2
    assert found.words.count("24 channels") == 2
    assert found.words.count("56 x 56") == 1  # it stays
    for words in ("expand", "depthwise", "project", "squeeze_", "reduce, SiLU", "BatchNorm2d, SiLU", "6"):
        assert words in found.words


def test_words_that_are_too_long_are_broken_or_cut():
    found = parts(diagram(record(BasicBlock(64, 128, stride=2), 64, 56), label="a block"))
    assert "3x3 full" in found.words
    assert "stride\u00a02" in found.words
    long = Step("act", "activation", "VeryLongNamedActivationOfSomebody", (1, 4, 8, 8), 0, 0, (0,))
    words = parts(
        diagram(Graph((Step("input", "input", "", (1, 4, 8, 8), 0, 0, ()), long)), label="one")
    ).words
    assert any(word.endswith("...") for word in words)


def test_chips_have_the_colors_of_their_kinds():
    for module, channels in ((MBConv(24, 24), 24), (BasicBlock(8, 16), 8), (ConvNormAct(8, 8, groups=2), 8)):
        recorded = record(module, channels, 14)
        fills = [fill for fill, _ in parts(diagram(recorded, label="a block")).chips]
        assert sorted(fills) == sorted(COLORS[step.kind].fill for step in recorded.steps[1:])


@pytest.mark.parametrize("pixels", PIXELS)
def test_shortcuts_are_drawn_where_they_exist(pixels):
    for module, channels, shortcuts in (
        (InvertedResidual(24, 24), 24, 1),
        (InvertedResidual(24, 24, stride=2), 24, 0),
        (InvertedResidual(24, 32), 24, 0),
        (MBConv(24, 24), 24, 1),
        (BasicBlock(24, 24), 24, 1),
    ):
        assert (
            parts(diagram(record(module, channels, pixels), label="a block")).words.count("+ shortcut")
            == shortcuts
        )
    projected = parts(diagram(record(BasicBlock(24, 32), 24, pixels), label="a block"))
    assert projected.words[projected.words.index("+ shortcut") + 1] == "1x1 convolution"
    assert any(
        one.title.startswith("shortcut.conv") and "768 parameters" in one.title for one in projected.bands
    )


@pytest.mark.parametrize("pixels", PIXELS)
@pytest.mark.parametrize("module", [SqueezeExcitation(64), LinearGate(64), MBConv(64, 64, expansion=1)])
def test_a_gate_is_found_by_its_structure(module, pixels):
    read = flow(record(module, 64, pixels))
    (gate,) = (branch for branch in read.branches if branch.is_gate)
    assert [step.kind for step in read.path[gate.join]] == ["multiply"]
    assert gate.groups[0][0].kind == "pool"
    assert read.hidden == 0


def test_a_product_with_a_map_is_no_gate():
    class Swish(nn.Module):
        def forward(self, x):
            return x * x.sigmoid()

    (branch,) = flow(record(Swish(), 8, 16)).branches
    assert not branch.is_gate


def test_what_cannot_be_drawn_is_owned_up_to():
    def step(*inputs, kind="add"):
        return Step("step", kind, "step", (1, 4, 8, 8), 0, 0, inputs)

    tangled = Graph((step(kind="input"), step(0), step(0), step(1, 2), step(2, 3), step(3, 4)))
    read = flow(tangled)
    assert read.hidden == 0
    hidden = Graph((*tangled.steps[:2], step(0, kind="other"), step(1, 0)))
    assert flow(hidden).hidden == 1  # what step 2 gives is used by nobody
    picture = diagram(hidden, label="tangled")
    assert "Simplified: 1 connection is not drawn" in parts(picture).words
    assert faults(picture) == []


@pytest.mark.slow
def test_the_same_bytes_each_time_and_in_another_process():
    code = (
        "from blocks import MBConv; from blocks.measure import graph;"
        "from course.kit.drawing.diagram import diagram;"
        "print(diagram(graph(MBConv(24, 24), (1, 24, 56, 56)), label='MBConv'), end='')"
    )
    mine = diagram(record(MBConv(24, 24), 24, 56), label="MBConv")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == mine
    assert " id=" not in mine
    assert len(mine) < 10_000


def test_the_alternative_text_is_escaped():
    root = root_of(diagram(record(ConvNormAct(1, 1), 1, 8), label='<a> & "b"'))
    assert root.get("aria-label") == '<a> & "b"'
    assert root.get("role") == "img"


@pytest.mark.parametrize("lit", ["depthwise", "squeeze_excitation", "squeeze_excitation.reduce", "add"])
def test_lit_dims_all_but_the_part(lit):
    recorded = record(MBConv(24, 24), 24, 56)
    found = parts(diagram(recorded, label="MBConv", lit=lit))
    inside = [step for step in recorded.steps[1:] if step.name == lit or step.name.startswith(f"{lit}.")]
    assert len(inside) == sum(not dim for _, dim in found.chips) < len(recorded.steps) - 1
    assert not any(dim for _, dim in parts(diagram(recorded, label="MBConv")).chips)
    lights = [
        e for e in root_of(diagram(recorded, label="MBConv", lit=lit)).iter() if e.get("stroke") == HERE
    ]
    assert lights
    assert HERE not in diagram(recorded, label="MBConv")
    assert faults(diagram(recorded, label="MBConv", lit=lit)) == []


def test_a_click_on_a_part_sets_what_is_asked():
    recorded = record(InvertedResidual(24, 24), 24, 56)
    touch = {
        "depthwise": ({"kernel_size": 5}, "kernel 5x5"),
        "t:depthwise": ({"stride": 2}, "stride 2"),
        "shortcut": ({"stride": 2}, "stride 2"),
    }
    marks = [e for e in root_of(diagram(recorded, label="a block", touch=touch)).iter() if e.get("data-set")]
    asked = [(e.tag.rpartition("}")[2], e.get("data-set"), "".join(c.text or "" for c in e)) for e in marks]
    assert [(tag, sets) for tag, sets, _ in asked] == [
        ("path", "stride=2"),
        *[("path", "kernel_size=5")] * 3,
        ("rect", "stride=2"),
    ]
    assert all("Click: " in title for *_, title in asked)
    assert "data-set" not in diagram(recorded, label="a block")


def test_keys_are_unlike_and_the_same_part_keeps_its_own():
    def keys(module):
        return re.findall('data-key="(.*?)"', diagram(record(module, 24, 56), label="a block"))

    narrow, wide, strided = (
        keys(InvertedResidual(24, 24, expansion=3)),
        keys(InvertedResidual(24, 24)),
        keys(InvertedResidual(24, 24, stride=2)),
    )
    assert narrow == wide
    assert set(strided) < set(wide)
    for module in (MBConv(24, 24), Dense(), nn.Sequential(BasicBlock(24, 24), BasicBlock(24, 24))):
        channels = 8 if isinstance(module, Dense) else 24
        found = re.findall('data-key="(.*?)"', diagram(record(module, channels, 56), label="a block"))
        assert len(found) == len(set(found)), module


def test_lit_must_be_a_part():
    with pytest.raises(ValueError, match=r"^diagram: lit must be None or a part .* got 'head'\.$"):
        diagram(record(MBConv(24, 24), 24, 56), label="MBConv", lit="head")
    with pytest.raises(ValueError, match="got 'depth'"):
        diagram(record(MBConv(24, 24), 24, 56), label="MBConv", lit="depth")


def test_all_public_blocks_are_drawn_here():
    drawn = {type(module).__name__ for module, _ in settings()}
    public = {name for name in vars(blocks) if isinstance(getattr(blocks, name), type)}
    assert public <= drawn


@pytest.fixture
def copied(tmp_path):
    for concept, picture in attachments.pictures().items():
        (tmp_path / f"{concept}.svg").write_text(picture, encoding="utf-8")
    return tmp_path


def test_attachments_are_up_to_date():
    wrong = attachments.stale()
    assert not wrong, "\n".join(["Run `make attachments`:", *wrong])


def undrawn(page):
    """The pictures on a page that `make attachments` does not draw."""
    return set(re.findall(r"\]\(attachments/(.*?)\)", page)) - {
        f"{name}.svg" for name in attachments.pictures()
    }


def test_the_readme_shows_what_a_tool_draws():
    page = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert undrawn(page) == set()
    assert undrawn(page.replace("explorer.svg", "explorer.png")) == {"explorer.png"}
    picture = attachments.pictures()["explorer"]
    assert all(
        f">{words}</text>" in picture for words in ("Egyptian cat", "depthwise 3x3", "9 products, one sum")
    )


def test_attachments_are_one_per_concept_and_well_formed():
    blocks_drawn = [path for path in FOLDER.glob("*.svg") if path.stem not in ("course_map", "explorer")]
    assert {path.stem for path in blocks_drawn} == {
        path.stem for path in (FOLDER.parent / "blocks").glob("*.py")
    } - {
        "__init__",
        "_arguments",
        "stochastic_depth",
    }
    for path in blocks_drawn:
        assert root_of(path.read_text(encoding="utf-8")).get("role") == "img"


def test_what_is_wrong_with_attachments_is_found(copied):
    assert attachments.stale(copied) == []
    (copied / "mbconv.svg").unlink()
    for name in ("residual.svg", "explorer.svg"):
        (copied / name).write_text("<svg/>", encoding="utf-8")
    (copied / "explorer.png").touch()
    assert attachments.stale(copied) == [
        "explorer.png: nothing draws it",
        "explorer.svg: out of date",
        "mbconv.svg: missing",
        "residual.svg: out of date",
    ]
