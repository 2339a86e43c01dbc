"""Every stored explorer is found, made again as it was, and refused where its still is out of date."""

import base64
import dataclasses
import io
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from course import EXPLORERS
from tests import ROOT
from tests.web import toys
from tools.freeze import PNG, freeze
from web import atlas, stored
from web.stored import Recipe, Shown

NOTEBOOKS = ROOT / "notebooks"


@pytest.fixture(scope="module")
def every() -> list[Shown]:
    return stored.read(NOTEBOOKS)


def one(every: list[Shown], key: str) -> Shown:
    return next(shown for shown in every if shown.key == key)


# The notebooks


def test_every_stored_explorer_is_found(every: list[Shown]) -> None:
    marks = 0
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        marks += sum("explorer" in output.get("metadata", {}).get("cnn", {}) for output in outputs)
    assert len(every) == marks > 30
    assert Counter(shown.name for shown in every)["walk_through"] == 9
    assert [shown.key for shown in every if shown.cell == "03_bottleneck-06"] == ["bottleneck_reduction"]
    assert {shown.notebook for shown in every} == {path.stem for path in NOTEBOOKS.glob("*.ipynb")}


def test_all_explorers_are_on_the_site(every: list[Shown]) -> None:
    keys = stored.every(every)
    assert set(EXPLORERS) < set(keys)
    assert sorted(set(keys) - set(EXPLORERS)) == [
        "accuracy_against_cost.measured_times",
        "fused_crossover.measured_times",
        "inspect_module.sequential",
        "one_pixel.photo_and_answer",
        "walk_through.basic_block",
        "walk_through.bottleneck",
        "walk_through.conv_norm_act",
        "walk_through.depthwise_separable",
        "walk_through.fused_mbconv",
        "walk_through.inverted_residual",
        "walk_through.linear_bottleneck",
        "walk_through.mbconv",
        "walk_through.squeeze_excitation",
    ]


def test_what_was_given_something_is_made_again(every: list[Shown]) -> None:
    """The others: by the site's tests, which build all."""
    given = [shown for shown in every if shown.variant]
    stored.check([*given, one(every, "rank_dial"), one(every, "slope_dial")])
    assert len(given) == 13


def test_only_what_is_needed_is_run(every: list[Shown]) -> None:
    assert one(every, "walk_through.mbconv").recipe.code.splitlines() == [
        "from blocks import MBConv",
        "from course.mbconv import walk_through",
    ]
    sequential = one(every, "inspect_module.sequential").recipe.code
    assert sequential.endswith("with torch.device('meta'):\n    resnet18 = networks.resnet18()")


def test_stored_times_are_those_of_their_machine(every: list[Shown]) -> None:
    shown = one(every, "fused_crossover.measured_times")
    measured = json.loads(shown.recipe.measured)
    explorer = shown.make()
    _, said = explorer.answer({**explorer.start, "shown": "time"})
    assert f"Measured on: {measured['machine']}." in said.heard
    measured["machine"] = "Another machine"
    changed = dataclasses.replace(shown.recipe, measured=json.dumps(measured))
    found = stored.difference(dataclasses.replace(shown, recipe=changed))
    assert re.search("of a chart differ|another diagram is stored", found)  # its note names the machine


# A still that is out of date


