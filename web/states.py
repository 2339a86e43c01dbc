"""What an explorer answers at each of its positions, as data for a page; made in processes of their own.

A position is one choice of stops, a number in mixed radix: the last control changes fastest.
"""

import functools
import hashlib
import io
import itertools
import json
import math
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from web.stored import Recipe, Shown, difference

if TYPE_CHECKING:
    from course.kit.panel import Explorer

PATIENCE = 2.0  # processor seconds of one piece of work: at the end no core waits longer for another
STOPS, THINNED = 4, 120  # of a control, and positions of an explorer, in a thinned atlas
# Of Pillow for lossless WebP. As small as (4, 75) in a tenth less time; (6, 100) saves 2 % in forty times the
# time. A thinned atlas is for tests: twice as large, in a third of the time.
METHOD, QUALITY = 2, 75
METHOD_THIN, QUALITY_THIN = 0, 0
# An attribute of a tag; a text may well say " id=".
_ID = re.compile(r"""<[\w:]+(?:\s+[\w:.-]+=(?:"[^"]*"|'[^']*'))*?\s+id=""")

Stops = Mapping[str, tuple[Any, ...]]


@dataclass
class Run:
    """The states of some consecutive positions as JSON, equal ones once.

    Attributes:
        first: the first position.
        order: for each position the number of its state.
        pictures: the size in bytes of every bitmap that the states name.
        seconds: of the processor, for the states, and for the explorer where it was not yet made.
        rate: seconds for a position.
    """

    first: int
    order: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    pictures: dict[str, int] = field(default_factory=dict)
    seconds: float = 0
    rate: float = 0


@dataclass(frozen=True)
class Opened:
    """An explorer that was made: what a page needs to know, some first positions, and stills out of date."""

    index: dict[str, Any]
    first: Run
    stale: list[str]


def one_thread() -> None:
    """Set a process up: each core has one."""
    import torch  # noqa: PLC0415 - 2 s that a build without anything to make does without

    torch.set_num_threads(1)


def opened(recipe: Recipe, stills: Sequence[Shown], pictures: Path, *, thin: bool) -> Opened:
    """Make an explorer, look at its stills, and make as many states as PATIENCE allows."""
    start = time.process_time()
    explorer = _explorer(recipe)
    stale = [fault for still in stills for fault in [difference(still, explorer)] if fault]
    index = index_of(explorer, stops(explorer, thin=thin))
    before = time.process_time() - start
    first = run(recipe, range(index["positions"]), pictures, thin=thin, patience=PATIENCE)
    first.seconds += before
    return Opened(index, first, stale)


def run(recipe: Recipe, positions: range, pictures: Path, *, thin: bool, patience: float = math.inf) -> Run:
    """Make the states of these positions, as many as may be made in `patience` processor seconds.

    Raises:
        ValueError: an explorer cannot be put on a page.
        RuntimeError: it fails otherwise than by a TypeError or a ValueError, which are refusals.
    """
    start = time.process_time()
    explorer = _explorer(recipe)
    grid = stops(explorer, thin=thin)
    made, known = Run(positions.start), dict[str, int]()
    begun = time.process_time()
    for values in itertools.islice(itertools.product(*grid.values()), positions.start, positions.stop):
        if made.order and time.process_time() - begun > patience:
            break
        settings = dict(zip(grid, values, strict=True))
        state = json.dumps(
            _state(recipe.key, explorer, settings, made.pictures, pictures, thin=thin),
            ensure_ascii=False,
            separators=(",", ":"),
        )
        made.order.append(known.setdefault(state, len(known)))
    made.states = list(known)
    made.seconds = time.process_time() - start
    made.rate = (time.process_time() - begun) / len(made.order)
    return made


