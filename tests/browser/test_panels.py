"""Every explorer and every prediction once, on one page: by mouse, by the Tab key, and how they look.

Pictures of each, in the light and the dark theme and in a narrow window, go to artefacts/browser/panels/.
"""

from collections.abc import Callable, Iterator

import gallery
import lab
import looks
import pytest
from panels import CHOICE, CHOSEN, CONTROLS, Panel
from playwright.sync_api import Browser

NARROW = 700
SHOTS = lab.SHOTS / "panels"


@pytest.fixture(scope="module")
def page(browser: Browser, running: lab.Server) -> Iterator[lab.NotebookPage]:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with lab.opened(browser, running, gallery.NAME) as opened:
        opened.run_all()
        yield opened
        assert opened.faults == []


def panel(page: lab.NotebookPage, name: str) -> Panel:
    return Panel(page.code_cell(1 + gallery.PANELS.index(name)).locator(lab.LIVE), name)


# The checks


def check_mouse(panel: Panel) -> None:
    panel.by_mouse()


def check_tab(panel: Panel) -> None:
    """The Tab key reaches every control in turn, and each answers to its keys there."""
    controls = panel.root.locator(CONTROLS)
    reached = 0
    for control in panel.by_tab():
        reached += 1
        if control.evaluate("e => e.matches('.noUi-handle, input')"):
            panel.press(control)
        elif control.evaluate(f"e => e.matches('{CHOICE}:not({CHOSEN})')"):
            row = control.locator("xpath=..").locator("button")
            stood = row.evaluate_all("(all, chosen) => all.findIndex(e => e.matches(chosen))", CHOSEN)
            panel.need(lambda control=control: control.press("Space"), "Space on", control)  # type: ignore[misc]
            back = row.nth(stood)
            panel.need(lambda back=back: back.press("Space"), "Space on", back)  # type: ignore[misc]
            control.focus()
    assert reached == controls.count(), f"{panel.name}: Tab reaches {reached} of {controls.count()} controls"


def check_access(panel: Panel) -> None:
    for fault in (looks.unnamed, looks.violations):
        assert fault(panel) == [], panel.name
    panel.check_words()


def ugly(panel: Panel) -> list[str]:
    """What is hard to read."""
    checks = looks.pale, looks.clipped, looks.tiny
    return [f"{panel.name}: {check.__name__}: {fault}" for check in checks for fault in check(panel)]


@pytest.mark.parametrize("name", gallery.PANELS)
def test_access(page: lab.NotebookPage, name: str) -> None:
    check_access(panel(page, name))


@pytest.mark.parametrize("name", gallery.EXPLORERS)
@pytest.mark.parametrize("check", [check_tab, check_mouse])
def test_explorer(page: lab.NotebookPage, check: Callable[[Panel], None], name: str) -> None:
    check(panel(page, name))


@pytest.mark.parametrize("name", gallery.PREDICTIONS)
def test_prediction(page: lab.NotebookPage, name: str) -> None:
    asked = panel(page, name)
    for choice in asked.by_tab():
        asked.need(lambda choice=choice: choice.press("Space"), "Space on", choice)  # type: ignore[misc]
    for choice in asked.controls():
        asked.need(choice.click, "a click on", choice)


LOOKS = {
    "light": lambda page: page.window(lab.WIDTH, side_bar=True),
    "dark": lambda page: page.theme("JupyterLab Dark"),
    "narrow": lambda page: page.theme("JupyterLab Light") or page.window(NARROW, side_bar=False),
}


@pytest.mark.parametrize("look", LOOKS)
def test_looks(page: lab.NotebookPage, look: str) -> None:
    LOOKS[look](page)
    faults = []
    for name in gallery.PANELS:
        shown = panel(page, name)
        shown.root.screenshot(path=SHOTS / f"{name}-{look}.png")
        faults += ugly(shown)
    assert faults == []
