"""One pixel, all the way down: stored is what the official network computes, and drawn is what is stored."""

import base64
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from blocks.networks import blocks_of, preprocess
from course import EXPLORERS
from course.inverted_residual import _one_pixel as one
from course.inverted_residual._one_pixel import BLOCKS, JOBS, PHOTOS, PICKS, STEPS, compute, one_pixel, say
from course.inverted_residual._one_pixel_picture import SQUARES, Pixel
from course.kit.drawing.bitmap import WHITE, plain_colors, plain_grays
from course.kit.panel import Explorer, Said
from course.kit.training import data, on_photos, sights
from tests import ROOT
from tools import one_pixel as tool

DATA = ROOT / "course" / "inverted_residual" / "data"
NEAR = 2e-3  # other machines add up in other orders
WINDOW = 32_768  # bytes within which a page's packing finds what repeats


@cache
def hooked(photo: str) -> dict[str, Tensor]:
    """What each part of the official network, its norms as they are, gives for a photograph."""
    network, found = on_photos.mobilenet_v2(), dict[str, Tensor]()
    handles = [
        part.register_forward_hook(lambda _, __, out, name=name: found.update({name: out[0].clone()}))
        for name, part in network.named_modules()
    ]
    try:
        with torch.no_grad():
            network(preprocess(data.photograph(photo)))
    finally:
        for handle in handles:
            handle.remove()
    return found


@cache
def names() -> dict[int, str]:
    """The name of each block in the network."""
    network = on_photos.mobilenet_v2()
    of = {id(part): name for name, part in network.named_modules()}
    return {number: of[id(block)] for number, block in enumerate(blocks_of(network), 1)}


def positions(step: int = 7) -> Iterator[dict[str, Any]]:
    """Some settings of all kinds, the corners among them."""
    every = itertools.product(PHOTOS, BLOCKS, range(1, PICKS + 1), JOBS)
    for n, (photo, block, channel, job) in enumerate(every):
        for row, column in ((1, 1), (SQUARES, SQUARES), (1 + n * step % SQUARES, 1 + n * 3 % SQUARES)):
            yield {
                "photo": photo,
                "row": row,
                "column": column,
                "block": block,
                "job": job,
                "channel": channel,
            }


@cache
def shown() -> Explorer[Any]:
    return one_pixel()


def due(settings: dict[str, Any]) -> float:
    """The number in the network that the settings ask for: a part's output in the middle of the square."""
    part = "expand" if settings["job"] == "1x1" else "depthwise"
    found = hooked(settings["photo"])[f"{names()[settings['block']]}.{part}"]
    side = found.shape[-1]
    pick = int(one.stored()[0][f"{settings['block']}.picks"][settings["channel"] - 1]) - 1
    # The pixel that holds the middle of the square, counted in whole numbers apart from the explorer.
    y, x = (int((settings[name] - 0.5) / SQUARES * side) for name in ("row", "column"))
    return float(found[pick, y, x])


def wrong(compute: Callable[..., Pixel]) -> list[str]:
    """Where sum and network differ."""
    return [f"{settings}" for settings in positions() if abs(compute(**settings).cell - due(settings)) > NEAR]


def test_products_and_shift_are_the_networks_number() -> None:
    assert wrong(compute) == []


FAULTS: dict[str, Callable[[Pixel], Pixel]] = {
    "without the shift": lambda found: replace(found, shift=0.0),
    "the filter turned round": lambda found: replace(found, weights=found.weights[::-1]),
    "the window transposed": lambda found: replace(found, values=found.values.T),
    "a number left out": lambda found: replace(
        found, values=np.where(np.arange(len(found.values)), found.values.T, 0).T
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_sum_is_found(fault: str) -> None:
    assert wrong(lambda **settings: FAULTS[fault](compute(**settings)))


def test_the_pixel_beside_is_found() -> None:
    assert wrong(lambda **at: compute(**{**at, "column": at["column"] % SQUARES + 1}))


@cache
def made() -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    return tool.made()


def stale(stored: dict[str, NDArray[Any]]) -> list[str]:
    """The arrays that the tool would store otherwise: numbers beyond rounding, grays beyond one level."""
    found, made_now = [], made()[0]
    if stored.keys() != made_now.keys():
        return sorted(stored.keys() ^ made_now.keys())
    for name, array in stored.items():
        is_, should = array.astype(float), made_now[name].astype(float)
        if name.endswith((".photo", ".large")):  # the same picture, however it is packed
            is_, should = decoded(array.tobytes()), decoded(made_now[name].tobytes())
        room = 12 if name.endswith((".photo", ".large")) else NEAR if array.dtype == np.float32 else 1
        if name.endswith((".picks", ".side", ".pixels")):
            room = 0
        if is_.shape != should.shape or np.abs(is_ - should).max() > room:
            found.append(name)
    return found


def decoded(file: bytes) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), float)


