"""The structure of the notebooks: each rule of the house, and for each rule a notebook that breaks it.

nbval runs the cells and compares outputs; it lets a never-executed notebook pass, ignores pictures,
and knows no structure.
"""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests import ROOT
from tools import links
from tools.freeze import with_chain

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CONCEPTS = [path for path in NOTEBOOKS if path.stem != "00_start_here"]
SECTIONS = (
    "The question",
    "Try it",
    "Build it",
    "What it costs",
    "On real data",
    "Where it fails",
    "Exercises",
    "In one breath",
)
# What is not prose in Markdown, and how a line may begin: the mark of an item, words in bold.
NO_PROSE = re.compile(
    r"^```[\s\S]*?^```|\$\$[\s\S]*?\$\$|`[^`\n]+`|\$[^$\n]+\$|\]\([^)]*\)|<[^>]+>|^[|#].*$"
    r"|^ *(?:(?:[-*]|\d+\.) +)?(?:\*\*[^*\n]+\*\*|\*Deeper\.\*)?",
    re.MULTILINE,
)
NO_END = r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bcf)(?<!\bFig)(?<!\bet al)(?<!\bDr)(?<!\.\.)"
LINE_FAULTS = {
    "more than one sentence in the line": re.compile(NO_END + r"[.?!][)\"”*_]* +(?=\S)"),
    "a sentence goes on after the line": re.compile(r"[\w,]\n *[a-z]"),
}
WIDGET = "application/vnd.jupyter.widget-view+json"

Rule = Callable[[NotebookNode], Iterator[str]]


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    return ((cell, output) for cell in code(notebook) for output in cell.outputs)


def headings(notebook: NotebookNode, level: int) -> list[str]:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)


def one_title_and_the_sections_in_order(notebook: NotebookNode) -> Iterator[str]:
    if len(headings(notebook, 1)) != 1:
        yield f"there must be one title, got {headings(notebook, 1)}"
    if headings(notebook, 2) != list(SECTIONS):
        yield f"the sections must be {list(SECTIONS)}, got {headings(notebook, 2)}"


def one_sentence_a_line(notebook: NotebookNode) -> Iterator[str]:
    for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
        prose = NO_PROSE.sub(lambda found: re.sub(r"[^\n]", "·", found[0]), cell.source)
        for fault, pattern in LINE_FAULTS.items():
            for found in pattern.finditer(prose):
                start = prose.rfind("\n", 0, found.start()) + 1
                yield f"cell {cell.id}: {fault} {cell.source[start:].partition(chr(10))[0]!r}"


