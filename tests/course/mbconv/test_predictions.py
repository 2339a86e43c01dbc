"""The numbers that notebook 08's predictions state are those of the modules and of the stored runs."""

import statistics

from torch import nn

from blocks import InvertedResidual, MBConv, SqueezeExcitation
from course.kit.training import grids
from course.kit.training.experiments import parameters
from course.kit.training.runs import verdict
from course.mbconv import experiment as mbconv
from course.mbconv.predictions import predict_accuracy, predict_drop, predict_squeeze
from tests import ROOT
from tools.claims import fate


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
    assert abs(counts[2] - counts[0]) < 0.01 * counts[0]
    found = verdict(runs, "with SE", "without SE, t=4.7")
    assert not found.clear
    assert asked.options[asked.right].answer == "Neither"
    with_it, wider = (sum(sign * each > 0 for each in found.differences) for sign in (1, -1))
    said = f"in only {with_it} of {len(found.differences)} runs, by {100 * found.mean:.1f} points on average"
    assert said in asked.options[0].reason
    assert f"ahead in only {wider} of {len(found.differences)} runs" in asked.options[1].reason


def test_what_falls_under_another_arithmetic_is_not_claimed() -> None:
    """Nine of ten runs gain as installed, and in one of four other arithmetics three do not."""
    found = fate("mbconv.squeeze_excitation", "with SE", "without SE")
    gains = [statistics.mean(differences) > 0.004 for differences in found.others.values()]
    assert (found.verdict.in_favor, sorted(gains)) == (9, [False, True, True, True])
    assert not found.holds
    text = (ROOT / "notebooks" / "08_mbconv.ipynb").read_text(encoding="utf-8")
    assert "in one of four other arithmetics the gain is gone" in text
