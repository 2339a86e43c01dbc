"""Every notebook as a static page shows it: nbconvert's HTML, without a kernel, in a browser.

Whatever the page asks for outside is refused and written down: only what nbconvert's own template wants (the
formulas' MathJax and its kin) may be asked. JupyterLab unrun is in test_in_lab.py.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlparse

import gallery
import lab
import nbformat
import pytest
from conftest import EACH, NOTEBOOKS, SAMPLE
from gallery import KERNEL, PIXEL, STILL
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page, Route

TEMPLATES = {"cdnjs.cloudflare.com", "cdn.jsdelivr.net", "unpkg.com"}  # MathJax, RequireJS, Mermaid
BADGES = {"mybinder.org", "colab.research.google.com"}  # pictures of the launch links
DEAD = re.compile(r"Traceback \(most|Error displaying|Loading widget|model not found|VBox\(|HBox\(")


def check(browser: Browser, path: Path, shots: Path) -> None:
    """Open the static page and raise AssertionError for the first thing that a reader would miss."""
    asked: set[str] = set()
    page = browser.new_page(viewport={"width": lab.WIDTH, "height": lab.HEIGHT})
    try:
        written = path.with_suffix(".html")
        written.write_text(HTMLExporter().from_filename(str(path))[0], encoding="utf-8")

        def refuse(route: Route) -> None:
            asked.add(urlparse(route.request.url).hostname or "")
            route.abort()

        page.route(lambda url: not url.startswith(("file:", "data:", "blob:")), refuse)
        page.goto(written.as_uri(), wait_until="load")
        check_page(page, nbformat.read(path, as_version=4))
        shots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=shots / "static.jpg", full_page=True)
        assert asked <= TEMPLATES | BADGES, f"asks for {sorted(asked - TEMPLATES - BADGES)}"
    finally:
        page.close()


def check_page(page: Page, notebook: nbformat.NotebookNode) -> None:
    body = page.locator("body").inner_text()
    assert not DEAD.search(body), f"the page says {DEAD.search(body)}"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = page.locator(".jp-CodeCell")
    assert shown.count() == len(code)
    for number, cell in enumerate(code):
        due = gallery.images(cell.outputs)
        images = shown.nth(number).locator("img")
        assert images.count() == due, f"code cell {number}: {images.count()} of {due} images"
        for image in images.all():
            width = image.evaluate("e => e.decode().then(() => e.getBoundingClientRect().width, () => 0)")
            assert width > 0, f"code cell {number}: an image is not shown"
    tables = sum(
        len(re.findall(r"^\|[ :|-]+\|$", c.source, re.MULTILINE))
        for c in notebook.cells
        if c.cell_type == "markdown"
    )
    assert page.locator(".jp-MarkdownCell table").count() == tables, "a table is not rendered"
    math = page.evaluate("() => !!document.querySelector('script[src*=athjax i], script[src*=MathJax]')")
    assert math, "nothing would render the formulas"


@pytest.mark.parametrize("path", EACH)
def test_static(browser: Browser, tmp_path: Path, path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    check(browser, copy, lab.SHOTS / path.stem)


# --- what CI opens

MARKS = (r"^\|[ :|-]+\|$", r"\$[^$]+\$", r"\$\$", "<details>", "^```", r"^check_\w+\(", "NBVAL_IGNORE_OUTPUT")


def kinds(path: Path) -> set[str]:
    """The kinds of things in a notebook: in its text and code, and of its outputs."""
    cells = nbformat.read(path, as_version=4).cells
    found = {mark for mark in MARKS for cell in cells if re.search(mark, cell.source, re.MULTILINE)}
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        data = output.get("data", {})
        images = re.findall(r"data:image/[\w+]+", data.get("text/html", ""))
        shown = {"explorer", "prediction"} & {*output.get("metadata", {}).get("cnn", {})}
        found |= {output.output_type, *data, *shown, *images}
    return found


def missing(sample: Iterable[str]) -> set[str]:
    """The kinds that a sample of the notebooks does not have."""
    every = {path.stem: kinds(path) for path in NOTEBOOKS}
    return set.union(*every.values()) - set.union(*(every[name] for name in sample))


def test_the_sample_has_every_kind_of_thing() -> None:
    assert missing(SAMPLE) == set()
    assert "<details>" in missing(["00_start_here"])
    assert "prediction" not in missing(["00_start_here"])


# --- the check itself: a page that passes, and what it must refuse

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n"
WRONG = {
    "": (STILL, TABLE),
    "an image is not shown": (STILL.replace(PIXEL, "AAAA"), TABLE),
    "the page says": ("Error displaying widget: model not found", TABLE),
    "asks for": (STILL, TABLE + "\n<img src='https://example.org/far.png'>"),
    "a table is not rendered": (STILL, "words\n" + TABLE.replace("| a | b |\n", "")),
}


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault or "right")
def test_checks(browser: Browser, tmp_path: Path, fault: str) -> None:
    stored, text = WRONG[fault]
    output = new_output("execute_result", {"text/html": stored, "text/plain": "three"}, execution_count=1)
    cells = [new_markdown_cell(text), new_code_cell("1", outputs=[output], execution_count=1)]
    path = tmp_path / "checks.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)
    if fault:
        with pytest.raises(AssertionError, match=fault):
            check(browser, path, tmp_path)
    else:
        check(browser, path, tmp_path)
