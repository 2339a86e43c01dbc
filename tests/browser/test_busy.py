"""Controls that are moved while a cell runs: they answer, and the cell's result is right.

`make lab` keeps them waiting for the cell (jupyterlab/). JupyterLab's own default, which Binder has, runs
them in a second thread beside it: there both run at once.
"""

from pathlib import Path

import gallery
import lab
import pytest
from panels import Panel
from playwright.sync_api import Browser

MOVED = ("channel_expansion", "parameter_savings", "gradients_at_start")
WORK = """
import torch
from blocks.experiments import on_digits, residual
from blocks.explorers import EXPLORERS

def work():
    torch.manual_seed(0)
    numbers = []
    for seed in range(4):
        row, trained = on_digits.run("", lambda: residual.network("residual", 10), seed, train=300, epochs=2)
        numbers += [row, sum(p.double().sum().item() for p in trained.parameters())]
        numbers += [torch.randn(5000).sum().item() for _ in range(500)]
    return numbers

usual = work()
"""
PATIENCE = 20_000  # milliseconds: longer than the cell
SETTING = "/lab/api/settings/@jupyterlab/apputils-extension:kernels-settings"


def check(page: lab.NotebookPage, last: str) -> None:
    """Run all cells but the last, then move panels while that one runs: its output must be `last`."""
    page.run_all()
    page.page.evaluate(
        """() => {
            const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
            notebook.activeCellIndex = notebook.widgets.length - 1;
            window.finished = false;
            app.commands.execute('notebook:run-cell').then(() => { window.finished = true; });
        }"""
    )
    page.page.wait_for_timeout(300)
    assert not page.page.evaluate("() => window.finished"), "the cell did not run long enough"
    for number, root in enumerate(page.page.locator(".cnn-explorer").all()):
        panel = Panel(root, f"panel {number}")
        control = panel.root.locator(".noUi-handle, button:not(.mod-active)").first
        key = "ArrowRight" if root.locator(".noUi-handle").count() else "Space"
        assert panel.step(lambda c=control, k=key: c.press(k), "a busy kernel", patience=PATIENCE), (  # type: ignore[misc]
            f"panel {number} does not answer while a cell runs"
        )
    page.page.wait_for_function("() => window.finished", timeout=60_000)
    outputs = page.code_cells()[-1]["outputs"]
    assert "".join("".join(output.get("text", output)) for output in outputs) == last
    assert page.faults == []


@pytest.mark.parametrize("setting", ["disabled", "perCommTarget"])
def test_moved_while_a_cell_runs(browser: Browser, running: lab.Server, folder: Path, setting: str) -> None:
    cells = [WORK, *(f"EXPLORERS[{name!r}]()" for name in MOVED), "print(work() == usual)"]
    gallery.write_cells(folder / "busy.ipynb", *cells)
    running.put(SETTING, {"raw": f'{{"commsOverSubshells": "{setting}"}}'})
    try:
        with lab.opened(browser, running, "busy.ipynb") as page:
            check(page, "True\n")
    finally:
        running.put(SETTING, {"raw": "{}"})


PANEL = """
import time
import ipywidgets as widgets
slider, picture = widgets.IntSlider(3, 0, 10), widgets.HTML("<svg width='30' aria-label='3'></svg>")
message = widgets.HTML("3").add_class("cnn-message")
box = widgets.VBox([slider, picture, message]).add_class("cnn-explorer")
_ = picture.add_class("cnn-picture")
moved = [0]
def move(change):
    moved[0] += 1
    message.value = str(change["new"])
    picture.value = f"<svg width='{change['new']}0' aria-label='{change['new']}'></svg>"
slider.observe(move, "value")
box
"""
WAIT = "before = moved[0]\nfor _ in range(30):\n    time.sleep(0.1)\nprint(moved[0] == before)"
WRONG = {"does not answer": PANEL.replace("slider.observe", "(lambda *_: 0)"), "False": PANEL}


@pytest.mark.parametrize("fault", WRONG)
def test_checks(
    browser: Browser, running: lab.Server, folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(Panel, "check_words", lambda _: None)
    gallery.write_cells(folder / "busy.ipynb", WRONG[fault], WAIT)
    running.put(SETTING, {"raw": '{"commsOverSubshells": "perCommTarget"}'})
    try:
        with lab.opened(browser, running, "busy.ipynb") as page, pytest.raises(AssertionError, match=fault):
            check(page, "True\n")
    finally:
        running.put(SETTING, {"raw": "{}"})
