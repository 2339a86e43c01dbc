"""A made-up explorer of the site's format, each position of which is a shard of its own.

So a test can delay, break or lose exactly one. Its range is n, its choice a kind of answer.
"""

import gzip
import json
from pathlib import Path
from typing import Any

from PIL import Image

COUNT, KINDS = 40, ("diagram", "image", "refused")
START = 3
FOLDER = "steps-0000"
STILL = '<img alt="the still" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><p>Step 3, as stored.</p>'
ALT = 'it\'s "two" <b> & three'  # of an image whose number is odd; the others' are their numbers


def sentence(n: int, kind: str = "diagram") -> str:
    """What is seen there."""
    return f"Step {n}: {kind} & <more>."


def heard(n: int, kind: str = "diagram") -> str:
    """All numbers that are said there."""
    return f"Step {n} of {COUNT}: {kind} & <more>."


def state(n: int, kind: str) -> list[Any]:
    """A state as a shard holds it."""
    if kind == "refused":
        return [sentence(n, kind)]
    if kind == "image":
        image = [f"{n}.webp", 60, 40, ALT if n % 2 else heard(n, kind)]
        return [sentence(n, kind), [image], heard(n, kind)]
    svg = '<svg role="img" aria-label="{n}" width="60" height="40"><text y="20">{n}</text></svg>'
    return [sentence(n, kind), [svg.format(n=n), svg.format(n=f"{n}, below")], heard(n, kind)]


def shard(n: int, kind: str = "diagram") -> str:
    """The end of the path of that position's shard."""
    return f"/{n * len(KINDS) + KINDS.index(kind)}.bin"


def write(atlas: Path) -> None:
    """Write its files into an atlas."""
    (atlas / FOLDER).mkdir(parents=True)
    (atlas / "p").mkdir(exist_ok=True)
    positions = [(n, kind) for n in range(COUNT) for kind in KINDS]
    stops, more = [str(n) for n in range(COUNT)], {"more": False}
    numbers = {"stops": stops, "values": list(range(COUNT)), "start": START, **more}
    kinds = {"stops": KINDS, "values": KINDS, "start": 0, **more}
    index = {
        "name": "steps",
        "variant": None,
        "controls": [
            {"name": "n", "label": 'Steps & "more"', "kind": "range", **numbers},
            {"name": "kind", "label": "Kind", "kind": "choice", **kinds},
        ],
        "presets": [["ten", {"n": 10}], ["refuse <b>20", {"n": 20, "kind": 2}]],
        "positions": len(positions),
        "shards": list(range(len(positions))),
    }
    (atlas / FOLDER / "index.json").write_text(json.dumps(index), encoding="utf-8")
    for number, position in enumerate(positions):
        text = json.dumps({"order": [0], "states": [state(*position)]})
        (atlas / FOLDER / f"{number}.bin").write_bytes(gzip.compress(text.encode()))
    for n in range(COUNT):
        Image.new("RGB", (60, 40), (6 * n, 0, 90)).save(atlas / "p" / f"{n}.webp", lossless=True)
    (atlas / "still").mkdir(exist_ok=True)
    (atlas / "still" / "steps.js").write_text(f"cnnStill({json.dumps(STILL)})", encoding="utf-8")
    names = {"steps": FOLDER, "steps.varied": FOLDER}
    (atlas / "names.json").write_text(json.dumps(names), encoding="utf-8")
