"""Run again and again, a cell keeps what it shows now, and nothing of what it showed before."""

import gc
import os
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from ipywidgets.widgets.widget import _instances as open_widgets
from jupyter_client.manager import start_new_kernel
from traitlets.config import Config

from course import EXPLORERS
from course.kit.panel import Explorer, lifetime, progress
from course.kit.panel import explorer as explorer_module
from course.residual.predictions import predict_depth
from tests import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module", autouse=True)
def _frozen() -> Iterator[None]:
    """What other tests left, millions of objects, is not looked through at every collection."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


# --- outside of a cell


def check_gone(make: Callable[[], Any]) -> None:
    """What nobody names is gone, and its widgets are closed."""
    gc.collect()
    before = set(open_widgets)
    made = make()
    made._repr_mimebundle_()
    known = weakref.ref(made)
    assert set(open_widgets) > before
    del made
    gc.collect()
    assert known() is None, "something still holds it"
    assert set(open_widgets) == before, "widgets are left open"


@pytest.mark.parametrize("name", sorted(EXPLORERS))
def test_an_explorer_that_nobody_names_is_gone(name: str) -> None:
    check_gone(EXPLORERS[name])


def test_a_prediction_that_nobody_names_is_gone() -> None:
    check_gone(predict_depth)


def test_a_callback_that_holds_its_explorer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer_module, "weak", lambda method, *arguments: lambda _: method(*arguments))
    with pytest.raises(AssertionError, match="still holds it"):
        check_gone(EXPLORERS["rank_dial"])


def test_widgets_left_open_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "_close", lambda widget: widget.close())
    with pytest.raises(AssertionError, match="left open"):
        check_gone(EXPLORERS["rank_dial"])


# --- in cells


class Cells:
    """A shell whose cells show explorers, as a front end that names its cells runs them, or does not."""

    def __init__(self) -> None:
        self._made: list[weakref.ref[Explorer[Any]]] = []
        config = Config({"HistoryManager": {"enabled": False}})
        self.shell = InteractiveShell.instance(
            config=config, user_ns={"make": self._make, "display": display}
        )

    def _make(self) -> Explorer[Any]:
        made = EXPLORERS["rank_dial"]()
        self._made.append(weakref.ref(made))
        return made

    def run(self, code: str, cell: str | None = None) -> None:
        self.shell.run_cell(code, store_history=True, cell_id=cell).raise_error()

    def alive(self) -> int:
        """How many of its explorers there are."""
        return sum(known() is not None for known in self._made)


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cells]:
    gc.collect()
    made = Cells()
    monkeypatch.setattr(lifetime, "_shown", {})
    monkeypatch.setattr(lifetime, "_now", [])
    yield made
    made.shell.reset()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("cell", ["one", None])
@pytest.mark.parametrize("code", ["make()", "display(make())"])
def test_a_cell_that_is_run_again_shows_one(cells: Cells, code: str, cell: str | None) -> None:
    cells.run(code, cell)
    widgets = len(open_widgets)
    for _ in range(5):
        cells.run(code, cell)
    assert (cells.alive(), len(open_widgets)) == (1, widgets)


def test_each_cell_keeps_its_own(cells: Cells) -> None:
    for _ in range(2):
        cells.run("make()", "one")
        cells.run("make()", "two")
        cells.run("for n in range(3): display(make())", "three")
    assert cells.alive() == 5
    cells.run("1", "three")
    assert cells.alive() == 2


def test_what_the_reader_names_stays(cells: Cells) -> None:
    cells.run("mine = make()", "one")
    cells.run("mine", "two")
    cells.run("1", "two")
    assert cells.alive() == 1
    cells.run("mine.set({name: c.value for name, c in mine.controls.items()}); mine", "two")
    assert cells.shell.user_ns["mine"]._widget.comm is not None
    cells.run("mine = make()", "one")
    assert cells.alive() == 2
    cells.run("mine", "two")
    assert cells.alive() == 1


def test_what_two_cells_show_stays_for_the_second(cells: Cells) -> None:
    cells.run("mine = make(); mine", "one")
    cells.run("mine", "two")
    cells.run("mine = 1", "one")
    assert cells.alive() == 1
    cells.run("1", "two")
    assert cells.alive() == 0


def test_progress_bars_do_not_pile_up(cells: Cells) -> None:
    cells.shell.user_ns["progress"] = progress
    code = "moves = progress('training')\nmoves(1, 2)\nmoves(2, 2)"
    cells.run(code, "one")
    widgets = len(open_widgets)
    cells.run(code, "one")
    cells.run(code, "one")
    assert len(open_widgets) == widgets


def test_without_the_hook_all_are_kept(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "_forget", lambda *_: None)
    for _ in range(3):
        cells.run("make()", "one")
    assert cells.alive() == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_two_cells_that_show_are_alike(path: Path) -> None:
    """Where a front end does not name its cells (Voila), the second is taken for the first, run again."""
    cells = nbformat.read(path, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code" and cell.outputs]
    assert len(set(sources)) == len(sources)


# --- in a kernel

HEAVY = "from course.networks import what_the_network_sees\nwhat_the_network_sees()"


@pytest.mark.slow
def test_the_kernel_does_not_grow() -> None:
    manager, client = start_new_kernel(env=os.environ | {"OMP_NUM_THREADS": "1"})
    try:
        process = psutil.Process(manager.provisioner.pid)
        sizes = []
        for _ in range(8):
            reply = client.execute_interactive(HEAVY, timeout=120, output_hook=lambda _: None)
            assert reply["content"]["status"] == "ok", reply["content"]
            sizes.append(process.memory_info().rss / 1e6)
        assert (sizes[-1] - sizes[1]) / 6 < 5, sizes  # of the 25 MB that one holds
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
