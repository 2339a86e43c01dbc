"""Every explorer and every prediction once, on one page: by mouse, by the Tab key, and how they look.

In CI every control is moved by the keyboard, those of some explorers by mouse, too, and of the predictions,
which are all alike, one is looked at. The rest is slow.

Pictures of each, in the light and the dark theme and in a narrow window, go to artifacts/browser/panels/.
"""

from collections.abc import Callable, Collection, Iterable, Iterator

import gallery
import lab
import looks
import pytest
from panels import CHOICE, CHOSEN, Panel
from playwright.sync_api import Browser, Page

NARROW = 700
SHOTS = lab.SHOTS / "panels"
BY_MOUSE = ("channel_expansion", "slope_dial")  # all kinds of controls; diagrams and images
OTHERS = gallery.PREDICTIONS[1:]


def some(names: Iterable[str], slow: Collection[str]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.slow if name in slow else ()) for name in names]


@pytest.fixture(scope="module")
def page(browser: Browser, running: lab.Server) -> Iterator[lab.NotebookPage]:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with lab.opened(browser, running, gallery.NAME) as opened:
        opened.run_all()
        yield opened
        assert opened.faults == []


def panel(page: lab.NotebookPage, name: str) -> Panel:
    """The panel of that name; the others are hidden, for the browser goes through all that is on a page."""
    number = 1 + gallery.PANELS.index(name)
    page.page.evaluate(
        """number => {
            const cells = document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell');
            cells.forEach((cell, n) => { cell.style.display = n === number ? '' : 'none'; });
        }""",
        number,
    )
    return Panel(page.code_cell(number).locator(lab.LIVE), name)


# The checks


def check_mouse(panel: Panel) -> None:
    panel.by_mouse()


def check_tab(panel: Panel) -> None:
    """The Tab key reaches every control in turn, and each answers to its keys; of a row of choices, one."""
    other = f"{CHOICE}:not({CHOSEN})"
    reached, there = 0, len(panel.controls())
    for control in panel.by_tab():
        reached += 1
        if control.evaluate("e => e.matches('.noUi-handle, input')"):
            panel.press(control)
        elif control.evaluate(f"e => e === e.parentElement.querySelector('{other}')"):
            back = control.query_selector(f"xpath=../button[contains(@class, '{CHOSEN.lstrip('.')}')]")
            assert back
            panel.need(lambda control=control: control.press("Space"), "Space on", control)  # type: ignore[misc]
            assert looks.unpressed(panel) == [], panel.name
            panel.need(lambda back=back: back.press("Space"), "Space on", back)  # type: ignore[misc]
            control.focus()
    assert reached == there, f"{panel.name}: Tab reaches {reached} of {there} controls"
    for preset in panel.presets(lambda last: last.press("Space")):
        panel.need(lambda preset=preset: preset.press("Space"), "Space on", preset)  # type: ignore[misc]


def check_access(panel: Panel) -> None:
    """What a screen reader finds in the panel."""
    for fault in (looks.unnamed, looks.unpressed, looks.violations):
        assert fault(panel) == [], panel.name
    panel.check_words()


def ugly(panel: Panel) -> list[str]:
    """What is hard to read."""
    texts = looks.texts(panel)
    found = {"pale": looks.pale(texts), "clipped": looks.clipped(panel), "tiny": looks.tiny(texts)}
    return [f"{panel.name}: {kind}: {fault}" for kind, faults in found.items() for fault in faults]


@pytest.mark.parametrize("name", some(gallery.PANELS, OTHERS))
def test_access(page: lab.NotebookPage, name: str) -> None:
    check_access(panel(page, name))


@pytest.mark.parametrize("name", gallery.EXPLORERS)
def test_explorer_by_tab(page: lab.NotebookPage, name: str) -> None:
    check_tab(panel(page, name))


@pytest.mark.parametrize("name", some(gallery.EXPLORERS, set(gallery.EXPLORERS) - set(BY_MOUSE)))
def test_explorer_by_mouse(page: lab.NotebookPage, name: str) -> None:
    check_mouse(panel(page, name))


@pytest.mark.parametrize("name", some(gallery.PREDICTIONS, OTHERS))
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


