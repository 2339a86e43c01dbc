"""A panel on the page, an explorer or a prediction: how its controls are moved, and what is seen meanwhile.

A step is one move. While it lasts the picture is watched in the page itself, at every change and in the
animation frames that follow it: a reader would see each of them.
"""

import re
from collections.abc import Callable, Iterator

from playwright.sync_api import ElementHandle, Locator

# What moves a control: a key, and the one back, for when it stood at the end of its range.
KEYS = {
    ".noUi-handle": ("ArrowRight", "ArrowLeft"),
    "input[type=number]": ("ArrowUp", "ArrowDown"),
    "input[type=checkbox]": ("Space", "Space"),
    "input[type=radio]": ("Space",),  # JupyterLab keeps the arrows for moving between cells
    "select": ("ArrowDown", "ArrowUp"),
    "button:not(.cnn-more)": ("Space", "Enter"),
}
CONTROLS = ", ".join(KEYS)
CHOICE, CHOSEN = ".widget-toggle-button", ".mod-active"
FOLDS = ".cnn-more, summary"  # they show what is folded, and set nothing
PRESET = f"button.jupyter-button:not({CHOICE})"
FIRST = (
    ".noUi-handle, .widget-toggle-buttons button:not(.mod-active)"  # the first that a key moves, no preset
)
REST = 100  # milliseconds without a change: the answer has come
COLLAPSED = 0.5  # of the lower of the heights before and after: a part of the picture was missing

# The page looks and waits by itself: one question and one answer for a step, not several in every frame.
_WATCH = """panel => {
    const picture = panel.querySelector('.cnn-picture') || panel;
    const height = () => picture.getBoundingClientRect().height;
    // No answer: the next picture is still to come, however late.
    const gone = () => picture !== panel && !picture.querySelector('img, svg');
    const refusal = () => (panel.querySelector('.cnn-refused') || {}).textContent;
    const before = picture.innerHTML, refused = refusal(), usual = height();
    let least = Infinity, empty = 0, last = 0, frames = 0;
    const look = () => {
        least = Math.min(least, height());
        if ([...picture.querySelectorAll('img')].some(image => !image.complete)) empty += 1;
    };
    const frame = () => { look(); frames -= 1; if (frames) requestAnimationFrame(frame); };
    const observer = new MutationObserver(() => {
        if (!frames) requestAnimationFrame(frame);
        frames = 3;  // in them an image is decoded and laid out; each costs the page some milliseconds
        last = performance.now();
        look();
    });
    const all = {attributes: true, childList: true, subtree: true, characterData: true};
    observer.observe(panel, all);
    const end = answer => {
        observer.disconnect();
        return answer;
    };
    panel.answer = (patience, rest) => new Promise(resolve => {
        const latest = performance.now() + patience;
        const ask = () => {
            const now = performance.now();
            const changed = (picture.innerHTML !== before && !gone()) || refusal() !== refused;
            if (changed && now - last > rest) resolve(end([Math.min(usual, height()), least, empty]));
            else if (!changed && now > latest) resolve(end(null));
            else setTimeout(ask, 20);
        };
        ask();
    });
}"""

# What a panel says beside its picture: null where it says what it should. Message and picture reach the page
# one after the other: a busy machine gets a second for it.
_UNSAID = """panel => new Promise(resolve => {
    const latest = performance.now() + 1000;
    const ask = () => {
        const texts = [...panel.querySelectorAll('.cnn-picture img, .cnn-picture svg')]
            .map(e => e.getAttribute('alt') || e.getAttribute('aria-label') || '');
        const message = panel.querySelector('.cnn-message'), fold = message.querySelector('.cnn-numbers');
        const heard = fold ? fold.lastChild.textContent : message.textContent;
        const right = !panel.matches('.cnn-explorer') || message.querySelector('.cnn-refused')
            || texts.every(text => text) && texts.includes(heard);
        if (right || performance.now() > latest) resolve(right ? null : [heard, texts]);
        else setTimeout(ask, 50);
    };
    ask();
})"""

# Which of the kinds a control is, and whether it stands at the end of its range.
_KIND = """(e, kinds) => {
    const most = e.ariaValueMax ?? e.max, now = e.ariaValueNow ?? e.value;
    return [kinds.find(kind => e.matches(kind)), !!most && Number(now) === Number(most)];
}"""


