"""An atlas as a page reads it, and how it is held against the live explorer."""

import gzip
import html
import io
import json
import random
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from course.kit.panel import Explorer
from course.kit.panel.still import live_html

_ADDRESS = re.compile(r'(<img [^>]*src=")[^"]*')
_ROW = "display:flex;flex-wrap:wrap;gap:6px;align-items:flex-start;line-height:0"
_CARD = "display:block;max-width:100%;height:auto"


class Reader:
    """One explorer of an atlas."""

    def __init__(self, atlas: Path, key: str) -> None:
        self.pictures = atlas / "p"
        self.folder = atlas / json.loads((atlas / "names.json").read_text(encoding="utf-8"))[key]
        self.index = json.loads((self.folder / "index.json").read_text(encoding="utf-8"))
        self._shard = lru_cache(4)(self._unpacked)

    def position(self, values: Mapping[str, Any]) -> int:
        place = 0
        for control in self.index["controls"]:
            place = place * len(control["values"]) + control["values"].index(values[control["name"]])
        return place

    def state(self, values: Mapping[str, Any]) -> list[Any]:
        """[seen, parts, heard], or [message] for a refusal."""
        place, starts = self.position(values), self.index["shards"]
        number = max(n for n, start in enumerate(starts) if start <= place)
        shard = self._shard(number)
        return list(shard["states"][shard["order"][place - starts[number]]])

    def any_values(self, chance: random.Random) -> dict[str, Any]:
        return {control["name"]: chance.choice(control["values"]) for control in self.index["controls"]}

    def _unpacked(self, number: int) -> dict[str, Any]:
        return dict(json.loads(gzip.decompress((self.folder / f"{number}.bin").read_bytes())))


def html_of(state: list[Any]) -> str:
    """What a page shows of a state: what `live_html` gives, but for the addresses of bitmaps."""
    shown = [part if isinstance(part, str) else _image(*part) for part in state[1]]
    return f'<div class="cnn-cards" style="{_ROW}">{"".join(shown)}</div>'


def _image(file: str, width: int, height: int, alt: str) -> str:
    return f'<img alt="{html.escape(alt)}" width="{width}" height="{height}" src="{file}" style="{_CARD}">'


def difference(reader: Reader, explorer: Explorer[Any], values: Mapping[str, Any]) -> str:
    """What the atlas and the live explorer differ in at these values, in words; "" for nothing."""
    state = reader.state(values)
    try:
        picture, said = explorer.answer(values)
    except (TypeError, ValueError) as refusal:
        return "" if state == [str(refusal)] else f"{values}: another refusal"
    if (state[0], *state[2:]) != (said.seen, said.heard):
        return f"{values}: other words"
    if _ADDRESS.sub(r"\1", html_of(state)) != _ADDRESS.sub(r"\1", live_html(picture, said.heard)):
        return f"{values}: another picture"
    live = [Image.open(io.BytesIO(part.data)) for part in picture if not isinstance(part, str)]
    kept = [Image.open(reader.pictures / part[0]) for part in state[1] if not isinstance(part, str)]
    for before, now in zip(kept, live, strict=True):
        if before.size != now.size or before.convert("RGB").tobytes() != now.convert("RGB").tobytes():
            return f"{values}: other pixels"
    return ""


def differences(
    reader: Reader, explorer: Explorer[Any], count: int, chance: random.Random | None = None
) -> Iterator[str]:
    """Those at `count` random positions."""
    chance = chance or random.Random(0)  # noqa: S311 - no secret
    for _ in range(count):
        if found := difference(reader, explorer, reader.any_values(chance)):
            yield found
