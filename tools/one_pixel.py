"""Store what the explorer `one_pixel` shows: the official MobileNetV2 on three photographs. Authors only.

    python -m tools.one_pixel

Some seconds; needs the weights. They stand in course/inverted_residual/data: `one_pixel.npz` the numbers and
pictures, `one_pixel.json` the answers and what they were made with.
"""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from blocks import InvertedResidual
from blocks.networks import blocks_of, fold_norms, preprocess
from course.inverted_residual._one_pixel import BLOCKS, PICKS, STEPS, place
from course.inverted_residual._one_pixel_picture import SQUARES
from course.kit.drawing.bitmap import WHITE
from course.kit.training import data, on_photos, sights
from course.kit.training.loop import one_thread
from tools.made import made as made_by

FOLDER = Path(__file__).parents[1] / "course" / "inverted_residual" / "data"
# Of the photographs their side, and their quality as WebP: the small one is a part of every picture.
PHOTOGRAPHS = {"photo": (176, 36), "large": (224, 85)}
PLACES = 5  # decimals of what is stored


def passed(name: str) -> tuple[dict[str, Tensor], ...]:
    """For each of BLOCKS what goes in, is expanded, filtered, and comes out, (C, H, W) each."""
    x, found = preprocess(data.photograph(name)), {}
    with torch.no_grad(), one_thread():
        x = on_photos.mobilenet_v2().get_submodule("stem")(x)
        for number, block in enumerate(blocks_of(on_photos.mobilenet_v2()), 1):
            assert isinstance(block, InvertedResidual)  # noqa: S101 - for mypy
            wide = block.expand(x)
            tensors = x, wide, block.depthwise(wide), block(x)
            found[number] = dict(zip(STEPS, (each[0] for each in tensors), strict=True))
            x = tensors[-1]
    return tuple(found[number] for number in BLOCKS)


def made() -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """All that is stored: arrays by name, and the answers with what they were made with."""
    arrays: dict[str, NDArray[Any]] = {}
    seen = {name: passed(name) for name in data.PHOTOGRAPHS}
    folded = blocks_of(fold_norms(on_photos.mobilenet_v2()))
    for index, number in enumerate(BLOCKS):
        tensors = {name: each[index] for name, each in seen.items()}
        full = {step: largest([each[step] for each in tensors.values()]) for step in STEPS}
        picks = picked(list(tensors.values()), full)
        full["filtered"] = full["expanded"]  # what is as bright in one is as large in the other
        arrays[f"{number}.side"] = np.array(tensors["cat"]["in"].shape[-1])
        arrays[f"{number}.full"] = np.array(full["expanded"])
        arrays |= {f"{number}.{key}": value for key, value in weights(folded[number - 1], picks).items()}
        for name, each in tensors.items():
            found = of_block(each, picks, full, sights.cropped(data.photograph(name)))
            arrays |= {f"{name}.{number}.{key}": value for key, value in found.items()}
    answers = {}
    for name in data.PHOTOGRAPHS:
        pixels = sights.cropped(data.photograph(name))
        for key, (side, quality) in PHOTOGRAPHS.items():
            file = io.BytesIO()
            small = Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS)
            small.save(file, "WEBP", quality=quality, method=6)
            arrays[f"{name}.{key}"] = np.frombuffer(file.getvalue(), np.uint8)
        arrays[f"{name}.pixels"] = pixels
        likely = on_photos.answers(preprocess(data.photograph(name)), on_photos.mobilenet_v2(), 3)
        answers[name] = [[answer.name, round(answer.probability, 4)] for answer in likely]
    return arrays, {"made": made_by("python -m tools.one_pixel"), "answers": answers}


def picked(tensors: list[dict[str, Tensor]], full: dict[str, float]) -> NDArray[np.int64]:
    """PICKS wide channels, of each part of the column the one with the most to see on every photograph."""
    found = [
        [[variety(channel) for channel in shades(each[step], full[step], 7)] for step in STEPS[1:3]]
        for each in tensors
    ]
    least = np.array(found).min((0, 1))
    parts = np.array_split(least, PICKS)
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    return np.array([start + int(part.argmax()) for start, part in zip(starts, parts, strict=True)])


