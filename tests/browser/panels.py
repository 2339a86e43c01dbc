"""A panel on the page, an explorer or a prediction: how its controls are moved, and what is seen meanwhile.

A step is one move. While it lasts the picture is watched in the page itself, in every animation frame and at
every change: a reader would see each of them.
"""

import re
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as TimedOut

# What moves a control: a key, and the one back, for when it stood at the end of its range.
KEYS = {
    ".noUi-handle": ("ArrowRight", "ArrowLeft"),
    "input[type=number]": ("ArrowUp", "ArrowDown"),
    "input[type=checkbox]": ("Space", "Space"),
    "input[type=radio]": ("Space",),  # JupyterLab keeps the arrows for moving between cells
    "select": ("ArrowDown", "ArrowUp"),
    "button": ("Space", "Enter"),
}
CONTROLS = ", ".join(KEYS)
CHOICE, CHOSEN = ".widget-toggle-button", ".mod-active"
FIRST = ".noUi-handle, button:not(.mod-active)"  # a control that a key moves: the first found
REST = 150  # milliseconds without a change: the answer has come
COLLAPSED = 0.5  # of the lower of the heights before and after: a part of the picture was missing

_WATCH = """panel => {
    const picture = panel.querySelector('.cnn-picture') || panel;
    const height = () => picture.getBoundingClientRect().height;
    const refusal = () => (panel.querySelector('.cnn-refused') || {}).textContent;
    const refused = refusal();
    const before = picture.innerHTML;
    const seen = {height: height(), least: Infinity, empty: 0, last: 0, live: true};
    const look = () => {
        seen.least = Math.min(seen.least, height());
        if ([...picture.querySelectorAll('img')].some(image => !image.complete)) seen.empty += 1;
    };
    const frame = () => { if (seen.live) { look(); requestAnimationFrame(frame); } };
    seen.observer = new MutationObserver(() => { seen.last = performance.now(); look(); });
    seen.observer.observe(panel, {childList: true, subtree: true, characterData: true});
    requestAnimationFrame(frame);
    seen.end = () => {
        seen.live = false;
        seen.observer.disconnect();
        return [Math.min(seen.height, height()), seen.least, seen.empty];
    };
    seen.changed = () => picture.innerHTML !== before || refusal() !== refused;
    seen.rested = () => performance.now() - seen.last;
    panel.seen = seen;
}"""