def executed_in_order(notebook: NotebookNode) -> Iterator[str]:
    counts = [cell.execution_count for cell in code(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the execution counts must be 1 to {len(counts)}, got {counts}"


def short_cells(notebook: NotebookNode) -> Iterator[str]:
    cells = [cell for cell in notebook.cells if links.SETUP not in cell.metadata.get("tags", ())]
    if len(cells) > 35:
        yield f"at most 35 cells beside the setup cell, got {len(cells)}"
    for cell in code(notebook):
        if (lines := cell.source.count("\n") + 1) > 15:
            yield f"cell {cell.id}: at most 15 lines of code, got {lines}"


def no_widget_stored(notebook: NotebookNode) -> Iterator[str]:
    if "widgets" in notebook.metadata:
        yield "metadata.widgets must not be stored: GitHub refuses the file"
    for cell, output in outputs(notebook):
        if WIDGET in output.get("data", ()):
            yield f"cell {cell.id}: a widget view must not be stored; run make notebooks"


def no_errors_no_stderr_no_bars(notebook: NotebookNode) -> Iterator[str]:
    for cell, output in outputs(notebook):
        text = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
        if output.output_type == "error" or output.get("name") == "stderr" or re.search(r"\d+%\|", text):
            yield f"cell {cell.id}: an error, stderr or a progress bar is stored"


def no_trailing_semicolon(notebook: NotebookNode) -> Iterator[str]:
    # nbval runs cells without history, where a trailing semicolon silences nothing.
    for cell in code(notebook):
        if cell.source.rstrip().endswith(";"):
            yield f"cell {cell.id}: ends in a semicolon; write _ = ..."


def no_timings_stored(notebook: NotebookNode) -> Iterator[str]:
    for cell, output in outputs(notebook):
        text = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
        if re.search(r"\d(\.\d+)? ?m?s\b", text) and "NBVAL_IGNORE_OUTPUT" not in cell.source:
            yield f"cell {cell.id}: a measured time is compared; mark the cell NBVAL_IGNORE_OUTPUT"


def stills_with_a_sentence(notebook: NotebookNode) -> Iterator[str]:
    for cell, output in outputs(notebook):
        data = output.get("data", {})
        pictured = "image/png" in data or "<img" in data.get("text/html", "")
        sentence = data.get("text/plain", "")
        if pictured and (len(sentence) < 20 or sentence.startswith("<")):
            yield f"cell {cell.id}: a picture is stored without a sentence, got {sentence!r}"
        if "<img" in (html := data.get("text/html", "")) and not re.search(r'<img[^>]+alt="[^"]{20,}"', html):
            yield f"cell {cell.id}: an <img> without alternative text"


def explorer_has_a_still(notebook: NotebookNode) -> Iterator[str]:
    section = ""
    stills = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (
            found := re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE)
        ):
            section = found[-1]
        if section == "Try it" and cell.cell_type == "code":
            data = [output.get("data", {}) for output in cell.outputs]
            stills += any("image/png" in d or "<img" in d.get("text/html", "") for d in data)
    if not stills:
        yield "section Try it must hold an explorer with its still"


def predictions_are_folded(notebook: NotebookNode) -> Iterator[str]:
    shown = [o for _, o in outputs(notebook) if "<details" in o.get("data", {}).get("text/html", "")]
    if len(shown) < 2:
        yield f"at least two predictions, each stored as a folded <details>, got {len(shown)}"


def exercises_with_checker_and_solution(notebook: NotebookNode) -> Iterator[str]:
    found = exercises(notebook)
    if not 3 <= len(found) <= 5:
        yield f"three to five exercises, got {len(found)}"
    for title, stub, solution in found:
        if stub is not None and not re.search(r"^check_\w+\(\w+\)$", stub.source.splitlines()[-1]):
            yield f"exercise {title!r}: the code must end in check_...(answer)"
        if solution is None:
            yield f"exercise {title!r}: a folded solution (<details>, <summary>Solution) is missing"
        if stub is not None and solution is not None and "```python" not in solution:
            yield f"exercise {title!r}: the solution must hold its code in a ```python block"


def nothing_from_outside(notebook: NotebookNode) -> Iterator[str]:
    for cell in code(notebook):
        for word in (
            "torchvision",
            "timm",
            "sklearn",
            "urllib",
            "requests",
            "!pip",
            "plt.",
            "pyplot",
            "Output(",
        ):
            if re.search(rf"(^|\W){re.escape(word)}", cell.source):
                yield f"cell {cell.id}: {word} must not be used: a notebook needs only the installed package"


class Exercise(NamedTuple):
    """A `### ` heading in section Exercises, its code cell, and its folded solution."""

    title: str
    stub: NotebookNode | None
    solution: str | None


def exercises(notebook: NotebookNode) -> list[Exercise]:
    found: list[Exercise] = []
    section = ""
    for cell in notebook.cells:
        if cell.cell_type == "code" and section == "Exercises" and found and found[-1].stub is None:
            found[-1] = found[-1]._replace(stub=cell)
        if cell.cell_type == "code":
            continue
        for text in re.split(r"^(?=##)", cell.source, flags=re.MULTILINE):  # a cell may hold two sections
            for mark, heading in re.findall(r"\A(##|###) (.+)$", text, flags=re.MULTILINE):
                section = heading if mark == "##" else section
                if mark == "###" and section == "Exercises":
                    found.append(Exercise(heading, None, None))
            folded = re.search(r"<summary>(?:Solution|A model answer).*?</details>", text, re.DOTALL)
            if folded and found and section == "Exercises":
                found[-1] = found[-1]._replace(solution=folded.group())
    return found


def sample() -> NotebookNode:
    """A small notebook that keeps every rule."""
    still = {"image/png": "aGk=", "text/plain": "24 channels in, 144 inside, 24 out: 8,832 parameters."}
    folded = {
        "text/html": "<details><summary>Predict</summary></details>",
        "text/plain": "A prediction: how many?",
    }
    parts: list[NotebookNode] = [new_markdown_cell("# A block\n\nOne sentence.")]
    for section in SECTIONS:
        parts.append(new_markdown_cell(f"## {section}"))
        if section in ("The question", "On real data"):
            parts.append(new_code_cell("Prediction()", outputs=[new_output("execute_result", folded)]))
        if section == "Try it":
            parts.append(new_code_cell("explorer()", outputs=[new_output("execute_result", still)]))
        if section == "Exercises":
            for n in range(3):
                parts.append(new_markdown_cell(f"### {n}. Do"))
                parts.append(new_code_cell("answer = None\ncheck_it(answer)"))
                text = "<details><summary>Solution</summary>\n\n```python\nanswer = 1\n```\n</details>"
                parts.append(new_markdown_cell(text))
    notebook = new_notebook(cells=parts)
    for count, cell in enumerate(code(notebook), 1):
        cell.execution_count = count
    return notebook


def cell_with(notebook: NotebookNode, text: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if text in cell.source)


def with_output(notebook: NotebookNode, output: NotebookNode) -> None:
    cell_with(notebook, "answer = None").outputs = [output]


BREAKS: dict[str, tuple[Rule, Callable[[NotebookNode], object]]] = {
    "two titles": (one_title_and_the_sections_in_order, lambda n: n.cells.append(new_markdown_cell("# B"))),
    "a section missing": (
        one_title_and_the_sections_in_order,
        lambda n: n.cells.remove(cell_with(n, "## Try it")),
    ),
    "sections swapped": (one_title_and_the_sections_in_order, lambda n: n.cells.reverse()),
    "two sentences in a line": (one_sentence_a_line, lambda n: n.cells[0].update(source="One. `Two` it is.")),
    "two in an item": (one_sentence_a_line, lambda n: n.cells[0].update(source="1. **On.** One? *Two.*")),
    "a sentence in two lines": (one_sentence_a_line, lambda n: n.cells[0].update(source="One goes\non.")),
    "never executed": (executed_in_order, lambda n: code(n)[0].update(execution_count=None)),
    "executed out of order": (executed_in_order, lambda n: code(n)[0].update(execution_count=7)),
    "a long cell": (short_cells, lambda n: code(n)[0].update(source="x = 1\n" * 16)),
    "too many cells": (short_cells, lambda n: n.cells.extend(new_markdown_cell("a") for _ in range(36))),
    "widget metadata": (no_widget_stored, lambda n: n.metadata.update(widgets={})),
    "a widget view": (no_widget_stored, lambda n: with_output(n, new_output("display_data", {WIDGET: {}}))),
    "stderr": (
        no_errors_no_stderr_no_bars,
        lambda n: with_output(n, new_output("stream", name="stderr", text="!")),
    ),
    "an error": (
        no_errors_no_stderr_no_bars,
        lambda n: with_output(n, new_output("error", ename="E", evalue="")),
    ),
    "a bar": (
        no_errors_no_stderr_no_bars,
        lambda n: with_output(n, new_output("display_data", {"text/plain": "  0%|          | 0/5"})),
    ),
    "a semicolon": (no_trailing_semicolon, lambda n: code(n)[0].update(source="f();")),
    "a time compared": (
        no_timings_stored,
        lambda n: with_output(n, new_output("stream", text="took 12.3 ms")),
    ),
    "a picture alone": (
        stills_with_a_sentence,
        lambda n: with_output(n, new_output("display_data", {"image/png": "", "text/plain": "<Figure>"})),
    ),
    "no alternative text": (
        stills_with_a_sentence,
        lambda n: with_output(
            n,
            new_output(
                "display_data", {"text/html": "<img src=''>", "text/plain": "a sentence of some length"}
            ),
        ),
    ),
    "no still": (explorer_has_a_still, lambda n: cell_with(n, "explorer()").update(outputs=[])),
    "one prediction": (predictions_are_folded, lambda n: cell_with(n, "Prediction()").update(outputs=[])),
    "two exercises": (exercises_with_checker_and_solution, lambda n: n.cells.remove(cell_with(n, "### 1"))),
    "no checker": (
        exercises_with_checker_and_solution,
        lambda n: cell_with(n, "check_it").update(source="answer = None"),
    ),
    "no solution": (
        exercises_with_checker_and_solution,
        lambda n: cell_with(n, "<summary>Solution").update(source="later"),
    ),
    "torchvision": (nothing_from_outside, lambda n: code(n)[0].update(source="import torchvision")),
}
RULES = list(dict.fromkeys(rule for rule, _ in BREAKS.values()))
FOR_ALL = [
    one_sentence_a_line,
    executed_in_order,
    short_cells,
    no_widget_stored,
    no_errors_no_stderr_no_bars,
    no_trailing_semicolon,
    no_timings_stored,
    stills_with_a_sentence,
    nothing_from_outside,
    predictions_are_folded,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_sample_keeps_every_rule(rule: Rule) -> None:
    assert list(rule(sample())) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_notebook_is_refused(name: str) -> None:
    rule, damage = BREAKS[name]
    notebook = copy.deepcopy(sample())
    damage(notebook)
    assert list(rule(notebook)), f"{rule.__name__} must refuse: {name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", FOR_ALL, ids=lambda rule: rule.__name__)
def test_every_notebook_keeps(rule: Rule, path: Path) -> None:
    assert list(rule(nbformat.read(path, as_version=4))) == []


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule not in FOR_ALL], ids=lambda rule: rule.__name__
)
def test_every_concept_keeps(rule: Rule, path: Path) -> None:
    assert list(rule(nbformat.read(path, as_version=4))) == []