def variety(levels: NDArray[np.uint8]) -> float:
    """How evenly 8 levels are taken, their entropy in bits."""
    share = np.bincount(levels.ravel(), minlength=8) / levels.size
    return float(-(share[share > 0] * np.log2(share[share > 0])).sum())


def weights(block: Any, picks: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Of a block with its norms folded in: filters and shifts of the chosen channels."""
    expand, depthwise = block.expand.conv, block.depthwise.conv
    return {
        "picks": picks + 1,
        "expand": _numbers(expand.weight[picks].flatten(1)),
        "expand_shift": _numbers(expand.bias[picks]),
        "filter": _numbers(depthwise.weight[picks, 0]),
        "filter_shift": _numbers(depthwise.bias[picks]),
    }


def of_block(
    tensors: dict[str, Tensor],
    picks: NDArray[np.int64],
    full: dict[str, float],
    photo: NDArray[np.uint8],
) -> dict[str, NDArray[Any]]:
    """What is stored of one block on one photograph."""
    side = tensors["in"].shape[-1]
    at = [place(n, side) for n in range(1, SQUARES + 1)]
    wide = torch.nn.functional.pad(tensors["expanded"][picks], (1, 1, 1, 1))
    windows = wide.unfold(1, 3, 1).unfold(2, 3, 1)[:, at][:, :, at]  # (picks, rows, columns, 3, 3)
    columns = [tensors[step][:, at][:, :, at] for step in STEPS]
    levels = [shades(each, full[step]) for step, each in zip(STEPS, columns, strict=True)]
    gray = np.asarray(Image.fromarray(photo).convert("L").resize((side, side), Image.Resampling.BOX))
    face = likest(tensors["in"], gray)
    return {
        "face": stretched(face),
        "maps": shades(tensors["expanded"][picks], full["expanded"]),
        "column": np.concatenate(levels).transpose(1, 2, 0),  # (rows, columns, all channels), 0 to 15
        "in": _numbers(columns[0].permute(1, 2, 0)),
        "windows": _numbers(windows.permute(1, 2, 0, 3, 4)),
        "cells": _numbers(torch.stack([columns[1][picks], columns[2][picks]], -1).permute(1, 2, 0, 3)),
    }


def largest(tensors: list[Tensor]) -> float:
    """Where a scale of grays ends: one in fifty of the absolute values is larger."""
    return float(np.quantile(np.concatenate([each.abs().flatten().numpy() for each in tensors]), 0.98))


def shades(values: Tensor, full: float, most: int = WHITE) -> NDArray[np.uint8]:
    """Grays from black, 0, to white, `full`; where values are negative, black is -full and 0 the middle."""
    found = values.numpy() / full
    if found.min() < 0:
        found = (found + 1) / 2
    return np.rint(most * np.clip(found, 0, 1)).astype(np.uint8)


def likest(maps: Tensor, gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The channel that looks most like the photograph, its sign so that light is light."""
    flat = maps.flatten(1).numpy()
    alike = np.nan_to_num([np.corrcoef(each, gray.ravel())[0, 1] for each in flat])
    best = int(np.abs(alike).argmax())
    return maps[best].numpy() * np.sign(alike[best])


def stretched(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """From black to white, but for one in a hundred at either end."""
    low, high = np.quantile(values, [0.01, 0.99])
    return np.rint(WHITE * np.clip((values - low) / (high - low), 0, 1)).astype(np.uint8)


def _numbers(values: Tensor) -> NDArray[np.float32]:
    return values.detach().numpy().round(PLACES).astype(np.float32)


def main() -> None:
    """Compute all, and write both files."""
    arrays, rest = made()
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(FOLDER / "one_pixel.npz", **arrays)
    (FOLDER / "one_pixel.json").write_text(json.dumps(rest, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(path.stat().st_size for path in FOLDER.iterdir()):,} bytes")


if __name__ == "__main__":
    main()
