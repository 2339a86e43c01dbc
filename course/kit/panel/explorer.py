"""An explorer: presets and controls, one picture, one line of text that says what the picture shows.

Each is made of three pure pieces: compute (plain values to plain data), draw (data to a picture) and
say (data to words). Widget callbacks may come from another thread while a cell runs, so one lock
is held round every update of every explorer; nothing is printed, and neither pyplot nor Output is used.
"""

import html
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

import ipywidgets as widgets

from course.kit.drawing.theme import dark
from course.kit.panel.controls import Choice, Number, folded, unseen
from course.kit.panel.lifetime import close_with, keep, weak
from course.kit.panel.measured import Measured
from course.kit.panel.said import Said
from course.kit.panel.still import Picture, live_html, still

Data = TypeVar("Data")
_LOCK = threading.RLock()
_SAID = 'style="line-height:1.45"'
_REFUSED = 'class="cnn-refused" style="line-height:1.45;border-left:4px solid #C83E0B;padding-left:8px"'
TOUCH = files(__package__).joinpath("touch.js")
# Presets look like chapters, not like the buttons of a choice; the one in force is marked.
_STYLE = (
    ".cnn-picture svg [data-key]{transform-box:fill-box;transform-origin:0 0}"
    ".cnn-picture [data-set]{cursor:pointer}"
    ".cnn-picture [data-set]:hover{filter:brightness(1.12) saturate(1.2)}"
    ".cnn-explorer .jupyter-button.cnn-preset{background:none;box-shadow:none;border:0;padding:0 2px;"
    "color:var(--jp-content-link-color,#1158c7);font-size:14px}"
    ".cnn-explorer .jupyter-button.cnn-preset:hover{text-decoration:underline}"
    ".cnn-explorer .jupyter-button.cnn-preset.cnn-in-force{color:inherit;font-weight:700;"
    "text-decoration:underline 2px #E8A200;text-underline-offset:5px}"
    ".cnn-numbers{line-height:1.45}.cnn-numbers summary{cursor:pointer;width:max-content}"
)


