"""What notebook 01's explorers and predictions say, found here in another way."""

import itertools
import re
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from blocks import ConvNormAct
from course.conv_norm_act import experiment as conv_norm_act
from course.conv_norm_act._channel_groups import channel_groups
from course.conv_norm_act._channel_groups import compute as channels
from course.conv_norm_act._channel_groups import draw as draw_channels
from course.conv_norm_act._channel_groups import say as say_channels
from course.conv_norm_act._norm_and_activation import KERNELS, _photographs
from course.conv_norm_act._norm_and_activation import compute as passage
from course.conv_norm_act._norm_and_activation import draw as draw_passage
from course.conv_norm_act._norm_and_activation import say as say_passage
from course.conv_norm_act._window_geometry import EACH, LEFT, MOST, PHOTO, TOP, kernel_of, window_geometry
from course.conv_norm_act._window_geometry import PRESETS as WINDOW_PRESETS
from course.conv_norm_act._window_geometry import compute as windows_of
from course.conv_norm_act._window_geometry import draw as draw_windows
from course.conv_norm_act._window_geometry import say as say_windows
from course.conv_norm_act._window_picture import _colors, _gray, _ink
from course.conv_norm_act.predictions import predict_pointwise, predict_rate
from course.kit.drawing.feature_maps import paletted
from course.kit.panel import Choice
from course.kit.training import grids
from course.kit.training.data import photograph
from course.kit.training.experiments import parameters
from course.kit.training.runs import accuracies
from tests.course.picture_marks import clicks, marks, to_scale
from tests.course.test_explorers_numbers import multiply_adds
from tests.course.test_style import contrast


def test_a_wrong_scale_is_found() -> None:
    assert to_scale([(10, 100, "a"), (1, 10, "a"), (7, 10, "b")])
    assert not to_scale([(10, 100, "a"), (10**0.5, 10, "a")])


