"""The pictures in stored outputs, written as files: a page is read before its pictures have arrived."""

import base64
import hashlib
import io
import re
from pathlib import Path

from PIL import Image

from web.states import METHOD, QUALITY

FOLDER = "stills"
_IMAGE = re.compile(r'<img ([^>]*?)src="data:image/png;base64,([^"]+)"([^>]*)>')
_WIDTH = re.compile(r'width="([\d.]+)"')
WIDE = 430  # CSS pixels: a card is narrower, and its letters can be read in a phone's width
# A window much narrower than a wide picture pans it, rather than making its letters too small to read
_PANS = ' scrolls" tabindex="0" role="group" aria-label="Picture'


def as_files(html: str, site: Path, root: str = "") -> str:
    """The HTML with its pictures as files in `site`/stills, each named by its content.

    With the size in the HTML nothing on a page moves when a picture arrives.

    Args:
        root: from the page to the site, "../" for a page in a folder.

    Raises:
        ValueError: a picture is not stored as the PNG that a frozen notebook has.
    """

    def moved(found: re.Match[str]) -> str:
        before, data, after = found.groups()
        content = base64.b64decode(data)
        path = site / FOLDER / f"{hashlib.sha256(content).hexdigest()[:16]}.webp"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_webp(content))
        size = "" if "width=" in before else _size(content)
        pans = _PANS if float(_WIDTH.findall(before + size)[0]) > WIDE else ""
        source = f'src="{root}{FOLDER}/{path.name}" loading="lazy" decoding="async"'
        return f'<div class="still{pans}"><img {before}{size}{source}{after}></div>'

    if "data:image/svg+xml" in html:
        raise ValueError("stills: a stored picture must be a PNG, got SVG. Run: make notebooks")
    return _IMAGE.sub(moved, html)


def _webp(png: bytes) -> bytes:
    """The same pixels in a third less."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).save(file, "WEBP", lossless=True, method=METHOD, quality=QUALITY)
    return file.getvalue()


def _size(png: bytes) -> str:
    """Its size in CSS pixels, as attributes."""
    width, height = Image.open(io.BytesIO(png)).size
    return f'width="{width}" height="{height}" '
