"""Markdown and code as HTML: links that fit the site, formulas set when the site is built.

Notebooks' Markdown is read by nbconvert's own reader, so it means what it means in JupyterLab. That reader
also takes formulas out before it looks for anything else, and never out of code.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String

SCRIPT = Path(__file__).with_name("formulas.cjs")
FROM_NPM = Path(__file__).resolve().parent.parent / "build" / "npm" / "node_modules"
# What stands in the style sheet; other kinds of tokens have the color of the text
KINDS = {
    "c": (Comment,),
    "k": (Keyword, Operator.Word),
    "s": (String,),
    "m": (Number,),
    "f": (Name.Function, Name.Class, Name.Decorator),
}
SCROLLS = '<div class="scrolls" tabindex="0" role="group" aria-label="{}">'  # sideways, where it is too wide
_PLACE = re.compile("\ue000([0-9]+)\ue001")  # private characters: no text holds them
# What KaTeX puts round its MathML, and the TeX within it, which a search would find
_EXTRA = re.compile("<annotation.*?</annotation>|</?(?:semantics|span)[^>]*>", re.DOTALL)

WORDS = "Words"  # so begins the heading of the word list: each bold text in its table is a term
_TERM = re.compile("<strong>(.*?)</strong>")

Link = Callable[[str], str | None]


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its level, its id (as JupyterLab makes it), its text without markup."""

    level: int
    id: str
    text: str


class Formulas:
    """All formulas of a site: each leaves a place where it stood, and all are set with one call of node."""

    def __init__(self) -> None:
        self._found: list[tuple[str, bool]] = []
        self._set: list[str] = []

    def place(self, tex: str, *, display: bool) -> str:
        """What stands for this formula until it is set."""
        self._found.append((unescape(tex).strip(), display))
        return f"\ue000{len(self._found) - 1}\ue001"

    def set(self) -> None:
        """Set all that were found.

        Raises:
            ValueError: one cannot be read; the message holds it.
        """
        self._set = mathml(self._found)

    def filled(self, html: str) -> str:
        """The HTML with every formula in its place, once they are set."""
        return _PLACE.sub(lambda place: self._set[int(place[1])], html)

    def told(self, html: str) -> str:
        """The HTML with the TeX of every formula in its place, for texts that hold no markup."""
        return _PLACE.sub(lambda place: escape(self._found[int(place[1])][0]), html)


def mathml(formulas: Sequence[tuple[str, bool]]) -> list[str]:
    """KaTeX's MathML for each formula (its TeX, and whether it stands on a line of its own).

    MathML needs no font, no script and no style sheet on the page.

    Raises:
        ValueError: KaTeX cannot read one; the message holds it.
    """
    done = subprocess.run(
        ["node", str(SCRIPT)],  # noqa: S607 node is where PATH has it
        input=json.dumps(formulas),
        env=os.environ | {"NODE_PATH": str(FROM_NPM)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ValueError(f"mathml: each formula must be TeX that KaTeX reads, got {done.stderr.strip()}")
    found = [_EXTRA.sub("", one) for one in json.loads(done.stdout)]
    return [
        f'<span class="formula" tabindex="0" role="group" aria-label="Formula">{one}</span>'
        if display
        else one
        for one, (_, display) in zip(found, formulas, strict=True)
    ]


class _Renderer(IPythonRenderer):
    """HTML as this site wants it."""

    def __init__(self, formulas: Formulas, link: Link) -> None:
        super().__init__(escape=False)
        self.headings: list[Heading] = []
        self._formulas, self._link = formulas, link

    def inline_math(self, body: str) -> str:
        return self._formulas.place(body, display=False)

    def block_math(self, body: str) -> str:
        return self._formulas.place(body, display=True)

    def heading(self, text: str, level: int, **attrs: object) -> str:
        plain = unescape(re.sub("<[^>]+>", "", self._formulas.told(text)))
        self.headings.append(Heading(level, re.sub(r"\s+", "-", plain), plain))
        return f'<h{level} id="{escape(self.headings[-1].id)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        target = self._link(url)
        return text if target is None else super().link(text, target, title)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        raise ValueError(f"text: pictures must be outputs of cells, got the picture {url} in Markdown.")

    def table(self, text: str) -> str:
        return f"{SCROLLS.format('Table')}<table>\n{text}</table></div>\n"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        if self.headings and self.headings[-1].text.startswith(WORDS):
            text = _TERM.sub(lambda term: f'<strong id="{anchor(term[1])}">{term[1]}</strong>', text)
        # A head without words is none: a screen reader would say an empty one with every cell below it.
        kind = "th" if head and text.strip() else "td"
        style = f' style="text-align:{align}"' if align else ""
        return f"<{kind}{style}>{text}</{kind}>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return colored(code, (info or "text").split()[0])


def html(markdown: str, formulas: Formulas, link: Link) -> tuple[str, list[Heading]]:
    """Markdown as HTML with places for its formulas, and its headings.

    Args:
        link: the address on the site for one in the text; None leaves the words without a link.

    Raises:
        ValueError: there is a picture in it.
    """
    renderer = _Renderer(formulas, link)
    return MarkdownWithMath(renderer=renderer).render(markdown), renderer.headings


def anchor(term: str) -> str:
    """What a link to a term of the word list leads to: "word-top-1-error"."""
    return "word-" + re.sub("[^a-z0-9]+", "-", term.lower()).strip("-")


def colored(code: str, language: str = "python") -> str:
    """Code as HTML; its colors stand in the style sheet."""
    spans = "".join(_spans(code, language))
    return f'<pre class="code" tabindex="0" data-pagefind-ignore><code>{spans}</code></pre>\n'


def _spans(code: str, language: str) -> Iterator[str]:
    for token, words in get_lexer_by_name(language).get_tokens(code.strip("\n")):
        kind = next((kind for kind, tokens in KINDS.items() if any(token in one for one in tokens)), "")
        yield (
            f'<span class="{kind}">{escape(words, quote=False)}</span>'
            if kind
            else escape(words, quote=False)
        )
