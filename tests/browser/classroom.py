"""What slides and the walk-through have in common: a page on a projector, and where its pictures go."""

from pathlib import Path

import lab
from playwright.sync_api import Browser, Page, Route

SHOTS = lab.ROOT / "artifacts" / "teaching"
PROJECTOR = {"width": 1280, "height": 720}


def opened(browser: Browser, own: str) -> tuple[Page, list[str]]:
    """A page on a projector, and what it asks for outside `own`, which it does not get."""
    page = browser.new_page(viewport=PROJECTOR)
    page.set_default_timeout(30_000)
    outside: list[str] = []

    def cut(route: Route) -> None:
        outside.append(route.request.url)
        route.abort()

    page.route(lambda url: not url.startswith((own, "data:", "blob:")), cut)
    return page, outside


def folder(path: Path, kind: str) -> Path:
    made = SHOTS / path.stem / kind
    made.mkdir(parents=True, exist_ok=True)
    return made
