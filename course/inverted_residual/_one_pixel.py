"""One pixel of a photograph, all the way down: through MobileNetV2 to a block, a channel, nine products.

The numbers are the official network's, as tools/one_pixel.py stored them: no weights are needed to look at
them. Norms are folded into the convolutions before them, as `blocks.networks.fold_norms` does it: a norm is
then one shift that is added to the products.
"""

import functools
import io
import json
from importlib import resources
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from course.inverted_residual import _one_pixel_picture as picture
from course.inverted_residual._one_pixel_picture import SQUARES, Answer, Block, First, Pixel, Slab, two_places
from course.kit.drawing.answers import percent
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name

PHOTOS = ("cat", "espresso", "camera_operator")
BLOCKS = (3, 5, 8, 12, 16)  # of 17: each with its shortcut
JOBS = ("1x1", "depthwise")
PICKS = 2  # channels of a wide tensor that can be chosen
STEPS = ("in", "expanded", "filtered", "out")
FIRST_LOOK = "photo and answer"
PRESETS: dict[str, dict[str, Any]] = {
    "the same channel, 1x1": {"job": "1x1"},
    "the nose": {"photo": "cat", "row": 7, "column": 6},
    "deep in: block 16": {"block": 16},
    "espresso": {"photo": "espresso", "row": 3, "column": 5},
}


def place(number: int, side: int) -> int:
    """The pixel of a map of this side that is in the middle of square `number`, from 1 to SQUARES."""
    return (2 * number - 1) * side // (2 * SQUARES)


@functools.cache
def stored() -> tuple[dict[str, NDArray[Any]], dict[str, tuple[Answer, ...]]]:
    """What tools/one_pixel.py wrote: arrays by name, and the three likeliest answers by photograph."""
    folder = resources.files(__package__).joinpath("data")
    with np.load(io.BytesIO(folder.joinpath("one_pixel.npz").read_bytes())) as file:
        arrays = dict(file)
    answers = json.loads(folder.joinpath("one_pixel.json").read_text(encoding="utf-8"))["answers"]
    return arrays, {name: tuple(Answer(*one) for one in likely) for name, likely in answers.items()}


def compute(
    photo: str, row: int, column: int, block: int, job: Literal["1x1", "depthwise"], channel: int
) -> Pixel:
    """One pixel of one photograph in one block, and how the chosen channel of it comes about by one job."""
    arrays, answers = stored()
    own, at, n = f"{photo}.{block}.", (row - 1, column - 1), channel - 1
    values = arrays[own + "windows"][at][n] if job == "depthwise" else arrays[own + "in"][at]
    which = ("filter", "filter_shift") if job == "depthwise" else ("expand", "expand_shift")
    weights, shift = (arrays[f"{block}.{name}"][n] for name in which)
    narrow, side = arrays[own + "in"].shape[-1], int(arrays[f"{block}.side"])
    wide = arrays[own + "column"].shape[-1] // 2 - narrow
    columns = tuple(np.split(arrays[own + "column"][at], np.cumsum([narrow, wide, wide])))
    return Pixel(
        photo=photo,
        row=row,
        column=column,
        answer=answers[photo][0],
        photograph=arrays[f"{photo}.photo"].tobytes(),
        slabs=tuple(_slab(arrays, photo, number) for number in BLOCKS),
        block=Block(block, narrow, wide, side, columns, tuple(map(int, arrays[f"{block}.picks"]))),
        place=(place(row, side), place(column, side)),
        map=arrays[own + "maps"][n],
        full=float(arrays[f"{block}.full"]),
        job=job,
        channel=channel,
        values=values,
        weights=weights,
        shift=float(shift),
    )


def _slab(arrays: dict[str, NDArray[Any]], photo: str, number: int) -> Slab:
    narrow = arrays[f"{photo}.{number}.in"].shape[-1]
    return Slab(number, narrow, int(arrays[f"{number}.side"]), arrays[f"{photo}.{number}.face"])