def stops(explorer: "Explorer[Any]", *, thin: bool) -> Stops:
    """By control the values that the page offers.

    Thinned, a control has the values that its start, a preset or a still names, and its ends while it has
    fewer than STOPS. An explorer that then has more than THINNED positions goes without the ends, except
    where a control would be left with one value.
    """
    whole = {name: control.on_page for name, control in explorer.declared.items()}
    if not thin:
        return whole
    named: dict[str, set[Any]] = {name: {value} for name, value in explorer.start.items()}
    for settings in (*explorer.presets.values(), *explorer.stills):
        for name, value in settings.items():
            named[name].add(value)
    found: Stops = {}
    for least in (STOPS, 2):
        found = {name: _with_ends(values, named[name], least) for name, values in whole.items()}
        if math.prod(map(len, found.values())) <= THINNED:
            break
    return found


def _with_ends(values: Sequence[Any], named: set[Any], least: int) -> tuple[Any, ...]:
    """Those values that are named, and the ends while they are fewer than `least`."""
    chosen = set(named)
    for end in (values[0], values[-1]):
        if len(chosen) < least:
            chosen.add(end)
    return tuple(value for value in values if value in chosen)


def index_of(explorer: "Explorer[Any]", grid: Stops) -> dict[str, Any]:
    """What a page needs to know of an explorer to show its controls.

    Raises:
        ValueError: a value of a control would not come through JSON as it is.
    """
    from course.kit.panel import Number  # noqa: PLC0415 - likewise

    controls = []
    for name, values in grid.items():
        control = explorer.declared[name]
        if repr(json.loads(json.dumps(values, default=repr))) != repr(list(values)):
            raise ValueError(
                f"{explorer.name}: the values of {name} must be numbers, texts, booleans or None,"
                f" got {values}."
            )
        controls.append(
            {
                "name": name,
                "label": control.label,
                "kind": "range" if isinstance(control, Number) else "choice",
                "stops": [_text(value) for value in values],
                "values": list(values),
                "start": values.index(explorer.start[name]),
                "more": control.more,
            }
        )
    presets = [
        [name, {control: grid[control].index(value) for control, value in settings.items()}]
        for name, settings in explorer.presets.items()
    ]
    positions = math.prod(map(len, grid.values()))
    return {"controls": controls, "presets": presets, "positions": positions}


def _text(value: Any) -> str:
    """A stop as a reader sees it: a float as the number box shows it, 6 and not 6.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@functools.lru_cache(maxsize=2)  # with its figures an explorer holds some megabytes
def _explorer(recipe: Recipe) -> "Explorer[Any]":
    return recipe.make()


def _state(
    key: str,
    explorer: "Explorer[Any]",
    settings: Mapping[str, Any],
    sizes: dict[str, int],
    folder: Path,
    *,
    thin: bool,
) -> list[Any]:
    """[seen, parts, heard], or [message] for a refusal; bitmaps are stored, and `sizes` gets their bytes."""
    try:
        picture, said = explorer.answer(settings)
    except (TypeError, ValueError) as refusal:
        return [str(refusal)]
    except Exception as error:
        raise RuntimeError(f"{key} fails at {settings}: {type(error).__name__}: {error}") from error
    parts: list[Any] = []
    for part in picture:
        if isinstance(part, str):
            parts.append(_without_id(key, part))
        else:
            file, size = _stored(part.data, folder, thin=thin)
            sizes[file] = size
            parts.append([file, part.width, part.height, part.label or said.heard])
    return [said.seen, parts, said.heard]


def _without_id(key: str, svg: str) -> str:
    if " id=" in svg and (found := _ID.search(svg)):
        raise ValueError(
            f"{key}: an SVG must have no id, since two pictures stand on one page, got"
            f" {svg[found.end() - 3 : found.end() + 20]}. Take data-key."
        )
    return svg


@functools.lru_cache(maxsize=200)  # of some 80 kB
def _stored(png: bytes, folder: Path, *, thin: bool) -> tuple[str, int]:
    """The file of a picture, which is named by its pixels and written once, and its size in bytes."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    method, quality = (METHOD_THIN, QUALITY_THIN) if thin else (METHOD, QUALITY)
    pixels = hashlib.sha256(f"{image.width} {image.height} {method} {quality} ".encode() + image.tobytes())
    path = folder / f"{pixels.hexdigest()[:16]}.webp"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}")  # the other process may be writing the same
        image.save(part, "WEBP", lossless=True, method=method, quality=quality)
        part.replace(path)
    return path.name, path.stat().st_size
