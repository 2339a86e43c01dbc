"""What is wrong with a built site: links that lead nowhere, requests to elsewhere, pages ill formed."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

AS_WRITTEN = ("pre", "code", "script", "style")  # a dollar in these is one
FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src"}  # without a click
EMPTY = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
FORMLESS = {"slides", "embed.html"}  # no pages: they have one heading each, or none


@dataclass
class Outline(HTMLParser):
    """What a page holds that can be wrong.

    Attributes:
        ids: of its elements.
        links: addresses that a click leads to.
        fetched: addresses that the browser asks for by itself.
        headings: their levels.
        landmarks: how often there is a main, a header, ...
        words: its text outside code.
        handlers: attributes and elements that a policy without inline scripts refuses.
    """

    ids: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    landmarks: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []

    @classmethod
    def of(cls, html: str) -> "Outline":
        """The outline of a page."""
        outline = cls()
        outline.feed(html)
        return outline

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in EMPTY:
            self._open.append(tag)
        if "id" in given:
            self.ids[given["id"]] += 1
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in FETCHED and FETCHED[tag] in given:
            self.fetched.append(given[FETCHED[tag]])
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if tag in ("main", "header", "footer") or (tag == "title" and "svg" not in self._open):
            self.landmarks[tag] += 1
        self.inline += [name for name in given if name.startswith("on")]
        if tag == "script" and "src" not in given:
            self.inline.append("<script>")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not any(tag in AS_WRITTEN for tag in self._open):
            self.words.append(data)


def faults(site: Path) -> list[str]:
    """What is wrong with the pages in a folder, one line each; of slides and of a frame only their links."""
    site = site.resolve()
    outlines = {path: Outline.of(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, outline in outlines.items():
        name = path.relative_to(site)
        wrong = _links(path, outline, outlines, site)
        if not FORMLESS & set(name.parts):
            wrong += _form(outline)
        found += [f"{name}: {one}" for one in wrong]
    return found


def _links(path: Path, outline: Outline, outlines: dict[Path, Outline], site: Path) -> list[str]:
    """Addresses that lead nowhere, and requests to elsewhere."""
    wrong = [f"it asks another host for {url}" for url in outline.fetched if _elsewhere(url)]
    for url in outline.links + outline.fetched:
        if _elsewhere(url) or url.startswith(("data:", "mailto:")):
            continue
        parts = urlsplit(url)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if target.is_dir():
            target /= "index.html"
        anchor = unquote(parts.fragment).partition("&")[0]  # an explorer's settings stand behind its name
        if not target.is_file() or site not in target.parents:
            wrong.append(f"{url} leads nowhere")
        elif anchor and not (target in outlines and anchor in outlines[target].ids):
            wrong.append(f"{url} names no place of that page")
    return wrong


def _elsewhere(url: str) -> bool:
    return url.startswith(("http:", "https:", "//"))


def _form(outline: Outline) -> list[str]:
    """What is wrong with a page by itself."""
    wrong = [f"the id {one} occurs {count} times" for one, count in outline.ids.items() if count > 1]
    wrong += [f"it has {outline.headings.count(1)} h1"] if outline.headings.count(1) != 1 else []
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    wrong += [f"h{after} follows h{before}" for before, after in steps if after > before + 1]
    wrong += [
        f"it has {outline.landmarks[one]} {one}" for one in ("main", "title") if outline.landmarks[one] != 1
    ]
    wrong += [f"inline script: {one}" for one in outline.inline]
    wrong += [f"a formula is not set: {words.strip()[:60]!r}" for words in outline.words if "$" in words]
    return wrong
