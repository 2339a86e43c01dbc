"""Every notebook in JupyterLab in a browser: unrun and untrusted, then run; each explorer answers to a key.

Every control of every explorer is moved in test_panels.py.
Screenshots go to artefacts/browser/, for people to look at.
"""

import json
import re
from pathlib import Path

import lab
import nbformat
import pytest
from conftest import NOTEBOOKS
from gallery import KERNEL, PANEL
from lab import SHOTS
from nbformat.v4 import new_code_cell, new_notebook, new_output
from panels import FIRST, Panel
from playwright.sync_api import Browser

DEAD = re.compile("Error displaying widget|Loading widget|Error creating widget")


def check(page: lab.NotebookPage, shots: Path) -> None:
    """Raise AssertionError for the first thing that a reader would miss."""
    with_picture = cells_with_picture(page)
    page.photograph(shots, "unrun")
    page.run_all()
    check_outputs(page)
    for number in range(len(page.code_cells())):
        live = page.code_cell(number).locator(lab.LIVE)
        if live.count():
            assert number in with_picture, f"code cell {number}: nothing to see while it is unrun"
    move_each(page, shots)
    page.photograph(shots, "run")
    assert page.faults == []


def cells_with_picture(page: lab.NotebookPage) -> set[int]:
    """The numbers of the code cells that show an image, or a folded text, without having been run."""
    assert not DEAD.search(page.page.locator(".jp-NotebookPanel").inner_text())
    shown = set()
    for number, cell in enumerate(page.code_cells()):
        output = page.code_cell(number).locator(".jp-OutputArea")
        images, folded = output.locator("img"), output.locator("details")
        stored = [output.get("data", {}) for output in cell["outputs"]]
        due = sum("image/png" in data for data in stored) + json.dumps(stored).count("<img ")
        # JupyterLab renders stored outputs after the page is there: wait for the last of them.
        for locator, count in ((images, due), (folded, json.dumps(stored).count("<details"))):
            if count:
                locator.nth(count - 1).wait_for(state="attached", timeout=5000)
        for image in images.all():
            image.scroll_into_view_if_needed()
            width = "e => e.decode().then(() => e.getBoundingClientRect().width, () => 0)"
            assert image.evaluate(width) > 0, f"code cell {number}: an image is not shown"
        if images.count() or folded.count():
            shown.add(number)
    return shown


def check_outputs(page: lab.NotebookPage) -> None:
    for number, cell in enumerate(page.code_cells()):
        assert cell["execution_count"] is not None, f"code cell {number} was not run"
        for output in cell["outputs"]:
            assert output["output_type"] != "error", (
                f"code cell {number}: {output['ename']}: {output['evalue']}"
            )
            assert output.get("name") != "stderr", f"code cell {number}: {output['text']}"
    assert not DEAD.search(page.page.locator(".jp-NotebookPanel").inner_text())


def move_each(page: lab.NotebookPage, shots: Path) -> None:
    for number, root in enumerate(page.page.locator(".cnn-explorer").all(), 1):
        panel = Panel(root, f"explorer {number}")
        control = root.locator(FIRST).first
        control.focus()
        panel.press(control)
        root.screenshot(path=shots / f"explorer-{number}.png")
    for number, root in enumerate(page.page.locator(".cnn-prediction").all(), 1):
        panel = Panel(root, f"prediction {number}")
        panel.press(panel.controls()[0])
        root.screenshot(path=shots / f"prediction-{number}.png")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(browser: Browser, running: lab.Server, path: Path) -> None:
    with lab.opened(browser, running, path.name) as page:
        check(page, SHOTS / path.stem)


# --- the checks themselves: a notebook that passes, and what each must refuse

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
STILL = f"<img alt='three' src='data:image/png;base64,{PIXEL}'>"
WRONG = {
    "": (PANEL, STILL),
    "unrun": (PANEL, "a sentence only"),
    "not shown": (PANEL, "<img alt='three' src='data:image/png;base64,AAAA'>"),
    "ZeroDivisionError": (PANEL + "1 / 0", STILL),
    "a warning": ("import sys; _ = sys.stderr.write('a warning')\n" + PANEL, STILL),
    "is not the alternative text": (PANEL.replace("message.value = words", "message.value = 'four'"), STILL),
    "flickers": (
        PANEL.replace(
            "    picture.value", "    import time; picture.value = ''; time.sleep(0.1)\n    picture.value"
        ),
        STILL,
    ),
    "change nothing": (PANEL.replace("slider.observe", "(lambda *_: None)"), STILL),
}


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault or "right")
def test_checks(browser: Browser, running: lab.Server, folder: Path, tmp_path: Path, fault: str) -> None:
    source, stored = WRONG[fault]
    output = new_output("execute_result", {"text/html": stored, "text/plain": "three"}, execution_count=1)
    cell = new_code_cell(source, outputs=[output], execution_count=1)
    nbformat.write(new_notebook(cells=[cell], metadata=KERNEL), folder / "checks.ipynb")
    with lab.opened(browser, running, "checks.ipynb") as page:
        if fault:
            with pytest.raises(AssertionError, match=fault):
                check(page, tmp_path)
        else:
            check(page, tmp_path)
