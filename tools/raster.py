"""A diagram as the PNG that a stored notebook keeps, and whether a stored one is what is drawn now.

Live, a diagram is SVG. Stored it is PNG, since a page that shows notebooks may drop SVG in data addresses.
It is rasterized with the fonts that matplotlib brings and no others, so on every machine it looks the same.

Beside a stored picture stands its mark, "HASH.FORM". HASH is of the SVG as it was. FORM is of the SVG without
the numbers that say where its marks stand, how large they are, and what they stand for: the same elements,
keys, texts and colors have the same. Where HASH is equal nothing changed. Where only FORM is, the picture may
be of a network's forward pass on another processor, which rounds another way: it must look the same but for
ROOM.
"""

import base64
import functools
import hashlib
import io
import re
from pathlib import Path

from PIL import Image, ImageChops

from course.kit.drawing.style import CARD

SCALE = 1.5  # of a stored picture, in pixels of a CSS pixel
COLORS, COLORS_OF_PHOTOS = 64, 256
CELL = 4  # CSS pixels: so large are the squares whose mean colors are compared
ROOM = 36  # of 255: a mark that moves by 0.25 pixels, down and across, changes a mean by up to 32
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf")
PICTURE = re.compile(r"data:image/(png|svg\+xml);base64,([A-Za-z0-9+/=]+)")
_PLACES = re.compile(r'(?<=\s)(?:points|d|[cr]?[xy][12]?|r|width|height|transform|data-value)="[^"]*"')
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_BITMAP = re.compile(r"(?<=base64,)[A-Za-z0-9+/=]+")


def mark(svg: str) -> str:
    """What is kept of an SVG beside its picture: "HASH.FORM"."""
    return f"{_hash(svg)}.{_form(svg)}"


def png(svg: str) -> bytes:
    """The picture of an SVG.

    Raises:
        ValueError: it is no SVG.
    """
    image = _drawn(svg)
    colors = COLORS_OF_PHOTOS if "<image" in svg else COLORS
    file = io.BytesIO()
    image.quantize(colors, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def difference(stored: bytes, stored_mark: str, svg: str) -> str:
    """What a stored picture differs in from what is drawn now, in words; "" for nothing."""
    was, _, form = stored_mark.partition(".")
    if was == _hash(svg):
        return ""
    if form != _form(svg):
        return "another diagram is stored"
    try:
        now = _drawn(svg)
    except ImportError:  # only who stores notebooks, or tests them, needs what rasterizes
        return ""
    before = Image.open(io.BytesIO(stored)).convert("RGB")
    if before.size != now.size:
        return f"a diagram of {before.size} pixels is stored, now it has {now.size}"
    cell = round(CELL * SCALE)
    levels = ImageChops.difference(before.reduce(cell), now.reduce(cell)).getextrema()
    most = max(int(high) for _, high in levels)
    return f"a part of a diagram has moved or has another color, by {most} levels" if most > ROOM else ""


def svg_of(data: str) -> str:
    """The SVG in a data address."""
    return base64.b64decode(data).decode()


def _drawn(svg: str) -> Image.Image:
    import resvg_py  # noqa: PLC0415 - of the tests' extra

    fonts = _fonts()
    content = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=SCALE,
        background=CARD,
        skip_system_fonts=True,
        font_files=fonts,
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
        monospace_family="DejaVu Sans Mono",
    )
    return Image.open(io.BytesIO(content)).convert("RGB")


@functools.cache
def _fonts() -> list[str]:
    import matplotlib as mpl  # noqa: PLC0415 - slow to import, and not needed where nothing changed

    return [str(Path(mpl.get_data_path(), "fonts", "ttf", name)) for name in FONTS]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _form(svg: str) -> str:
    """The hash of an SVG without its places, sizes and values, and without the pixels of bitmaps in it."""
    svg = _BITMAP.sub("", svg)
    return _hash(_PLACES.sub(lambda place: _NUMBER.sub("0", place[0]), svg))
