"""The pictures of chapter 07: faders, bars and silhouettes are the numbers, and no vote is told."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from blocks import SqueezeExcitation
from blocks.networks.resnet import REPEATS_50, WIDE
from course.kit.drawing.glyphs import digit
from course.kit.training import data
from course.squeeze_excitation import _channel_weights as desk
from course.squeeze_excitation import _reduction_ratio as ratio
from course.squeeze_excitation.experiment import stored_cue_task, stored_plain_digits
from course.squeeze_excitation.gates import GATES
from tests.course.drawn_marks import check_true, clicks, marks, words

STUDIES = {desk.TASKS[0]: stored_cue_task, desk.TASKS[1]: stored_plain_digits}


# The mixing desk


@pytest.mark.parametrize("task", desk.TASKS)
@pytest.mark.parametrize("gates", GATES)
def test_faders_and_shares_are_those_of_the_study(task: str, gates: str) -> None:
    study = STUDIES[task]()
    for sample, stage in ((0, 1), (22, study.stages)):
        found = marks(desk.draw(desk.weights(study, task, sample, stage, gates), "heard"))
        due = study.gates[gates][stage - 1][sample].tolist()
        assert [found[f"level-{n}"].value for n in range(len(due))] == pytest.approx(due, rel=1e-6)
        shares = [100 * study.accuracy(gates), 100 * study.reads_other(gates)]
        assert [found[f"share-{n}"].value for n in range(2)] == pytest.approx(shares)
        check_true(found)


def test_an_untrue_fader_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "_height", lambda gate: desk._TOP + 8 + desk._LONG * (1 - gate**0.5))
    with pytest.raises(AssertionError, match="should be"):
        check_true(marks(desk.draw(desk.weights(stored_cue_task(), desk.TASKS[0], 22, 1, "own"), "heard")))


def test_the_large_digit_is_the_answer_with_the_chosen_gates() -> None:
    study = stored_cue_task()
    for sample in (0, 22, 101, 222):
        for gates in GATES:
            answer = int(study.answers[gates][sample])
            picture = desk.draw(desk.weights(study, desk.TASKS[0], sample, 1, gates), "heard")
            (found,) = re.findall('data-key="answer-([0-9])"', picture[2])
            assert int(found) == answer
            assert digit(answer, desk._NARROW / 2, desk._TOP + 10 + desk._DIGIT, desk._DIGIT) in picture[2]
            verdict = (
                "right" if answer == study.labels[sample] else f"wrong, the image says {study.labels[sample]}"
            )
            assert verdict in words(picture[2:])


def test_ten_digits_have_ten_shapes_and_no_other_number_has_one() -> None:
    assert len({digit(n, 50, 90, 80) for n in range(10)}) == 10
    for wrong in (-1, 10):
        with pytest.raises(ValueError, match=f"must be from 0 to 9, got {wrong}"):
            digit(wrong, 50, 90, 80)


def pixels(source: str) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(base64.b64decode(source))))


def test_the_image_is_the_one_that_the_network_gets() -> None:
    study = stored_cue_task()
    for sample in (22, 101):
        card = desk.draw(desk.weights(study, desk.TASKS[0], sample, 1, "own"), "heard")[0]
        drawn = [pixels(one) for one in re.findall('base64,([^"]*)"', card)][:3]
        for channel, found in zip(study.images[sample], drawn, strict=True):
            np.testing.assert_allclose(found, 255 * (1 - channel.clip(0, 1)), atol=0.51)
        wanted = int(study.groups[sample])
        assert data.digits()[0].shape[-1] == study.images.shape[-1]  # a digit of its own, as it is
        assert f"{('first', 'second')[wanted]} digit counts" in words((card,))


def test_pale_marks_are_the_gates_of_the_other_cue() -> None:
    study = stored_cue_task()
    own, lent = (desk.weights(study, desk.TASKS[0], 22, 1, gates) for gates in ("own", "swapped"))
    assert own.lent == lent.used == lent.lent
    assert own.used != own.lent


def test_a_click_lends_the_gates_and_gives_them_back() -> None:
    explorer = desk.channel_weights()
    picture, _ = explorer.answer(explorer.start)
    samples = [click["sample"] for click in clicks(picture[:1])]
    assert samples == list(explorer.declared["sample"].on_page)
    assert clicks(picture[1:2]) == [{"gates": "swapped"}]
    picture, _ = explorer.answer({**explorer.start, "gates": "swapped"})
    assert clicks(picture[1:2]) == [{"gates": "own"}]


def test_what_lent_gates_do_is_told_only_when_they_are_lent() -> None:
    """On plain digits the vote asks for it: a wrong class's gates must not be told there before."""
    explorer = desk.channel_weights()
    for task, tells in ((desk.TASKS[0], ("answers 4", "76 %")), (desk.TASKS[1], ("with a wrong class's",))):
        picture, said = explorer.answer({**explorer.start, "task": task})
        asked, now = explorer.answer({**explorer.start, "task": task, "gates": "swapped"})
        for tell in tells:
            assert tell not in words(picture) + said.seen + said.heard
            assert tell in words(asked) + now.seen + now.heard


