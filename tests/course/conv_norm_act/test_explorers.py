"""What notebook 01's explorers and predictions say, found here in another way."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from blocks import ConvNormAct
from course.conv_norm_act import experiment as conv_norm_act
from course.conv_norm_act._channel_groups import compute as channels
from course.conv_norm_act._channel_groups import say as say_channels
from course.conv_norm_act._norm_and_activation import KERNELS, _photographs
from course.conv_norm_act._norm_and_activation import compute as passage
from course.conv_norm_act._norm_and_activation import say as say_passage
from course.conv_norm_act._window_geometry import compute as windows_of
from course.conv_norm_act._window_geometry import ink_on, weight_color, window_geometry
from course.conv_norm_act._window_geometry import say as say_windows
from course.conv_norm_act.predictions import predict_pointwise, predict_rate
from course.kit.training import grids
from course.kit.training.experiments import parameters
from course.kit.training.runs import accuracies
from tests.course.test_explorers_numbers import multiply_adds
from tests.course.test_style import contrast

SETTINGS = [
    (7, 3, 1, "derived", 1, 1, 1),
    (6, 3, 2, 0, 1, 2, 2),
    (9, 5, 3, 2, 2, 1, 9),
    (4, 1, 3, 3, 1, 2, 2),
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_windows_are_where_unfold_puts_them(setting: tuple[int, int, int, int | str, int, int, int]) -> None:
    n, k, s, p, d, row, column = setting
    data = windows_of(*setting)
    zeros = d * (k - 1) // 2 if p == "derived" else int(p)
    side = n + 2 * zeros
    numbered = torch.arange(side * side, dtype=torch.float64).view(1, 1, side, side)
    windows = F.unfold(numbered, k, dilation=d, stride=s)[0].long()
    out = round(windows.shape[1] ** 0.5)
    assert data.out == out
    index = (min(row, out) - 1) * out + min(column, out) - 1
    weights, reads = np.zeros(side * side, dtype=int), np.zeros(side * side, dtype=int)
    weights[windows[:, index].numpy()] = np.arange(1, k * k + 1)
    np.add.at(reads, windows.flatten().numpy(), 1)
    assert np.array_equal(np.array(data.weights).ravel(), weights)
    assert np.array_equal(np.array(data.reads).ravel(), reads)
    middles = sorted(divmod(int(place), side) for place in windows[k * k // 2].tolist())
    assert sorted(data.centers) == middles


def test_the_sentence_says_what_is_read() -> None:
    text = say_windows(windows_of(7, 3, 1, "derived", 1, 1, 1))
    assert "reads 4 pixels and 5 zeros of the padding. Every pixel" in text
    text = say_windows(windows_of(6, 3, 2, 0, 1, 2, 2))
    assert "by the module 2 x 2" in text
    assert "11 pixels of the input are read by no window" in text
    text = say_windows(windows_of(7, 3, 1, "derived", 1, 10, 2))  # the control stands beyond the output
    assert "in row 7 (the last), column 2 the window" in text


def test_a_window_that_does_not_fit_is_refused() -> None:
    explorer = window_geometry()
    before = explorer.picture.value
    explorer.set({"size": 4, "kernel_size": 5, "padding": 0})
    assert "got a window that reaches over 5 pixels and an input of 4" in explorer.message.value
    assert explorer.picture.value == before


def test_numbers_stand_out_from_their_colors() -> None:
    for k in (1, 3, 5):
        fills = [weight_color(n, k) for n in range(1, k * k + 1)]
        assert len(set(fills)) == k * k
        assert min(contrast(fill, ink_on(fill)) for fill in fills) >= 4.5


@pytest.mark.parametrize(
    ("i", "o", "k", "g"), [(8, 8, 3, 1), (8, 4, 1, 2), (12, 12, 5, 12), (6, 9, 3, 3), (1, 1, 1, 1)]
)
def test_who_sees_whom_is_what_gradients_say(i: int, o: int, k: int, g: int) -> None:
    data = channels(i, o, k, g)
    unit = ConvNormAct(i, o, kernel_size=k, groups=g, act=None, norm=None)
    nn.init.uniform_(unit.conv.weight, 0.1, 1)
    x = torch.randn(1, i, 5, 5, requires_grad=True)
    y = unit(x).sum((0, 2, 3))
    for channel, row in enumerate(data.sees):
        (gradient,) = torch.autograd.grad(y[channel], x, retain_graph=True)
        assert tuple((gradient.abs().sum((0, 2, 3)) > 0).tolist()) == row
    text = say_channels(data)
    assert f"{unit.conv.weight.numel():,} weight" in text
    assert f"{multiply_adds(unit, i, 14):,} multiply-adds" in text


@pytest.mark.parametrize(
    ("batch", "mode", "seen"), [("alone", "train", 10), ("all three", "train", 1), ("alone", "eval", 10)]
)
def test_the_norm_does_what_its_sentence_says(batch: str, mode: str, seen: int) -> None:
    data = passage("espresso", "edges", mode, batch, seen, "SiLU")
    crops = _photographs()
    weight = torch.tensor(KERNELS["edges"], dtype=torch.float64).expand(1, 3, 3, 3) / 3
    convolved = F.conv2d(crops, weight, padding=1)
    mean, variance = 0.0, 1.0
    for _ in range(seen):
        mean = 0.9 * mean + 0.1 * convolved.mean().item()
        variance = 0.9 * variance + 0.1 * convolved.var().item()
    assert data.running == pytest.approx((mean, variance**0.5))
    mine = convolved[1:2] if batch == "alone" else convolved
    own = mine.mean().item(), mine.std(correction=0).item()
    assert data.own == pytest.approx(own)
    used = own if mode == "train" else data.running
    wanted = (convolved[1, 0].numpy() - used[0]) / np.sqrt(used[1] ** 2 + 1e-5)
    assert np.allclose(data.stages[2], wanted)
    assert np.allclose(data.stages[3], F.silu(torch.from_numpy(wanted)).numpy())
    said = say_passage(data)
    first, second = (f"{value:.2f}".replace("-0.00", "0.00") for value in used)
    assert f"takes off a mean of {first} and divides by a deviation of {second}" in said


def test_the_prediction_states_the_counted_weights() -> None:
    asked = predict_pointwise()
    assert (
        f"{ConvNormAct(8, 8, kernel_size=1).conv.weight.numel()} weights" in asked.options[asked.right].answer
    )


def right(has_norm: bool, rate: float) -> list[float]:
    """The accuracies of the stored runs, from worst to best."""
    runs = grids.grid("conv_norm_act.rates")
    return sorted(accuracies(runs, conv_norm_act.setting(has_norm, rate)).values())


def test_the_stored_runs_show_what_prose_and_prediction_say() -> None:
    without = {rate: right(False, rate) for rate in conv_norm_act.RATES}
    assert max(without, key=lambda rate: sum(without[rate])) == 0.1
    assert "Without a norm, 0.1 is the best on average" in predict_rate().question
    assert all(right(True, rate)[0] > 0.9 for rate in (0.03, 0.1, 0.3, 1))
    assert right(True, 3)[0] < 0.5
    assert right(True, 3)[1] > 0.9
    assert 0.4 < without[0.1][0] < without[0.1][1] < 0.6
    assert without[0.1][2] > 0.8
    assert without[0.3][3] < 0.12
    assert without[0.3][-3] > 0.9
    assert all(without[rate][-1] < 0.15 for rate in (1, 3))
    assert right(True, 0.01)[-1] < 0.85


def test_the_networks_differ_by_the_norms_and_the_biases_in_their_place() -> None:
    norm, bare = conv_norm_act.network(True), conv_norm_act.network(False)
    assert parameters(norm) - parameters(bare) == 4 * 16  # two numbers a channel for the bias that goes
    assert sum(isinstance(m, nn.Conv2d) for m in norm.modules()) == 4
