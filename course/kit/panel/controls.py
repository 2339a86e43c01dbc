"""The controls of an explorer: what a reader can set, and the core ipywidgets that set it.

Beside `explorer.py` and `prediction.py` the only file that knows ipywidgets. Works on 7.7.1, which
Colab has, and on 8. Each slider stands beside a number box that takes exact values.
"""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

# Without a tooltip a label's hover text is the word "null"; ipywidgets 7 calls the argument otherwise.
_TOOLTIP = "tooltip" if "tooltip" in widgets.IntText.class_trait_names() else "description_tooltip"
_PIXELS_PER_LETTER = 7.2
CHANNELS = (
    *(1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 320),
    *(384, 512, 768, 1024, 1536, 2048),
)
"""Stops of a slider of channels: widths that networks have."""


@dataclass(frozen=True)
class Number:
    """A number box and a slider that move each other.

    Attributes:
        label: the name that stands before the box and that a screen reader reads.
        value: at the start; a float makes it a control of floats.
        least, most: the bounds of both.
        step: of the box's arrows and of the slider.
        stops: the slider's positions, where even steps would not serve (1 to 2048); the box still
            takes every number between.
        page: the values that a page without a kernel offers; empty, all of the slider's positions.
        more: folded behind "More": a lesson does not need it.

    Raises:
        ValueError: page has values that the box does not take, or not in ascending order.
    """

    label: str
    value: float
    least: float
    most: float
    step: float = 1
    stops: tuple[float, ...] = ()
    page: tuple[float, ...] = ()
    more: bool = False

    def __post_init__(self) -> None:
        wrong = [stop for stop in self.page if not self._takes(stop)]
        if wrong or list(self.page) != sorted(set(self.page)):
            raise ValueError(
                f"Number: page must be ascending values from {self.least:g} to {self.most:g} in steps of"
                f" {self.step:g}, got {self.page} for {self.label}."
            )

    def build(self) -> tuple[Any, Any]:
        """The widget that holds the value, and the box with everything to show."""
        is_float = isinstance(self.value, float)
        number = (widgets.BoundedFloatText if is_float else widgets.BoundedIntText)(
            value=self.value,
            min=self.least,
            max=self.most,
            step=self.step,
            layout=_layout(self.label, 76),
            **_named(self.label),
        )
        slider = self._slider()
        _link(number, slider, self._stops())
        row = [number, slider, _name_handle(self.label)]
        return number, widgets.HBox(row, layout=widgets.Layout(margin="0 8px 0 0"))

    @property
    def on_page(self) -> tuple[float, ...]:
        """What a page without a kernel offers, as values of the control's own kind."""
        kind = float if isinstance(self.value, float) else int
        return tuple(kind(stop) for stop in self.page or self._stops())

    def _takes(self, value: float) -> bool:
        steps = (value - self.least) / self.step
        return self.least <= value <= self.most and abs(steps - round(steps)) < 1e-6

    def _stops(self) -> tuple[float, ...]:
        if self.stops:
            return self.stops
        count = int((self.most - self.least) / self.step + 1e-9) + 1
        return tuple(round(self.least + i * self.step, 9) for i in range(count))

    def _slider(self) -> Any:
        stops = self._stops()
        return widgets.SelectionSlider(
            options=stops,
            value=_nearest(stops, self.value),
            readout=False,
            layout=widgets.Layout(width="116px", margin="2px 6px 2px 10px"),  # the handle sticks out
            **{_TOOLTIP: self.label},
        )


