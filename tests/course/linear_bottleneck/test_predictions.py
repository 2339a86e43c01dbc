"""What notebook 05's predictions state is what the formula and the stored runs say."""

from course.kit.training import grids
from course.kit.training.runs import verdict
from course.linear_bottleneck import experiment as linear_bottleneck
from course.linear_bottleneck.predictions import predict_digits, predict_loss


def test_the_question_on_loss_states_the_formula() -> None:
    reason = predict_loss().options[predict_loss().right].reason
    assert linear_bottleneck.fewer_on(2, 2) == 3 / 4
    assert "three quarters at n = 2" in reason
    assert linear_bottleneck.fewer_on(15, 2) < 0.0005
    assert "less than 0.05 % at n = 15" in reason


def test_the_question_on_digits_states_the_stored_verdicts() -> None:
    asked = predict_digits()
    stored = grids.grid("linear_bottleneck.narrow_end")
    with_shortcuts = [
        verdict(stored, f"width {width}, linear", f"width {width}, ReLU6")
        for width in linear_bottleneck.WIDTHS
    ]
    assert all(one.difference > 0 for one in with_shortcuts)
    assert [one.larger for one in with_shortcuts].count(False) == 4
    assert "at four of five widths" in asked.options[asked.right].reason
    alone = verdict(stored, "width 4, linear, no shortcut", "width 4, ReLU6, no shortcut")
    assert alone.larger
    assert alone.difference > 0.03
    assert "by several points" in asked.options[asked.right].answer
