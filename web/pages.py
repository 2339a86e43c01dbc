"""The pages of the site, as they are read: each stored notebook, and each page of TEACHING.

What answers on a page is put round what is stored: a still stays readable where nothing runs.
"""

import ast
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.filters.ansi import ansi2html
from nbformat import NotebookNode

from course import chapters
from course.kit.drawing.theme import dark
from course.kit.record import Chapter
from tools import links
from web import stills, stored, text, wording

ROOT = Path(__file__).resolve().parent.parent
STATIC = Path(__file__).parent / "static"  # goes onto the site as it is
TOUCH = ROOT / "course" / "kit" / "panel" / "touch.js"  # the same file; its own module takes ipywidgets along
TITLE = re.compile(r"\A# (.+)\n+")
STOPS = (
    '<p class="note" data-pagefind-ignore>On this page a slider stops at chosen values.'
    " The notebook has all of them.</p>"
)
FOR_TESTS = re.compile(r"^# NBVAL_.*\n", re.MULTILINE)  # a remark in code that no reader needs
ROW = re.compile(
    r"^\| \[[^]]*\]\((\w+)\.ipynb\) \| (.+) \|$", re.MULTILINE
)  # what a table says of a notebook


@dataclass
class Page:
    """A page of the site.

    Attributes:
        path: on the site, "06_inverted_residual.html".
        source: in the repository, "notebooks/06_inverted_residual.ipynb".
        title, heading: the heading of the page, without markup and as HTML.
        opening: the first sentence of its text, without markup.
        chapter: whose notebook or TEACHING page it is; None for the first page of TEACHING.
        body: all below the heading, as HTML with places for formulas.
        headings: those in the body.
        lives: what answers on it: explorers by their key, predictions by their name.
    """

    path: str
    source: str
    title: str
    heading: str
    opening: str
    chapter: Chapter | None
    body: str = ""
    headings: list[text.Heading] = field(default_factory=list)
    lives: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        """From the page to the site's folder."""
        return "../" * self.path.count("/")


class Reader:
    """Reads notebooks and TEACHING as pages.

    Args:
        site: the folder that the pictures are written into.
        folders: by the key of an explorer its folder in `site`/atlas; with None each looks for its.
        address: of the repository, "https://github.com/ORG/REPO"; "" where it is not known.

    Attributes:
        formulas: of all pages.
        sentences: by the name of a notebook what the start page's table says that it shows.
        stills: by the key of an explorer the first still of it.
        unused: what a page would say in other words, and no notebook has said so far.
    """

    def __init__(self, site: Path, folders: Mapping[str, str] | None, address: str) -> None:
        self.formulas = text.Formulas()
        self.sentences: dict[str, str] = {}
        self.stills: dict[str, str] = {}
        self.unused = set(wording.INSTEAD)
        self._site, self._folders, self._address = site, folders, address
        self._chapters = {chapter.notebook: chapter for chapter in chapters()}

    def notebook(self, path: Path) -> Page:
        """The page of a stored notebook.

        Raises:
            ValueError: an explorer that it shows has no folder, or a link leads nowhere.
        """
        notebook = nbformat.read(path, as_version=4)
        links.set_up(notebook, "", path.stem)  # the setup cell is Colab's
        first, *cells = notebook.cells
        source = f"notebooks/{path.name}"
        begun = links.BADGES.sub("", self._said(first, source))
        page, rest = self._begun(begun, f"{path.stem}.html", source)
        pieces = [self.markdown(rest, page)]
        for cell in cells:
            if cell.cell_type == "markdown":
                self.sentences.update(ROW.findall(self._said(cell, source)))
                pieces.append(self.words(cell, page))
            else:
                pieces.append(self._code(cell, page))
        page.body = "\n".join(pieces)
        return page

    def teaching(self, path: Path) -> Page:
        """A page of TEACHING.

        Raises:
            ValueError: a link leads nowhere.
        """
        main = path.stem == "TEACHING"
        name = "teaching/index.html" if main else f"teaching/{path.stem}.html"
        source = f"notebooks/{'' if main else 'teaching/'}{path.name}"
        page, rest = self._begun(path.read_text(encoding="utf-8"), name, source)
        page.body = self.markdown(rest, page)
        return page

    def _begun(self, markdown: str, path: str, source: str) -> tuple[Page, str]:
        """A page without its body, and the text below its title."""
        title = TITLE.match(markdown)
        if title is None:
            raise ValueError(f"{source}: it must begin with its title, '# ...', got {markdown[:40]!r}.")
        rest = markdown[title.end() :]
        html, (heading,) = text.html(title[0], self.formulas, self._link(source, path))
        opening = re.sub(r"[*`]", "", rest.lstrip().partition("\n")[0])  # a sentence a line, in all texts
        chapter = self._chapters.get(Path(source).stem)
        return Page(
            path, source, heading.text, re.sub("</?h1[^>]*>", "", html).strip(), opening, chapter
        ), rest

    def words(self, cell: NotebookNode, page: Page) -> str:
        """A Markdown cell as HTML, in a page's words.

        Raises:
            ValueError: a link leads nowhere, or other words need a kernel.
        """
        return self.markdown(self._said(cell, page.source), page)

    def _said(self, cell: NotebookNode, source: str) -> str:
        """A Markdown cell in a page's words."""
        self.unused -= {words for words in self.unused if words in cell.source}
        return wording.on_page(cell.source, f"{source}, cell {cell.id}")

    def markdown(self, source: str, page: Page) -> str:
        """Markdown as HTML; its headings become the page's."""
        html, headings = text.html(source, self.formulas, self._link(page.source, page.path))
        page.headings += headings
        return html

    def _code(self, cell: NotebookNode, page: Page) -> str:
        """A code cell and its outputs."""
        code = text.colored(FOR_TESTS.sub("", cell.source))
        if _imports_only(cell.source):
            code = f"<details><summary>What the code on this page imports</summary>\n{code}</details>\n"
        return f'<div class="cell" id="{cell.id}">\n{code}{self.outputs(cell, page)}</div>\n'

    def outputs(self, cell: NotebookNode, page: Page, shaped: Callable[[str], str] = str) -> str:
        """The outputs of a code cell, with what makes them answer; `shaped` is what a page makes of HTML."""
        pieces = []
        for output in cell.outputs:
            data, what = output.get("data", {}), output.get("metadata", {}).get("cnn", {})
            if "text/html" in data:
                html = stills.as_files(shaped(data["text/html"]), self._site, page.root)
                if "explorer" in what:
                    html = self._explorer(what, html, page)
                elif "prediction" in what:
                    page.lives.append(what["prediction"])
                    # A search must not give away what is asked.
                    room = f' room="{what["room"]}"' if "room" in what else ""
                    opening = f'<cnn-prediction name="{what["prediction"]}" data-pagefind-ignore{room}>'
                    html = f"{opening}{html}</cnn-prediction>"
                pieces.append(f'<div class="shown">{html}</div>\n')
            elif "text/markdown" in data:
                pieces.append(self.markdown(data["text/markdown"], page))
            else:
                printed = ansi2html(data.get("text/plain") or output.text).rstrip()
                pieces.append(f'<pre class="printed" tabindex="0" data-pagefind-ignore>{printed}</pre>\n')
        return "".join(pieces)

    def _explorer(self, what: Mapping[str, Any], still: str, page: Page) -> str:
        """The still, in what makes it answer; a link leads to the first of a key on a page."""
        key = stored.key_of(what["explorer"], what["variant"])
        name, _, variant = key.partition(".")
        source = note = ""
        if self._folders is not None:
            if key not in self._folders:
                raise ValueError(
                    f"{page.source}: an explorer that is shown must have a folder, got none for {key}."
                )
            source = f' src="{page.root}atlas/{self._folders[key]}/"'
            note = STOPS if self._folders.keys().isdisjoint(page.lives) else ""  # once on a page
        attributes = f' variant="{variant}"' if variant else ""
        attributes += "" if key in page.lives else f' id="{key}"'
        page.lives.append(key)
        self.stills.setdefault(key, still)
        return f'<cnn-explorer name="{name}"{attributes}{source}>{still}</cnn-explorer>{note}'

    def _link(self, source: str, path: str) -> text.Link:
        """What a link leads to, from what stands in the text of `source`, which is the page `path`."""

        def link(url: str) -> str | None:
            target, _, anchor = url.partition("#")
            if not target or re.match(r"[a-z]+:", url):
                return url
            file = (ROOT / source).parent.joinpath(target).resolve()
            if not file.exists() or ROOT not in file.parents:
                raise ValueError(f"{source}: a link must lead to a file of the repository, got {url}.")
            inside = file.relative_to(ROOT).as_posix()
            if made := on_site(inside):
                return "../" * path.count("/") + made + ("#" + anchor if anchor else "")
            kind = "tree" if file.is_dir() else "blob"
            return f"{self._address}/{kind}/{links.BRANCH}/{inside}" if self._address else None

        return link


