"""The numbers that notebook 08's predictions state are those of the modules and of the stored runs."""

from torch import nn

from blocks import InvertedResidual, MBConv, SqueezeExcitation
from course.kit.training import grids
from course.kit.training.experiments import parameters
from course.kit.training.runs import verdict
from course.mbconv import experiment as mbconv
from course.mbconv.predictions import predict_accuracy, predict_drop, predict_squeeze


def test_what_squeeze_and_excitation_would_add() -> None:
    asked = predict_squeeze()
    without = parameters(InvertedResidual(24, 24))
    assert f"{without:,} parameters without" in asked.question
    added = [parameters(SqueezeExcitation(144, squeezed_channels=q, act=nn.SiLU)) for q in (36, 24 // 4)]
    answers = [option.answer for option in asked.options]
    assert answers[asked.right] == f"{added[0]:,}"
    assert added[0] > without
    assert f"{added[1]:,}" in answers
    assert f"6 numbers, {added[1]:,} parameters" in asked.options[asked.right].reason
    assert parameters(MBConv(24, 24).squeeze_excitation) == added[1]


def test_the_expected_number_of_pictures() -> None:
    asked = predict_drop()
    assert f"{8 * 0.2:.1f} are expected" in asked.options[asked.right].reason


def test_what_the_stored_runs_say() -> None:
    asked, runs = predict_accuracy(), grids.grid("mbconv.squeeze_excitation")
    counts = [parameters(mbconv.network(setting)) for setting in mbconv.SETTINGS]
    assert f"saves {100 * (1 - counts[1] / counts[0]):.0f} %" in asked.question
    wider = verdict(runs, "with SE", "without SE, t=4.7")
    without = verdict(runs, "with SE", "without SE")
    assert (
        asked.options[asked.right].answer == "It clearly beats the network without it, but not the wider one"
    )
    assert (without.clear, wider.clear) == (True, False)
    assert without.mean > 0
    assert 0.45 < 100 * without.mean < 0.55
    reasons = [option.reason for option in asked.options]
    assert (
        f"in {without.in_favor} of {len(without.differences)} runs, by half a point" in reasons[asked.right]
    )
    assert f"in only {wider.in_favor} of {len(wider.differences)} runs" in reasons[1]
    assert f"a small gain in {without.in_favor} of {len(without.differences)} runs" in reasons[2]
    assert wider.mean > 0
    assert abs(counts[2] - counts[0]) < 0.01 * counts[0]
