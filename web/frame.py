"""What stands round the content of every page: the way about the site, the map, the foot."""

import importlib.metadata
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tools import links
from web import course_map
from web.pages import ROOT, Page
from web.text import Formulas

TEMPLATES = Path(__file__).parent / "template"
EXERCISES = '<h2 id="Exercises">Exercises</h2>\n'
START = Page("index.html", "", "CNN Blocks", "CNN Blocks", "", None)


@dataclass(frozen=True)
class Facts:
    """What every page says of the course.

    Attributes:
        version: of the course.
        torch: the version that the explorers were drawn with.
        author: as in pyproject.toml.
        address: of the repository, "https://github.com/ORG/REPO"; "" where it is not known.
    """

    version: str
    torch: str
    author: str
    address: str

    @classmethod
    def read(cls) -> "Facts":
        """From pyproject.toml, and from what is installed."""
        settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        project = settings["project"]
        return cls(
            project["version"],
            importlib.metadata.version("torch").partition("+")[0],
            project["authors"][0]["name"],
            settings["tool"]["cnn-blocks"]["address"],
        )


def environment() -> Environment:
    """The templates."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def framed(
    lessons: Sequence[Page],
    teaching: Sequence[Page],
    sentences: Mapping[str, str],
    formulas: Formulas,
    facts: Facts,
) -> Iterator[tuple[str, str]]:
    """The name and the HTML of every page, the start page first.

    Args:
        sentences: by the name of a notebook what it shows; one without is told by its opening.
        formulas: of all pages, set.
    """
    templates = environment()
    templates.globals |= {"facts": facts, "report": lambda page: report(page, facts)}
    start = templates.get_template("start.html.j2")
    rows = [(page, _sentence(sentences.get(Path(page.path).stem, page.opening))) for page in lessons]
    yield START.path, start.render(page=START, rows=rows, map=course_map.large())
    frame = templates.get_template("page.html.j2")
    for row in (lessons, teaching):
        for n, page in enumerate(row):
            html = frame.render(
                page=page,
                body=page.body.replace(EXERCISES, EXERCISES + where(page, facts.address)),
                before=row[n - 1] if n else None,
                after=row[n + 1] if n + 1 < len(row) else None,
                contents=[heading for heading in page.headings if heading.level == 2],
                neighbors=course_map.neighbors(page.chapter) if page.chapter else ([], []),
                map=course_map.small(page.chapter, page.root) if page.chapter else "",
                opens=opens(page, facts.address),
                lessons=lessons,
            )
            yield page.path, formulas.filled(html)


def _sentence(words: str) -> str:
    """What a table says of a notebook, as a sentence."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")


def opens(page: Page, address: str) -> str:
    """The end of a sentence on where a notebook runs, as HTML."""
    stem = Path(page.source).stem
    if not address:
        return (
            "you need the course on your computer. Type <code>make lab</code> in its folder, then open"
            f" <code>{stem}.ipynb</code>."
        )
    binder, colab = (badge(address, stem).rpartition("](")[2][:-1] for badge in (links.binder, links.colab))
    return (
        f'open the notebook <a href="{binder}">on Binder</a> or <a href="{colab}">on Colab</a>. Its file is'
        f' <a href="{address}/blob/{links.BRANCH}/{page.source}">on GitHub</a>.'
    )


def where(page: Page, address: str) -> str:
    """A sentence on where the exercises of a notebook are done, as HTML."""
    return (
        '<p class="note" data-pagefind-ignore>A checker runs your code, which this page cannot do.'
        f" To do the exercises, {opens(page, address)}</p>\n"
    )


def report(page: Page, facts: Facts) -> str:
    """Where a mistake on the page is reported; "" where the address is not known."""
    if not facts.address:
        return ""
    told = f"Page: {page.path}\nVersion: {facts.version}, with PyTorch {facts.torch}\n\nWhat is wrong:\n"
    issue = {"title": f"Mistake on the page {page.title}", "body": told}
    return f"{facts.address}/issues/new?{urlencode(issue)}"