def test_what_is_stored_is_what_the_tool_makes() -> None:
    assert stale(one.stored()[0]) == []
    answers = json.loads((DATA / "one_pixel.json").read_text(encoding="utf-8"))["answers"]
    for photo, likely in made()[1]["answers"].items():
        assert [name for name, _ in likely] == [name for name, _ in answers[photo]]
        assert [share for _, share in likely] == pytest.approx(
            [share for _, share in answers[photo]], abs=NEAR
        )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cat.3.in", lambda array: array + 0.01),
        ("cat.12.column", lambda array: array[::-1]),
        ("espresso.5.maps", lambda array: array.transpose(0, 2, 1)),
        ("8.expand", lambda array: array * 1.1),
        ("cat.photo", lambda _: one.stored()[0]["espresso.photo"]),
        ("16.picks", lambda array: array + 1),
    ],
)
def test_what_is_stored_wrongly_is_found(name: str, change: Callable[[Any], Any]) -> None:
    arrays = one.stored()[0]
    assert stale({**arrays, name: change(arrays[name])}) == [name]


def test_the_answers_are_the_networks() -> None:
    for photo in PHOTOS:
        best = on_photos.photograph_answers(photo)[0]
        first = one.stored()[1][photo][0]
        assert first.name == best.name
        assert first.probability == pytest.approx(best.probability, abs=NEAR)
    assert say(compute("cat", 3, 4, 3, "depthwise", 2)).heard.endswith("answers Egyptian cat, 72 %.")


def test_the_stored_cells_are_the_sums() -> None:
    """All of them, on every machine: window times filter and shift, and input times weights and shift."""
    arrays = one.stored()[0]
    for photo, block in itertools.product(PHOTOS, BLOCKS):
        own = f"{photo}.{block}."
        wide = arrays[own + "in"] @ arrays[f"{block}.expand"].T + arrays[f"{block}.expand_shift"]
        filtered = (arrays[own + "windows"] * arrays[f"{block}.filter"]).sum((-1, -2))
        sums = np.stack([wide, filtered + arrays[f"{block}.filter_shift"]], -1).clip(0, 6)
        assert np.abs(sums - arrays[own + "cells"]).max() < NEAR


def test_the_cell_that_glows_has_the_gray_of_the_sum() -> None:
    for settings in positions():
        found = compute(**settings)
        step = 1 if found.job == "1x1" else 2
        levels = found.block.columns[step]
        full = full_of(found.block.number)
        assert found.full == pytest.approx(full, abs=NEAR)
        share = min(found.cell / full, 1)
        assert abs(levels[found.pick - 1] - WHITE * share) <= 0.51 + WHITE * NEAR / full
        result = re.search(r'href="(.*?)"[^>]*data-key="result"', str(one.draw(found, "")[3]))
        assert result
        assert (
            abs(int(np.asarray(pixels_of(result[1]).convert("L"))[0, 0]) / 17 - levels[found.pick - 1]) <= 1
        )
        at = found.map[found.place]
        assert at == found.block.columns[1][found.pick - 1]  # the map's pixel is the column's cell


@cache
def full_of(number: int) -> float:
    """What is white in the wide columns of a block, over the three photographs."""
    values = [hooked(photo)[f"{names()[number]}.expand"].flatten() for photo in PHOTOS]
    return float(np.quantile(torch.cat(values).numpy(), 0.98))


