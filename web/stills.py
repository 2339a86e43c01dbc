"""The pictures in stored outputs, written as files: a page is read before its pictures have arrived."""

import base64
import hashlib
import io
import re
from pathlib import Path

from PIL import Image

FOLDER = "stills"
_IMAGE = re.compile(r'<img ([^>]*?)src="data:image/(png|svg\+xml);base64,([^"]+)"([^>]*)>')
# A window much narrower than the picture pans it, rather than making its letters too small to read
_PANS = (
    '<div class="still scrolls" style="--width:{}px" tabindex="0" role="group" aria-label="Picture">{}</div>'
)


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
        width, height = _size(before, content, kind)
        if "width=" not in before:
            before += f'width="{width:g}" height="{height:g}" '
        image = f'<img {before}src="{root}{FOLDER}/{name}" loading="lazy" decoding="async"{after}>'
        return _PANS.format(f"{width:g}", image)

    return _IMAGE.sub(moved, html)


def _webp(png: bytes) -> bytes:
    """The same pixels in a third less."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).save(file, "WEBP", lossless=True, method=4, quality=75)
    return file.getvalue()


def _size(attributes: str, content: bytes, kind: str) -> tuple[float, float]:
    """Width and height of a picture in CSS pixels."""
    given = re.search(r'width="([\d.]+)" height="([\d.]+)"', attributes)
    if given is None and kind == "png":
        return Image.open(io.BytesIO(content)).size
    given = given or re.match(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', content.decode())
    if given is None:
        raise ValueError("stills: an SVG picture must state its width and height, got none.")
    return float(given[1]), float(given[2])
