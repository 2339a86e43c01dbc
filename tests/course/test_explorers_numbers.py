"""The numbers that the explorers say are those of the modules, counted here in another way."""

import itertools
import re
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from blocks import ConvNormAct, DepthwiseSeparable, SqueezeExcitation
from blocks.measure import cost
from blocks.networks.resnet import resnet50, se_resnet50
from course.depthwise_separable import _parameter_savings as depthwise_separable
from course.kit.training.grids import grid
from course.squeeze_excitation import _channel_weights as desk
from course.squeeze_excitation import _reduction_ratio as squeeze_excitation
from course.squeeze_excitation._channel_weights import TASKS, say
from course.squeeze_excitation.experiment import stored_cue_task, stored_plain_digits
from course.squeeze_excitation.gates import GATES
from tests.course.test_explorers import EXPLORERS, said


def numbers(text: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def multiply_adds(module: nn.Module, channels: int, size: int) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module.eval()(torch.zeros(1, channels, size, size))
    return counter.get_total_flops() // 2


@pytest.mark.parametrize(
    ("i", "o", "k", "r"), [(512, 512, 3, 14), (3, 32, 3, 112), (1, 1, 3, 9), (7, 5, 1, 4), (1, 64, 11, 3)]
)
def test_parameter_savings(i: int, o: int, k: int, r: int) -> None:
    words = depthwise_separable.say(depthwise_separable.savings(i, o, k, r))
    full, separable = ConvNormAct(i, o, kernel_size=k), DepthwiseSeparable(i, o, kernel_size=k)
    due = [weights(full), multiply_adds(full, i, r), weights(separable), weights(separable.depthwise)]
    due += [
        weights(separable.project),
        multiply_adds(separable, i, r),
        parameters(full),
        parameters(separable),
    ]
    pattern = (
        r"Full: ([\d,]+) weights, ([\d,]+) multiply-adds\. Depthwise separable: ([\d,]+) weights \(.*?\),"
        r" ([\d,]+) in the depthwise convolution and ([\d,]+) in the 1x1; ([\d,]+) multiply-adds \(.*?\),"
        r" .* With their norms they have ([\d,]+) and ([\d,]+) parameters\."
    )
    found = re.search(pattern, words.heard)
    assert found is not None, words.heard
    assert [int(n.replace(",", "")) for n in found.groups()] == due
    assert numbers(words.seen)[:2] == [weights(separable), weights(full)]
    depthwise = multiply_adds(separable.depthwise, i, r) / multiply_adds(separable, i, r)
    share = re.search(r"([\d.]+) % of these depthwise", words.heard)
    assert share is not None
    assert float(share[1]) == pytest.approx(100 * depthwise, abs=0.06)
    ratio = multiply_adds(separable, i, r) / multiply_adds(full, i, r)
    assert ratio == pytest.approx(1 / o + 1 / k**2)


def weights(module: nn.Module) -> int:
    """Of its convolutions alone: a weight has four dimensions."""
    return sum(p.numel() for p in module.parameters() if p.dim() == 4)


def test_four_counts_of_the_first_notebook() -> None:
    counts = [depthwise_separable.savings(*arguments, 3, 8).parameters for arguments in ((3, 3), (32, 64))]
    assert [(full.total, separable.total) for full, separable in counts] == [(81 + 6, 48), (18560, 2528)]


@pytest.mark.parametrize(
    ("full", "separable", "words"),
    [
        (10, 10, "as many"),
        (88, 10, "8.8 times fewer"),
        (11, 14, "1.3 times as many"),
        (1764, 1960, "1.1 times as many"),
        (105, 100, "1.05 times fewer"),
        (262144, 262656, "slightly more"),
    ],
)
def test_comparing_words(full: int, separable: int, words: str) -> None:
    assert depthwise_separable.compared(full, separable) == words


def test_a_count_unlike_the_formula_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fat(DepthwiseSeparable):
        def __init__(self, i: int, o: int, *, kernel_size: int) -> None:
            super().__init__(i, o, kernel_size=kernel_size, norm=None)

    explorer = EXPLORERS["parameter_savings"]()
    monkeypatch.setattr(depthwise_separable, "DepthwiseSeparable", Fat)
    with pytest.raises(
        RuntimeError, match=r"^savings: parameters are .* by the formula, .* by the module\.$"
    ):
        explorer.controls["in_channels"].value = 64
    monkeypatch.setattr(squeeze_excitation, "SqueezeExcitation", _without_bias)
    with pytest.raises(RuntimeError, match=r"^reduction: parameters of .* by the module\.$"):
        squeeze_excitation.reduction(16, 64)


def _without_bias(channels: int, reduction: int) -> nn.Module:
    module = SqueezeExcitation(channels, reduction=reduction)
    module.expand.bias = None
    return module


def test_reduction_against_published_counts() -> None:
    totals = {2: 45_699_240, 4: 35_635_688, 8: 30_603_912, 16: 28_088_024, 32: 26_830_080}  # SENet, table 10
    for ratio, total in totals.items():
        data = squeeze_excitation.reduction(ratio, 512)
        assert data.network + data.added == total
    with torch.device("meta"):
        assert parameters(se_resnet50()) == totals[16]


def test_reduction_says_what_it_counts() -> None:
    words = squeeze_excitation.say(squeeze_excitation.reduction(16, 100))
    assert numbers(words.heard)[:6] == [16, 100, 6, parameters(SqueezeExcitation(100)), 50, 16]
    assert {2_530_992, 25_557_032, 2_514_944, 9.9, 0.06, 22.28, 23.30} <= set(numbers(words.heard))
    assert numbers(words.seen) == [16, 9.9, 50, 0.06]
    assert "22.29 % top-1" in squeeze_excitation.say(squeeze_excitation.reduction(2, 100)).heard
    assert "No published error" in squeeze_excitation.say(squeeze_excitation.reduction(64, 100)).heard


def test_what_it_adds_is_the_difference_of_two_real_networks() -> None:
    with torch.device("meta"):
        pair = [cost(network(), (1, 3, 224, 224)) for network in (resnet50, se_resnet50)]
    data = squeeze_excitation.reduction(16, 64)
    assert [data.network, data.multiply_adds] == [pair[0].parameters, pair[0].multiply_adds]
    assert data.added == pair[1].parameters - pair[0].parameters
    assert data.added_multiply_adds == pair[1].multiply_adds - pair[0].multiply_adds


@pytest.mark.parametrize(("task", "study"), [(TASKS[0], stored_cue_task), (TASKS[1], stored_plain_digits)])
def test_channel_weights(task: str, study: object) -> None:
    stored = study()  # type: ignore[operator]
    for sample, chosen in itertools.product((0, 22, 100), GATES):
        data = desk.weights(stored, task, sample, 1, chosen)
        image = stored.images[sample : sample + 1]
        with torch.no_grad():
            answer = int(stored.network(image).argmax())
        gates = next(m for m in stored.network.modules() if isinstance(m, SqueezeExcitation))
        with torch.no_grad():
            first = gates.channel_weights(stored.network[0](image)).flatten()
        assert chosen != "own" or torch.allclose(torch.tensor(data.used), first, atol=1e-5)
        assert data.answers["own"] == answer
        right = [
            round(100 * (stored.answers[name] == stored.labels).double().mean().item())
            for name in dict.fromkeys(("own", chosen))  # the others would answer before they are chosen
        ]
        text = say(data).heard
        assert re.findall(r"(\d+) % with ", text) == [str(n) for n in right]
        assert f"says {int(stored.labels[sample])}" in text
        assert f"The network answers {answer} with its own" in text
        assert f"answers {data.answers[chosen]}: " in say(data).seen


def test_answers_with_gates_that_were_not_chosen_are_not_drawn() -> None:
    data = desk.weights(stored_cue_task(), TASKS[0], 22, 1, "own")
    for chosen, is_drawn in (("own", False), ("swapped", True)):
        now = replace(data, gates=chosen)
        other = replace(now, right={**data.right, "swapped": 1.0}, answers={**data.answers, "swapped": 7})
        assert (desk.draw(now, "") != desk.draw(other, "")) == is_drawn
        assert (say(now) != say(other)) == is_drawn


def test_the_other_digit_is_a_share_of_the_pictures_whose_digits_differ() -> None:
    """The same network and the same share as in the stored grid, whose seed 0 it is."""
    stored = stored_cue_task()
    read = [
        int(answer == other)
        for answer, other, label in zip(stored.answers["swapped"], stored.others, stored.labels, strict=True)
        if other != label
    ]
    assert len(read) < len(stored.labels)
    share = round(100 * sum(read) / len(read))
    text = say(desk.weights(stored, TASKS[0], 22, 1, "swapped")).heard
    assert f"Of those whose two digits differ it answers the other digit in {share} %" in text
    of_grid = next(
        run
        for run in grid("squeeze_excitation.cue_task")
        if run.seed == 0 and run.setting == "swapped, reads the other"
    )
    assert share == round(100 * of_grid.accuracy)
    plain = say(desk.weights(stored_plain_digits(), TASKS[1], 3, 3, "swapped")).heard
    assert "two digits" not in plain
    assert "answers the class that lends the gates in 0 %" in plain


def test_channel_weights_shows_the_last_stage_where_there_is_no_third() -> None:
    explorer = EXPLORERS["channel_weights"]()
    explorer.controls["stage"].value = 3
    assert "In stage 2 of 2 the gates" in said(explorer)
    explorer.controls["task"].value = TASKS[1]
    assert "In stage 3 of 3 the gates" in said(explorer)
    with pytest.raises(ValueError, match="stage must be from 1 to 2, got 3"):
        desk.weights(stored_cue_task(), TASKS[0], 22, 3, "own")
