"""What notebook 08's explorers say and draw, against counts and draws made here in another way."""

import re

import pytest
import torch
from torch import nn

from blocks import InvertedResidual, MBConv, SqueezeExcitation
from blocks.networks import blocks_of, efficientnet_b0
from blocks.networks.mobilenet import v3_squeeze_excitation
from blocks.stochastic_depth import StochasticDepth
from course.mbconv import _whole_block as mbconv
from course.mbconv._stochastic_depth import DRAWS, NETWORKS, PICTURES, compute, say, stochastic_depth
from course.mbconv.places import Place, places, setting
from tests.course.marks import check_clicks, check_scale, shown
from tests.course.test_explorers_numbers import multiply_adds, numbers, parameters

B0, LARGE, SMALL = "EfficientNet-B0", "MobileNetV3-Large", "MobileNetV3-Small"

# The papers' tables, written down once more: in, kernel, expanded, out, squeezed to (0: not), act, stride,
# and the numbers of the blocks that are so.
ROWS: dict[str, tuple[tuple[int, int, int, int, int, str, int, tuple[int, ...]], ...]] = {
    B0: (
        (32, 3, 32, 16, 8, "SiLU", 1, (1,)),
        (16, 3, 96, 24, 4, "SiLU", 2, (2,)),
        (24, 3, 144, 24, 6, "SiLU", 1, (3,)),
        (24, 5, 144, 40, 6, "SiLU", 2, (4,)),
        (40, 5, 240, 40, 10, "SiLU", 1, (5,)),
        (40, 3, 240, 80, 10, "SiLU", 2, (6,)),
        (80, 3, 480, 80, 20, "SiLU", 1, (7, 8)),
        (80, 5, 480, 112, 20, "SiLU", 1, (9,)),
        (112, 5, 672, 112, 28, "SiLU", 1, (10, 11)),
        (112, 5, 672, 192, 28, "SiLU", 2, (12,)),
        (192, 5, 1152, 192, 48, "SiLU", 1, (13, 14, 15)),
        (192, 3, 1152, 320, 48, "SiLU", 1, (16,)),
    ),
    LARGE: (
        (16, 3, 16, 16, 0, "ReLU", 1, (1,)),
        (16, 3, 64, 24, 0, "ReLU", 2, (2,)),
        (24, 3, 72, 24, 0, "ReLU", 1, (3,)),
        (24, 5, 72, 40, 24, "ReLU", 2, (4,)),
        (40, 5, 120, 40, 32, "ReLU", 1, (5, 6)),
        (40, 3, 240, 80, 0, "Hardswish", 2, (7,)),
        (80, 3, 200, 80, 0, "Hardswish", 1, (8,)),
        (80, 3, 184, 80, 0, "Hardswish", 1, (9, 10)),
        (80, 3, 480, 112, 120, "Hardswish", 1, (11,)),
        (112, 3, 672, 112, 168, "Hardswish", 1, (12,)),
        (112, 5, 672, 160, 168, "Hardswish", 2, (13,)),
        (160, 5, 960, 160, 240, "Hardswish", 1, (14, 15)),
    ),
    SMALL: (
        (16, 3, 16, 16, 8, "ReLU", 2, (1,)),
        (16, 3, 72, 24, 0, "ReLU", 2, (2,)),
        (24, 3, 88, 24, 0, "ReLU", 1, (3,)),
        (24, 5, 96, 40, 24, "Hardswish", 2, (4,)),
        (40, 5, 240, 40, 64, "Hardswish", 1, (5, 6)),
        (40, 5, 120, 48, 32, "Hardswish", 1, (7,)),
        (48, 5, 144, 48, 40, "Hardswish", 1, (8,)),
        (48, 5, 288, 96, 72, "Hardswish", 2, (9,)),
        (96, 5, 576, 96, 144, "Hardswish", 1, (10, 11)),
    ),
}
TOTALS = {B0: 16, LARGE: 15, SMALL: 11}
STAGES = [2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8]  # of B0's rows above, in the paper's table 1


