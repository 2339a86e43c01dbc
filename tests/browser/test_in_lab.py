"""Every notebook in JupyterLab in a browser: unrun, not trusted and trusted, then run; each explorer answers.

Every control of every explorer is moved in test_panels.py.
Screenshots go to artifacts/browser/, for people to look at.
"""

import json
import re
from contextlib import nullcontext
from pathlib import Path

import gallery
import lab
import nbformat
import pytest
from conftest import EACH
from gallery import KERNEL, PANEL, STILL
from lab import SHOTS
from nbformat.v4 import new_code_cell, new_notebook, new_output
from panels import Panel

DEAD = re.compile("Error displaying widget|Loading widget|Error creating widget")


def check(page: lab.NotebookPage, shots: Path) -> None:
    """Raise AssertionError for the first thing that a reader would miss."""
    with_picture = cells_with_picture(page)
    page.trust()  # the author's view: a stored widget would be "Error displaying widget"
    assert cells_with_picture(page) == with_picture
    page.run_all()
    check_outputs(page)
    for number in range(len(page.code_cells())):
        live = page.code_cell(number).locator(lab.LIVE)
        if live.count():
            assert number in with_picture, f"code cell {number}: nothing to see while it is unrun"
    move_each(page, shots)
    page.photograph(shots, "run")
    assert page.faults == []


# Stored outputs are rendered after the cells are built, and again when they are trusted: wait for them.
_STILLS = """async dues => {
    const shown = [];
    const cells = document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell');
    for (const [number, [images, folded]] of dues.entries()) {
        const find = kind => [...cells[number].querySelectorAll('.jp-OutputArea ' + kind)];
        for (let turn = 0; find('img').length < images || find('details').length < folded; turn += 1) {
            if (turn > 200) return `code cell ${number}: of ${images} images ${find('img').length} are there`;
            await new Promise(next => setTimeout(next, 50));
        }
        for (const image of find('img')) {
            image.scrollIntoView();
            const decoded = await image.decode().then(() => true, () => false);
            if (!decoded || !image.getBoundingClientRect().width)
                return `code cell ${number}: an image is not shown`;
        }
        if (find('img, details').length) shown.push(number);
    }
    return shown;
}"""


def cells_with_picture(page: lab.NotebookPage) -> list[int]:
    """The numbers of the code cells that show an image, or a folded text, without having been run."""
    stored = [cell["outputs"] for cell in page.code_cells()]
    due = [(gallery.images(outputs), json.dumps(outputs).count("<details")) for outputs in stored]
    found = page.page.evaluate(_STILLS, due)
    assert not (dead := DEAD.search(page.page.locator(".jp-NotebookPanel").inner_text())), dead
    assert isinstance(found, list), found
    return found


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
        Panel(root, f"explorer {number}").press_first()
        root.screenshot(path=shots / f"explorer-{number}.jpg")
    for number, root in enumerate(page.page.locator(".cnn-prediction").all(), 1):
        panel = Panel(root, f"prediction {number}")
        panel.press(panel.controls()[0])
        root.screenshot(path=shots / f"prediction-{number}.jpg")


@pytest.mark.parametrize("path", EACH)
def test_notebook(jupyterlab: lab.NotebookPage, path: Path) -> None:
    jupyterlab.go(path.name)
    check(jupyterlab, SHOTS / path.stem)


# --- the checks themselves: a notebook that passes, and what each must refuse

VIEW = "application/vnd.jupyter.widget-view+json"
DEAD_VIEW = {VIEW: {"model_id": "gone", "version_major": 2, "version_minor": 0}}
WRONG = {
    "": (PANEL, STILL),
    "unrun": (PANEL, "a sentence only"),
    "Error displaying widget": (f"display({DEAD_VIEW}, raw=True)\n{PANEL}", STILL),
    "not shown": (PANEL, "<img alt='three' src='data:image/png;base64,AAAA'>"),
    "ZeroDivisionError": (PANEL + "1 / 0", STILL),
    "a warning": ("import sys; _ = sys.stderr.write('a warning')\n" + PANEL, STILL),
    "is not the alternative text": (PANEL.replace("message.value = words", "message.value = 'four'"), STILL),
    "flickers": (
        PANEL.replace(
            "    picture.value", "    import time; picture.value = ''; time.sleep(0.3)\n    picture.value"
        ),
        STILL,
    ),
    "change nothing": (PANEL.replace("slider.observe", "(lambda *_: None)"), STILL),
}


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault or "right")
def test_checks(jupyterlab: lab.NotebookPage, folder: Path, tmp_path: Path, fault: str) -> None:
    source, still = WRONG[fault]
    output = new_output("execute_result", {"text/plain": "three", "text/html": still}, execution_count=1)
    cell = new_code_cell(source, outputs=[output], execution_count=1)
    nbformat.write(new_notebook(cells=[cell], metadata=KERNEL), folder / "checks.ipynb")
    jupyterlab.go("checks.ipynb")
    with pytest.raises(AssertionError, match=fault) if fault else nullcontext():
        check(jupyterlab, tmp_path)