# The reduction


@pytest.mark.parametrize("reduction", [1, 3, 4, 16, 32, 256])
@pytest.mark.parametrize("channels", [1, 4, 96, 256])
def test_widths_are_channels_and_areas_are_costs(reduction: int, channels: int) -> None:
    found = marks(ratio.draw(ratio.reduction(reduction, channels), "heard"))
    with torch.device("meta"):
        block = SqueezeExcitation(channels, reduction=reduction)
        stages = [SqueezeExcitation(wide, reduction=reduction) for wide in WIDE]
    assert [found[key].value for key in ("means", "reduced", "gates")] == [
        channels,
        block.reduce.out_channels,
        channels,
    ]
    for n, (stage, count) in enumerate(zip(stages, REPEATS_50, strict=True), 1):
        assert found[f"stage-{n}"].value == count * sum(p.numel() for p in stage.parameters())
    due = sum(2 * c * s.reduce.out_channels * n for c, s, n in zip(WIDE, stages, REPEATS_50, strict=True))
    assert found["more"].value == due
    check_true(found)


def test_bars_that_are_divided_by_the_largest_are_refused() -> None:
    """The old picture: 4 and 256 gave the same four bars."""
    four, many = (marks(ratio.draw(ratio.reduction(r, 256), "heard")) for r in (4, 256))
    assert four["whole-parameters"] == many["whole-parameters"]  # one scale for both
    assert four["stage-4"].height / many["stage-4"].height == pytest.approx(
        sum(four[f"stage-{n}"].value for n in range(1, 5))
        / sum(many[f"stage-{n}"].value for n in range(1, 5)),
        rel=0.01,
    )


def test_what_it_adds_to_a_network_is_told_only_when_it_is_put_in() -> None:
    explorer = ratio.reduction_ratio()
    picture, said = explorer.answer(explorer.start)
    asked, now = explorer.answer({**explorer.start, "counted": ratio.BOTH})
    for tell in ("9.9 %", "0.06 %", "2,530,992"):
        assert tell not in words(picture) + said.seen + said.heard
        assert tell in words(asked) + now.heard
    assert {"counted": ratio.BOTH} in clicks(picture)
    assert [click["reduction"] for click in clicks(picture) if "reduction" in click] == [2, 4, 8, 16, 32]


def test_the_waist_is_the_reduced_width_and_nothing_covers_it() -> None:
    for reduction in (1, 2, 16, 256):
        card = ratio.draw(ratio.reduction(reduction, 256), "heard")[0]
        found = marks((card,))["reduced"]
        inner = [float(x) for x in re.findall(r'd="M[\d.]+ \d+L([\d.]+) ', card)]
        assert len(inner) == (0 if reduction == 1 else 2)
        if inner:
            assert inner[1] - inner[0] == pytest.approx(found.width, abs=0.11)