def test_the_columns_are_the_channels_of_a_pixel() -> None:
    for settings in positions():
        found = compute(**settings)
        narrow, wide = found.block.narrow, found.block.wide
        assert [len(levels) for levels in found.block.columns] == [narrow, wide, wide, narrow]
        block = blocks_of(on_photos.mobilenet_v2())[found.block.number - 1]
        assert (narrow, wide) == (block.get_submodule("expand.conv").in_channels, 6 * narrow)
        came = hooked(settings["photo"])[names()[found.block.number - 1]]
        assert came.shape == (narrow, found.block.side, found.block.side)
        if found.job == "1x1":
            assert np.abs(found.values - came[:, found.place[0], found.place[1]].numpy()).max() < NEAR


def test_weights_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> nn.Sequential:
        raise ValueError("no weights here")

    monkeypatch.setattr(on_photos, "mobilenet_v2", refused)
    one.stored.cache_clear()
    assert "72 %" in one_pixel().picture.value


def test_the_data_is_small() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) <= 1_500_000


def test_a_page_packs_what_repeats() -> None:
    """A picture with its words is shorter than the window in which equal bytes are found."""
    explorer = shown()
    for settings in positions():
        picture, said = explorer.answer(settings)
        assert len(json.dumps([[said.seen, said.heard], list(picture)])) < WINDOW, settings


# The words


def test_the_words_are_true() -> None:
    for settings in positions():
        found = compute(**settings)
        said = say(found)
        assert isinstance(said, Said)
        numbers = [float(text) for text in re.findall(r"-?\d+\.\d\d", said.seen)]
        assert numbers == [round(found.total, 2), pytest.approx(due(settings), abs=0.006)]
        count = 9 if found.job == "depthwise" else found.block.narrow
        assert said.seen.startswith(f"{count} products")
        listed = re.search(r"\((-?\d.*?)\)", said.heard)
        assert (listed is not None) == (found.job == "depthwise")
        if listed:
            products = [float(text) for text in listed[1].split(", ")]
            assert products == pytest.approx(found.products.ravel().tolist(), abs=0.0051)
        for part in (
            f"row {found.row} and column {found.column}",
            f"{found.block.side} x {found.block.side}",
            f"{found.block.narrow} channels to {found.block.wide}",
            f"channel {found.pick}",
        ):
            assert part in said.heard


# The picture


def marks(svg: str) -> list[dict[str, str]]:
    """The attributes of every mark that stands for a number."""
    tags = re.findall(r"<(\w+)([^>]*data-value=[^>]*)>", svg)
    return [{"tag": tag, **dict(re.findall(r'([\w-]+)="(.*?)"', rest))} for tag, rest in tags]


def test_marks_are_the_networks_numbers() -> None:
    for settings in positions():
        found = compute(**settings)
        picture = shown().answer(settings)[0]
        values = {mark["data-key"]: float(mark["data-value"]) for svg in picture for mark in marks(str(svg))}
        for number in BLOCKS:
            came = hooked(found.photo)[names()[number - 1]]
            assert values[f"river {number}"] == came.shape[-1]
            assert values[f"river {number} depth"] == came.shape[0]
        assert [values[f"column {n}"] for n in range(4)] == [len(levels) for levels in found.block.columns]
        assert values["sum"] == pytest.approx(abs(found.total))
        assert min(max(found.total, 0), 6) == pytest.approx(due(settings), abs=NEAR)
        assert values["answer 0"] == found.answer.probability
        if found.job == "depthwise":
            stairs = [values[f"stair {n}"] for n in range(10)]
            assert stairs == pytest.approx([abs(found.shift), *np.abs(found.products).ravel()], abs=1e-9)


def ends_of(svg: str) -> tuple[float, float]:
    """The height of the last stair above zero, and of the sum, in pixels: signs by where they are."""
    zero = float(re.search(r'<path d="M38 ([\d.]+)H198"', svg)[1])  # type: ignore[index]
    walk = re.search(r'd="M44 [\d.]+(H[^"]*)H198"', svg)[1]  # type: ignore[index]
    last = zero - float(walk.rpartition("V")[2])
    bar = next(mark for mark in marks(svg) if mark["data-key"] == "sum")
    y, height = float(bar["y"]), float(bar["height"])
    return last, zero - y if y < zero - 0.11 else -height


def test_the_stairs_end_where_the_sum_does() -> None:
    for settings in positions():
        last, total = ends_of(str(shown().answer(settings)[0][3]))
        assert last == pytest.approx(total, abs=0.21), settings


