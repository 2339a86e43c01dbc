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
    assert all(one.mean > 0 for one in with_shortcuts)
    assert [one.clear for one in with_shortcuts] == [True, False, False, False, False]  # the narrowest first
    assert "clearly only at the narrowest" in asked.options[asked.right].reason
    alone = verdict(stored, "width 4, linear, no shortcut", "width 4, ReLU6, no shortcut")
    assert alone.clear
    assert alone.mean > 0.03
    assert "by several points" in asked.options[asked.right].answer


def test_whether_loss_or_bend_costs_is_as_open_as_the_page_says() -> None:
    stored = grids.grid("linear_bottleneck.narrow_end")
    costs = {
        end: verdict(stored, "width 4, linear, no shortcut", f"width 4, {end}, no shortcut")
        for end in tuple(linear_bottleneck.ENDS)[1:]
    }
    assert [end for end, one in costs.items() if one.clear] == ["ReLU6", "ReLU", "LeakyReLU 0.1"]
    assert all(one.mean > 0 for one in costs.values())
    assert not verdict(stored, "width 4, LeakyReLU 0.01, no shortcut", "width 4, ReLU, no shortcut").clear
