"""The pictures in stored outputs, written as files: a page is read before its pictures have arrived."""

import base64
import hashlib
import io
import re
from pathlib import Path

from PIL import Image

from web.states import METHOD, QUALITY

FOLDER = "stills"
_IMAGE = re.compile(r'<img ([^>]*?)src="data:image/(png|svg\+xml);base64,([^"]+)"([^>]*)>')
_SIZE = re.compile(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"')
# A window much narrower than the picture pans it, rather than making its letters too small to read
_PANS = '<div class="still scrolls" tabindex="0" role="group" aria-label="Picture">{}</div>'


def as_files(html: str, site: Path, root: str = "") -> str:
    """The HTML with its pictures as files in `site`/stills, each named by its content.

    With the size in the HTML nothing on a page moves when a picture arrives.

    Args:
        root: from the page to the site, "../" for a page in a folder.

    Raises:
        ValueError: a picture has neither a size of its own nor one in the HTML.
    """

    def moved(found: re.Match[str]) -> str:
        before, kind, data, after = found.groups()
        content = base64.b64decode(data)
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.{'webp' if kind == 'png' else 'svg'}"
        path = site / FOLDER / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_webp(content) if kind == "png" else content)
        size = "" if "width=" in before else _size(content, kind)
        return _PANS.format(
            f'<img {before}{size}src="{root}{FOLDER}/{name}" loading="lazy" decoding="async"{after}>'
        )

    return _IMAGE.sub(moved, html)


def _webp(png: bytes) -> bytes:
    """The same pixels in a third less."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).save(file, "WEBP", lossless=True, method=METHOD, quality=QUALITY)
    return file.getvalue()


def _size(content: bytes, kind: str) -> str:
    """Its size in CSS pixels, as attributes."""
    if kind == "png":
        width, height = Image.open(io.BytesIO(content)).size
        return f'width="{width}" height="{height}" '
    found = _SIZE.match(content.decode())
    if found is None:
        raise ValueError("stills: an SVG picture must state its width and height, got none.")
    return f'width="{float(found[1]):g}" height="{float(found[2]):g}" '
