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
                launches=launches(page, facts.address),
                lessons=lessons,
            )
            yield page.path, formulas.filled(html)


def _sentence(words: str) -> str:
    """What a table says of a notebook, as a sentence."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")


def launches(page: Page, address: str) -> list[tuple[str, str]]:
    """Where a notebook opens without an installation: the places by name, and their addresses."""
    if not address or not page.source.endswith(".ipynb"):
        return []
    stem = Path(page.source).stem
    badges = (("Binder", links.binder), ("Colab", links.colab))
    return [(place, badge(address, stem).rpartition("](")[2][:-1]) for place, badge in badges]


def where(page: Page, address: str) -> str:
    """A sentence on where the exercises of a notebook are done, as HTML."""
    places = "".join(f', or <a href="{url}">on {name}</a>' for name, url in launches(page, address))
    return (
        '<p class="note" data-pagefind-ignore>A checker runs your code, which this page cannot do.'
        f" To do the exercises, open <code>{page.source}</code> in JupyterLab{places}.</p>\n"
    )


def report(page: Page, facts: Facts) -> str:
    """Where a mistake on the page is reported; "" where the address is not known."""
    if not facts.address:
        return ""
    told = f"Page: {page.path}\nVersion: {facts.version}, with PyTorch {facts.torch}\n\nWhat is wrong:\n"
    issue = {"title": f"Mistake on the page {page.title}", "body": told}
    return f"{facts.address}/issues/new?{urlencode(issue)}"