class Panel:
    """An explorer's or a prediction's panel.

    `name` says in messages which, `patience` how many milliseconds an answer may take that must come.
    """

    def __init__(self, root: Locator, name: str, *, patience: float = 10_000) -> None:
        self.root, self.page, self.name, self.patience = root, root.page, name, patience
        handle = root.element_handle()  # found once: to look for it on the page again takes time
        assert handle
        self.element: ElementHandle = handle
        handle.scroll_into_view_if_needed()
        for more in handle.query_selector_all(".cnn-more:not(.mod-active)"):
            more.click()

    def step(self, act: Callable[[], None], what: str, *, patience: float | None = None) -> bool:
        """Do something; whether the panel answered: with another picture, or with a refusal begun or lifted.

        Raises:
            AssertionError: the picture was gone, or flat, for a frame, or its text is not the message.
        """
        self.element.evaluate(_WATCH)
        act()
        answer = self.element.evaluate(
            "(panel, [p, rest]) => panel.answer(p, rest)", [patience or self.patience / 3, REST]
        )
        if answer is None:
            return False
        usual, least, empty = answer
        assert least >= COLLAPSED * usual, (
            f"{self.name}: flickers at {what}: {least:.0f} of {usual:.0f} pixels"
        )
        assert not empty, f"{self.name}: flickers at {what}: {empty} frames with an empty picture"
        self.check_words()
        return True

    def check_words(self) -> None:
        """The numbers are the picture's alternative text, unless it is a refusal; every part has a text."""
        fault = self.element.evaluate(_UNSAID)
        if fault:
            said, texts = fault
            assert all(texts), f"{self.name}: a picture without an alternative text"
            raise AssertionError(f"{self.name}: the message is not the alternative text: {said!r}, {texts!r}")

    def controls(self, kinds: str = CONTROLS) -> list[ElementHandle]:
        return self.element.query_selector_all(kinds)

    def press(self, control: ElementHandle) -> None:
        """Press the keys that move the control, which has the focus; one must change the picture."""
        kind, is_last = control.evaluate(_KIND, list(KEYS))
        keys = KEYS[kind][::-1] if is_last else KEYS[kind]  # a key that moves nothing takes seconds
        if not any(self.step(lambda key=key: control.press(key), key) for key in keys):  # type: ignore[misc]
            raise AssertionError(f"{self.name}: {keys} on {self.label(control)} change nothing")

    def press_first(self) -> None:
        """Move the first control that a key moves."""
        control = self.controls(FIRST)[0]
        control.focus()
        self.press(control)

    def choices(self) -> Iterator[ElementHandle]:
        """The buttons of each row of choices, the pressed one last: each is a change, and back again."""
        for row in self.controls(".widget-toggle-buttons"):
            yield from (
                *row.query_selector_all(f"button:not({CHOSEN})"),
                row.query_selector(f"button{CHOSEN}"),
            )

    def by_mouse(self) -> None:
        """Click every choice, type into every box, drag every handle, click every preset."""
        for choice in self.choices():
            self.need(choice.click, "a click on", choice)
        for box in self.controls("input[type=number]"):
            self.start_again()
            self.type(box)
        for handle in self.controls(".noUi-handle"):
            self.start_again()
            self.need(lambda handle=handle: self.drag(handle), "a drag of", handle)  # type: ignore[misc]
        for preset in self.presets(lambda last: last.click()):
            self.need(preset.click, "a click on", preset)

    def start_again(self) -> None:
        """Click the first preset: what can be typed or dragged depends on where the panel stands."""
        for first in self.controls(PRESET)[:1]:
            self.step(first.click, "the first preset", patience=5 * REST)  # it may stand there already

    def presets(self, act: Callable[[ElementHandle], None]) -> list[ElementHandle]:
        """The buttons that are no choice, the last one just pressed, so that the first changes something."""
        found = self.controls(PRESET)
        if len(found) < 2:
            return []
        self.step(lambda: act(found[-1]), "the last preset", patience=5 * REST)
        return found

    def need(self, act: Callable[[], None], what: str, control: ElementHandle) -> None:
        where = f"{what} {self.label(control)}"
        assert self.step(act, where, patience=self.patience), f"{self.name}: {where} changes nothing"

    def drag(self, handle: ElementHandle) -> None:
        """Drag a slider's handle to the farther end, in moves as a hand makes them."""
        handle.scroll_into_view_if_needed()
        line = handle.query_selector("xpath=ancestor::*[@class][3]")
        at, track = handle.bounding_box(), line and line.bounding_box()
        assert at
        assert track
        x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
        left, right = track["x"], track["x"] + track["width"]
        end = left if x - left > right - x else right
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(end, y, steps=8)
        self.page.mouse.up()

    def type(self, box: ElementHandle) -> None:
        """Type another value into a number box: of the places between its ends the first that is taken."""
        value, least, most, step = map(float, box.evaluate("e => [e.value, e.min, e.max, e.step || 1]"))
        for share in (0.5, 0.3, 0.8, 0.1):
            other = least + step * round(share * (most - least) / step)
            if other != value and self.step(lambda other=other: self.enter(box, f"{other:g}"), "typing"):  # type: ignore[misc]
                assert float(box.input_value()) == other, f"{self.name}: {other:g} became {box.input_value()}"
                return
        raise AssertionError(f"{self.name}: typing into {self.label(box)} changes nothing")

    @staticmethod
    def enter(box: ElementHandle, text: str) -> None:
        box.click(click_count=3)
        box.type(text)
        box.press("Enter")

    @staticmethod
    def label(control: ElementHandle) -> str:
        text = control.evaluate(
            "e => e.ariaLabel || e.innerText || (e.closest('.widget-inline-hbox') || e).innerText"
        )
        return re.sub(r"\s+", " ", text) or "a control"

    def by_tab(self) -> Iterator[ElementHandle]:
        """Walk through the panel with the Tab key, from just before it to just after it."""
        self.element.evaluate("panel => { panel.tabIndex = -1; panel.focus(); }")
        for _ in range(100):
            self.page.keyboard.press("Tab")
            if self.element.evaluate("(panel, folds) => !!panel.querySelector(`:focus:is(${folds})`)", FOLDS):
                continue
            found = self.element.evaluate_handle(
                """(panel, kinds) => {
                    const e = document.activeElement;
                    return panel.contains(e) && e.matches(kinds) ? e : null;
                }""",
                CONTROLS,
            )
            control = found.as_element()
            if control is None:
                return
            yield control
        raise AssertionError(f"{self.name}: the Tab key does not come out")