SETTINGS = [
    (7, 3, 1, "derived", 1, 1, 1),
    (6, 3, 2, 0, 1, 2, 2),
    (7, 5, 3, 2, 2, 1, 9),
    (4, 1, 3, 3, 1, 2, 2),
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_windows_are_where_unfold_puts_them(setting: tuple[int, int, int, int | str, int, int, int]) -> None:
    n, k, s, p, d, row, column = setting
    data = windows_of("blur", *setting)
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
    assert list(data.centers) == [divmod(int(place), side) for place in windows[k * k // 2].tolist()]


def their_piece(size: int) -> torch.Tensor:
    """The pixels as Pillow reduces them, (1, 1, size, size)."""
    whole = photograph(PHOTO).convert("L")
    box = (LEFT, TOP, LEFT + MOST * EACH, TOP + MOST * EACH)
    cut = np.asarray(whole.crop(box), dtype=np.float64).reshape(MOST, EACH, MOST, EACH).mean((1, 3)).round()
    return torch.from_numpy(cut[:size, :size].copy()).view(1, 1, size, size)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("weights", ["blur", "edges"])
def test_the_sum_is_the_number_that_torch_gives(weights: str, setting: tuple[Any, ...]) -> None:
    n, k, s, p, d, *_ = setting
    data = windows_of(weights, *setting)
    kernel = torch.tensor(data.kernel, dtype=torch.float64).view(1, 1, k, k)
    zeros = d * (k - 1) // 2 if p == "derived" else int(p)
    theirs = F.conv2d(their_piece(n), kernel, stride=s, padding=zeros, dilation=d)[0, 0]
    assert np.array_equal(np.array(data.pixels), their_piece(n)[0, 0].numpy())
    assert np.allclose(np.array(data.output), theirs.numpy(), atol=1e-9)
    assert sum(data.products) == pytest.approx(theirs[data.row - 1, data.column - 1].item(), abs=1e-9)
    assert data.sum == pytest.approx(sum(data.products), abs=1e-9)


def test_another_pixels_products_have_another_sum() -> None:
    data, next_to_it = (windows_of("edges", 7, 3, 1, "derived", 1, 4, column) for column in (2, 3))
    assert sum(data.products) != pytest.approx(next_to_it.sum, abs=1)


def test_the_weights_do_what_they_are_called() -> None:
    ramp = torch.arange(5, dtype=torch.float64).expand(5, 5)
    for k in (3, 5):
        middle = slice((5 - k) // 2, (5 + k) // 2)
        assert (kernel_of("blur", k) * ramp[middle, middle]).sum().item() == pytest.approx(2)
        edges = kernel_of("edges", k)
        assert edges.sum() == 0
        assert (edges * ramp[middle, middle]).sum() > 0  # lighter to the right
        assert (edges * ramp.T[middle, middle]).sum() == 0
    assert kernel_of("blur", 1).tolist() == kernel_of("edges", 1).tolist() == [[1]]


def test_the_words_say_what_is_read() -> None:
    said = say_windows(windows_of("blur", 7, 3, 1, "derived", 1, 1, 1))
    assert "reads 4 pixels and 5 zeros of the padding. Every pixel" in said.heard
    data = windows_of("edges", 7, 3, 1, "derived", 1, 4, 2)
    assert say_windows(data).seen == f"9 products add up to {round(data.sum)}. 7 x 7 in, 7 x 7 out."
    said = say_windows(windows_of("blur", 6, 3, 2, 0, 1, 2, 2))
    assert "by the module 2 x 2" in said.heard
    assert "11 pixels of the input are read by no window" in said.heard
    assert said.seen == "11 of 36 pixels are never read. 6 x 6 in, 2 x 2 out."
    said = say_windows(
        windows_of("blur", 7, 3, 1, "derived", 1, 10, 2)
    )  # the control stands beyond the output
    assert "in row 7 (the last), column 2 the window" in said.heard


def test_a_window_that_does_not_fit_is_refused() -> None:
    explorer = window_geometry()
    before = explorer.picture.value
    explorer.set({"size": 4, "kernel_size": 5, "padding": 0})
    assert "got a window that reaches over 5 pixels and an input of 4" in explorer.message.value
    assert explorer.picture.value == before


CHOSEN = [{}, {"stride": 2}, {"dilation": 2}, {"kernel_size": 1}, *WINDOW_PRESETS.values()]


@pytest.mark.parametrize("settings", CHOSEN)
def test_every_output_pixel_can_be_clicked(settings: dict[str, Any]) -> None:
    explorer = window_geometry()
    picture = "".join(map(str, explorer.answer({**explorer.start, **settings})[0]))
    data = windows_of(**{**explorer.start, **settings})
    every = {(y, x) for y in range(1, data.out + 1) for x in range(1, data.out + 1)}
    assert {(one["row"], one["column"]) for one in clicks(picture)} == every


def test_the_bars_are_the_products_and_the_sum() -> None:
    for row, column in itertools.product((1, 4, 7), repeat=2):
        data = windows_of("edges", 7, 3, 1, "derived", 1, row, column)
        found = marks("".join(map(str, draw_windows(data, "words"))))
        assert [value for _, value, _ in found] == pytest.approx([*map(abs, data.products), abs(data.sum)])
        assert to_scale(found)


def test_numbers_stand_out_from_their_colors() -> None:
    for value in range(256):
        assert contrast(_gray(value), _ink(_gray(value))) >= 4.5
    for fill in _colors([n / 50 for n in range(-50, 51)], True):
        assert contrast(fill, _ink(fill)) >= 4.5


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
    weights, said = unit.conv.weight.numel(), say_channels(data)
    assert f"{weights:,} weight" in said.heard
    assert f"{weights:,} " in said.seen
    assert f"sees {i // g} of the {i} " in said.seen or i == 1
    assert f"{multiply_adds(unit, i, 14):,} multiply-adds" in said.heard


@pytest.mark.parametrize(("i", "o", "k", "g"), [(8, 8, 3, 2), (8, 3, 1, 1), (4, 8, 5, 4), (1, 1, 1, 1)])
def test_the_filled_area_is_the_weights(i: int, o: int, k: int, g: int) -> None:
    found = marks("".join(map(str, draw_channels(channels(i, o, k, g), "words"))))
    assert to_scale(found)
    assert (
        sum(value for _, value, _ in found) == ConvNormAct(i, o, kernel_size=k, groups=g).conv.weight.numel()
    )


def test_a_cell_lights_its_row_and_column() -> None:
    explorer = channel_groups()
    explorer.set({"groups": 2})
    seen = clicks(explorer.picture.value)
    assert {(y, x) for y in range(1, 9) for x in range(1, 9)} == {
        (one["output_channel"], one["input_channel"]) for one in seen if len(one) == 2
    }
    explorer.set({"output_channel": 5, "input_channel": 1})
    assert "Output 5 sees input 5 to 8; input 1 is seen by output 1 to 4." in explorer.message.value
    explorer.set({"out_channels": 4, "groups": 4})  # the control stands beyond it
    assert "Output 4 sees input 7 to 8; input 1 is seen by output 1." in explorer.message.value


def test_fewer_buttons() -> None:
    """29 before: what is pressed, in sight, presets and the knobs of a lesson."""
    explorer = channel_groups()
    knobs = [c for c in explorer.declared.values() if isinstance(c, Choice) and not c.more]
    assert len(explorer.presets) + sum(len(c.options) for c in knobs) <= 14


@pytest.mark.parametrize(("batch", "seen"), [("alone", 10), ("all three", 1), ("alone", 0)])
def test_the_norm_does_what_its_words_say(batch: str, seen: int) -> None:
    data = passage("espresso", "edges", batch, seen, "SiLU")
    crops = _photographs()
    weight = torch.tensor(KERNELS["edges"], dtype=torch.float64).expand(1, 3, 3, 3) / 3
    convolved = F.conv2d(crops, weight, padding=1)
    mean, variance = 0.0, 1.0
    for _ in range(seen):
        mean = 0.9 * mean + 0.1 * convolved.mean().item()
        variance = 0.9 * variance + 0.1 * convolved.var().item()
    mine = convolved[1:2] if batch == "alone" else convolved
    own = mine.mean().item(), mine.std(correction=0).item()
    assert data.train.used == pytest.approx(own)
    assert data.eval.used == pytest.approx((mean, variance**0.5))
    assert np.allclose(data.convolved, convolved[1, 0].numpy())
    said = say_passage(data)
    for mode in (data.train, data.eval):
        wanted = (convolved[1, 0].numpy() - mode.used[0]) / np.sqrt(mode.used[1] ** 2 + 1e-5)
        assert np.allclose(mode.normed, wanted)
        assert np.allclose(mode.activated, F.silu(torch.from_numpy(wanted)).numpy())
        first, second = (f"{value:.2f}".replace("-0.00", "0.00") for value in mode.used)
        assert f"takes off a mean of {first} and divides by a deviation of {second}" in said.heard
        moments = f"{wanted.mean():.2f} ± {wanted.std():.2f}".replace("-0.00", "0.00")
        assert moments in said.seen
        assert moments in "".join(map(str, draw_passage(data, said.heard)))
    spans = [marks(str(card)) for card in draw_passage(data, said.heard)]
    for mode, span in zip((data.train, data.eval), spans, strict=True):
        assert [value for _, value, _ in span] == pytest.approx([2 * mode.used[1], 2])
    assert to_scale([mark for span in spans for mark in span])


def test_only_in_train_mode_the_others_in_the_batch_count() -> None:
    alone, together = (passage("cat", "blur", batch, 10, "ReLU") for batch in ("alone", "all three"))
    assert np.allclose(alone.eval.normed, together.eval.normed)
    assert abs(alone.train.normed.std() - together.train.normed.std()) > 0.3
    drawn = [draw_passage(data, "words") for data in (alone, together)]
    maps = [[re.findall('<image [^>]*href="(.*?)"', str(card))[-3:] for card in cards] for cards in drawn]
    assert maps[0][1] == maps[1][1]
    assert maps[0][0][0] == maps[1][0][0]
    assert maps[0][0][1] != maps[1][0][1]


def test_a_map_is_blue_below_zero_and_orange_above() -> None:
    values = np.array([[-3.0, 0.0, 3.0]], dtype=np.float32)
    blue, white, orange = np.asarray(paletted(values, 3, signed=True).convert("RGB"))[0].astype(int)
    assert blue[2] > blue[0] + 80
    assert white.min() > 240
    assert orange[0] > orange[2] + 80
    assert np.array_equal(np.asarray(paletted(values[:, 1:], 3, signed=False).convert("L")), [[0, 255]])


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