@pytest.mark.parametrize("network", ROWS)
def test_every_row_is_recognized_from_the_sliders(network: str) -> None:
    for index, (i, k, h, o, squeezed, act, stride, where) in enumerate(ROWS[network]):
        squeeze = mbconv.NONE if not squeezed else mbconv.INPUT if network == B0 else mbconv.EXPANDED
        data = mbconv.compute(i, o, h / i, k, stride, squeeze)
        stage = STAGES[index] if network == B0 else None
        assert (data.setting.hidden, data.setting.squeezed) == (h, squeezed)
        assert data.places == (Place(network, TOTALS[network], where, act, stage),)
        told = mbconv.say(data).heard
        said = re.search(rf"{network} has this block: numbers? ([\d, and]+) of its {TOTALS[network]}", told)
        assert said is not None
        assert numbers(said[1].replace(" and", ",")) == list(where)
        assert ("there with" in told) == (act != data.act)
        assert (f", in stage {stage}" in told) == (network == B0)


@pytest.mark.parametrize("network", ROWS)
def test_the_rows_are_all_blocks_of_the_network(network: str) -> None:
    assert sorted(n for *_, where in ROWS[network] for n in where) == list(range(1, TOTALS[network] + 1))


@pytest.mark.parametrize(
    "other",
    [
        MBConv(24, 32),
        MBConv(24, 24, kernel_size=5),
        MBConv(24, 24, stride=2),
        MBConv(24, 24, expansion=5),
        MBConv(24, 24, se_reduction=6),
        MBConv(24, 24, squeeze_excitation=lambda h: SqueezeExcitation(h, squeezed_channels=6, gate=nn.ReLU)),
        MBConv(24, 24, squeeze_excitation=v3_squeeze_excitation),
        InvertedResidual(24, 24),
    ],
)
def test_one_setting_off_is_no_row(other: MBConv | InvertedResidual) -> None:
    assert places(MBConv(24, 24))
    assert setting(other) != setting(MBConv(24, 24))
    assert places(other) == ()


@pytest.mark.parametrize(
    ("i", "o", "expansion", "k", "stride", "squeeze"),
    [
        (24, 24, 6.0, 3, 1, mbconv.INPUT),
        (24, 40, 6.0, 5, 2, mbconv.INPUT),
        (1, 1, 1.0, 3, 1, mbconv.INPUT),
        (10, 7, 2.5, 7, 1, mbconv.EXPANDED),
        (24, 24, 6.0, 3, 1, mbconv.NONE),
    ],
)
def test_whole_block_says_the_counts(
    i: int, o: int, expansion: float, k: int, stride: int, squeeze: str
) -> None:
    text = mbconv.say(mbconv.compute(i, o, expansion, k, stride, squeeze)).heard
    more = {"squeeze_excitation": v3_squeeze_excitation} if squeeze == mbconv.EXPANDED else {}
    more = {"squeeze_excitation": lambda _: nn.Identity()} if squeeze == mbconv.NONE else more
    block = MBConv(i, o, expansion=expansion, kernel_size=k, stride=stride, **more)
    found = re.search(r"([\d,]+) parameters? and ([\d,]+) multiply-adds?", text)
    assert found is not None
    assert numbers(" ".join(found.groups())) == [parameters(block), multiply_adds(block, i, 56)]
    assert ("It has a shortcut" in text) == (stride == 1 and i == o)
    shares = re.search(r"has ([\d.]+) % and ([\d.]+) % of them", text)
    assert (shares is None) == (squeeze == mbconv.NONE)
    if shares is not None:
        excite = block.squeeze_excitation
        hidden = excite.reduce.in_channels
        assert float(shares[1]) == pytest.approx(100 * parameters(excite) / parameters(block), abs=0.051)
        weights = 2 * hidden * excite.reduce.out_channels
        assert float(shares[2]) == pytest.approx(100 * weights / multiply_adds(block, i, 56), abs=0.00051)


# --- stochastic depth ---------------------------------------------------------------------------------