class Explorer(Generic[Data]):
    """Controls that answer at once.

    A plain object, not a Widget: displayed, it gives the live widget, a still of it for where no
    kernel runs, and its sentence. It lives as long as a cell shows it or you have a name for it; then
    its widgets are closed.

    Args:
        controls: what the reader can set, by the names that compute takes.
        compute: called with one keyword argument per control. A TypeError or ValueError (a block
            that refuses its arguments) is shown in the text line, and the last good picture stays.
        draw: called with the data and all numbers in words, which are the picture's alternative text.
        say: the words for the data: what is seen, and all numbers.
        presets: a button each: its name, and the controls that it sets, all with one update. They stand
            first; the first one should change something.
        stills: the settings that the still shows, one below the other; a control that one leaves
            out stands at its start.
        stored: what is said in a still, where `say` gives numbers that differ between machines.
        variant: what it was made of, where the function that makes it was given something.
        measured: the times that it was made of, if any; the metadata of a stored output hold them, so that
            the same explorer can be made again on another machine.

    Attributes:
        declared: the controls as given, by name; their `on_page` is what a page without a kernel offers.
        start: by name the value that a control starts with.
        presets: by name the settings of each preset.
        stills: the settings that the still shows.
        controls: name to the ipywidget whose `value` is the control's; its class is `cnn-control-NAME`.
        buttons: name to the ipywidget of each preset.
        picture: the HTML widget with the picture.
        message: the HTML widget with the words, or with the refusal.
        name: of the function that makes it, by `with_name`.

    Raises:
        ValueError: a preset or a still sets a control that does not exist, or a control's start, a preset
            or a still is a value that a page without a kernel does not offer.
    """

    def __init__(
        self,
        controls: Mapping[str, Number | Choice],
        *,
        compute: Callable[..., Data],
        draw: Callable[[Data, str], Picture],
        say: Callable[[Data], Said],
        presets: Mapping[str, Mapping[str, Any]] | None = None,
        stills: Sequence[Mapping[str, Any]] = ({},),
        stored: Callable[[Data], Said] | None = None,
        variant: str | None = None,
        measured: Measured | None = None,
    ) -> None:
        self.declared, self.presets = dict(controls), dict(presets or {})
        self.start = {name: control.value for name, control in controls.items()}
        for settings in (*self.presets.values(), *stills):
            _check(settings, controls)
        for settings in (self.start, *self.presets.values(), *stills):
            _check_on_page(settings, controls)
        self._compute, self._draw, self._say = compute, draw, say
        self.stills, self._stored = tuple(stills), stored or say
        self.name, self.variant, self.measured = "", variant, measured
        self._quiet = False
        built = {name: control.build() for name, control in controls.items()}
        self.controls = {name: value for name, (value, _) in built.items()}
        for name, control in self.controls.items():
            control.add_class(f"cnn-control-{name}")  # by it the script of a page finds what a picture sets
        self.buttons = {name: self._button(name, values) for name, values in self.presets.items()}
        self._touched = _touched()
        self._touched.observe(weak(self._touch), "value")
        self.picture, self.message = widgets.HTML(), widgets.HTML()
        self.picture.add_class("cnn-picture")
        self.message.add_class("cnn-message")
        self._widget = self._panel({name: shown for name, (_, shown) in built.items()})
        self._show(*self.answer(self.start), self.start)
        for control in self.controls.values():
            control.observe(weak(self.update), "value")
        close_with(self, self._widget)

    def set(self, values: Mapping[str, Any]) -> None:
        """Set several controls with one update."""
        _check(values, self.controls)
        with _LOCK:
            self._quiet = True
            try:
                for name, value in values.items():
                    self.controls[name].value = value
            finally:
                self._quiet = False
            self.update()

    def update(self) -> None:
        """Compute, draw and say what the controls now ask for."""
        with _LOCK:
            if self._quiet:
                return
            values = {name: control.value for name, control in self.controls.items()}
            try:
                picture, said = self.answer(values)
            except (TypeError, ValueError) as refusal:
                self.message.value = _status(str(refusal), _REFUSED)
                self._mark(values)
            else:
                self._show(picture, said, values)

    def _touch(self) -> None:
        """Set what a click in the picture asks for: the values by control, and a number that changes."""
        values, _ = json.loads(self._touched.value)
        self.set(values)

    def answer(self, values: Mapping[str, Any]) -> tuple[Picture, Said]:
        """The picture and the words for these values, one for each control.

        Raises:
            TypeError, ValueError: what `compute` refuses; its text is what a reader sees.
        """
        with _LOCK:  # charts are kept, and drawn on again
            return self._made(values, self._say)

    def _made(self, values: Mapping[str, Any], say: Callable[[Data], Said]) -> tuple[Picture, Said]:
        for name, control in self.declared.items():
            # A row of buttons takes None from Python: none is pressed.
            if isinstance(control, Choice) and values[name] not in control.options:
                allowed = ", ".join(map(str, control.options))
                raise ValueError(f"Explorer: {name} must be one of {allowed}, got {values[name]}.")
        data = self._compute(**values)
        said = say(data)
        return self._draw(data, said.heard), said

    def _show(self, picture: Picture, said: Said, values: Mapping[str, Any]) -> None:
        self.picture.value = live_html(picture, said.heard)
        self.message.value = (
            f'{_status(said.seen)}<details class="cnn-numbers"><summary>Numbers</summary>'
            f"{html.escape(said.heard)}</details>"
        )
        self._mark(values)

    def _mark(self, values: Mapping[str, Any]) -> None:
        """Mark the preset that is in force."""
        for name, button in self.buttons.items():
            holds = {**values, **self.presets[name]} == dict(values)
            (button.add_class if holds else button.remove_class)("cnn-in-force")
            button.tooltip = f"{name}: in force" if holds else name

    def _button(self, name: str, values: Mapping[str, Any]) -> Any:
        layout = widgets.Layout(width="auto", margin="2px 14px 2px 0")
        button = widgets.Button(description=name, tooltip=name, layout=layout)
        button.add_class("cnn-preset")
        button.on_click(weak(self.set, values))
        return button

    def _panel(self, shown: Mapping[str, Any]) -> Any:
        row = widgets.Layout(flex_flow="row wrap", overflow="visible")
        first = [shown[name] for name, control in self.declared.items() if not control.more]
        rest = [shown[name] for name, control in self.declared.items() if control.more]
        rows = [widgets.HBox(list(self.buttons.values()), layout=row)] if self.buttons else []
        rows.append(widgets.HBox([*first, *folded(rest)], layout=row))
        script = unseen(_script(), _STYLE + dark('[data-jp-theme-light="false"] .cnn-picture'))
        parts = [*rows, self.picture, self.message, self._touched, script]
        panel = widgets.VBox(parts, layout=widgets.Layout(overflow="visible"))
        panel.add_class("cnn-explorer")
        return panel

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """For IPython, which filters them itself: the live widget, the still, the sentence; metadata."""
        keep(self)
        with _LOCK:
            shown = [self._made({**self.start, **settings}, self._stored) for settings in self.stills]
            made = [(picture, said.heard) for picture, said in shown]
        view = {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}
        what: dict[str, Any] = {
            "explorer": self.name,
            "variant": self.variant,
            "settings": self.start,
        }
        if self.measured is not None:
            what["measured"] = self.measured.to_json()
        return {"application/vnd.jupyter.widget-view+json": view, **still(made)}, {"cnn": what}


def _touched() -> Any:
    """The unseen text into which the script writes what a click sets: one update, however many controls."""
    touched = widgets.Text(layout=widgets.Layout(display="none"))
    touched.add_class("cnn-touched")
    return touched


@cache
def _script() -> str:
    """What starts the one script on the panel that it stands in."""
    return (
        f"{TOUCH.read_text(encoding='utf-8')}"
        "const root = this.closest('.cnn-explorer'); let n = 0;"
        " cnnTouch(root, (values) => { const to = root.querySelector('.cnn-touched input');"
        " to.value = JSON.stringify([values, Date.now() + n++]);"
        " for (const kind of ['input', 'change']) to.dispatchEvent(new Event(kind, {bubbles: true})); });"
    )


def _check(settings: Mapping[str, Any], controls: Mapping[str, Any]) -> None:
    unknown = sorted(set(settings) - set(controls))
    if unknown:
        raise ValueError(
            f"Explorer: a preset may set {', '.join(controls)}, got {', '.join(unknown)}."
            " Name the controls as compute does."
        )


def _check_on_page(settings: Mapping[str, Any], controls: Mapping[str, Number | Choice]) -> None:
    for name, value in settings.items():
        if value not in controls[name].on_page:
            raise ValueError(
                f"Explorer: a start, a preset and a still must be among what a page without a kernel offers,"
                f" got {name}={value!r}. Name it in the control's page=."
            )


def _status(text: str, attributes: str = _SAID) -> str:
    """The text line: a live region, so that a screen reader says what changed."""
    return f'<div role="status" aria-live="polite" {attributes}>{html.escape(text)}</div>'