@dataclass(frozen=True)
class Choice:
    """A row of buttons of which one is pressed; what it says, in `options`, is its value too.

    Not a drop-down list nor radio buttons: those need the arrow keys, which JupyterLab keeps for moving
    between cells. A button is reached with Tab and pressed with Space.
    """

    label: str
    value: Any
    options: tuple[Any, ...]
    page: tuple[Any, ...] = ()  # as a Number's
    more: bool = False

    def __post_init__(self) -> None:
        if not set(self.page) <= set(self.options) or len(set(self.page)) < len(self.page):
            raise ValueError(
                f"Choice: page must be some of {self.options}, each once, got {self.page} for {self.label}."
            )

    @property
    def on_page(self) -> tuple[Any, ...]:
        """What a page without a kernel offers."""
        return self.page or self.options

    def build(self) -> tuple[Any, Any]:
        """The widget that holds the value, and the row with everything to show."""
        shown = [str(option) for option in self.options]
        buttons = widgets.ToggleButtons(
            options=list(zip(shown, self.options, strict=True)),
            value=self.value,
            tooltips=[f"{self.label}: {text}" for text in shown],
            style={"button_width": "auto"},
            layout=widgets.Layout(width="auto", margin="0 14px 0 0"),
        )
        # Its own description would stand above the buttons where the row is narrow.
        label = widgets.Label(self.label, layout=widgets.Layout(min_width="max-content"))
        return buttons, widgets.HBox([label, buttons, _name_group(self.label)])


def folded(rows: Sequence[Any]) -> list[Any]:
    """Controls that a lesson does not need, behind a button; nothing where there are none."""
    if not rows:
        return []
    box = widgets.HBox(rows, layout=widgets.Layout(flex_flow="row wrap", display="none"))
    button = widgets.ToggleButton(
        description="More", layout=widgets.Layout(width="auto", margin="2px"), **{_TOOLTIP: "More controls"}
    )
    button.add_class("cnn-more")

    def fold(change: dict[str, Any]) -> None:
        box.layout.display = "flex" if change["new"] else "none"

    button.observe(fold, "value")
    open_ = _unseen(
        "; const more = row.querySelector('.cnn-more');"
        " const tell = () => { more.ariaExpanded = more.classList.contains('mod-active'); };"
        " new MutationObserver(tell).observe(more, {attributeFilter: ['class']}); tell()"
    )
    return [widgets.HBox([button, open_]), box]


def _name_handle(label: str) -> Any:
    """Something unseen that gives the slider in its row a name.

    ipywidgets has no argument for it: to a screen reader the handle of a slider, whatever its description,
    is "slider" alone. A front end that runs no handlers leaves it so; the number box has a name anyhow.
    """
    return _unseen(f".querySelector('[role=slider]').ariaLabel = {json.dumps(label)}")


def _name_group(label: str) -> Any:
    """The same for a row of buttons, called "1" and "2": it says of what they are, and which is pressed."""
    return _unseen(
        f".setAttribute('role', 'group'); row.ariaLabel = {json.dumps(label)};"
        " const press = () => row.querySelectorAll('button')"
        ".forEach(one => { one.ariaPressed = one.classList.contains('mod-active'); });"
        " new MutationObserver(press).observe(row, {subtree: true, attributeFilter: ['class']}); press()"
    )


def _unseen(script: str) -> Any:
    """What runs `script` once on the row that it stands in."""
    return unseen(f"const row = this.closest('.widget-hbox'); row{script}")


def unseen(script: str, style: str = "/**/") -> Any:
    """What is not seen, has this style sheet, and runs `script` once: the load of the sheet starts it."""
    nothing = widgets.Layout(width="0", height="0", margin="0")
    return widgets.HTML(f'<style onload="{html.escape(script)}">{style}</style>', layout=nothing)


def _named(label: str) -> dict[str, Any]:
    return {"description": label, "style": {"description_width": "initial"}, _TOOLTIP: label}


def _layout(label: str, width: int, margin: str = "0") -> Any:
    pixels = int(len(label) * _PIXELS_PER_LETTER) + 14 + width
    return widgets.Layout(width=f"{pixels}px", margin=f"2px {margin} 2px 2px")


def _nearest(stops: Sequence[float], value: float) -> float:
    return min(stops, key=lambda stop: abs(stop - value))


def _link(number: Any, slider: Any, stops: Sequence[float]) -> None:
    """Let the slider set the number, and the number move the slider to the nearest stop."""

    def slide(change: dict[str, Any]) -> None:
        if change["new"] != _nearest(stops, number.value):  # else the number itself moved the slider
            number.value = change["new"]

    def follow(change: dict[str, Any]) -> None:
        slider.value = _nearest(stops, change["new"])

    slider.observe(slide, "value")
    number.observe(follow, "value")