def frozen(recipe: Recipe) -> Shown:
    """A stored output of a small explorer."""
    data, metadata = recipe.make()._repr_mimebundle_()
    output = new_output("display_data", data, metadata=metadata)
    notebook = new_notebook(cells=[new_code_cell(recipe.call, id="c", outputs=[output])])
    freeze(notebook)
    what = output.metadata["cnn"]
    words = output.data["text/html"], output.data["text/plain"]
    return Shown("n", "c", 0, recipe, what["settings"], *words, tuple(what["drawn"]))


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("other words are stored", lambda shown: {"plain": shown.plain.replace("2", "3")}),
        ("another setting is stored", lambda shown: {"settings": {**shown.settings, "a": 1.0}}),
        ("another still is stored", lambda shown: {"html": shown.html.replace('width="', 'width="1', 1)}),
        ("of kind svg+xml is stored", lambda shown: {"html": shown.html.replace("/png;", "/svg+xml;", 1)}),
        ("pictures are stored, 3, with the marks of 2", lambda shown: {"drawn": shown.drawn[:2]}),
        ("a chart is stored, now it is a diagram", lambda _: {"drawn": ("", "", "")}),
        ("another diagram is stored", lambda _: {"drawn": ("", f"{'0' * 12}.{'0' * 12}", "")}),
        ("of the pixels of a chart differ", lambda shown: {"html": with_pixels(shown.html, 0, (20, 0, 99))}),
        ("", lambda shown: {"html": with_pixels(shown.html, 0, (6, 0, 99))}),
        ("a part of a diagram has moved", lambda shown: other_processor(shown, (90, 90, 90))),
        ("", lambda shown: other_processor(shown, None)),
    ],
)
def test_a_still_that_is_out_of_date_is_named(what: str, wrong: Any) -> None:
    shown = frozen(toys.recipe("shades"))
    assert stored.difference(shown) == ""
    found = stored.difference(dataclasses.replace(shown, **wrong(shown)))
    assert (what in found) if what else (found == ""), found
    if what:
        assert found.startswith("n, cell c, output 0: shades has changed since the notebook ran: ")
        assert found.endswith("Run: make notebooks")