@pytest.mark.parametrize("others", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("look", LOOKS)
def test_looks(page: lab.NotebookPage, look: str, others: bool) -> None:
    LOOKS[look](page)
    faults = []
    for name in OTHERS if others else (*gallery.EXPLORERS, *gallery.PREDICTIONS[:1]):
        shown = panel(page, name)
        if not others:
            shown.element.screenshot(path=SHOTS / f"{name}-{look}.jpg")
        faults += ugly(shown)
    assert faults == []


# --- the checks themselves: a panel that passes, and what each must refuse

RIGHT = """
<style> svg { display: block } #track { width: 300px } #handle { width: 20px; height: 20px } </style>
<main><div class="cnn-explorer">
  <div class="widget-inline-hbox" id="track"><div class="line"><div class="place">
    <div class="noUi-handle" id="handle" role="slider" tabindex="0" aria-label="width" aria-valuenow="3">
    </div>
  </div></div></div>
  <div class="widget-toggle-buttons"><button class="widget-toggle-button">one</button>
  <button class="widget-toggle-button">two</button></div>
  <input type="number" aria-label="height" min="1" max="9" value="4">
  <div class="cnn-picture"></div><div class="cnn-message" style="color: #333"></div>
</div></main>
<script>
  const find = name => document.querySelector(name), buttons = [...document.querySelectorAll('button')];
  const handle = find('#handle'), box = find('input');
  let width = 3, chosen = 0, held = false;
  const show = () => {
    const words = `${width} wide, ${box.value} high, choice ${chosen}`;
    find('.cnn-picture').innerHTML = `<svg role="img" aria-label="${words}" width="400" height="60">
      <rect width="400" height="60" fill="#ffffff"/>
      <text x="9" y="40" fill="#333333" font-size="14">${words}</text></svg>`;
    find('.cnn-message').textContent = words;
  };
  handle.addEventListener('keydown', event => {
    width += {ArrowRight: 1, ArrowLeft: -1}[event.key] || 0;
    show();
  });
  handle.addEventListener('pointerdown', () => { held = true; });
  addEventListener('pointerup', () => { held = false; });
  addEventListener('pointermove', event => { if (held) { width = event.x; show(); } });
  box.addEventListener('change', show);
  const choose = n => buttons.forEach((one, m) => {
    one.classList.toggle('mod-active', n === m); one.ariaPressed = n === m;
  });
  buttons.forEach((one, n) => one.addEventListener('click', () => { choose(n); chosen = n; show(); }));
  choose(0); show();
</script>
"""


def check_looks(panel: Panel) -> None:
    assert ugly(panel) == []


def check_way_out(panel: Panel) -> None:
    assert len(list(panel.by_tab())) == len(panel.controls())


CHECKS = check_mouse, check_tab, check_way_out, check_access, check_looks
# what is replaced, by what, the check that must refuse it, and what it must say
WRONG = [
    ("if (held)", "if (false)", check_mouse, "a drag of width changes nothing"),
    ("chosen = n; show();", "", check_mouse, "a click on two changes nothing"),
    ("'change', show", "'change', () => { box.value = 7; show(); }", check_mouse, "became 7"),
    ("ArrowRight: 1, ArrowLeft: -1", "", check_tab, "on width change nothing"),
    ('tabindex="0"', 'tabindex="-1"', check_tab, "Tab reaches 3 of 4"),
    ("'change', show", "'keydown', event => event.preventDefault()", check_way_out, "does not come out"),
    ('aria-label="width"', "", check_access, "slider"),
    ("one.ariaPressed = n === m", "one.ariaPressed = m === 1", check_access, "'one'"),
    ("one.ariaPressed = n === m", "one.ariaPressed = m === 0", check_tab, "'two'"),
    ('aria-valuenow="3"', 'aria-valuenow="3" aria-checked="perhaps"', check_access, "aria-allowed-attr"),
    ("textContent = words", "textContent = '3 wide'", check_access, "is not the alternative text"),
    ("color: #333", "color: #999", check_looks, "pale"),
    ('fill="#ffffff"', 'fill="#555555"', check_looks, "pale"),
    ("color: #333", "width: 40px; white-space: nowrap; overflow: hidden", check_looks, "clipped"),
    ('width="400"', 'width="1500"', check_looks, "clipped"),
    ('font-size="14"', 'font-size="6"', check_looks, "tiny"),
    ('height="60">', 'height="60" viewBox="0 0 1000 150">', check_looks, "tiny"),
]


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": lab.WIDTH, "height": lab.HEIGHT})
    yield opened
    opened.close()


@pytest.mark.parametrize("check", CHECKS)
def test_the_right_panel_passes(blank: Page, check: Callable[[Panel], None]) -> None:
    blank.set_content(RIGHT)
    check(Panel(blank.locator(".cnn-explorer"), "right"))


@pytest.mark.parametrize(("right", "wrong", "check", "said"), WRONG, ids=[wrong[3] for wrong in WRONG])
def test_a_wrong_panel_is_refused(
    blank: Page, right: str, wrong: str, check: Callable[[Panel], None], said: str
) -> None:
    assert right in RIGHT
    blank.set_content(RIGHT.replace(right, wrong))
    with pytest.raises(AssertionError, match=said):
        check(Panel(blank.locator(".cnn-explorer"), "wrong", patience=1000))
