"""Write the static site from the stored notebooks: every page, every explorer alive without a kernel.

python -m web  # build/site
python -m web --thin --to build/thin  # with fewer positions of each explorer, for the tests
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from web import atlas, check, frame, pages, slides, stored, text

PAGEFIND = text.FROM_NPM / ".bin" / "pagefind"
# Pagefind's own search boxes; ours is static/site.js
NOT_SERVED = ("pagefind-ui.*", "pagefind-modular-ui.*", "pagefind-component-ui.*", "pagefind-highlight.js")
NOTEBOOKS = pages.ROOT / "notebooks"


def main(arguments: list[str]) -> None:
    """Build the site that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m web")
    parser.add_argument("--to", type=Path, default=pages.ROOT / "build" / "site", help="the folder")
    parser.add_argument("--thin", action="store_true", help="fewer positions of each explorer")
    given = parser.parse_args(arguments)
    started = time.perf_counter()
    build(given.to, thin=given.thin)
    print(atlas.table(given.to / "atlas"))
    print(f"Written in {time.perf_counter() - started:.0f} s: {given.to}")


def build(site: Path, *, thin: bool = False, notebooks: Path = NOTEBOOKS) -> None:
    """Write the site into a folder; of the atlas in it only what has changed is made again.

    Args:
        thin: with fewer positions of each explorer.
        notebooks: the folder of the notebooks, with TEACHING.md and teaching/.

    Raises:
        ValueError: a stored still is not what its explorer draws, or a page is not as it should be.
    """
    shown = stored.read(notebooks)
    folders = atlas.build(site / "atlas", stored.every(shown), stills=shown, thin=thin)
    for path in site.iterdir():
        if path.name != "atlas":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    write(site, folders, notebooks, frame.Facts.read())
    if faults := check.faults(site):
        raise ValueError("\n".join(faults))
    index(site)


def write(site: Path, folders: Mapping[str, str], notebooks: Path, facts: frame.Facts) -> None:
    """Write the pages, the slides, and what all of them share.

    Args:
        folders: by the key of an explorer its folder in `site`/atlas.

    Raises:
        ValueError: an explorer has no folder, a formula cannot be read, or a link leads nowhere.
    """
    reader = pages.Reader(site, folders, facts.address)
    lessons, teaching = pages.read(notebooks, reader)
    reader.formulas.set()
    for name, html in frame.framed(lessons, teaching, reader.sentences, reader.formulas, facts):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(html, encoding="utf-8")
    alone = site / "atlas" / "still"  # for embed.html, in a frame that may fetch nothing else
    shutil.rmtree(alone, ignore_errors=True)
    alone.mkdir(parents=True)
    for key, still in reader.stills.items():
        (alone / f"{key}.js").write_text(f"cnnStill({json.dumps(still)});\n", encoding="utf-8")
    slides.write(site, notebooks, facts.address)
    pages.write_static(site)


def index(site: Path) -> None:
    """Make what the search reads, from the pages."""
    told = subprocess.run([PAGEFIND, "--site", site], capture_output=True, text=True, check=False)
    if told.returncode:
        raise ValueError(f"pagefind must read the pages, got {told.stdout}{told.stderr}")
    for pattern in NOT_SERVED:
        for path in (site / "pagefind").glob(pattern):
            path.unlink()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as error:
        raise SystemExit(str(error)) from None
