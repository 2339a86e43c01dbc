"""Walking through a block: line, box and row belong to the same part, for every block and step."""

import base64
import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import ConvNormAct, MBConv
from blocks.measure import cost, graph
from course import EXPLORERS
from course.kit.drawing import style
from course.kit.drawing.listing import LETTERS, wrapped
from course.kit.panel import walk_through
from course.kit.panel._forward_lines import forward_lines
from tests.blocks.claims import claims
from tests.course.diagram_faults import extent, faults, parts, root_of
from tests.course.test_explorers import said

BLOCKS = {name: walked for claim in claims().values() for name, walked in claim.walked.items()}
TEXT = "{http://www.w3.org/2000/svg}text"


def svgs(explorer):
    return [found + "</svg>" for found in re.findall(r"<svg.*?(?=</svg>)", explorer.picture.value)]


def lit_texts(listing):
    """The texts on a lit ground: the lines of code, each in one piece, and the row of the table."""
    root = root_of(listing)
    code, row = [], []
    for ground in (e for e in root if e.get("fill") == style.HERE):
        top, height = float(ground.get("y")), float(ground.get("height"))
        inside = [text for text in root.iter(TEXT) if 0 < float(text.get("y")) - top < height]
        pieces = [text.text for text in inside if text.get("font-family")]
        code += ["".join(f"{piece}{'' if piece.endswith('(') else ' '}" for piece in pieces).rstrip()]
        code = [line for line in code if line]
        row += [text.text for text in inside if not text.get("font-family")]
    return code, row


@pytest.mark.parametrize("name", BLOCKS)
def test_line_box_and_row_are_of_the_same_part(name):
    block, channels = BLOCKS[name]
    claim = claims()[type(block)]
    explorer = walk_through(block, (1, channels, 56, 56))
    counted, recorded = cost(block, (1, channels, 56, 56)), graph(block, (1, channels, 56, 56))
    control = explorer.controls["step"]
    assert (control.min, control.max) == (1, len(counted.parts))
    seen = set()
    for step, part in enumerate(counted.parts, 1):
        control.value = step
        diagram, listing = svgs(explorer)
        code, row = lit_texts(listing)
        assert row == [part.name, f"{part.parameters:,}", f"{part.multiply_adds:,}"]
        steps = [s for s in recorded.steps if s.name == part.name or s.name.startswith(f"{part.name}.")]
        lit = sorted(fill for fill, dimmed in parts(diagram).chips if not dimmed)
        assert lit == sorted(style.COLORS[s.kind].fill for s in steps)
        assert faults(diagram) == []
        called = f"self.{part.name}(" if hasattr(block, part.name) else f".{part.name}("
        uses = {"add": "+", "mul": "*"}.get(part.name, called)
        assert code
        assert all(uses in line for line in code)
        if part.name in claim.lines:
            assert code == [claim.lines[part.name]]
        sentence = said(explorer)
        assert f"step {step} of {len(counted.parts)}: {part.name}, in “{code[0]}”" in sentence
        assert f"{part.parameters:,} of the {counted.parameters:,} parameters" in sentence
        assert f"{part.multiply_adds:,} of the {counted.multiply_adds:,} multiply-adds" in sentence
        seen.add(diagram + listing)
    assert len(seen) == len(counted.parts)


@pytest.mark.parametrize("block", claims(), ids=lambda block: block.__name__)
def test_every_block_is_walked_through_and_some_of_its_lines_are_claimed(block):
    claim = claims()[block]
    walked = [cost(module, (1, channels, 56, 56)) for module, channels in claim.walked.values()]
    assert claim.lines
    assert set(claim.lines) <= {part.name for counted in walked for part in counted.parts}


@pytest.mark.parametrize("name", BLOCKS)
def test_text_of_the_listing_stays_apart_and_inside(name):
    block, channels = BLOCKS[name]
    listing = svgs(walk_through(block, (1, channels, 56, 56)))[1]
    root = root_of(listing)
    width, height = float(root.get("width")), float(root.get("height"))
    assert width == 400
    boxes = []
    for text in root.iter(TEXT):
        mono = text.get("font-family") == style.MONOSPACE
        size = float(text.get("font-size") or root.get("font-size"))
        assert size >= 13
        wide = (
            0.6021 * size * len(text.text)
            if mono
            else extent(text.text or "", size, bool(text.get("font-weight")))
        )
        left = float(text.get("x")) - (wide if text.get("text-anchor") == "end" else 0)
        boxes.append((left, float(text.get("y")), left + wide, text.text))
    assert len(boxes) > 10
    assert all(left >= 10 and right <= width - 8 and y <= height - 6 for left, y, right, _ in boxes)
    for one in boxes:
        for two in boxes:
            same = one is not two and one[1] == two[1]
            assert not (same and one[0] < two[2] + 6 and two[0] < one[2] + 6), (one, two)