def compute_first(photo: str, row: int, column: int) -> First:
    """A photograph, the three numbers of one pixel, and the answers."""
    arrays, answers = stored()
    step = arrays[f"{photo}.pixels"].shape[0] // SQUARES
    square = arrays[f"{photo}.pixels"][(row - 1) * step : row * step, (column - 1) * step : column * step]
    return First(photo, row, column, arrays[f"{photo}.large"].tobytes(), square, answers[photo])


def named(photo: str) -> str:
    """A photograph's name in words."""
    return photo.replace("_", " ")


def say(data: Pixel) -> Said:
    """The words of the explorer."""
    block, count = data.block, data.values.size
    if data.job == "depthwise":
        read = f"The depthwise 3x3 reads 3 x 3 pixels of channel {data.pick} alone: {count} products"
        listed = f" ({', '.join(map(two_places, data.products.ravel()))})"
    else:
        read = (
            f"For channel {data.pick} the expanding 1x1 reads this pixel in all {count} channels that"
            f" come in: {count} products"
        )
        listed = ""
    parts = (data.products.sum(), data.shift, data.total, data.cell)
    products, shift, total, cell = map(two_places, parts)
    return Said(
        f"{count} products and a shift add up to {total}; ReLU6 gives {cell}.",
        f"{named(data.photo).capitalize()}, the pixel in row {data.row} and column {data.column} of"
        f" {SQUARES}. Block {block.number} of MobileNetV2 has {block.side} x {block.side} pixels and expands"
        f" {block.narrow} channels to {block.wide}. {read}{listed} add up to {products}. With the norm's"
        f" shift of {shift} that is {total}, and ReLU6 gives {cell}. The network answers {data.answer.name},"
        f" {percent(data.answer.probability)}.",
    )


def say_first(data: First) -> Said:
    """The words of the first look."""
    red, green, blue = data.color
    best = data.answers[0]
    likely = ", ".join(f"{one.name} {percent(one.probability)}" for one in data.answers)
    return Said(
        f"This pixel: red {red}, green {green}, blue {blue}. The answer: {best.name},"
        f" {percent(best.probability)}.",
        f"{named(data.photo).capitalize()}, the pixel in the middle of row {data.row} and column"
        f" {data.column} of {SQUARES}: red {red}, green {green}, blue {blue}, from 0 to 255. The official"
        f" MobileNetV2 gets 224 x 224 such pixels and answers: {likely}.",
    )


@with_name
def one_pixel(view: str | None = None) -> Explorer[Any]:
    """A photograph, one of its pixels, a block, a job and a channel: down to products and their sum.

    Args:
        view: None for all of it; "photo and answer" for the photograph, the pixel's color and the answers.

    Raises:
        ValueError: there is no such view.
    """
    photo = Choice("Photo", "cat", PHOTOS)
    is_whole = view is None  # then a click does what folded knobs do
    row = Number("Row", 3, 1, SQUARES, more=is_whole)
    column = Number("Column", 2, 1, SQUARES, more=is_whole)
    if view == FIRST_LOOK:
        squares: dict[str, Number | Choice] = {"photo": photo, "row": row, "column": column}
        presets = {"the nose": PRESETS["the nose"], "espresso": PRESETS["espresso"]}
        return Explorer(
            squares, compute=compute_first, draw=draw_first, say=say_first, presets=presets, variant=view
        )
    if not is_whole:
        raise ValueError(f"one_pixel: view must be None or {FIRST_LOOK!r}, got {view!r}.")
    # In this order consecutive pictures on the site share most of what they hold, and are packed together.
    controls: dict[str, Number | Choice] = {
        "photo": photo,
        "block": Choice("Block", BLOCKS[0], BLOCKS),
        "channel": Number("Channel of two", 2, 1, PICKS, more=True),
        "job": Choice("Job", "depthwise", JOBS),
        "row": row,
        "column": column,
    }
    return Explorer(controls, compute=compute, draw=draw, say=say, presets=PRESETS)


def draw(data: Pixel, heard: str) -> Picture:
    """Four cards: the network, one block, one channel or one pixel of it, and the sum."""
    return picture.cards(data, heard)


def draw_first(data: First, heard: str) -> Picture:
    """Three cards: the photograph, a pixel's three numbers, the answers."""
    return picture.first_cards(data, heard)
