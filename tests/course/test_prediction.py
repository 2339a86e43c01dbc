"""A prediction shows the answer after a choice, never before; unrun it is folded."""

import html
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from course import chapters
from course.kit.panel import Option, Prediction
from course.kit.record import name_of

RIGHT = Option("About <9> times.", "1/512 + 1/9 & no more.")
WRONG = (
    Option("512 times.", "The 1x1 joins all channels.", "depthwise mixes channels"),
    Option("As many.", "It is another function.", "separable computes the same function"),
)


def make() -> Prediction:
    return Prediction("How many times fewer?", WRONG[0], RIGHT, WRONG[1])


def told(prediction: Prediction) -> str:
    return html.unescape(re.sub("<.*?>", " ", prediction.message.value)).strip()


def shown(prediction: Any) -> str:
    """All that is on the screen before a choice."""
    texts = [getattr(w, "value", "") or w.description for w in prediction._widget.children]
    return html.unescape(" ".join(texts))


def check_secret(prediction: Prediction) -> None:
    before = shown(prediction) + repr(prediction)
    folded = prediction._repr_mimebundle_()[0]["text/html"]
    outside = html.unescape(re.sub("<details>.*?</details>", "", folded))
    for option in prediction.options:
        assert option.answer in before
        assert option.answer in outside
        for secret in (option.reason, option.misconception):
            assert not secret or secret not in before + outside
            assert secret in html.unescape(folded)
    assert not any(button.icon or button.button_style for button in prediction.buttons)


def test_nothing_is_told_before_the_choice() -> None:
    check_secret(make())


def test_telling_early_is_refused() -> None:
    chosen = make()
    chosen.choose(1)
    with pytest.raises(AssertionError):
        check_secret(chosen)

    class Open(Prediction):
        def _folded(self) -> str:
            return super()._folded().replace("details>", "div>")

    with pytest.raises(AssertionError):
        check_secret(Open("How many times fewer?", WRONG[0], RIGHT, WRONG[1]))


def test_wrong_choice_names_the_idea_and_then_the_right_answer() -> None:
    prediction = make()
    prediction.buttons[0].click()
    text = told(prediction)
    assert text.startswith("A is not so")
    assert WRONG[0].misconception in text
    assert WRONG[0].reason in text
    assert WRONG[1].reason not in text
    assert text.endswith(f"B. {RIGHT.answer} {RIGHT.reason}")


def marks(prediction: Prediction) -> list[tuple[str, str, str]]:
    """How each button is colored, its icon, and what a screen reader says beside its text."""
    return [(button.button_style, button.icon, button.tooltip or "") for button in prediction.buttons]


PLAIN, RIGHT_MARK = ("", "", ""), ("success", "check", "The right answer")
WRONG_MARK = ("danger", "times", "Your choice: not right")


@pytest.mark.parametrize("right", range(3))
def test_wrong_choice_marks_the_right_button_too(right: int) -> None:
    prediction = Prediction("How many times fewer?", *WRONG[:right], RIGHT, *WRONG[right:])
    assert marks(prediction) == [PLAIN] * 3
    for chosen in range(3):
        prediction.choose(chosen)
        expected = [PLAIN] * 3
        expected[chosen], expected[right] = WRONG_MARK, RIGHT_MARK
        assert marks(prediction) == expected


def test_choice_can_be_changed() -> None:
    prediction = make()
    prediction.choose(2)
    prediction.buttons[1].click()
    assert told(prediction).startswith("B is right.")
    assert marks(prediction) == [PLAIN, RIGHT_MARK, PLAIN]
    assert "<9>" not in prediction.message.value


def test_every_answer_is_a_button_with_its_name() -> None:
    names = [button.description for button in make().buttons]
    assert names == ["A. 512 times.", "B. About <9> times.", "C. As many."]


def test_bundle_is_the_same_each_time() -> None:
    (first, metadata), (second, _) = (make()._repr_mimebundle_() for _ in range(2))
    assert metadata == {"cnn": {"prediction": ""}}
    for kind in ("text/html", "text/plain"):
        assert first[kind] == second[kind]
    assert first["text/html"].count("<details>") == 1
    assert "model_id" in first["application/vnd.jupyter.widget-view+json"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([RIGHT, WRONG[0]], "options must be three or four, got 2"),
        ([RIGHT, *WRONG, *WRONG], "options must be three or four, got 5"),
        ([RIGHT, RIGHT, WRONG[0]], "one option must be right, got 2"),
        ([WRONG[0], *WRONG], "one option must be right, got 0"),
        ([RIGHT, WRONG[0], Option("x", "", "y")], "must not be empty"),
    ],
)
def test_bad_options(options: list[Option], message: str) -> None:
    with pytest.raises(ValueError, match=rf"^Prediction: .*{message}"):
        Prediction("How many?", *options)


PREDICTIONS = [
    pytest.param(chapter.resolve(reference), name_of(reference), id=f"{chapter.concept}-{name_of(reference)}")
    for chapter in chapters()
    for reference in chapter.predictions
]


@pytest.mark.parametrize(("make", "name"), PREDICTIONS)
def test_a_prediction_has_the_name_of_its_function(make: Callable[[], Prediction], name: str) -> None:
    assert make()._repr_mimebundle_()[1]["cnn"]["prediction"] == name


def test_empty_question() -> None:
    with pytest.raises(ValueError, match=r"^Prediction: the question"):
        Prediction("", RIGHT, *WRONG)


def guessed(places: str) -> list[str]:
    """What a reader could guess by, given the letter of each right answer, such as "BCBBA"."""
    counts = Counter(places)
    wrong = [f"{letter} is never right" for letter in "ABCD" if not counts[letter]]
    wrong += [
        f"{letter} is right in over half of all" for letter in "ABC" if 2 * counts[letter] > len(places)
    ]
    if 4 * counts["A"] < len(places):
        wrong.append(f"A is right in {counts['A']} of {len(places)} only")
    return wrong


def test_the_right_answers_are_spread_over_the_places() -> None:
    assert guessed("".join("ABCD"[one.values[0]().right] for one in PREDICTIONS)) == []


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ("ABC" * 4, "D is never right"),
        ("BC" * 6 + "AD", "A is right in 1 of 14 only"),
        ("ACC" * 4 + "BD", "C is right in over half of all"),
    ],
)
def test_answers_that_can_be_guessed_by_their_place_are_found(places: str, found: str) -> None:
    assert guessed(places) == [found]
    assert guessed("ABC" * 4 + "D") == []
