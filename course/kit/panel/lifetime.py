"""How long an explorer or a prediction lives: while the output of a cell shows it, or the reader names it.

ipywidgets keeps every widget until it is closed, and IPython every result of a cell. So a cell that is run
again and again would keep the pictures and maps of all its runs, tens of megabytes each.
"""

import gc
import re
import weakref
from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython

_KEPT_BY_ITSELF = re.compile(r"_{1,3}|_\d+")  # IPython's own names for results
_now: list[Any] = []  # what was shown since the last cell ended
_shown: dict[str, list[Any]] = {}  # by cell, what its output shows


def weak(method: Callable[..., object], *arguments: Any) -> Callable[[Any], None]:
    """A widget's callback: calls the method with `arguments`, and does not keep its object alive."""
    known = weakref.WeakMethod(method)

    def call(_: Any) -> None:
        if (alive := known()) is not None:
            alive(*arguments)

    return call


def close_with(panel: object, widget: Any) -> None:
    """Close the widget and all its parts when the panel is gone."""
    weakref.finalize(panel, _close, widget).atexit = False  # at the kernel's end nobody is left to be told


def keep(panel: object) -> None:
    """Keep what a cell shows until that cell is run again; outside IPython nothing is kept."""
    shell = get_ipython()
    if shell is None:
        return
    if _cell_ended not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _cell_ended)
    _now.append(panel)


def _cell_ended(result: Any) -> None:
    """Let go of what the cell that has just ended showed before."""
    # Front ends that do not say which cell they run: two cells of the same text are one then.
    cell = getattr(result.info, "cell_id", None) or result.info.raw_cell
    before = _shown.pop(cell, [])
    if _now:
        _shown[cell] = _now.copy()
        _now.clear()
    still_shown = {id(panel) for panels in _shown.values() for panel in panels}
    gone = {id(panel) for panel in before} - still_shown
    if gone:
        del before
        _forget(get_ipython(), gone)
        gc.collect()  # figures and widgets are circles, and Python does not count how many bytes they hold


def _forget(shell: Any, gone: set[int]) -> None:
    """Take panels, by id, out of what IPython keeps by itself; the reader's own names keep theirs."""
    results = shell.user_ns["_oh"]
    for number in [number for number, result in results.items() if id(result) in gone]:
        del results[number]
    for names in shell.all_ns_refs:
        for name in [name for name, result in names.items() if id(result) in gone]:
            if _KEPT_BY_ITSELF.fullmatch(name):
                del names[name]
    for name in ("_", "__", "___"):
        if id(getattr(shell.displayhook, name)) in gone:
            setattr(shell.displayhook, name, None)


def _close(widget: Any) -> None:
    parts = (
        *getattr(widget, "children", ()),
        getattr(widget, "style", None),
        getattr(widget, "layout", None),
    )
    for part in filter(None, parts):
        _close(part)
    widget.close()