def test_lines_are_those_of_the_source_without_docstrings():
    lines = forward_lines(BLOCKS["Residual"][0], ["body", "add"]).lines
    assert lines == (
        "def forward(self, x: Tensor) -> Tensor:",
        "    y, kept = self.body(x), self.shortcut(x)",
        "    _must_fit(y, kept)",
        "    return self.act(y + kept)",
    )
    assert not any('"""' in line for line in forward_lines(BLOCKS["SqueezeExcitation"][0], []).lines)


class Others(nn.Module):
    """How others write forward."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x):
        """Its docstring."""
        out = F.relu(self.conv1(x))
        out += x
        return out


def test_other_peoples_modules():
    explorer = walk_through(Others())
    for step, line in enumerate(
        ["out = F.relu(self.conv1(x))", "out = F.relu(self.conv1(x))", "out += x"], 1
    ):
        explorer.controls["step"].value = step
        assert f"“{line}”" in said(explorer)
    bare = type("Bare", (nn.Module,), {"forward": eval("lambda self, x: x + 1")})()  # noqa: S307 - no source
    assert "in no line of forward" in walk_through(bare, (1, 2, 4, 4)).message.value


def test_what_cannot_be_walked_through_is_refused():
    with pytest.raises(TypeError, match=r"^walk_through: module must be a Module or None, got 3\.$"):
        walk_through(3)
    with pytest.raises(ValueError, match=r"^walk_through: input_shape must be given .* got None for ReLU\.$"):
        walk_through(nn.ReLU())
    with pytest.raises(ValueError, match=r"^walk_through: module must do something, got Identity\.$"):
        walk_through(nn.Identity(), (1, 2, 4, 4))
    with pytest.raises(ValueError, match="refuses the input shape"):
        walk_through(ConvNormAct(3, 8), (1, 4, 8, 8))


def clicks(listing):
    """What a click on each line or row sets, by its place from the top."""
    found = [e for e in root_of(listing) if e.get("data-set")]
    return [e.get("data-set") for e in sorted(found, key=lambda e: float(e.get("y")))]


def test_a_click_on_a_line_a_row_or_a_band_goes_to_its_step():
    explorer = walk_through()
    diagram, listing = svgs(explorer)
    steps = [f"step={n}" for n in (1, 2, 3, 4)]
    assert clicks(listing) == 2 * steps
    assert sorted(set(re.findall(r'data-set="(.*?)"', diagram))) == steps


def test_a_line_that_runs_several_parts_goes_to_the_next_of_them():
    explorer = walk_through(ConvNormAct(3, 8), (1, 3, 8, 8))
    asked = []
    for step in (1, 2, 3):
        explorer.controls["step"].value = step
        asked.append(clicks(svgs(explorer)[1])[0])
    assert asked == ["step=2", "step=3", "step=1"]


def test_the_bars_are_the_counts():
    block, channels = BLOCKS["MBConv"]
    counted = cost(block, (1, channels, 56, 56))
    listing = svgs(walk_through(block))[1]
    for unit, counts in (
        ("parameters", [part.parameters for part in counted.parts]),
        ("multiply-adds", [part.multiply_adds for part in counted.parts]),
    ):
        bars = [e for e in root_of(listing).iter() if e.get("data-unit") == unit]
        assert [int(e.get("data-value")) for e in bars] == [count for count in counts if count]
        widths = [float(e.get("width")) / int(e.get("data-value")) for e in bars]
        assert widths == pytest.approx([widths[0]] * len(bars), rel=1e-2)


def test_a_long_line_goes_on_further_in():
    line = "    y = self.squeeze_excitation(self.depthwise(self.expand(x)))"
    first, second = wrapped(line)
    assert max(len(first), len(second)) <= LETTERS
    assert second.startswith("        ")
    assert first + second.lstrip() == line
    assert wrapped("    return self.act(y + self.shortcut(x), inplace=True)") == [
        "    return self.act(y + self.shortcut(x),",
        "        inplace=True)",
    ]
    assert wrapped("") == [""]


def test_the_module_is_left_alone():
    block = MBConv(8, 8).train()
    before = {name: value.clone() for name, value in block.state_dict().items()}
    walk_through(block)
    assert block.training
    assert all(torch.equal(value, before[name]) for name, value in block.state_dict().items())


def test_it_is_among_the_explorers_with_a_still():
    assert EXPLORERS["walk_through"] is walk_through
    data, _ = EXPLORERS["walk_through"]()._repr_mimebundle_()
    assert data["text/plain"].startswith("InvertedResidual, step 1 of 4: expand, in “y = self.expand(x)”.")
    pictures = re.findall(r"base64,([^\"]+)", data["text/html"])
    assert len(pictures) == 2
    assert all(root_of(base64.b64decode(picture).decode()).get("role") == "img" for picture in pictures)
