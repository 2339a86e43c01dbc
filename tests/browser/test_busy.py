"""Controls that are moved while a cell runs: they answer, and the cell's result is right.

`make lab` keeps them waiting for the cell (jupyterlab/). JupyterLab's own default, which Binder has, runs
them in a second thread beside it: there both run at once.
"""

from contextlib import nullcontext
from pathlib import Path

import gallery
import lab
import pytest
from gallery import PANEL
from panels import FIRST, Panel
from playwright.sync_api import Browser

MOVED = ("channel_expansion", "parameter_savings", "gradients_at_start")
WORK = """
import torch
from course import EXPLORERS
from course.kit.training import experiments
from course.residual import experiment as residual

def work():
    torch.manual_seed(0)
    numbers = []
    for seed in range(4):
        build = lambda: residual.network("residual", 10)
        row, trained = experiments.run("", build, seed, train=300, epochs=2)
        numbers += [row, sum(p.double().sum().item() for p in trained.parameters())]
        numbers += [torch.randn(5000).sum().item() for _ in range(500)]
    return numbers

usual = work()
"""
PATIENCE = 20_000  # milliseconds: longer than the cell
SETTING = "/lab/api/settings/@jupyterlab/apputils-extension:kernels-settings"


def check(page: lab.NotebookPage, last: str, *, patience: float = PATIENCE) -> None:
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
        panel = Panel(root, f"panel {number}", patience=3 * patience)  # a third of it for each key
        try:
            panel.press(panel.controls(FIRST)[0])
        except AssertionError as fault:
            if "change nothing" not in str(fault):
                raise
            raise AssertionError(f"panel {number} does not answer while a cell runs") from fault
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


WAIT = "import time; time.sleep(3); print({})"  # True is right
WRONG = {
    "": (PANEL, True),
    "does not answer": (PANEL.replace("slider.observe", "(lambda *_: 0)"), True),
    "False": (PANEL, False),
}


@pytest.mark.parametrize("fault", WRONG, ids=lambda fault: fault or "right")
def test_checks(jupyterlab: lab.NotebookPage, folder: Path, fault: str) -> None:
    panel, result = WRONG[fault]
    gallery.write_cells(folder / "busy.ipynb", panel, WAIT.format(result))
    jupyterlab.go("busy.ipynb")
    with pytest.raises(AssertionError, match=fault) if fault else nullcontext():
        check(jupyterlab, "True\n", patience=PATIENCE / 4)