class Panel:
    """An explorer's or a prediction's panel; `name` says in messages which."""

    def __init__(self, root: Locator, name: str) -> None:
        self.root, self.page, self.name = root, root.page, name
        self.root.scroll_into_view_if_needed()

    def step(self, act: Callable[[], None], what: str, *, patience: float = 3000) -> bool:
        """Do something; whether the panel answered: with another picture, or with a refusal begun or lifted.

        Raises:
            AssertionError: the picture was gone, or flat, for a frame, or its text is not the message.
        """
        self.root.evaluate(_WATCH)
        act()
        handle = self.root.element_handle()
        try:
            self.page.wait_for_function("p => p.seen.changed()", arg=handle, timeout=patience)
        except TimedOut:
            self.root.evaluate("p => p.seen.end()")
            return False
        self.page.wait_for_function(f"p => p.seen.rested() > {REST}", arg=handle)
        usual, least, empty = self.root.evaluate("p => p.seen.end()")
        assert least >= COLLAPSED * usual, (
            f"{self.name}: flickers at {what}: {least:.0f} of {usual:.0f} pixels"
        )
        assert not empty, f"{self.name}: flickers at {what}: {empty} frames with an empty picture"
        self.check_words()
        return True

    def check_words(self) -> None:
        """The message is the picture's alternative text, unless it is a refusal; every part has a text.

        They reach the page one after the other: a busy machine gets a second for it.
        """
        end = time.monotonic() + 1
        while (fault := self._unsaid()) and time.monotonic() < end:
            self.page.wait_for_timeout(50)
        assert not fault, f"{self.name}: {fault}"

    def _unsaid(self) -> str:
        said, refused, texts = self.root.evaluate(
            """panel => {
                const texts = [...panel.querySelectorAll('.cnn-picture img, .cnn-picture svg')]
                    .map(e => e.getAttribute('alt') || e.getAttribute('aria-label') || '');
                const message = panel.querySelector('.cnn-message');
                return [message.textContent, !!message.querySelector('.cnn-refused'), texts];
            }"""
        )
        if refused or "cnn-explorer" not in (self.root.get_attribute("class") or ""):
            return ""
        if not all(texts):
            return "a picture without an alternative text"
        return "" if said in texts else f"the message is not the alternative text: {said!r}, {texts!r}"

    def controls(self) -> list[Locator]:
        return self.root.locator(CONTROLS).all()

    def press(self, control: Locator) -> None:
        """Press the keys that move the control, which has the focus; one must change the picture."""
        keys = KEYS[next(kind for kind in KEYS if control.evaluate("(e, kind) => e.matches(kind)", kind))]
        if not any(self.step(lambda key=key: control.press(key), key) for key in keys):  # type: ignore[misc]
            raise AssertionError(f"{self.name}: {keys} on {self.label(control)} change nothing")

    def choices(self) -> Iterator[Locator]:
        """The buttons of each row of choices, the pressed one last: each is a change, and back again."""
        for row in self.root.locator(".widget-toggle-buttons").all():
            yield from sorted(
                row.locator("button").all(), key=lambda one: one.evaluate(f"e => e.matches({CHOSEN!r})")
            )

    def by_mouse(self) -> None:
        """Drag every handle, click every choice, type into every box, click every preset."""
        for choice in self.choices():
            self.need(choice.click, "a click on", choice)
        for handle in self.root.locator(".noUi-handle").all():
            self.need(lambda handle=handle: self.drag(handle), "a drag of", handle)  # type: ignore[misc]
        for box in self.root.locator("input[type=number]").all():
            self.type(box)
        for preset in self.presets(lambda last: last.click()):
            self.need(preset.click, "a click on", preset)

    def presets(self, act: Callable[[Locator], None]) -> list[Locator]:
        """The buttons that are no choice, the last one just pressed, so that the first changes something."""
        found = self.root.locator("button.jupyter-button:not(.widget-toggle-button)").all()
        if len(found) > 1:
            act(found[-1])
            self.page.wait_for_timeout(2 * REST)
        return found if len(found) > 1 else []

    def need(self, act: Callable[[], None], what: str, control: Locator) -> None:
        where = f"{what} {self.label(control)}"
        assert self.step(act, where, patience=10_000), f"{self.name}: {where} changes nothing"

    def drag(self, handle: Locator) -> None:
        """Drag a slider's handle to the farther end, in moves as a hand makes them."""
        at, track = handle.bounding_box(), handle.locator("xpath=ancestor::*[@class][3]").bounding_box()
        assert at
        assert track
        x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
        left, right = track["x"], track["x"] + track["width"]
        end = left if x - left > right - x else right
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(end, y, steps=8)
        self.page.mouse.up()

    def type(self, box: Locator) -> None:
        """Type another value into a number box: of the places between its ends the first that is taken."""
        value, least, most, step = (float(box.evaluate(f"e => e.{what} || 1")) for what in _NUMBER)
        for share in (0.5, 0.3, 0.8, 0.1):
            other = least + step * round(share * (most - least) / step)
            if other != value and self.step(lambda other=other: self.enter(box, f"{other:g}"), "typing"):  # type: ignore[misc]
                assert float(box.input_value()) == other, f"{self.name}: {other:g} became {box.input_value()}"
                return
        raise AssertionError(f"{self.name}: typing into {self.label(box)} changes nothing")

    @staticmethod
    def enter(box: Locator, text: str) -> None:
        box.click(click_count=3)
        box.press_sequentially(text)
        box.press("Enter")

    @staticmethod
    def label(control: Locator) -> str:
        text = control.evaluate(
            "e => e.ariaLabel || e.innerText || (e.closest('.widget-inline-hbox') || e).innerText"
        )
        return re.sub(r"\s+", " ", text) or "a control"

    def by_tab(self) -> Iterator[Locator]:
        """Walk through the panel with the Tab key, from just before it to just after it."""
        self.root.evaluate("panel => { panel.tabIndex = -1; panel.focus(); }")
        for _ in range(100):
            self.page.keyboard.press("Tab")
            place = self.root.evaluate(
                "(p, kinds) => [...p.querySelectorAll(kinds)].indexOf(document.activeElement)", CONTROLS
            )
            if place < 0:
                return
            yield self.root.locator(CONTROLS).nth(place)
        raise AssertionError(f"{self.name}: the Tab key does not come out")


_NUMBER = ("value", "min", "max", "step")
