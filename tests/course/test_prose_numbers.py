"""A number in a notebook's prose is shown by an output, stands in the code, or names its table.

The light form: what looks like a result (a decimal point, a thousands comma, a per cent sign, three
digits or more) must occur, with the same digits, in an output or the code of the same section or of one
before it, or stand in a paragraph that names the table, figure or section of a paper. Sizes (224 x 224),
names (ResNet-50), years, links, formulas and `code` are no results, nor is what is folded away; what an
exercise sets is a definition.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course.kit.training.data import digits
from tests import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+"
SOURCE = re.compile(
    r"\b(?:tables?|figures?|sections?|appendix|appendices) (?:[A-Z]?\d|[A-Z]\b)", re.IGNORECASE
)
# What no reader takes for a result: each is taken out before numbers are looked for.
NO_RESULTS = (
    r"<details.*?</details>",
    r"```.*?```",
    r"`[^`]*`",
    r"\$\$.*?\$\$",
    r"\$[^$\n]*\$",
    r"\]\([^)]*\)",  # a link's address
    r"https?://\S+",
    r"(?:arXiv|doi)[: ]*\S+",
    r"\b(?:19|20)\d\d\b(?![,.]?\d)",  # a year
    rf"(?:{NUMBER})(?: ?[x×] ?(?:{NUMBER}))+",  # a size
    r"\b[A-Za-z]+\d*[-\u2011]\d+\b",  # a name: ResNet-50
    r"\b(?:[vV]\d+\.\d+|(?<!section )\d+\.\d+\.\d+)\b",  # a version: v1.5, 2.13.0
)


# What the package fixes and every notebook may say: how many digits there are to train and to test on.
IMAGES = len(digits()[0])
KNOWN = {str(count) for train in (300, 1400) for count in (train, IMAGES - train)}


def results(text: str) -> list[str]:
    """The numbers of a paragraph that look like results, as written."""
    found = []
    for match in re.finditer(rf"(?<![\w.,])({NUMBER})( ?%)?(?!\w)", text):
        number, percent = match.group(1), match.group(2)
        if percent or "." in number or "," in number or len(number) >= 3:
            found.append(number)
    return found


def numbers(text: str) -> set[str]:
    """All numbers of an output or of code, without thousands commas and closing zeros."""
    return {plain(number) for number in re.findall(NUMBER, text.replace("_", ""))}


def plain(number: str) -> str:
    digits = number.replace(",", "")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def paragraphs(markdown: str) -> list[str]:
    """Paragraphs and list items, what is no result taken out; a table belongs to the paragraph above it."""
    for pattern in NO_RESULTS:
        markdown = re.sub(pattern, " ", markdown, flags=re.DOTALL)
    markdown = re.sub(r"^(\s*)\d+\. ", r"\1- ", markdown, flags=re.MULTILINE)
    markdown = re.sub(r"\n\s*\n(?=\|)", "\n", markdown)
    return re.split(r"\n\s*\n|\n(?=\s*[-*] )", markdown)


def shown(cell: NotebookNode) -> set[str]:
    """The numbers that a code cell shows: its code, its outputs, and what a prediction's options say."""
    texts = [cell.source]
    for output in cell.outputs:
        texts += [output.get("text", ""), str(output.get("data", {}).get("text/plain", ""))]
    return set().union(*map(numbers, texts))


def without_a_source(notebook: NotebookNode, name: str) -> Iterator[str]:
    """Each number that nothing shows, in words that say where it stands and what to do."""
    seen, section = set(KNOWN), "the title"
    waiting: list[str] = []  # the section's paragraphs: an output may also stand below them
    for cell in notebook.cells:
        if cell.cell_type == "code":
            seen |= shown(cell)
            continue
        for text in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            if heading := re.match(r"## (.+)", text):
                yield from _complaints(waiting, seen, f"{name}, section {section!r}")
                section, waiting = heading.group(1), []
            waiting += paragraphs(text) if section != "Exercises" else []
    yield from _complaints(waiting, seen, f"{name}, section {section!r}")


def _complaints(texts: list[str], seen: set[str], where: str) -> Iterator[str]:
    for paragraph in texts:
        for number in [] if SOURCE.search(paragraph) else results(paragraph):
            if plain(number) not in seen:
                yield (
                    f"{where}: nothing shows {number} in “{_near(paragraph, number)}”. Print it in a cell of"
                    " the section, name its table, figure or section of the paper in the same paragraph, or"
                    " leave it out."
                )


def _near(paragraph: str, number: str) -> str:
    """The sentence that holds the number."""
    sentences = re.split(r"(?<=[.:;?!])\s+", " ".join(paragraph.split()))
    return next((sentence for sentence in sentences if number in sentence), sentences[0])


def notebook_with(text: str, *, printed: str = "8,832 parameters, 3.30 points") -> NotebookNode:
    """A small notebook with one section, whose cell prints `printed` above the prose `text`."""
    cell = new_code_cell("block = Block(24)", outputs=[new_output("stream", text=printed)])
    return new_notebook(
        cells=[new_markdown_cell("# A block\n\n## What it costs"), cell, new_markdown_cell(text)]
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_number_in_the_prose_is_shown_or_has_its_source(path: Path) -> None:
    assert list(without_a_source(nbformat.read(path, as_version=4), path.stem)) == []


@pytest.mark.parametrize(
    "text",
    [
        "It has 8,832 parameters.",
        "It is ahead by 3.3 points.",
        "On 24 channels and a map of 224 x 224.",
        "ResNet-500 of 2015, torch 2, `x[123]`, $n = 1{,}000$, [a paper](https://arxiv.org/abs/1801.04381).",
        "Its top-1 is 70.6 % (table 4 of the paper).",
        "It needs 31.5 million steps (section 4.2.2).",
        "Trained on 300 and tested on 1,497 digits.",
        "<details><summary>Solution</summary>\n\n9,999\n</details>",
        "Top-1 error (table 3 of the paper):\n\n| a | 12.5 % |\n|---|---|",
        "1. First, do this.\n2. Then that.",
    ],
)
def test_a_sound_sentence_is_left_alone(text: str) -> None:
    assert list(without_a_source(notebook_with(text), "a")) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It has 8,823 parameters.", "8,823"),
        ("It is ahead by 3.4 points.", "3.4"),
        ("It saves 40 % of them.", "40"),
        ("It is shown by 186912 weights.", "186912"),
        ("- one: 8,832\n- two: 9,999", "9,999"),
        ("Its top-1 is 70.6 %.\n\nThe paper has a table 4.", "70.6"),  # the source stands elsewhere
        ("| name | error |\n|---|---|\n| ours | 12.5 % |", "12.5"),
    ],
)
def test_a_number_from_nowhere_is_found(text: str, number: str) -> None:
    (found,) = without_a_source(notebook_with(text), "a")
    assert f"nothing shows {number} in" in found
    assert "section 'What it costs'" in found


def test_a_number_shown_only_in_a_later_section_is_found() -> None:
    notebook = notebook_with("Later it is 777.")
    notebook.cells += [new_markdown_cell("## Next"), new_code_cell("print(777)")]
    assert list(without_a_source(notebook, "a"))