def test_stairs_that_end_elsewhere_are_found() -> None:
    svg = str(shown().answer(shown().start)[0][3])
    end = re.search(r'd="M44 [\d.]+H[^"]*V([\d.]+)H198"', svg)
    assert end
    last, total = ends_of(svg.replace(f"V{end[1]}H198", f"V{float(end[1]) + 3:g}H198"))
    assert last != pytest.approx(total, abs=0.21)


def test_what_can_be_clicked() -> None:
    picture = "".join(map(str, shown().answer(shown().start)[0]))
    asked = set(re.findall('data-set="(.*?)"', picture))
    squares = {f"row={r};column={c}" for r in range(1, SQUARES + 1) for c in range(1, SQUARES + 1)}
    assert squares <= asked
    assert {f"block={number}" for number in BLOCKS} <= asked
    assert {f"channel={n};job=%22{job}%22" for n in range(1, PICKS + 1) for job in JOBS} <= asked
    assert {f"job=%22{job}%22" for job in JOBS} <= asked


@pytest.mark.parametrize(("square", "crossed"), [((1, 1), 5), ((1, 4), 3), ((4, 4), 0), ((8, 8), 5)])
def test_padding_is_crossed_out(square: tuple[int, int], crossed: int) -> None:
    """Of nine places of a window in a corner of a 7 x 7 map five lie outside."""
    settings = {**shown().start, "block": 16, "row": square[0], "column": square[1]}
    picture = shown().answer(settings)[0]
    assert len(re.findall(r'd="M[\d. ]+l12 12m0 -12l-12 12"', str(picture[2]))) == crossed
    outside = compute(**settings).values == 0
    assert outside.sum() >= crossed


# The first look


def test_the_first_look_shows_photo_and_answer_alone() -> None:
    explorer = one_pixel("photo and answer")
    assert (explorer.name, explorer.variant) == ("one_pixel", "photo and answer")
    assert explorer.controls.keys() == {"photo", "row", "column"}
    words = explorer.message.value + explorer.picture.value
    for tell in ("depthwise", "1x1", "channel", "expan", "Block", "block"):
        assert tell not in words, tell
    for photo, row, column in itertools.product(PHOTOS, (1, 3, 8), (1, 6, 8)):
        picture, said = explorer.answer({"photo": photo, "row": row, "column": column})
        side = sights.cropped(data.photograph(photo)).shape[0] // SQUARES
        pixels = sights.cropped(data.photograph(photo))
        color = pixels[(row - 1) * side + side // 2, (column - 1) * side + side // 2].tolist()
        assert "red {}, green {}, blue {}".format(*color) in said.heard
        assert [float(mark["data-value"]) for mark in marks(str(picture[1]))] == color
        assert on_photos.photograph_answers(photo)[0].name in said.seen


def test_there_is_no_other_view() -> None:
    with pytest.raises(
        ValueError, match=r"^one_pixel: view must be None or 'photo and answer', got 'cat'\.$"
    ):
        one_pixel("cat")


def test_it_is_among_the_explorers() -> None:
    assert EXPLORERS["one_pixel"] is one_pixel


# Bitmaps


def pixels_of(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.partition("base64,")[2])))


@pytest.mark.parametrize("shape", [(1, 1), (1, 24), (24, 1), (7, 7), (56, 56)])
def test_grays_are_read_as_they_are(shape: tuple[int, int]) -> None:
    levels = np.random.default_rng(0).integers(0, WHITE + 1, shape).astype(np.uint8)
    assert np.array_equal(np.asarray(pixels_of(plain_grays(levels)).convert("L")), levels * 17)


def test_colors_are_read_as_they_are() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 3, 3)).astype(np.uint8)
    assert np.array_equal(np.asarray(pixels_of(plain_colors(pixels))), pixels)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^plain_grays: levels must be \(H, W\) from 0 to 15, got \(2,\)"):
        plain_grays(np.zeros(2, np.uint8))
    with pytest.raises(ValueError, match=r"^plain_grays: levels must be"):
        plain_grays(np.full((1, 1), 16, np.uint8))
    with pytest.raises(ValueError, match=r"^plain_colors: pixels must be \(H, W, 3\), got \(2, 2\)"):
        plain_colors(np.zeros((2, 2), np.uint8))


def test_steps_are_four() -> None:
    assert STEPS == ("in", "expanded", "filtered", "out")