def _imports_only(code: str) -> bool:
    try:
        return all(isinstance(part, ast.Import | ast.ImportFrom) for part in ast.parse(code).body)
    except SyntaxError:  # a line for the shell
        return False


def on_site(path: str) -> str | None:
    """Where a file of the repository is on the site; None for one that is not there."""
    if path in ("notebooks/TEACHING.md", "notebooks/teaching"):
        return "teaching/index.html"
    found = re.fullmatch(r"notebooks/(?:(\w+)\.ipynb|(teaching/\w+)\.md)", path)
    return f"{found[1] or found[2]}.html" if found else None


def read(notebooks: Path, reader: Reader) -> tuple[list[Page], list[Page]]:
    """The pages of all notebooks of a folder, and those of its TEACHING, in their order.

    Raises:
        ValueError: one cannot be shown, or no notebook has words that a page says otherwise.
    """
    lessons = [reader.notebook(path) for path in sorted(notebooks.glob("*.ipynb"))]
    if reader.unused:
        raise ValueError(f"web/wording.py: no notebook says {sorted(reader.unused)}. Take them out there.")
    paths = [notebooks / "TEACHING.md", *sorted((notebooks / "teaching").glob("*.md"))]
    return lessons, [reader.teaching(path) for path in paths]


def write_static(site: Path) -> None:
    """Write what goes onto the site as it is: style sheets, scripts, the page for a frame.

    The script for clicks and motion is the notebooks' own, and so are the colors of dark pictures.
    """
    for path in STATIC.iterdir():
        shutil.copyfile(path, site / path.name)
    (site / "cnn-touch.js").write_bytes(TOUCH.read_bytes())
    with (site / "cnn.css").open("a", encoding="utf-8") as sheet:
        sheet.write(dark_pictures())


def dark_pictures() -> str:
    """The style sheet of live pictures on a dark page, which a reader's system or a button asks for."""
    asked, chosen = ':root:not([data-theme="light"])', ':root[data-theme="dark"]'
    picture = "cnn-explorer .cnn-picture"
    return (
        f"\n@media screen and (prefers-color-scheme: dark) {{{dark(f'{asked} {picture}')}}}\n"
        f"@media screen {{{dark(f'{chosen} {picture}')}}}\n"
    )