@pytest.mark.parametrize(
    "text",
    [
        "See e.g. Figure 1 (Howard et al. 2017) vs. Fig. 2 ... Done.",
        "1. **Stride 2.** One: 1.5 of them.\n   Two, in `a. B`, $a. B$ and [a](b. C).",
        "# A. B\n\n| A. B |\n\n```python\nx = 1.\nfor a. b\n```\n$$a. B$$\nwith a.",
        "<details><summary title='a. B'>One.</summary>\n\nOne.\n</details>",
    ],
)
def test_what_is_no_second_sentence_is_left_alone(text: str) -> None:
    assert list(one_sentence_a_line(new_notebook(cells=[new_markdown_cell(text)]))) == []


def test_the_message_shows_the_line() -> None:
    cell = new_markdown_cell("One.\n\n- Two. Three.\n- Four.", id="a")
    (found,) = one_sentence_a_line(new_notebook(cells=[cell]))
    assert found == "cell a: more than one sentence in the line '- Two. Three.'"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small(path: Path) -> None:
    assert path.stat().st_size < 500_000


@pytest.mark.parametrize("path", CONCEPTS, ids=lambda path: path.stem)
def test_the_chain_is_that_of_the_records(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0].source
    wrong = first.replace("residual →", "residuals →")
    assert with_chain(first, path.stem) == with_chain(wrong, path.stem) == first != wrong