def with_pixels(html: str, number: int, color: tuple[int, int, int] | None) -> str:
    """With the middle of a picture in another color."""
    old = PNG.findall(html)[number]
    image = Image.open(io.BytesIO(base64.b64decode(old))).convert("RGB")
    if color:
        width, height = image.size
        image.paste(color, (width // 4, height // 4, 3 * width // 4, 3 * height // 4))
    made = io.BytesIO()
    image.save(made, "png", compress_level=1)
    return html.replace(old, base64.b64encode(made.getvalue()).decode(), 1)


def other_processor(shown: Shown, color: tuple[int, int, int] | None) -> dict[str, Any]:
    """As if the SVG had another digit there, and the picture this color in its middle."""
    digits, _, form = shown.drawn[1].partition(".")
    return {
        "drawn": ("", f"{digits[::-1]}.{form}", ""),
        "html": with_pixels(shown.html, 1, color),
    }


def test_all_that_are_out_of_date_are_told(every: list[Shown], tmp_path: Any) -> None:
    wrong = [
        dataclasses.replace(shown, plain="1")
        for shown in every
        if shown.key in ("rank_dial", "stride_position")
    ]
    with pytest.raises(ValueError, match=r"stride_position has changed [\s\S]*\n.*rank_dial has changed"):
        stored.check([*wrong, one(every, "delete_block")])
    explorers = {key: stored.plain()[key] for key in ("rank_dial", "stride_position", "delete_block")}
    with pytest.raises(
        ValueError, match=r"(rank_dial|stride_position) has changed .*\n.* has changed"
    ) as told:
        atlas.build(tmp_path, explorers, stills=wrong, thin=True, workers=ThreadPoolExecutor(1))
    assert "delete_block" not in str(told.value)
    assert not (tmp_path / "names.json").exists()


# Notebooks of our own


def output(name: str, variant: str | None, **more: Any) -> NotebookNode:
    made = new_output("display_data", {"text/plain": "n is 0", "text/html": "<p>n is 0</p>"})
    made.metadata = {"cnn": {"explorer": name, "variant": variant, "settings": {"n": 0}, **more}}
    return made


def many(positions: int, **more: Any) -> NotebookNode:
    return output("many", f"{positions} positions", **more)


def notebook(*cells: tuple[str, list[NotebookNode]], setup: str = "") -> NotebookNode:
    made = [new_code_cell(source, id=f"c{n}", outputs=outputs) for n, (source, outputs) in enumerate(cells)]
    if setup:
        made.insert(0, new_code_cell(setup, id="s", metadata={"tags": ["setup"]}))
    return new_notebook(cells=[new_markdown_cell("# A", id="m"), *made])


IMPORT = ("from tests.web.toys import fails, many, words", [])


def test_calls_are_told_by_their_order() -> None:
    source = "display(many(4)); k = 5\nprint('x')\nmany(\n  k)"
    shown = stored.shown(notebook(IMPORT, (source, [many(4), many(5)])), "n")
    assert [(each.cell, each.output, each.key, each.recipe.call) for each in shown] == [
        ("c1", 0, "many.4_positions", "many(4)"),
        ("c1", 1, "many.5_positions", "many(k)"),
    ]
    assert [each.make().variant for each in shown] == ["4 positions", "5 positions"]


def test_what_is_not_needed_is_not_run() -> None:
    cells = [
        IMPORT,
        ("raise OSError", []),
        ("# NBVAL_IGNORE_OUTPUT\nk = 7\nraise OSError", []),
        ("k = 3\nprint(1 / 0)", []),
        ("print(1 / 0)\nmany(k)\nraise OSError", [many(3)]),
    ]
    (shown,) = stored.shown(notebook(*cells, setup="%pip install x\nk = 9"), "n")
    assert shown.make().variant == "3 positions"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (("many(3)", [many(3), many(4)]), r"^n, cell c1: it shows many 2 times, and .* for each, got 1\.$"),
        (("x", [many(3)]), r"^n, cell c1: it shows many 1 times, .* got 0\.$"),
        (
            ("# NBVAL_IGNORE_OUTPUT\nmany(3)", [many(3)]),
            r"^n, cell c1: it trains or measures, .* Give .* measured=",
        ),
        (("many()", [output("many", None)]), r"^n, cell c1: .* must be in EXPLORERS, got many\."),
        (("many(3)", [many(3, measured={})]), r"^n, cell c1: .* must be in EXPLORERS, got many\."),
    ],
)
def test_what_cannot_be_made_again_is_refused(cell: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        stored.shown(notebook(IMPORT, cell), "n")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            "many(4)",
            r"^n, cell c1: many\(4\) must make \('many', '3 positions'\), got \('many', '4 positions'\)\.",
        ),
        ("many(0)", r"^n, cell c1: many\(0\) must make its explorer again, got "),
        ("many(unknown)", r"^n, cell c1: many\(unknown\) must make its explorer again, got NameError: "),
    ],
)
def test_what_is_made_otherwise_is_refused(source: str, says: str) -> None:
    (shown,) = stored.shown(notebook(IMPORT, (source, [many(3)])), "n")
    with pytest.raises(ValueError, match=says):
        shown.make()


def test_two_that_differ_cannot_have_one_name() -> None:
    cells = [IMPORT, ("many(3)", [many(3)]), ("many(3 )", [many(3)]), ("k = 3\nmany(k)", [many(3)])]
    same, again, other = stored.shown(notebook(*cells), "n")
    assert set(stored.every([same, again])) - set(EXPLORERS) == {"many.3_positions"}
    with pytest.raises(
        ValueError, match=r"^n, cell c3: .* a name of its own .* n, cell c1 has another many\.3_pos"
    ):
        stored.every([same, again, other])


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        ("MBConv, 1 x 24 x 56 x 56 to 1 x 24 x 56 x 56", "mbconv"),
        ("FusedMBConv, 1 x 48", "fused_mbconv"),
        ("ConvNormAct, 1", "conv_norm_act"),
        ("measured times", "measured_times"),
        ("Conv2d", "conv2d"),
        ("my Net-2 (wide)", "my_net_2_wide"),
    ],
)
def test_slug(variant: str, name: str) -> None:
    assert stored.slug(variant) == name


@pytest.mark.parametrize("variant", ["", ", 1 x 3", "日本"])
def test_a_variant_without_a_name_is_refused(variant: str) -> None:
    with pytest.raises(ValueError, match=r"^slug: variant must begin with letters or digits, got "):
        stored.slug(variant)
