"""A prediction: choose first, see after. What is only watched is soon forgotten, what was predicted is not.

Where the page goes on with the answer, an unanswered prediction keeps a window's height of room below its
buttons, so that a class that votes does not see it.

Beside `controls.py` and `explorer.py` the only file that knows ipywidgets.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from course.kit.drawing.style import COLORS
from course.kit.panel.lifetime import close_with, keep, weak

LETTERS = "ABCD"
ROOM = 720  # pixels: the height of a projector's window
SKIP = "Show me without choosing"
# A button's text is otherwise cut at its edge, and JupyterLab's letters on green have a contrast of 4.1, of
# 4.4 in the dark theme.
# Scoped by the class, so nothing else on the page changes.
_STYLE = (
    "<style>.cnn-prediction .jupyter-button{white-space:normal;height:auto;min-height:28px;"
    "text-align:left;line-height:1.35;padding:4px 10px}"
    ".cnn-prediction .jupyter-button.mod-success"
    f"{{background:{COLORS['pointwise'].fill};color:{COLORS['pointwise'].ink}}}"
    ".cnn-prediction .jupyter-button.cnn-skip{background:none;box-shadow:none;text-decoration:underline}"
    "</style>"
)


_ROOM = (
    f'<div class="cnn-room" style="height:{ROOM}px;line-height:1.45;opacity:.7">'
    "Choose, and the space below closes. The page goes on there.</div>"
)


@dataclass(frozen=True)
class Option:
    """One answer to choose.

    Attributes:
        answer: what the button says.
        reason: why it is right, or why not; shown after the choice.
        misconception: the name of the wrong idea behind it ("separable computes the same function");
            empty for the right answer only.
    """

    answer: str
    reason: str
    misconception: str = ""


class Prediction:
    """A question with three or four answers; what is right, and why, is shown only after a choice.

    "Run all" does not wait for it, and nothing is kept: run again, it is new. Where no kernel runs it
    is the question with a folded answer.

    Args:
        question: one sentence.
        options: in the order shown; the right one has no misconception.
        answered_by: the ids of the cells below it whose outputs or words show the answer.
        tells: words by which these show it ("8.8 times"). No text above the prediction has them, nor has
            what is seen below an unanswered one: tests hold the page to it.

    Raises:
        ValueError: there are not three or four options, or not one right one, or a text is missing; or only
            one of answered_by and tells is given, or one of them is empty.
    """

    def __init__(
        self, question: str, *options: Option, answered_by: Sequence[str] = (), tells: Sequence[str] = ()
    ) -> None:
        _check(question, options)
        if bool(answered_by) != bool(tells) or not all((*answered_by, *tells)):
            raise ValueError(
                "Prediction: answered_by and tells must be given together, and none of them empty, got"
                f" {answered_by!r} and {tells!r}."
            )
        self.answered_by, self.tells = tuple(answered_by), tuple(tells)
        self.name = ""  # of the function that makes it, by `with_name`
        self.question, self.options = question, options
        self.right = next(n for n, option in enumerate(options) if not option.misconception)
        self.buttons = tuple(self._button(n) for n in range(len(options)))
        self.message = widgets.HTML(_status(""))
        self.message.add_class("cnn-message")
        asked = widgets.HTML(
            f'{_STYLE}<div style="line-height:1.45"><b>Your prediction.</b> {html.escape(question)}</div>'
        )
        self.skip = widgets.Button(
            description=SKIP, tooltip=SKIP, layout=widgets.Layout(width="auto", margin="2px")
        )
        self.skip.add_class("cnn-skip")
        self.skip.on_click(weak(self.choose, None))
        self.room = widgets.HTML(_ROOM if self.answered_by else "")
        parts = [asked, *self.buttons, self.skip, self.message, self.room]
        self._widget = widgets.VBox(parts, layout=widgets.Layout(width="100%"))
        self._widget.add_class("cnn-prediction")
        close_with(self, self._widget)

    def choose(self, chosen: int | None) -> None:
        """Answer with option `chosen`, counted from 0; a later choice replaces it. None shows the answer.

        The right button is marked too, in color, with an icon, and in words for a screen reader. The room
        below goes away.
        """
        for n, button in enumerate(self.buttons):
            button.button_style, button.icon, button.tooltip = "", "", ""  # not None: ipywidgets 7 refuses it
            if n == chosen:
                button.button_style, button.icon, button.tooltip = "danger", "times", "Your choice: not right"
            if n == self.right:
                button.button_style, button.icon, button.tooltip = "success", "check", "The right answer"
        self.message.value = _status(self._verdict(chosen))
        self.room.value = ""
        self._widget.add_class("cnn-answered")

    def _button(self, n: int) -> Any:
        button = widgets.Button(
            description=f"{LETTERS[n]}. {self.options[n].answer}",
            layout=widgets.Layout(width="auto", max_width="760px", margin="2px"),
        )
        button.on_click(weak(self.choose, n))
        return button

    def _verdict(self, chosen: int | None) -> str:
        right = self.options[self.right]
        answer = (
            f"{LETTERS[self.right]}. {html.escape(right.answer.rstrip('.'))}. {html.escape(right.reason)}"
        )
        if chosen is None:
            return f"<b>Right is</b> {answer}"
        if chosen == self.right:
            return f"<b>{LETTERS[chosen]} is right.</b> {html.escape(right.reason)}"
        option = self.options[chosen]
        return (
            f"<b>{LETTERS[chosen]} is not so</b> (“{html.escape(option.misconception)}”):"
            f" {html.escape(option.reason)}<br><b>Right is</b> {answer}"
        )

    def _folded(self) -> str:
        # The letters are text: JupyterLab takes the type of an <ol> out of what it does not trust.
        answers = "<br>".join(
            f"{LETTERS[n]}. {html.escape(option.answer)}" for n, option in enumerate(self.options)
        )
        others = "".join(
            f"<p>{self._verdict(n).split('<br>')[0]}</p>" for n in range(len(self.options)) if n != self.right
        )
        return (
            f"<p><b>Your prediction.</b> {html.escape(self.question)}</p>"
            f"<p>{answers}</p>"
            f"<details><summary>Choose one, then open: what is right, and why</summary>"
            f"<p>{self._verdict(self.right)}</p>{others}</details>"
        )

    def __repr__(self) -> str:
        answers = " ".join(f"{LETTERS[n]}. {option.answer}" for n, option in enumerate(self.options))
        return f"Your prediction. {self.question} {answers}"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """For IPython, which filters them itself: the widget, the folded answer, the question; metadata."""
        keep(self)
        view = {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}
        data = {
            "application/vnd.jupyter.widget-view+json": view,
            "text/html": self._folded(),
            "text/plain": repr(self),
        }
        what: dict[str, Any] = {"prediction": self.name}
        if self.answered_by:
            what["room"] = ROOM
        return data, {"cnn": what}


def _check(question: str, options: Sequence[Option]) -> None:
    if not 3 <= len(options) <= len(LETTERS):
        raise ValueError(f"Prediction: options must be three or four, got {len(options)}.")
    if not question or not all(option.answer and option.reason for option in options):
        raise ValueError("Prediction: the question and each option's answer and reason must not be empty.")
    right = sum(not option.misconception for option in options)
    if right != 1:
        raise ValueError(
            f"Prediction: one option must be right, got {right}."
            " The right one has no misconception; each wrong one names the idea that it comes from."
        )


def _status(text: str) -> str:
    """A live region, so that a screen reader says what appeared."""
    return f'<div role="status" aria-live="polite" style="line-height:1.45">{text}</div>'