def expected(network: str, drop: float) -> float:
    """The sum of p*i/n over the blocks that keep the shape, from the recorded shapes of a real forward."""
    blocks = blocks_of(NETWORKS[network]())
    x, left_out, rates = torch.zeros(1, 32 if network == B0 else 24, 32, 32), 0.0, list(blocks)
    for index, block in enumerate(rates):
        before, x = x.shape, block.eval()(x)
        left_out += drop * index / len(rates) if x.shape == before else 0
    return len(rates) - left_out


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("drop", [0.0, 0.2, 0.5])
def test_expected_depth(network: str, drop: float) -> None:
    data = compute(network, drop, 1)
    depth = len(data.rates) - data.left_out
    assert depth == pytest.approx(expected(network, drop))
    assert f"expected depth is {depth:.2f}." in say(data).heard
    assert f"{depth:.2f} expected" in say(data).seen


def test_b0_ends_at_a_rate_below_its_nominal_one() -> None:
    rates = compute(B0, 0.2, 1).rates
    assert [n for n, rate in enumerate(rates, 1) if rate is not None] == [3, 5, 7, 8, 10, 11, 13, 14, 15]
    assert rates[14] == pytest.approx(0.175)
    last = blocks_of(efficientnet_b0())[-1]
    assert last.get_submodule("stochastic_depth").drop_probability == pytest.approx(0.1875)
    assert not last.has_shortcut


def test_expected_depth_is_the_mean_over_many_steps() -> None:
    passed = [n for step in range(400) for n in compute(B0, 0.5, step).passed]
    assert sum(passed) / len(passed) == pytest.approx(expected(B0, 0.5), abs=0.1)  # 4 standard errors


@pytest.mark.parametrize("step", [1, 2, 50])
def test_the_drawn_survivors_are_those_of_a_real_training_step(step: int) -> None:
    """The whole network, in train mode, with PyTorch's own generator seeded by the step."""
    network, seen = efficientnet_b0().train(), []
    for block in blocks_of(network):
        depth = block.get_submodule("stochastic_depth")
        assert isinstance(depth, StochasticDepth)
        depth.register_forward_hook(lambda _, __, y: seen.append(y.flatten(1).any(1).tolist()))
    images = torch.randn(PICTURES, 3, 32, 32)
    torch.manual_seed(step)
    with torch.no_grad():
        network(images)
    data = compute(B0, 0.2, step)
    drawn = [list(ran) for rate, ran in zip(data.rates, data.ran, strict=True) if rate is not None]
    assert drawn == seen
    assert all(all(ran) for rate, ran in zip(data.rates, data.ran, strict=True) if rate is None)


def test_drawing_leaves_the_random_numbers_of_a_training_alone() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    compute(B0, 0.5, 7)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_start_does_not_answer_the_vote() -> None:
    """What is left out is voted on: nothing is at the start."""
    explorer = stochastic_depth()
    start = compute(**explorer.start)
    assert all(all(blocks) for blocks in start.ran)
    assert not [mark for mark in shown(explorer) if "data-value" in mark.attributes]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("step", [1, 7])
def test_a_branch_that_was_left_out_is_not_drawn(network: str, step: int) -> None:
    explorer = stochastic_depth()
    drawn, data = shown(explorer, network=network, drop=0.5, step=step), compute(network, 0.5, step)
    there = {mark.key for mark in drawn if re.fullmatch(r"\d+-\d+", mark.key)}
    assert there == {
        f"{row}-{n}" for n, ran in enumerate(data.ran) for row, passed in enumerate(ran) if passed
    }
    assert len(there) < PICTURES * len(data.rates)
    check_scale(drawn)
    rates = {
        mark.key: float(mark.attributes["data-value"]) for mark in drawn if "data-value" in mark.attributes
    }
    wanted = {f"rate-{n}": 100 * rate for n, rate in enumerate(data.rates) if rate}
    assert rates == pytest.approx(wanted)


def test_a_click_draws_again_and_after_the_last_draw_comes_the_first() -> None:
    explorer = stochastic_depth()
    check_clicks(explorer)
    for step, following in ((1, 2), (DRAWS, 1), (50, 11)):
        (click,) = [mark.sets for mark in shown(explorer, step=step) if mark.sets]
        assert click == {"step": following}
